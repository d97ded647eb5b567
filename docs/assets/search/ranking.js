// @ts-check
/** Ranks pages for a query: the same rules as indexer/retrieval/ranking.py, whose docstrings give reasons. */

import { minMax, weightedSum } from "./fusion.js";
import { RowLayout } from "./layout.js";
import { Analyser, inverseDocumentFrequency, LexicalRetriever, tidied } from "./lexical.js";
import { meanOfTop } from "./probability.js";
import { argmax, max } from "./ragged.js";
import { Speller, vocabularyOf } from "./spelling.js";
import { Synonyms } from "./synonyms.js";

/**
 * @typedef {{step: number, k1: number, b: number, title_weight: number, dense_weight: number, floor: number,
 *   part_floor: number, least_share: number, close_share: number, looks_like: number, nearest_asked: number, nearest_topic_phrases: number,
 *   shortest_sentence: number, long_words: number, shortest_words: number, whole_words: number, truly_near: number, caveats: string, empty_words: string[], longest_query: number, shortest_word: number, two_slips: number,
 *   british: [string, string][], also_a_word: string[], fillers: string[],
 *   calibration: import("./probability.js").Calibration}} Settings
 * @typedef {{anchor: string, heading: string, text: string, context: string}} Passage
 * @typedef {{id: string, kind: string, title: string, summary: string, organisation: string, url: string,
 *   focus_areas: string[], asked_as: string[], evidence: import("./client.js").Evidence | null, passages: Passage[]}} Page
 * @typedef {{format: number, index: {format: number, model: string, corpus: string}, settings: Settings,
 *   stop_words: string[], pages: Page[],
 *   focus_areas: {slug: string, label: string, questions: string[], duties: import("./client.js").Duty[]}[],
 *   topics: {label: string, said_as: string[]}[], glossary: import("./synonyms.js").GlossaryTerm[],
 *   names: import("./names.js").Name[]}} Data
 *
 * @typedef {import("./layout.js").Cosines} Cosines
 *
 * @typedef {object} Ranking arrays have one place a page, in the order of the pages, unless they say of what
 * @property {string[]} queryTerms
 * @property {Float64Array} scores the fused score, 0 to 1
 * @property {Float64Array} denseContribution what of it comes from dense similarity
 * @property {Float64Array} similarity
 * @property {Float64Array} relativeBm25
 * @property {number[]} matchedPassage the best passage, counted over all pages
 * @property {Float64Array} passageCosine
 * @property {Float64Array} sentenceCosines of each sentence of the collection
 * @property {number[]} nearestAskedAs the nearest of the page's own problems, -1 where it has none
 * @property {Float64Array} askedAsCosine
 * @property {import("./probability.js").Features} features
 * @property {number | null} nearestTopic
 * @property {import("./synonyms.js").Synonym[]} synonyms
 * @property {Float64Array} focusAreaCosines of each focus area
 */

export class Ranker {
  /** @param {Data} data */
  constructor(data) {
    const { pages, glossary, names, settings, topics, stop_words: stopWords } = data;
    this.settings = settings;
    this.pages = pages;
    this.analyser = new Analyser(stopWords);
    this.synonyms = new Synonyms(glossary, this.analyser);
    this.passages = pages.flatMap((page) => page.passages);
    this.layout = new RowLayout(data);
    const pageTexts = pages.map((page) => pageText(page, settings.title_weight));
    const pageTerms = pageTexts.map((text) => this.analyser.terms(text));
    const forms = glossary.flatMap(({ abbreviation, expansion, also }) => [abbreviation, expansion, ...also]);
    this.speller = new Speller(vocabularyOf([...pageTexts, ...topics.flatMap(({ said_as: phrases }) => phrases), ...forms, ...names.flatMap((name) => name.forms)]), settings,
      (word) => this.analyser.terms(word).some((term) => this.pageRetriever.postings.has(term)));
    const passageTerms = this.passages.map(({ context, text }) => this.analyser.terms(`${context}\n${text}`));
    this.pageRetriever = new LexicalRetriever(pageTerms, settings.k1, settings.b);
    this.passageRetriever = new LexicalRetriever(passageTerms, settings.k1, settings.b);
  }

  /** What the encoder reads for a query. @param {string} query */
  expandAbbreviations(query) {
    return this.synonyms.expandAbbreviations(tidied(query));
  }

