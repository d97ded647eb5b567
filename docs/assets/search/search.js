// @ts-check
/** A problem in, an answer out: the same as search_api/search.py, over the same content. Neither fetches nor touches the page. */

import { problemsIn } from "./problems.js";
import { probability } from "./probability.js";
import { argmax, max } from "./ragged.js";
import { Ranker } from "./ranking.js";
import { inCodePoints, trim, wordCount } from "./text.js";
import { cosinesWith } from "./vector-index.js";

/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {import("./client.js").Hit} Hit */
/** @typedef {import("./ranking.js").Data} Data */
/** @typedef {import("./ranking.js").Ranking} Ranking */
/** @typedef {{q: string, limit?: number, focus_area?: string[], kind?: string | null}} Request */
/** @typedef {{part: number | null, ranking: Ranking, probability: number, answered: boolean}} RankedPart */
/** @typedef {{page: number, score: number, source: RankedPart}} Candidate */

const FORMAT = 1;
const LIMIT = 10;
const WEIGHED_HITS = 10;
const DIGITS = 1e7;

export class Searcher {
  /** @param {Data} data @throws {Error} where it is of another format */
  constructor(data) {
    if (data.format !== FORMAT) throw new Error(`The search's content has format ${data.format}; this page reads ${FORMAT}.`);
    this.data = data;
    this.ranker = new Ranker(data);
    /** @type {{codes: Int8Array, encode: (text: string) => Float32Array} | null} */
    this.dense = null;
  }

  /**
   * Lets it search by meaning; before that it can only search by words.
   * @param {Int8Array} codes the embeddings' rows
   * @param {(text: string) => Float32Array} encode
   * @param {number} dimension
   * @throws {Error} where there are other rows than the content has texts
   */
  addDense(codes, encode, dimension) {
    if (codes.length !== this.ranker.layout.size * dimension) throw new Error("The search's content and its embeddings do not belong together.");
    this.dense = { codes, encode };
  }

  /**
   * @param {Request} request
   * @returns {Answer}
   */
  search(request) {
    const started = performance.now();
    const query = trim(request.q);
    const spans = problemsIn(query, this.data.settings);
    const ranked = this.rank(query, spans);
    const covered = ranked.some(({ answered }) => answered);
    const candidates = this.candidates(ranked).filter(({ page }) => passes(request, this.ranker.pages[page]));
    const hits = candidates.slice(0, request.limit ?? LIMIT).map((candidate) => this.hit(candidate));
    const whole = ranked[0].ranking;
    return {
      answered: hits.length > 0,
      probability: rounded(Math.max(...ranked.map((part) => part.probability))),
      hits,
      parts: problemParts(spans, ranked),
      focus_areas: this.focusAreaCounts(hits, whole.focusAreaCosines),
      counts: countsOf(hits),
      suggestion: covered ? null : this.suggestion(whole),
      not_covered: covered ? null : this.uncoveredTopic(whole),
      took_ms: performance.now() - started,
      index: this.data.index,
    };
  }

  /**
   * The pages that share words with a problem, best first, for as long as the model is still on its way.
   * @param {Request} request
   * @returns {Answer}
   */
  lexicalSearch({ q, limit = LIMIT }) {
    const noCosines = new Float64Array(this.ranker.layout.size);
    const ranking = this.ranker.rank(noCosines, q);
    const source = { part: null, ranking, probability: 0, answered: true };
    const candidates = Array.from(ranking.relativeBm25, (score, page) => ({ page, score, source })).filter(({ score }) => score > 0);
    const hits = candidates.sort(this.inPlace).slice(0, limit).map((candidate) => {
      const hit = this.hit(candidate);
      return { ...hit, passage: { ...hit.passage, nearest: /** @type {[number, number]} */ ([0, 0]) } };
    });
    return {
      answered: hits.length > 0, probability: 0, hits, parts: [], focus_areas: this.focusAreaCounts(hits, ranking.focusAreaCosines),
      counts: countsOf(hits), suggestion: null, not_covered: null, took_ms: 0, index: this.data.index,
    };
  }

  /**
   * A ranking of the whole text (if it is not too long) and of each part.
   * @param {string} text
   * @param {[number, number][]} spans
   * @returns {RankedPart[]}
   */
  rank(text, spans) {
    const { floor, part_floor: partFloor, whole_words: wholeWords, step, calibration } = this.data.settings;
    const characters = Array.from(text);
    /** @type {[number | null, string][]} */
    const queries = spans.map(([start, end], part) => [part, characters.slice(start, end).join("")]);
    if (!spans.length || wordCount(text) <= wholeWords) queries.unshift([null, text]);
    return queries.map(([part, query]) => {
      if (!this.dense) throw new Error("The language model is not there yet.");
      const embedding = this.dense.encode(this.ranker.expandAbbreviations(query));
      const ranking = this.ranker.rank(cosinesWith(this.dense.codes, step, embedding), query);
      const answerProbability = probability(calibration, ranking.features);
      const answered = answerProbability >= (part === null ? floor : Math.max(floor, partFloor));
      return { part, ranking, probability: answerProbability, answered };
    });
  }

  /**
   * The pages worth showing, best first: each by the text or part for which it scores best, weak ones left out.
   * @param {RankedPart[]} ranked
   * @returns {Candidate[]}
   */
  candidates(ranked) {
    const { floor, least_share: leastShare } = this.data.settings;
    /** @type {Map<number, Candidate>} */
    const best = new Map();
    for (const source of ranked.filter(({ answered }) => answered)) {
      const { scores } = source.ranking;
      const weight = ranked.length > 1 ? source.probability : 1;
      const least = floor >= 0 ? leastShare * max(scores, 0) : -1;
      scores.forEach((score, page) => {
        const before = best.get(page);
        if (score >= least && (!before || weight * score > before.score)) best.set(page, { page, score: weight * score, source });
      });
    }
    return [...best.values()].sort(this.inPlace);
  }

