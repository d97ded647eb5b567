// @ts-check
/**
 * Reads the packed model: a header (browser-model.json) and one buffer of numbers (browser-model.bin, decompressed).
 * indexer/model/page_model.py writes both and says how they are laid out.
 *
 * Matrices stay in whole steps, one byte a weight, and a row is scaled when it is needed: so the model takes some 22 MB of
 * memory and not 90.
 */

/** The format that this code reads. */
const FORMAT = 2;

/**
 * @typedef {{shape: [number, number], codes: number, scales: number}} MatrixPlace
 * @typedef {{shape: [number], values: number}} VectorPlace codes, scales and values: the bytes at which they start
 * @typedef {{format: number, model: string, source_sha256: string, weights_sha256: string, weights_bytes: number,
 *   dimension: number, layers: number, heads: number, longest: number, norm_epsilon: number,
 *   tensors: Record<string, MatrixPlace | VectorPlace>, pieces: string[]}} Header
 *
 * @typedef {object} Matrix
 * @property {number} rows
 * @property {number} columns
 * @property {Int8Array} codes (rows, columns)
 * @property {Float32Array} scales (rows): what a code is multiplied with to give a weight
 *
 * @typedef {{weight: Matrix, bias: Float64Array}} Linear weight (out, in), bias (out)
 * @typedef {{weight: Float64Array, bias: Float64Array, epsilon: number}} Norm both (dimension)
 * @typedef {{query: Linear, key: Linear, value: Linear, attended: Linear, attendedNorm: Norm,
 *   widened: Linear, narrowed: Linear, narrowedNorm: Norm}} Layer
 * @typedef {{dimension: number, heads: number, finePieces: Matrix, coarsePieces: Matrix, positions: Matrix,
 *   embeddedNorm: Norm, layers: Layer[]}} Weights the ids of the coarse pieces follow those of the fine ones
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
  }

  /**
   * @param {string} name
   * @returns {Matrix}
   */
  matrix(name) {
    const place = this.header.tensors[name];
    if (!place || !("codes" in place)) throw new Error(`The packed model lacks the matrix ${name}.`);
    const { shape: [rows, columns] } = place;
    return {
      rows,
      columns,
      codes: new Int8Array(this.buffer, place.codes, rows * columns),
      scales: Float32Array.from(halves(this.buffer, place.scales, rows), float16),
    };
  }

  /**
   * @param {string} name
   * @returns {Float64Array}
   */
  vector(name) {
    const place = this.header.tensors[name];
    if (!place || !("values" in place)) throw new Error(`The packed model lacks the vector ${name}.`);
    return Float64Array.from(halves(this.buffer, place.values, place.shape[0]), float16);
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
    finePieces: reader.matrix("pieces.fine"),
    coarsePieces: reader.matrix("pieces.coarse"),
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
export function unpackRow({ columns, codes, scales }, row, into, start) {
  const scale = scales[row];
  for (let column = 0, code = row * columns; column < columns; column++, code++) into[start + column] = codes[code] * scale;
}
