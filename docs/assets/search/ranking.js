// @ts-check
/** Ranks pages for a problem by meaning and by words: the same rules as indexer/retrieval/ranking.py, whose docstrings give reasons. */

import { inverseDocumentFrequency, LexicalRetriever, Terms } from "./lexical.js";
import { Synonyms } from "./synonyms.js";
import { sentenceSpans } from "./text.js";

/**
 * @typedef {Record<"asked" | "passage" | "sentence" | "covered" | "known" | "topics", number>} Features
 * @typedef {{step: number, k1: number, b: number, title_weight: number, dense_weight: number, floor: number,
 *   part_floor: number, least_share: number, looks_like: number, nearest_asked: number, nearest_topic_phrases: number,
 *   shortest_sentence: number, long_words: number, shortest_words: number, whole_words: number,
 *   calibration: {intercept: number, weights: Features}}} Settings
 * @typedef {{anchor: string, heading: string, text: string, context: string}} Passage
 * @typedef {{id: string, kind: string, title: string, summary: string, organisation: string, url: string,
 *   focus_areas: string[], asked_as: string[], evidence: import("./client.js").Evidence | null, passages: Passage[]}} Page
 * @typedef {{format: number, index: {format: number, model: string, corpus: string}, settings: Settings,
 *   stop_words: string[], pages: Page[],
 *   focus_areas: {slug: string, label: string, questions: string[], duties: import("./client.js").Duty[]}[],
 *   topics: {label: string, phrases: number}[], glossary: import("./synonyms.js").GlossaryTerm[]}} Data
 * @typedef {{first: number, end: number}} Stretch of rows that belong to one owner
 *
 * @typedef {object} Ranking arrays have one place a page
 * @property {Float64Array} scores the fused score, 0 to 1
 * @property {Float64Array} byMeaning what of it comes from meaning
 * @property {Float64Array} meaning
 * @property {Float64Array} keywords
 * @property {number[]} passage the best passage, counted over all pages
 * @property {Float64Array} sentences the cosine of each sentence
 * @property {number[]} asked the nearest of the page's own problems, -1 where it has none
 * @property {Float64Array} askedCosine
 * @property {Float64Array} passageCosine
 * @property {Features} features
 * @property {number | null} topic
 * @property {import("./synonyms.js").Synonym[]} synonyms
 * @property {Float64Array} areas the cosine of each focus area
 */

export class Ranker {
  /**
   * @param {Data} data
   */
  constructor({ pages, topics, glossary, settings, stop_words: stopWords }) {
    this.settings = settings;
    this.pages = pages;
    this.terms = new Terms(stopWords);
    this.synonyms = new Synonyms(glossary, this.terms);
    this.passages = pages.flatMap((page) => page.passages);
    this.passagesOf = stretches(pages.map((page) => page.passages.length));
    this.spans = this.passages.map(({ text }) => sentenceSpans(text, settings.shortest_sentence));
    this.sentencesOf = stretches(this.spans.map((spans) => spans.length));
    this.askedOf = stretches(pages.map((page) => page.asked_as.length));
    this.phrasesOf = stretches(topics.map(({ phrases }) => phrases));
    const wholes = pages.map((page) => this.terms.of(wholeText(page, settings.title_weight)));
    const texts = this.passages.map(({ context, text }) => this.terms.of(`${context}\n${text}`));
    this.pageWords = new LexicalRetriever(wholes, settings.k1, settings.b);
    this.passageWords = new LexicalRetriever(texts, settings.k1, settings.b);
    this.pageTerms = wholes.map((terms) => new Set(terms));
  }

  /** @param {string} text what the encoder should read is this, with abbreviations spelt out */
  speltOut(text) {
    return this.synonyms.speltOut(text);
  }

  /** The terms to look for: the problem's own, and those of its synonyms. @param {string} text */
  sought(text) {
    const terms = this.terms.of(text);
    const synonyms = this.synonyms.of(terms);
    const others = synonyms.flatMap((synonym) => synonym.terms.filter((term) => !terms.includes(term)));
    return { terms, synonyms, sought: [...terms, ...others] };
  }

  /**
   * Ranks all pages.
   * @param {Float64Array} cosines of the problem with every row
   * @param {string} text the problem
   * @returns {Ranking}
   */
  rank(cosines, text) {
    const { dense_weight: dense } = this.settings;
    const { terms, synonyms, sought } = this.sought(text);
    const [passages, sentences, asked, phrases, areas] = this.parts(cosines);
    const bestSentence = largest(sentences, this.sentencesOf);
    const sentenceOfPage = largest(bestSentence, this.passagesOf);
    const passageOfPage = largest(passages, this.passagesOf);
    const meaning = this.pages.map((_, page) => {
      const byText = (passageOfPage[page] + sentenceOfPage[page]) / 2;
      return (byText + this.nearestAsked(asked, page, byText)) / 2;
    });
    const words = this.pageWords.scores(sought);
    const shown = this.bestPassages(
      weightedSum(passages.map((cosine, row) => cosine + bestSentence[row]), this.passageWords.scores(sought), dense));
    const byMeaning = minMax(Float64Array.from(meaning)).map((score) => dense * score);
    const byWords = minMax(words);
    const scores = byMeaning.map((score, page) => score + (1 - dense) * byWords[page]);
    return {
      scores,
      byMeaning,
      meaning: Float64Array.from(meaning),
      keywords: shareOfLargest(words),
      passage: shown,
      sentences,
      asked: this.askedOf.map(({ first, end }) => (first === end ? -1 : placeOfLargest(asked.subarray(first, end)))),
      askedCosine: largest(asked, this.askedOf, 0),
      passageCosine: Float64Array.from(shown, (row) => passages[row]),
      features: this.features(terms, scores, { asked, passages, sentences, phrases }),
      topic: phrases.length ? ownerOf(this.phrasesOf, placeOfLargest(phrases)) : null,
      synonyms,
      areas,
    };
  }

