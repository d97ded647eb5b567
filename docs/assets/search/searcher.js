// @ts-check
/** A problem in, an answer out: the same as search_api/search.py, over the same content. Neither fetches nor touches the page. */

import { problemsIn } from "./problems.js";
import { cosinesWith, Ranker } from "./ranking.js";
import { inCodePoints, trim, wordCount } from "./text.js";

/** @typedef {import("./client.js").Answer} Answer */
/** @typedef {import("./client.js").Hit} Hit */
/** @typedef {import("./ranking.js").Data} Data */
/** @typedef {import("./ranking.js").Ranking} Ranking */
/** @typedef {{q: string, limit?: number, focus_area?: string[], kind?: string | null}} Request */
/** @typedef {{part: number | null, text: string, ranking: Ranking, probability: number, answered: boolean}} Ranked */
/** @typedef {{page: number, score: number, ranked: Ranked}} Candidate */

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
    this.meaning = null;
  }

  /**
   * Lets it search by meaning; before that it can only look for words.
   * @param {Int8Array} codes the embeddings' rows
   * @param {(text: string) => Float32Array} encode
   * @param {number} dimension
   * @throws {Error} where there are other rows than the content has texts
   */
  addMeaning(codes, encode, dimension) {
    const rows = this.ranker.rowsBeforeAreas + this.data.focus_areas.length;
    if (codes.length !== rows * dimension) throw new Error("The search's content and its embeddings do not belong together.");
    this.meaning = { codes, encode };
  }

  /**
   * @param {Request} request
   * @returns {Answer}
   */
  search(request) {
    const started = performance.now();
    const problem = trim(request.q);
    const spans = problemsIn(problem, this.data.settings);
    const ranked = this.rank(problem, spans);
    const candidates = this.shown(ranked).filter(({ page }) => matches(request, this.ranker.pages[page]));
    const hits = candidates.slice(0, request.limit ?? LIMIT).map((candidate) => this.hit(candidate));
    const covered = ranked.some(({ answered }) => answered);
    return {
      answered: hits.length > 0,
      probability: rounded(Math.max(...ranked.map(({ probability }) => probability))),
      hits,
      parts: spans.map(([start, end], part) => ({ start, end, answered: ranked.some((found) => found.part === part && found.answered) })),
      focus_areas: this.count(hits, ranked[0].ranking.areas),
      counts: countsOf(hits),
      suggestion: covered ? null : this.suggestion(ranked[0].ranking),
      not_covered: covered ? null : this.topic(ranked[0].ranking),
      took_ms: performance.now() - started,
      index: this.data.index,
    };
  }

  /**
   * The pages that share words with a problem, best first, for as long as the model is still on its way.
   * @param {Request} request
   * @returns {Answer}
   */
  searchByWords({ q, limit = LIMIT }) {
    const none = new Float64Array(this.ranker.rowsBeforeAreas + this.data.focus_areas.length);
    const ranking = this.ranker.rank(none, q);
    const ranked = { part: null, text: q, ranking, probability: 0, answered: true };
    const candidates = Array.from(ranking.keywords, (score, page) => ({ page, score, ranked })).filter(({ score }) => score > 0);
    const hits = candidates.sort(byScore).slice(0, limit).map((candidate) => {
      const hit = this.hit(candidate);
      return { ...hit, passage: { ...hit.passage, nearest: /** @type {[number, number]} */ ([0, 0]) } };
    });
    return {
      answered: hits.length > 0, probability: 0, hits, parts: [], focus_areas: this.count(hits, ranking.areas),
      counts: countsOf(hits), suggestion: null, not_covered: null, took_ms: 0, index: this.data.index,
    };
  }

  /**
   * A ranking of the whole text (if it is not too long) and of each part.
   * @param {string} text
   * @param {[number, number][]} spans
   * @returns {Ranked[]}
   */
  rank(text, spans) {
    const { floor, part_floor: partFloor, whole_words: wholeWords, step } = this.data.settings;
    const characters = Array.from(text);
    /** @type {[number | null, string][]} */
    const texts = spans.map(([start, end], part) => [part, characters.slice(start, end).join("")]);
    if (!spans.length || wordCount(text) <= wholeWords) texts.unshift([null, text]);
    return texts.map(([part, partText]) => {
      if (!this.meaning) throw new Error("The language model is not there yet.");
      const query = this.meaning.encode(this.ranker.speltOut(partText));
      const ranking = this.ranker.rank(cosinesWith(this.meaning.codes, step, query), partText);
      const probability = this.ranker.probability(ranking.features);
      return { part, text: partText, ranking, probability, answered: probability >= (part === null ? floor : Math.max(floor, partFloor)) };
    });
  }

  /**
   * The pages worth showing, best first: each by the text or part for which it scores best, weak ones left out.
   * @param {Ranked[]} ranked
   * @returns {Candidate[]}
   */
  shown(ranked) {
    const { floor, least_share: leastShare } = this.data.settings;
    /** @type {Map<number, Candidate>} */
    const best = new Map();
    for (const found of ranked.filter(({ answered }) => answered)) {
      const { scores } = found.ranking;
      const weight = ranked.length > 1 ? found.probability : 1;
      const least = floor >= 0 ? leastShare * scores.reduce((a, b) => Math.max(a, b), 0) : -1;
      scores.forEach((score, page) => {
        const before = best.get(page);
        if (score >= least && (!before || weight * score > before.score)) best.set(page, { page, score: weight * score, ranked: found });
      });
    }
    return [...best.values()].sort(byScore);
  }

  /** @param {Candidate} candidate @returns {Hit} */
  hit({ page, score, ranked: { part, text, ranking } }) {
    const { asked_as: askedAs, passages: _, ...document } = this.ranker.pages[page];
    const passage = this.ranker.passages[ranking.passage[page]];
    const words = this.ranker.terms.words(passage.text);
    const held = new Set(words.map(({ term }) => term));
    const used = ranking.synonyms.filter(({ terms }) => terms.every((term) => held.has(term)));
    const sought = new Set([...this.ranker.terms.of(text), ...used.flatMap(({ terms }) => terms)]);
    const shared = words.filter(({ term }) => sought.has(term));
    const asked = ranking.askedCosine[page] > ranking.passageCosine[page] && askedAs.length > 0;
    /** @param {{start: number, end: number}} place @returns {[number, number]} */
    const span = ({ start, end }) => [inCodePoints(passage.text, start), inCodePoints(passage.text, end)];
    const [start, end] = this.ranker.nearestSentence(ranking, page);
    return {
      ...document,
      url: `${document.url}#${passage.anchor}`,
      score: rounded(score),
      part,
      passage: { heading: passage.heading, text: passage.text, nearest: span({ start, end }), highlights: shared.map(span) },
      why: {
        share: shareOf(ranking, page),
        meaning: rounded(Math.min(Math.max(ranking.meaning[page], 0), 1)),
        keywords: rounded(ranking.keywords[page]),
        asked_as: asked ? askedAs[ranking.asked[page]] : null,
        synonyms: used.map(({ wrote, meant }) => ({ wrote, matched: meant })),
        terms: [...new Set(shared.map(({ written }) => written.toLowerCase()))],
      },
    };
  }

  /** @param {Ranking} ranking */
  suggestion({ areas }) {
    if (!areas.length) return null;
    const { slug, label } = this.data.focus_areas[areas.indexOf(areas.reduce((a, b) => Math.max(a, b), -Infinity))];
    return { slug, label };
  }

  /** @param {Ranking} ranking */
  topic({ topic, features }) {
    return topic !== null && features.topics >= this.data.settings.looks_like ? this.data.topics[topic].label : null;
  }

  /**
   * The focus areas of the hits, the most fitting first.
   * @param {Hit[]} hits
   * @param {Float64Array} nearness of each focus area
   */
  count(hits, nearness) {
    /** @type {Map<string, number>} */
    const weights = new Map();
    hits.forEach((hit, at) => hit.focus_areas.forEach((slug, place) => {
      const weight = at < WEIGHED_HITS ? (hit.score / (at + 1)) * (place === 0 ? 1 : 0.5) : 0;
      weights.set(slug, (weights.get(slug) ?? 0) + weight);
    }));
    return this.data.focus_areas
      .map((area, row) => ({ area, weight: (weights.get(area.slug) ?? 0) + nearness[row] }))
      .filter(({ area }) => weights.has(area.slug))
      .sort((one, other) => other.weight - one.weight)
      .map(({ area: { slug, label, questions, duties } }) => ({
        slug, label, count: hits.filter((hit) => hit.focus_areas.includes(slug)).length, questions, duties,
      }));
  }
}

/** @param {number} number */
const rounded = (number) => Math.round(number * DIGITS) / DIGITS;

/** Larger first; of equal ones by page. @param {Candidate} one @param {Candidate} other */
const byScore = (one, other) => Math.round(other.score * 1e9) - Math.round(one.score * 1e9) || one.page - other.page;

/** @param {Request} request @param {import("./ranking.js").Page} page */
function matches({ kind, focus_area: areas = [] }, page) {
  return (!kind || page.kind === kind) && (!areas.length || areas.some((slug) => page.focus_areas.includes(slug)));
}

/** @param {Ranking} ranking @param {number} page */
function shareOf({ scores, byMeaning }, page) {
  const share = scores[page] ? byMeaning[page] / scores[page] : 1;
  return share >= 0.75 ? "mostly meaning" : share <= 0.4 ? "mostly words" : "meaning and words";
}

/** @param {Hit[]} hits */
function countsOf(hits) {
  return {
    organisations: counted(hits.map(({ organisation }) => organisation)),
    evidence: counted(hits.flatMap(({ evidence }) => (evidence ? [evidence.kind] : []))),
  };
}

/** The largest first, of equal ones by name (by code points, as Python sorts). @param {string[]} values */
function counted(values) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1));
}
