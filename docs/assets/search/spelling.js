// @ts-check
/** Spelling of short queries against the collection's own words, as indexer/retrieval/spelling.py has it. */

import { tidied } from "./lexical.js";
import { wordCount } from "./text.js";

const LETTERS = /\p{L}+(?:['’]\p{L}+)*/gu;

/** How often each word of texts stands there, in small letters. @param {string[]} texts */
export function vocabularyOf(texts) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const text of texts) {
    for (const [word] of text.matchAll(LETTERS)) counts.set(word.toLowerCase(), (counts.get(word.toLowerCase()) ?? 0) + 1);
  }
  return counts;
}

export class Speller {
  /**
   * @param {Map<string, number>} vocabulary
   * @param {import("./ranking.js").Settings} settings
   * @param {(word: string) => boolean} isForm whether a word is another form of one of the collection's, such as its plural
   */
  constructor(vocabulary, settings, isForm) {
    this.vocabulary = vocabulary;
    this.settings = settings;
    this.isForm = isForm;
    /** Other words that are right as they are; the model's, once it is there. @type {Set<string>} */
    this.known = new Set();
    this.words = [...vocabulary.keys()].filter((word) => word.length >= settings.shortest_word);
  }

  /** Whether a word is in the collection or known to the model. @param {string} word */
  knows(word) {
    return this.vocabulary.has(word) || this.known.has(word);
  }

  /** A query with its slips mended; the same text where there is none, or where it is long. @param {string} query */
  corrected(query) {
    const text = tidied(query);
    if (wordCount(text) > this.settings.longest_query) return query;
    const mended = text.replace(LETTERS, (written, at) => this.mended(written, at, text));
    return mended === text ? query : mended;
  }

  /** @param {string} written @param {number} at @param {string} text */
  mended(written, at, text) {
    const word = written.toLowerCase();
    if (word.length < this.settings.shortest_word || word.includes("'") || this.vocabulary.has(word)) return written;
    const british = this.british(word);
    if (british) return british;
    const isName = startsLarge(written) && !isLarge(written) && text.slice(0, at).trim() !== "";
    const besideFigure = /^\p{N}/u.test(text.slice(at + written.length)) || /\p{N}$/u.test(text.slice(0, at));
    return this.known.has(word) || isName || besideFigure || this.isForm(word) ? written : this.nearest(word) ?? written;
  }

  /** @param {string} word */
  british(word) {
    for (const [american, british] of this.settings.british) {
      for (let at = word.indexOf(american); at >= 0; at = word.indexOf(american, at + 1)) {
        const tried = word.slice(0, at) + british + word.slice(at + american.length);
        if (word.length > this.settings.shortest_word && this.vocabulary.has(tried)) return tried;
      }
    }
    return null;
  }

  /** The nearest word by optimal string alignment. @param {string} word */
  nearest(word) {
    const most = word.length >= this.settings.two_slips ? 2 : 1;
    /** @type {[number, number, number, string] | null} */
    let best = null;
    for (const other of this.words) {
      if (Math.abs(other.length - word.length) > most) continue;
      const slips = distance(word, other, most);
      const differs = Number(other[0] !== word[0]);
      if (slips > most || (slips > 1 && differs)) continue;
      /** @type {[number, number, number, string]} */
      const found = [slips, differs, -(this.vocabulary.get(other) ?? 0), other];
      if (!best || isBefore(found, best)) best = found;
    }
    return best && best[3];
  }
}

/** @param {[number, number, number, string]} one @param {[number, number, number, string]} other */
function isBefore(one, other) {
  const at = one.findIndex((value, place) => value !== other[place]);
  return at >= 0 && one[at] < other[at];
}

/** @param {string} word */
const isLarge = (word) => word === word.toUpperCase() && word !== word.toLowerCase();
/** @param {string} word */
const startsLarge = (word) => isLarge(Array.from(word)[0]);

/**
 * How many insertions, deletions, substitutions and exchanges of neighbours turn one word into another (optimal string
 * alignment), or more than `most`.
 * @param {string} one
 * @param {string} other
 * @param {number} most
 */
function distance(one, other, most) {
  let before = new Array(other.length + 1).fill(0);
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const cost = Number(one[i - 1] !== other[j - 1]);
      let least = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + cost);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) least = Math.min(least, before[j - 2] + 1);
      next.push(least);
    }
    if (Math.min(...next) > most) return most + 1;
    before = row;
    row = next;
  }
  return row[other.length];
}
