// @ts-check
/** Cosines with quantised embeddings, which indexer/retrieval/vector_index.py made. */

/**
 * The cosine of a query with every row.
 * @param {Int8Array} codes whole steps, (rows, dimension)
 * @param {number} step
 * @param {Float32Array} query of length 1, (dimension)
 */
export function cosinesWith(codes, step, query) {
  const dimension = query.length;
  const cosines = new Float64Array(codes.length / dimension);
  for (let row = 0, start = 0; row < cosines.length; row++, start += dimension) {
    let sum = 0;
    for (let at = 0; at < dimension; at++) sum += codes[start + at] * query[at];
    cosines[row] = sum * step;
  }
  return cosines;
}
