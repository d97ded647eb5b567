// @ts-check
/** The lexical retriever: BM25 over stemmed words, as indexer/retrieval/lexical.py has it. */

import { words } from "./text.js";
import { EnglishStemmer } from "./vendor/english-stemmer.js";

/** @typedef {{start: number, end: number, written: string, term: string}} Word */

/** Cuts text into terms: lower-case, stop words out, English Snowball stems. */
export class Terms {
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
    return words(text)
      .map((word) => ({ ...word, term: word.written.toLowerCase().replaceAll("’", "'") }))
      .filter(({ term }) => !this.stopWords.has(term))
      .map((word) => ({ ...word, term: this.stem(word.term) }));
  }

  /** The terms of a text, in order, repeats kept. @param {string} text */
  of(text) {
    return this.words(text).map(({ term }) => term);
  }
}

/** BM25 (Lucene's form) over texts; larger is better, 0 for a text that shares no term. */
export class LexicalRetriever {
  /**
   * @param {string[][]} texts each text's terms
   * @param {number} k1
   * @param {number} b
   */
  constructor(texts, k1, b) {
    this.size = texts.length;
    const averageLength = texts.reduce((sum, terms) => sum + terms.length, 0) / (texts.length || 1);
    /** For each term, what it adds to the score of each text that holds it. @type {Map<string, [number, number][]>} */
    this.postings = new Map();
    texts.forEach((terms, text) => {
      const norm = k1 * (1 - b + (b * terms.length) / averageLength);
      for (const [term, count] of counted(terms)) {
        const found = this.postings.get(term) ?? [];
        found.push([text, count / (count + norm)]);
        this.postings.set(term, found);
      }
    });
    for (const found of this.postings.values()) {
      const idf = inverseDocumentFrequency(this.size, found.length);
      for (const posting of found) posting[1] *= idf;
    }
  }

  /**
   * One score a text. A term counts as often as it stands in the query.
   * @param {string[]} queryTerms
   */
  scores(queryTerms) {
    const scores = new Float64Array(this.size);
    for (const term of queryTerms) {
      for (const [text, weight] of this.postings.get(term) ?? []) scores[text] += weight;
    }
    return scores;
  }
}

/**
 * Lucene's: ln(1 + (N - n + 0.5) / (n + 0.5)).
 * @param {number} size N, the texts
 * @param {number} holding n, those that hold the term
 */
export const inverseDocumentFrequency = (size, holding) => Math.log(1 + (size - holding + 0.5) / (holding + 0.5));

/** @param {string[]} terms */
function counted(terms) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