  /** Best first; a sentence that has no page of its own stands below every page. @param {Candidate} one @param {Candidate} other */
  inPlace = (one, other) => this.isSentence(one) - this.isSentence(other) || byScore(one, other);

  /** @param {Candidate} candidate */
  isSentence = ({ page }) => Number(this.ranker.pages[page].kind === "also-seen");

  /** @param {Candidate} candidate @returns {Hit} */
  hit({ page, score, source: { part, ranking } }) {
    const { asked_as: askedAs, passages: _, ...document } = this.ranker.pages[page];
    const passage = this.ranker.passages[ranking.matchedPassage[page]];
    const words = this.ranker.analyser.words(passage.text);
    const passageTerms = new Set(words.map(({ term }) => term));
    const synonyms = ranking.synonyms.filter(({ expansionTerms }) => expansionTerms.every((term) => passageTerms.has(term)));
    const matchedTerms = new Set([...ranking.queryTerms, ...synonyms.flatMap(({ expansionTerms }) => expansionTerms)]);
    const matchedWords = words.filter(({ term }) => matchedTerms.has(term));
    const nearerAskedAs = ranking.askedAsCosine[page] > ranking.passageCosine[page] && askedAs.length > 0;
    /** @param {{start: number, end: number}} place @returns {[number, number]} */
    const span = ({ start, end }) => [inCodePoints(passage.text, start), inCodePoints(passage.text, end)];
    const [start, end] = this.ranker.nearestSentence(ranking, page);
    return {
      ...document,
      url: `${document.url}#${passage.anchor}`,
      score: rounded(score),
      part,
      passage: { heading: passage.heading, text: passage.text, nearest: span({ start, end }), highlights: matchedWords.map(span) },
      why: {
        share: shareOf(ranking, page),
        meaning: rounded(Math.min(Math.max(ranking.similarity[page], 0), 1)),
        keywords: rounded(ranking.relativeBm25[page]),
        asked_as: nearerAskedAs ? askedAs[ranking.nearestAskedAs[page]] : null,
        synonyms: synonyms.map(({ phrase, expansion }) => ({ wrote: phrase, matched: expansion })),
        terms: [...new Set(matchedWords.map(({ surface }) => surface.toLowerCase()))],
      },
    };
  }

  /** The focus area nearest to the query. @param {Ranking} ranking */
  suggestion({ focusAreaCosines }) {
    if (!focusAreaCosines.length) return null;
    const { slug, label } = this.data.focus_areas[argmax(focusAreaCosines)];
    return { slug, label };
  }

  /** The topic, known not to be covered, that the query looks like. @param {Ranking} ranking */
  uncoveredTopic({ nearestTopic, features }) {
    return nearestTopic !== null && features.topics >= this.data.settings.looks_like ? this.data.topics[nearestTopic].label : null;
  }

  /**
   * The focus areas of the hits, the most fitting first.
   * @param {Hit[]} hits
   * @param {Float64Array} cosines of each focus area
   */
  focusAreaCounts(hits, cosines) {
    /** @type {Map<string, number>} */
    const weights = new Map();
    hits.forEach((hit, at) => hit.focus_areas.forEach((slug, position) => {
      const weight = at < WEIGHED_HITS ? (hit.score / (at + 1)) * (position === 0 ? 1 : 0.5) : 0;
      weights.set(slug, (weights.get(slug) ?? 0) + weight);
    }));
    return this.data.focus_areas
      .map((area, row) => ({ area, weight: (weights.get(area.slug) ?? 0) + cosines[row] }))
      .filter(({ area }) => weights.has(area.slug))
      .sort((one, other) => other.weight - one.weight)
      .map(({ area: { slug, label, questions, duties } }) => ({
        slug, label, count: hits.filter((hit) => hit.focus_areas.includes(slug)).length, questions, duties,
      }));
  }
}

/** @param {[number, number][]} spans @param {RankedPart[]} ranked */
const problemParts = (spans, ranked) => spans.map(([start, end], part) =>
  ({ start, end, answered: ranked.some((each) => each.part === part && each.answered) }));

/** @param {number} number */
const rounded = (number) => Math.round(number * DIGITS) / DIGITS;

/** Larger first; of equal ones by page. @param {Candidate} one @param {Candidate} other */
const byScore = (one, other) => Math.round(other.score * 1e9) - Math.round(one.score * 1e9) || one.page - other.page;

/** Whether a page passes the request's filters. @param {Request} request @param {import("./ranking.js").Page} page */
function passes({ kind, focus_area: areas = [] }, page) {
  return (!kind || page.kind === kind) && (!areas.length || areas.some((slug) => page.focus_areas.includes(slug)));
}

/** @param {Ranking} ranking @param {number} page */
function shareOf({ scores, denseContribution }, page) {
  const denseShare = scores[page] ? denseContribution[page] / scores[page] : 1;
  return denseShare >= 0.75 ? "mostly meaning" : denseShare <= 0.4 ? "mostly words" : "meaning and words";
}

/** @param {Hit[]} hits */
function countsOf(hits) {
  return {
    organisations: valueCounts(hits.map(({ organisation }) => organisation)),
    evidence: valueCounts(hits.flatMap(({ evidence }) => (evidence ? [evidence.kind] : []))),
  };
}

/** The largest first, of equal ones by name (by code points, as Python sorts). @param {string[]} values */
function valueCounts(values) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1));
}
