// @ts-check
/**
 * Reads the packed model: a header (browser-model.json) and one buffer of numbers (browser-model.bin).
 * indexer/browser_model.py writes both and says how they are laid out.
 *
 * Matrices stay packed, four bits a weight, and a row is unpacked when it is needed: so the model takes some 10 MB of memory
 * and not 90.
 */

/** The format that this code reads. */
const FORMAT = 1;

/**
 * @typedef {{shape: number[], codes?: number, scales?: number, values?: number}} Place a tensor's shape, and the bytes at which
 *   its parts start: codes and scales of a matrix, values of a vector
 * @typedef {{format: number, model: string, source_sha256: string, weights_sha256: string, weights_bytes: number,
 *   dimension: number, inner: number, layers: number, heads: number, longest: number, norm_epsilon: number, group: number,
 *   levels: number[], tensors: Record<string, Place>, pieces: string[]}} Header
 *
 * @typedef {object} Matrix
 * @property {number} rows
 * @property {number} columns
 * @property {number} group how many neighbours in a row share a scale
 * @property {Float64Array} levels the 16 values of a code
 * @property {Uint8Array} codes (rows, columns / 2): an even column in the high four bits, the next one in the low four
 * @property {Float32Array} scales (rows, columns / group)
 *
 * @typedef {{weight: Matrix, bias: Float64Array}} Linear weight (out, in), bias (out)
 * @typedef {{weight: Float64Array, bias: Float64Array, epsilon: number}} Norm both (dimension)
 * @typedef {{query: Linear, key: Linear, value: Linear, attended: Linear, attendedNorm: Norm,
 *   widened: Linear, narrowed: Linear, narrowedNorm: Norm}} Layer
 * @typedef {{dimension: number, heads: number, pieces: Matrix, positions: Matrix, embeddedNorm: Norm, layers: Layer[]}} Weights
 */

/**
 * The number that 16 bits of half precision stand for: sign, 5 bits of exponent, 10 of fraction.
 * @param {number} bits
 */
export function float16(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  return exponent ? sign * (1 + fraction) * 2 ** (exponent - 15) : sign * fraction * 2 ** -14;
}

/**
 * @param {ArrayBuffer} buffer
 * @param {number} start
 * @param {number} length
 */
const halves = (buffer, start, length) => new Uint16Array(buffer, start, length);

/** The parts of one file, by name. */
class Reader {
  /**
   * @param {Header} header
   * @param {ArrayBuffer} buffer
   */
  constructor(header, buffer) {
    this.header = header;
    this.buffer = buffer;
    this.levels = Float64Array.from(header.levels);
  }

  /**
   * @param {string} name
   * @returns {Matrix}
   */
  matrix(name) {
    const { shape, codes = 0, scales = 0 } = this.place(name);
    const [rows, columns] = shape;
    const { group } = this.header;
    return {
      rows,
      columns,
      group,
      levels: this.levels,
      codes: new Uint8Array(this.buffer, codes, (rows * columns) / 2),
      scales: Float32Array.from(halves(this.buffer, scales, (rows * columns) / group), float16),
    };
  }

  /**
   * @param {string} name
   * @returns {Float64Array}
   */
  vector(name) {
    const { shape, values = 0 } = this.place(name);
    return Float64Array.from(halves(this.buffer, values, shape[0]), float16);
  }

  /**
   * @param {string} name
   * @returns {Linear}
   */
  linear(name) {
    return { weight: this.matrix(`${name}.weight`), bias: this.vector(`${name}.bias`) };
  }

  /**
   * @param {string} name
   * @returns {Norm}
   */
  norm(name) {
    const epsilon = this.header.norm_epsilon;
    return { weight: this.vector(`${name}.weight`), bias: this.vector(`${name}.bias`), epsilon };
  }

  /**
   * @param {number} number
   * @returns {Layer}
   */
  layer(number) {
    return {
      query: this.linear(`${number}.query`),
      key: this.linear(`${number}.key`),
      value: this.linear(`${number}.value`),
      attended: this.linear(`${number}.attended`),
      attendedNorm: this.norm(`${number}.attended_norm`),
      widened: this.linear(`${number}.widened`),
      narrowed: this.linear(`${number}.narrowed`),
      narrowedNorm: this.norm(`${number}.narrowed_norm`),
    };
  }

  /** @param {string} name */
  place(name) {
    const place = this.header.tensors[name];
    if (!place) throw new Error(`The packed model lacks ${name}.`);
    return place;
  }
}

/**
 * @param {Header} header
 * @param {ArrayBuffer} buffer
 */
function check(header, buffer) {
  if (header.format !== FORMAT) throw new Error(`The packed model has format ${header.format}; this page reads ${FORMAT}.`);
  if (header.weights_bytes !== buffer.byteLength) {
    throw new Error(`The packed model has ${buffer.byteLength} bytes; its header says ${header.weights_bytes}.`);
  }
}

/**
 * All weights of a packed model. The buffer is kept, not copied.
 * @param {Header} header
 * @param {ArrayBuffer} buffer
 * @returns {Weights}
 */
export function readWeights(header, buffer) {
  check(header, buffer);
  const reader = new Reader(header, buffer);
  return {
    dimension: header.dimension,
    heads: header.heads,
    pieces: reader.matrix("pieces"),
    positions: reader.matrix("positions"),
    embeddedNorm: reader.norm("embedded_norm"),
    layers: Array.from({ length: header.layers }, (_, number) => reader.layer(number)),
  };
}

/**
 * Unpacks one row of a matrix.
 * @param {Matrix} matrix
 * @param {number} row
 * @param {Float64Array} into gets the row's columns
 * @param {number} start where in it
 */
export function unpackRow(matrix, row, into, start) {
  const { columns, group, levels, codes, scales } = matrix;
  let code = (row * columns) / 2;
  let scaleAt = (row * columns) / group;
  for (let first = start; first < start + columns; first += group) {
    const scale = scales[scaleAt++];
    for (let at = first; at < first + group; at += 2) {
      const pair = codes[code++];
      into[at] = levels[pair >> 4] * scale;
      into[at + 1] = levels[pair & 15] * scale;
    }
  }
}
