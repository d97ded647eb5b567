// @ts-check
/** Fusion of two retrievers' scores, as indexer/retrieval/fusion.py does it: a weighted sum after min-max normalisation. */

/** Scores stretched to 0 (the least) to 1 (the largest); all 0 where they are all alike. @param {Float64Array} scores */
export function minMax(scores) {
  let least = Infinity, most = -Infinity;
  for (const score of scores) {
    if (score < least) least = score;
    if (score > most) most = score;
  }
  const span = most - least;
  return scores.map((score) => (span > 0 ? (score - least) / span : 0));
}

/** @param {Float64Array} dense @param {Float64Array} lexical @param {number} denseWeight */
export function weightedSum(dense, lexical, denseWeight) {
  const normalisedLexical = minMax(lexical);
  return minMax(dense).map((score, at) => denseWeight * score + (1 - denseWeight) * normalisedLexical[at]);
}
