// @ts-check
/** The lexical retriever: BM25 over stemmed words, as indexer/retrieval/lexical.py has it. */

import { EnglishStemmer } from "./vendor/english-stemmer.js";

const UNITS = new Map([["million", "m"], ["billion", "bn"], ["thousand", "k"], ["per cent", "%"], ["percent", "%"]]);
const WORD = /[0-9]+(?:[.,][0-9]+)*(?:[ \u00a0]?(?:million|billion|thousand|per ?cent|bn|m|k)(?![\p{L}\p{N}])|[ \u00a0]?%|(?![\p{L}\p{N}]))|[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/giu;
const DOTTED = /(?<![\p{L}\p{N}])(?:\p{L}\.){2,}(?:\p{L}(?![\p{L}\p{N}]))?/gu;
const UNSEEN = /[\u00ad\u200b-\u200f\u2060\ufeff]/gu;

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
    return wordsAndCompounds(text)
      .map(({ start, end, word }) => ({ start, end, surface: text.slice(start, end), term: word }))
      .filter(({ term }) => !this.stopWords.has(term))
      .map((word) => ({ ...word, term: this.stem(word.term) }));
  }

  /** The terms of a text, in order, repeats kept. @param {string} text */
  terms(text) {
    return this.words(text).map(({ term }) => term);
  }
}

/** A text as it is searched for: compatibility forms, hidden signs, dashes and quotes made plain, "E.H.C.P." one word. @param {string} text */
export const tidied = (text) => text.normalize("NFKC").replace(UNSEEN, "")
  .replace(/[‘’‛ʼ′]/gu, "'").replace(/[“”„‟]/gu, '"').replace(/[‐‑‒–—―−]/gu, "-")
  .replace(DOTTED, (dotted) => dotted.replaceAll(".", ""));

/** @typedef {{start: number, end: number, word: string}} Found */

/** Every word with its span; words with a hyphen between them also as one. @param {string} text */
function wordsAndCompounds(text) {
  /** @type {Found[]} */
  const found = [];
  /** @type {Found[]} */
  let compound = [];
  for (const { index, 0: surface } of text.matchAll(WORD)) {
    const word = { start: index, end: index + surface.length, word: normalised(surface) };
    if (compound.length && ["-", "‑"].includes(text.slice(compound[compound.length - 1].end, word.start))) compound.push(word);
    else {
      found.push(...joined(compound));
      compound = [word];
    }
    found.push(word);
  }
  return [...found, ...joined(compound)];
}

/** The one word that parts make; none for a single part, or for figures alone. @param {Found[]} parts @returns {Found[]} */
function joined(parts) {
  const word = parts.map((part) => part.word).join("");
  return parts.length > 1 && !/^[0-9]+$/u.test(word) ? [{ start: parts[0].start, end: parts[parts.length - 1].end, word }] : [];
}

/** @param {string} word */
function normalised(word) {
  const plain = word.normalize("NFKC").toLowerCase().replaceAll("’", "'");
  const figure = /^([0-9][0-9.,]*) ?([^0-9]*)$/u.exec(plain);
  return figure ? figure[1].replaceAll(",", "") + (UNITS.get(figure[2]) ?? figure[2]) : plain;
}

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
