// @ts-check
/**
 * The forward pass of a BERT sentence encoder, in plain JavaScript, for one text.
 *
 * A text of T word pieces is a matrix of T rows, one a piece, that six layers change in turn. Matrices of activations are flat
 * Float64Arrays, row after row; their shapes stand in the comments: T pieces, D = 384 numbers in an embedding, I = 1,536 inner
 * numbers, H = 12 heads of S = D / H = 32 numbers each. (Float64, because a JavaScript engine reckons in nothing else.)
 */

import { unpackRow } from "./weights.js";

/** @typedef {import("./weights.js").Weights} Weights */
/** @typedef {import("./weights.js").Layer} Layer */
/** @typedef {import("./weights.js").Linear} Linear */
/** @typedef {import("./weights.js").Norm} Norm */

/**
 * The embedding of a text: (D), of length 1.
 * @param {Weights} weights
 * @param {number[]} ids its word pieces, (T)
 * @returns {Float32Array}
 */
export function embed(weights, ids) {
  let pieces = embedded(weights, ids); // (T, D)
  for (const layer of weights.layers) pieces = throughLayer(layer, weights.heads, pieces);
  return Float32Array.from(unitLength(mean(pieces, weights.dimension)));
}

/**
 * Each piece's own row plus the row of its position: (T, D).
 * @param {Weights} weights
 * @param {number[]} ids (T)
 */
export function embedded(weights, ids) {
  const { dimension } = weights;
  const rows = new Float64Array(ids.length * dimension);
  const positions = new Float64Array(rows.length);
  ids.forEach((id, position) => {
    unpackPiece(weights, id, rows, position * dimension);
    unpackRow(weights.positions, position, positions, position * dimension);
  });
  return normalise(add(rows, positions), weights.embeddedNorm);
}

/**
 * @param {Weights} weights
 * @param {number} id
 * @param {Float64Array} into gets the piece's own row, (D)
 * @param {number} start where in it
 */
function unpackPiece({ finePieces, coarsePieces }, id, into, start) {
  if (id < finePieces.rows) unpackRow(finePieces, id, into, start);
  else unpackRow(coarsePieces, id - finePieces.rows, into, start);
}

/**
 * One layer: each piece looks at the others, then each by itself goes through a wider space. (T, D) → (T, D)
 * @param {Layer} layer
 * @param {number} heads
 * @param {Float64Array} pieces (T, D)
 */
export function throughLayer(layer, heads, pieces) {
  const seen = attention(
    linear(pieces, layer.query),
    linear(pieces, layer.key),
    linear(pieces, layer.value),
    pieces.length / layer.query.bias.length,
    heads,
  );
  const attended = normalise(add(linear(seen, layer.attended), pieces), layer.attendedNorm);
  const inner = gelu(linear(attended, layer.widened)); // (T, I)
  return normalise(add(linear(inner, layer.narrowed), attended), layer.narrowedNorm);
}

/** Rows of weights that `linear` unpacks and uses together; it divides the rows of every layer of a packed model. */
const ROWS = 4;

/**
 * input · weightᵀ + bias: (T, in) → (T, out).
 *
 * Each weight is unpacked once for all pieces.
 * @param {Float64Array} input (T, in)
 * @param {Linear} layer
 */
export function linear(input, { weight, bias }) {
  const { rows, columns } = weight;
  const count = input.length / columns;
  const output = new Float64Array(count * rows);
  const unpacked = new Float64Array(ROWS * columns);
  for (let row = 0; row < rows; row += ROWS) {
    for (let next = 0; next < ROWS; next++) unpackRow(weight, row + next, unpacked, next * columns);
    for (let piece = 0; piece < count; piece += 2) {
      // The last of an odd number of pieces is its own neighbour: it is reckoned twice and written twice.
      fourRowsByTwoPieces(unpacked, input, columns, piece, Math.min(piece + 1, count - 1), output, rows, row);
    }
  }
  return addToEachRow(output, bias);
}

/**
 * The innermost loop, where nearly all the time goes: eight sums at once, so that six numbers read serve eight products.
 * @param {Float64Array} weights (4, columns)
 * @param {Float64Array} input (T, columns)
 * @param {number} columns
 * @param {number} one a piece
 * @param {number} two another
 * @param {Float64Array} output (T, rows), gets the sums
 * @param {number} rows
 * @param {number} row the first of the four
 */
function fourRowsByTwoPieces(weights, input, columns, one, two, output, rows, row) {
  const second = columns, third = 2 * columns, fourth = 3 * columns;
  const inputOne = one * columns, inputTwo = two * columns;
  let a1 = 0, b1 = 0, c1 = 0, d1 = 0;
  let a2 = 0, b2 = 0, c2 = 0, d2 = 0;
  for (let column = 0; column < columns; column++) {
    const a = weights[column], b = weights[second + column], c = weights[third + column], d = weights[fourth + column];
    const x1 = input[inputOne + column], x2 = input[inputTwo + column];
    a1 += a * x1; b1 += b * x1; c1 += c * x1; d1 += d * x1;
    a2 += a * x2; b2 += b * x2; c2 += c * x2; d2 += d * x2;
  }
  const outputOne = one * rows + row, outputTwo = two * rows + row;
  output[outputOne] = a1; output[outputOne + 1] = b1; output[outputOne + 2] = c1; output[outputOne + 3] = d1;
  output[outputTwo] = a2; output[outputTwo + 1] = b2; output[outputTwo + 2] = c2; output[outputTwo + 3] = d2;
}

