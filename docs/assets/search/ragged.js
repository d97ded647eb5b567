// @ts-check
/** Values in rows of different lengths, kept as one flat array, as indexer/retrieval/ragged.py has them. */

/** The shape of a ragged array whose rows stand one after another in a flat array of values. */
export class RaggedShape {
  /** @param {number[]} rowLengths */
  constructor(rowLengths) {
    this.size = 0;
    /** Where each row starts and ends (exclusive) in the flat array. */
    this.rows = rowLengths.map((length) => ({ start: this.size, end: (this.size += length) }));
  }

  /** The values of one row. @param {Float64Array} values @param {number} row */
  row(values, row) {
    const { start, end } = this.rows[row];
    return values.subarray(start, end);
  }

  /** The row of a value. @param {number} at its place in the flat array */
  rowId(at) {
    return this.rows.findIndex(({ start, end }) => at >= start && at < end);
  }

  /** Each row's largest value. @param {Float64Array} values @param {number} [empty] for a row without values */
  rowMax(values, empty = -1) {
    return Float64Array.from(this.rows, ({ start, end }, row) => (start === end ? empty : max(this.row(values, row))));
  }

  /** The column of each row's largest value, of equal ones the first; -1 for a row without values. @param {Float64Array} values */
  rowArgmax(values) {
    return this.rows.map(({ start, end }, row) => (start === end ? -1 : argmax(this.row(values, row))));
  }
}

/** @param {Float64Array} values @param {number} [initial] the least that it can be */
export const max = (values, initial = -Infinity) => values.reduce((one, other) => Math.max(one, other), initial);

/** The place of the largest value, of equal ones the first. @param {Float64Array} values */
export function argmax(values) {
  let best = 0;
  for (let at = 1; at < values.length; at++) if (values[at] > values[best]) best = at;
  return best;
}