  /**
   * Ranks all pages.
   * @param {Float64Array} allCosines of the query with every row
   * @param {string} query
   * @returns {Ranking}
   */
  rank(allCosines, query) {
    const words = this.analyser.words(tidied(query));
    const queryTerms = words.map(({ term }) => term);
    const synonyms = this.synonyms.expand(queryTerms);
    const expansion = synonyms.flatMap(({ expansionTerms }) => expansionTerms.filter((term) => !queryTerms.includes(term)));
    const expanded = [...queryTerms, ...expansion];
    const cosines = this.layout.split(allCosines);
    const similarity = this.similarity(cosines);
    const bm25 = this.pageRetriever.scores(expanded);
    const { dense_weight: denseWeight } = this.settings;
    const denseContribution = minMax(similarity).map((score) => denseWeight * score);
    const normalisedBm25 = minMax(bm25);
    const scores = denseContribution.map((score, page) => score + (1 - denseWeight) * normalisedBm25[page]);
    const matchedPassage = this.matchedPassages(cosines, this.passageRetriever.scores(expanded));
    const { passages, topicPhrases } = cosines;
    const largestBm25 = max(bm25, 0) || 1;
    return {
      queryTerms,
      scores,
      denseContribution,
      similarity,
      relativeBm25: bm25.map((score) => score / largestBm25),
      matchedPassage,
      passageCosine: Float64Array.from(matchedPassage, (passage) => passages[passage]),
      sentenceCosines: cosines.sentences,
      nearestAskedAs: this.layout.askedAsOfPage.rowArgmax(cosines.askedAs),
      askedAsCosine: this.layout.askedAsOfPage.rowMax(cosines.askedAs, 0),
      features: this.features(words, synonyms, scores, cosines),
      nearestTopic: topicPhrases.length ? this.layout.phrasesOfTopic.rowId(argmax(topicPhrases)) : null,
      synonyms,
      focusAreaCosines: cosines.focusAreas,
    };
  }

  /** Each page's: half from its text (best passage and best sentence), half from its nearest own problems. @param {Cosines} cosines */
  similarity({ passages, sentences, askedAs }) {
    const bestPassage = this.layout.passagesOfPage.rowMax(passages);
    const bestSentence = this.layout.passagesOfPage.rowMax(this.layout.sentencesOfPassage.rowMax(sentences));
    return Float64Array.from(this.pages, (_, page) => {
      const text = (bestPassage[page] + bestSentence[page]) / 2;
      const own = this.layout.askedAsOfPage.row(askedAs, page);
      return (text + (own.length ? meanOfTop(own, this.settings.nearest_asked) : text)) / 2;
    });
  }

  /** Each page's best passage, by the fused scores of the passages, caveats last. @param {Cosines} cosines @param {Float64Array} bm25 */
  matchedPassages({ passages, sentences }, bm25) {
    const bestSentence = this.layout.sentencesOfPassage.rowMax(sentences);
    const dense = passages.map((cosine, passage) => cosine + bestSentence[passage]);
    const fused = weightedSum(dense, bm25, this.settings.dense_weight).map((score, passage) => score - Number(this.layout.isCaveat[passage]));
    const best = this.layout.passagesOfPage.rowArgmax(fused);
    return this.layout.passagesOfPage.rows.map(({ start }, page) => start + best[page]);
  }

  /**
   * @param {import("./lexical.js").Word[]} words of the query
   * @param {import("./synonyms.js").Synonym[]} synonyms
   * @param {Float64Array} scores
   * @param {Cosines} cosines
   * @returns {import("./probability.js").Features}
   */
  features(words, synonyms, scores, { askedAs, passages, sentences, topicPhrases }) {
    // A word that neither the pages nor the model know says nothing for or against an answer.
    const telling = words.filter(({ term, surface }) => this.pageRetriever.postings.has(term) || this.speller.knows(surface.toLowerCase()));
    const terms = [...new Set(telling.map(({ term }) => term))];
    const frequencies = terms.map((term) => this.pageRetriever.postings.get(term)?.length ?? 0);
    const idf = frequencies.map((frequency) => inverseDocumentFrequency(this.pages.length, frequency));
    const bestPageTerms = scores.length ? this.pageRetriever.terms[argmax(scores)] : new Set();
    // Another word for the same thing earns the same credit as the word itself.
    /** @param {(term: string) => boolean} isThere */
    const credited = (isThere) => new Set(synonyms.filter(({ expansionTerms }) => expansionTerms.every(isThere)).flatMap(({ phraseTerms }) => phraseTerms));
    const held = credited((term) => bestPageTerms.has(term));
    const known = credited((term) => this.pageRetriever.postings.has(term));
    const covered = idf.reduce((sum, weight, at) => sum + (bestPageTerms.has(terms[at]) || held.has(terms[at]) ? weight : 0), 0);
    return {
      asked: askedAs.length ? max(askedAs) : max(passages, -1),
      passage: max(passages, -1),
      sentence: max(sentences, -1),
      covered: covered / (idf.reduce((sum, weight) => sum + weight, 0) || 1),
      known: terms.filter((term, at) => frequencies[at] > 0 || known.has(term)).length / (terms.length || 1),
      topics: meanOfTop(topicPhrases, this.settings.nearest_topic_phrases),
    };
  }

  /**
   * The sentence nearest in meaning within a page's matched passage, as a span in UTF-16 units.
   * @param {Ranking} ranking
   * @param {number} page
   */
  nearestSentence(ranking, page) {
    const passage = ranking.matchedPassage[page];
    const { start } = this.layout.sentencesOfPassage.rows[passage];
    const scores = this.layout.sentencesOfPassage.row(ranking.sentenceCosines, passage).map((cosine, at) => cosine + 2 * Number(this.layout.tells[start + at]));
    return this.layout.sentenceSpans[passage][argmax(scores)];
  }
}

/** What BM25 indexes of a page. @param {Page} page @param {number} titleWeight */
function pageText({ title, summary, passages, asked_as: askedAs }, titleWeight) {
  const heads = Array.from({ length: titleWeight }, () => [title, summary]).flat();
  return [...heads, ...passages.map(({ text }) => text), ...askedAs].join(" ");
}
