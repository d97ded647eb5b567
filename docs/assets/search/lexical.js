// @ts-check
/** The lexical retriever: BM25 over stemmed words, as indexer/retrieval/lexical.py has it. */

import { EnglishStemmer } from "./vendor/english-stemmer.js";

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;

/**
 * @typedef {{start: number, end: number, surface: string, term: string}} Word its span (UTF-16 units, end exclusive), as the
 *   text has it, and its term
 */

/** Turns text into terms: lower-case, stop words out, English Snowball stems. */
export class Analyser {
  /** @param {string[]} stopWords */
  constructor(stopWords) {
    this.stopWords = new Set(stopWords);
    this.stemmer = new EnglishStemmer();
    /** @type {Map<string, string>} */
    this.stems = new Map();
  }

  /** @param {string} word */
  stem(word) {
    const known = this.stems.get(word);
    if (known !== undefined) return known;
    const stem = this.stemmer.stemWord(word);
    this.stems.set(word, stem);
    return stem;
  }

  /**
   * The words of a text that are not stop words, in order.
   * @param {string} text
   * @returns {Word[]}
   */
  words(text) {
    return Array.from(text.matchAll(WORD), ({ index, 0: surface }) => ({
      start: index, end: index + surface.length, surface, term: normalised(surface),
    }))
      .filter(({ term }) => !this.stopWords.has(term))
      .map((word) => ({ ...word, term: this.stem(word.term) }));
  }

  /** The terms of a text, in order, repeats kept. @param {string} text */
  terms(text) {
    return this.words(text).map(({ term }) => term);
  }
}

/** @param {string} word */
const normalised = (word) => word.toLowerCase().replaceAll("’", "'");

/** BM25 (Lucene's form) over texts; larger is better, 0 for a text that shares no term. */
export class LexicalRetriever {
  /**
   * @param {string[][]} texts each text's terms
   * @param {number} k1
   * @param {number} b
   */
  constructor(texts, k1, b) {
    this.textCount = texts.length;
    /** Each text's terms. */
    this.terms = texts.map((terms) => new Set(terms));
    const averageLength = texts.reduce((sum, terms) => sum + terms.length, 0) / (texts.length || 1);
    /** For each term, the texts that hold it and what it adds to the score of each. @type {Map<string, [number, number][]>} */
    this.postings = new Map();
    texts.forEach((terms, text) => {
      const norm = k1 * (1 - b + (b * terms.length) / averageLength);
      for (const [term, frequency] of termFrequencies(terms)) {
        const postings = this.postings.get(term) ?? [];
        postings.push([text, frequency / (frequency + norm)]);
        this.postings.set(term, postings);
      }
    });
    for (const postings of this.postings.values()) {
      const idf = inverseDocumentFrequency(this.textCount, postings.length);
      for (const posting of postings) posting[1] *= idf;
    }
  }

  /**
   * One score a text. A term counts as often as it stands in the query.
   * @param {string[]} queryTerms
   */
  scores(queryTerms) {
    const scores = new Float64Array(this.textCount);
    for (const term of queryTerms) {
      for (const [text, weight] of this.postings.get(term) ?? []) scores[text] += weight;
    }
    return scores;
  }
}

/**
 * Lucene's: ln(1 + (N - n + 0.5) / (n + 0.5)).
 * @param {number} texts N
 * @param {number} frequency n, the texts that hold the term
 */
export const inverseDocumentFrequency = (texts, frequency) => Math.log(1 + (texts - frequency + 0.5) / (frequency + 0.5));

/** @param {string[]} terms */
function termFrequencies(terms) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