/**
 * Each piece's mixture of all pieces' values, by how well its query meets their keys; each head by itself. All (T, D).
 * @param {Float64Array} queries
 * @param {Float64Array} keys
 * @param {Float64Array} values
 * @param {number} count T
 * @param {number} heads H
 */
export function attention(queries, keys, values, count, heads) {
  const dimension = queries.length / count;
  const size = dimension / heads;
  const mixed = new Float64Array(queries.length);
  const shares = new Float64Array(count);
  for (let head = 0; head < heads; head++) {
    for (let piece = 0; piece < count; piece++) {
      const start = piece * dimension + head * size;
      for (let other = 0; other < count; other++) {
        shares[other] = dot(queries, start, keys, other * dimension + head * size, size) / Math.sqrt(size);
      }
      softmax(shares);
      for (let other = 0; other < count; other++) {
        addShare(mixed, start, values, other * dimension + head * size, size, shares[other]);
      }
    }
  }
  return mixed;
}

/**
 * @param {Float64Array} one
 * @param {number} oneStart
 * @param {Float64Array} two
 * @param {number} twoStart
 * @param {number} length
 */
function dot(one, oneStart, two, twoStart, length) {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += one[oneStart + at] * two[twoStart + at];
  return sum;
}

/**
 * @param {Float64Array} to
 * @param {number} toStart
 * @param {Float64Array} from
 * @param {number} fromStart
 * @param {number} length
 * @param {number} share
 */
function addShare(to, toStart, from, fromStart, length, share) {
  for (let at = 0; at < length; at++) to[toStart + at] += share * from[fromStart + at];
}

/**
 * Scores into shares that add up to 1, in place.
 * @param {Float64Array} scores (T)
 */
export function softmax(scores) {
  const largest = Math.max(...scores);
  let sum = 0;
  for (let at = 0; at < scores.length; at++) sum += scores[at] = Math.exp(scores[at] - largest);
  for (let at = 0; at < scores.length; at++) scores[at] /= sum;
  return scores;
}

/**
 * Each row to mean 0 and variance 1, then times the norm's weight and plus its bias, in place.
 * @param {Float64Array} rows (T, D)
 * @param {Norm} norm
 */
export function normalise(rows, { weight, bias, epsilon }) {
  const dimension = weight.length;
  for (let start = 0; start < rows.length; start += dimension) {
    const row = rows.subarray(start, start + dimension);
    const centre = average(row);
    let squares = 0;
    for (let at = 0; at < dimension; at++) squares += (row[at] - centre) ** 2;
    const scale = 1 / Math.sqrt(squares / dimension + epsilon);
    for (let at = 0; at < dimension; at++) row[at] = (row[at] - centre) * scale * weight[at] + bias[at];
  }
  return rows;
}

/** @param {Float64Array} numbers */
function average(numbers) {
  let sum = 0;
  for (let at = 0; at < numbers.length; at++) sum += numbers[at];
  return sum / numbers.length;
}

/**
 * The model's activation, x · Φ(x), where Φ is the normal distribution; in place.
 * @param {Float64Array} numbers
 */
export function gelu(numbers) {
  for (let at = 0; at < numbers.length; at++) numbers[at] *= (1 + erf(numbers[at] * Math.SQRT1_2)) / 2;
  return numbers;
}

/**
 * The error function, to 1.5e-7 (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26).
 * @param {number} x
 */
export function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

/**
 * Adds in place.
 * @param {Float64Array} to
 * @param {Float64Array} other of the same shape
 */
function add(to, other) {
  for (let at = 0; at < to.length; at++) to[at] += other[at];
  return to;
}

/**
 * Adds to each row in place.
 * @param {Float64Array} rows (T, D)
 * @param {Float64Array} row (D)
 */
function addToEachRow(rows, row) {
  for (let start = 0; start < rows.length; start += row.length) {
    for (let at = 0; at < row.length; at++) rows[start + at] += row[at];
  }
  return rows;
}

/**
 * The mean of the rows: (T, D) → (D).
 * @param {Float64Array} rows
 * @param {number} dimension
 */
export function mean(rows, dimension) {
  const sum = new Float64Array(dimension);
  for (let start = 0; start < rows.length; start += dimension) add(sum, rows.subarray(start, start + dimension));
  return sum.map((number) => (number * dimension) / rows.length);
}

/**
 * The same direction, of length 1.
 * @param {Float64Array} numbers
 */
export function unitLength(numbers) {
  const length = Math.sqrt(dot(numbers, 0, numbers, 0, numbers.length));
  return numbers.map((number) => number / length);
}
