// @ts-check
/** How probable it is that the best page answers a problem, as indexer/retrieval/probability.py tells it. */

/** @typedef {Record<"asked" | "passage" | "sentence" | "covered" | "known" | "topics", number>} Features */
/** @typedef {{intercept: number, weights: Features}} Calibration */

/** A logistic model. @param {Calibration} calibration @param {Features} features */
export function probability({ intercept, weights }, features) {
  const names = /** @type {(keyof Features)[]} */ (Object.keys(weights));
  const logit = names.reduce((sum, name) => sum + weights[name] * features[name], intercept);
  return 1 / (1 + Math.exp(-Math.max(Math.min(logit, 60), -60)));
}

/** The mean of the `k` largest scores, or of all where there are fewer; 0 for none. @param {Float64Array} scores @param {number} k */
export function meanOfTop(scores, k) {
  const top = scores.slice().sort().reverse().subarray(0, k);
  return top.length ? top.reduce((sum, score) => sum + score, 0) / top.length : 0;
}
