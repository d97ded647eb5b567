// @ts-check
/** A problem in, an answer out: the same as search_api/search.py, over the same content. Neither fetches nor touches the page. */

import { Names } from "./names.js";
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
/** @typedef {{q: string, limit?: number, focus_area?: string[], kind?: string | null, as_typed?: boolean}} Request */
/** @typedef {import("./names.js").Found} Found */
/** @typedef {{part: number | null, ranking: Ranking, probability: number, answered: boolean}} RankedPart */
/** @typedef {{page: number, score: number, source: RankedPart, named: boolean, close: boolean}} Candidate whether the problem names it, and whether it is likely to help */

const FORMAT = 2;
const LIMIT = 10;
const WEIGHED_HITS = 10;
const DIGITS = 1e7;

export class Searcher {
  /** @param {Data} data @throws {Error} where it is of another format */
  constructor(data) {
    if (data.format !== FORMAT) throw new Error(`The search's content has format ${data.format}; this page reads ${FORMAT}.`);
    this.data = data;
    this.ranker = new Ranker(data);
    this.names = new Names(data.names, data.settings);
    this.emptyWords = new Set(data.settings.empty_words);
    this.pageOf = new Map(data.pages.map(({ id }, place) => [id, place]));
    /** @type {{codes: Int8Array, encode: (text: string) => Float32Array} | null} */
    this.dense = null;
  }

  /**
   * Lets it search by meaning; before that it can only search by words.
   * @param {Int8Array} codes the embeddings' rows
   * @param {(text: string) => Float32Array} encode
   * @param {number} dimension
   * @param {string[]} pieces the model's vocabulary
   * @throws {Error} where there are other rows than the content has texts
   */
  addDense(codes, encode, dimension, pieces) {
    if (codes.length !== this.ranker.layout.size * dimension) throw new Error("The search's content and its embeddings do not belong together.");
    this.dense = { codes, encode };
    this.ranker.speller.known = new Set(pieces.filter((piece) => /^\p{L}+$/u.test(piece)));
  }