  /** The probability that the best page answers the problem: a logistic model. @param {Features} features */
  probability(features) {
    const { intercept, weights } = this.settings.calibration;
    const logit = Object.entries(weights).reduce((sum, [name, weight]) => sum + weight * features[/** @type {keyof Features} */ (name)], intercept);
    return 1 / (1 + Math.exp(-Math.max(Math.min(logit, 60), -60)));
  }

  /**
   * Where the sentence nearest in meaning stands within a page's best passage, in UTF-16 units.
   * @param {Ranking} ranking
   * @param {number} page
   */
  nearestSentence(ranking, page) {
    const passage = ranking.passage[page];
    const { first, end } = this.sentencesOf[passage];
    return this.spans[passage][placeOfLargest(ranking.sentences.subarray(first, end))];
  }

  /** How many rows there must be, beside those of the focus areas. */
  get rowsBeforeAreas() {
    return [this.passagesOf, this.sentencesOf, this.askedOf, this.phrasesOf].reduce((sum, owners) => sum + total(owners), 0);
  }

  /** The cosines by what their rows are: passages, sentences, pages' own problems, topics' phrases, focus areas. @param {Float64Array} cosines */
  parts(cosines) {
    let at = 0;
    const parts = [this.passagesOf, this.sentencesOf, this.askedOf, this.phrasesOf].map((owners) => {
      const part = cosines.subarray(at, at + total(owners));
      at += part.length;
      return part;
    });
    return [...parts, cosines.subarray(at)];
  }

  /**
   * The mean of the nearest of a page's own problems; `otherwise` where it has none.
   * @param {Float64Array} asked
   * @param {number} page
   * @param {number} otherwise
   */
  nearestAsked(asked, page, otherwise) {
    const { first, end } = this.askedOf[page];
    if (first === end) return otherwise;
    return mean(asked.slice(first, end).sort().reverse().subarray(0, this.settings.nearest_asked));
  }

  /** @param {Float64Array} scores one a passage */
  bestPassages(scores) {
    return this.passagesOf.map(({ first, end }) => first + placeOfLargest(scores.subarray(first, end)));
  }

  /**
   * @param {string[]} terms
   * @param {Float64Array} scores
   * @param {Record<"asked" | "passages" | "sentences" | "phrases", Float64Array>} cosines
   * @returns {Features}
   */
  features(terms, scores, { asked, passages, sentences, phrases }) {
    const found = [...new Set(terms)];
    const holding = found.map((term) => this.pageWords.postings.get(term)?.length ?? 0);
    const weights = holding.map((pages) => inverseDocumentFrequency(this.pages.length, pages));
    const best = scores.length ? this.pageTerms[placeOfLargest(scores)] : new Set();
    const covered = weights.reduce((sum, weight, at) => sum + (best.has(found[at]) ? weight : 0), 0);
    const nearest = phrases.slice().sort().reverse().subarray(0, this.settings.nearest_topic_phrases);
    return {
      asked: asked.length ? Math.max(...asked) : Math.max(-1, ...passages),
      passage: Math.max(-1, ...passages),
      sentence: Math.max(-1, ...sentences),
      covered: covered / (weights.reduce((sum, weight) => sum + weight, 0) || 1),
      known: holding.filter((pages) => pages > 0).length / (found.length || 1),
      topics: phrases.length ? mean(nearest) : 0,
    };
  }
}

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

/** @param {Page} page @param {number} titleWeight */
function wholeText({ title, summary, passages, asked_as: askedAs }, titleWeight) {
  const heads = Array.from({ length: titleWeight }, () => [title, summary]).flat();
  return [...heads, ...passages.map(({ text }) => text), ...askedAs].join(" ");
}

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
function weightedSum(dense, lexical, denseWeight) {
  const other = minMax(lexical);
  return minMax(dense).map((score, at) => denseWeight * score + (1 - denseWeight) * other[at]);
}

/** @param {Float64Array} scores */
function shareOfLargest(scores) {
  const most = scores.reduce((a, b) => Math.max(a, b), 0);
  return most ? scores.map((score) => score / most) : scores;
}

/** (2, 1) gives 0 to 2 and 2 to 3. @param {number[]} counts @returns {Stretch[]} */
function stretches(counts) {
  let first = 0;
  return counts.map((count) => ({ first, end: (first += count) }));
}

/** @param {Stretch[]} owners */
const total = (owners) => owners.at(-1)?.end ?? 0;

/** @param {Stretch[]} owners @param {number} row */
const ownerOf = (owners, row) => owners.findIndex(({ first, end }) => row >= first && row < end);

/** Each owner's largest score. @param {Float64Array} scores @param {Stretch[]} owners @param {number} [empty] for one without any */
function largest(scores, owners, empty = -1) {
  return Float64Array.from(owners, ({ first, end }) =>
    first === end ? empty : scores.subarray(first, end).reduce((a, b) => Math.max(a, b), -Infinity));
}

/** Of equal ones the first. @param {Float64Array} scores */
function placeOfLargest(scores) {
  let best = 0;
  for (let at = 1; at < scores.length; at++) if (scores[at] > scores[best]) best = at;
  return best;
}

/** @param {Float64Array} numbers */
const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