  /**
   * @param {Request} request
   * @returns {Answer}
   */
  search(request) {
    const started = performance.now();
    const query = trim(request.q);
    const text = request.as_typed ? query : this.ranker.speller.corrected(query);
    const spans = problemsIn(text, this.data.settings);
    const found = spans.length ? { names: [], rest: text } : this.names.foundIn(text);
    let ranked = this.rank(found.rest || text, spans);
    if (!found.rest) {
      const areHere = found.names.some(({ pages }) => pages.length > 0);
      ranked = [{ ...ranked[0], probability: Number(areHere), answered: areHere }];
    }
    const covered = ranked.some(({ answered }) => answered);
    const candidates = this.candidates(ranked, found).filter(({ page }) => passes(request, this.ranker.pages[page]));
    const hits = candidates.slice(0, request.limit ?? LIMIT).map((candidate) => this.hit(candidate));
    const whole = ranked[0].ranking;
    return {
      answered: hits.length > 0,
      probability: rounded(Math.max(...ranked.map((part) => part.probability))),
      hits,
      parts: problemParts(spans, ranked),
      focus_areas: this.focusAreaCounts(hits, whole.focusAreaCosines),
      counts: countsOf(hits),
      suggestion: covered || !found.rest ? null : this.suggestion(whole),
      not_covered: covered || !found.rest ? null : this.uncoveredTopic(whole),
      named: found.names.map(({ label, kind, pages, url }) => ({ label, kind, pages: pages.length, url })),
      corrected: text === query ? null : text,
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
    const candidates = Array.from(ranking.relativeBm25, (score, page) => ({ page, score, source, named: false, close: true })).filter(({ score }) => score > 0);
    const hits = candidates.sort(this.inPlace).slice(0, limit).map((candidate) => {
      const hit = this.hit(candidate);
      return { ...hit, passage: { ...hit.passage, nearest: /** @type {[number, number]} */ ([0, 0]) } };
    });
    return {
      answered: hits.length > 0, probability: 0, hits, parts: [], focus_areas: this.focusAreaCounts(hits, ranking.focusAreaCosines),
      counts: countsOf(hits), suggestion: null, not_covered: null, named: [], corrected: null, took_ms: 0, index: this.data.index,
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
   * The pages worth showing, best first: each by the text or part for which it scores best, weak ones left out. Pages that the
   * problem names are all shown, and where it asks for nothing else, no others.
   * @param {RankedPart[]} ranked
   * @param {Found} found
   * @returns {Candidate[]}
   */
  candidates(ranked, { names, rest }) {
    const own = new Set(names.flatMap(({ pages }) => pages.map((id) => this.pageOf.get(id))));
    const { floor, least_share: leastShare, close_share: closeShare } = this.data.settings;
    /** @type {Map<number, Candidate>} */
    const best = new Map();
    for (const source of ranked.filter(({ answered }) => answered)) {
      const { scores } = source.ranking;
      const weight = ranked.length > 1 ? source.probability : 1;
      const least = floor >= 0 ? leastShare * max(scores, 0) : -1;
      scores.forEach((score, page) => {
        const before = best.get(page);
        const named = own.has(page);
        const isShown = named || (rest !== "" && score >= least);
        if (isShown && (!before || weight * score > before.score)) best.set(page, { page, score: weight * score, source, named, close: true });
      });
    }
    const placed = [...best.values()].sort(this.inPlace);
    const ofPages = placed.filter((candidate) => !this.isSentence(candidate));
    const closest = closeShare * Math.max(0, ...(ofPages.length ? ofPages : placed).map(({ score }) => score));
    return placed.map((candidate) => ({ ...candidate, close: candidate.named || candidate.score >= closest }));
  }

  /** What the problem names first, then best first; a sentence without a page stands below every page. @param {Candidate} one @param {Candidate} other */
  inPlace = (one, other) => Number(other.named) - Number(one.named) || this.isSentence(one) - this.isSentence(other) || byScore(one, other);

  /** @param {Candidate} candidate */
  isSentence = ({ page }) => Number(this.ranker.pages[page].kind === "also-seen");

  /** @param {Candidate} candidate @returns {Hit} */
  hit({ page, score, close, source: { part, ranking } }) {
    const { asked_as: askedAs, passages: _, ...document } = this.ranker.pages[page];
    const passage = this.ranker.passages[ranking.matchedPassage[page]];
    const words = this.ranker.analyser.words(passage.text);
    const passageTerms = new Set(words.map(({ term }) => term));
    const synonyms = ranking.synonyms.filter(({ expansionTerms }) => expansionTerms.every((term) => passageTerms.has(term)));
    const matchedTerms = new Set([...ranking.queryTerms, ...synonyms.flatMap(({ expansionTerms }) => expansionTerms)]);
    const matchedWords = words.filter(({ term, surface }) => matchedTerms.has(term) && !this.emptyWords.has(surface.toLowerCase()));
    const nearerAskedAs = ranking.askedAsCosine[page] > Math.max(ranking.passageCosine[page], this.data.settings.truly_near) && askedAs.length > 0;
    /** @param {{start: number, end: number}} place @returns {[number, number]} */
    const span = ({ start, end }) => [inCodePoints(passage.text, start), inCodePoints(passage.text, end)];
    const [start, end] = this.ranker.nearestSentence(ranking, page);
    return {
      ...document,
      url: `${document.url}#${passage.anchor}`,
      score: rounded(score),
      close,
      part,
      passage: { heading: passage.heading, text: passage.text, nearest: span({ start, end }), highlights: outermost(matchedWords).map(span) },
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

/** Words in order, without those within another: the parts of a compound that is marked whole. @param {import("./lexical.js").Word[]} words */
function outermost(words) {
  let end = -1;
  return [...words].sort((one, other) => one.start - other.start || other.end - one.end).filter((word) => {
    const isWithin = word.end <= end;
    end = Math.max(end, word.end);
    return !isWithin;
  });
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
