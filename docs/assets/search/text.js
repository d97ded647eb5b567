// @ts-check
/**
 * Words and sentences of plain text, cut as the indexer cuts them (indexer/retrieval/lexical.py, indexer/retrieval/layout.py).
 *
 * Python counts in characters (code points), JavaScript in UTF-16 units. Places that leave the engine are in code points;
 * `inCodePoints` turns the one into the other.
 */

/** What Python takes for a space; JavaScript's \s has one sign more and some fewer. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES = new RegExp(`[${SPACE}]+`, "u");
const EDGE_SPACES = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "gu");
const END_SPACES = new RegExp(`[${SPACE}]+$`, "u");
const LINE = /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|$)/gu;
const SENTENCE_END = new RegExp(`(?<=[.!?])["”')]*[${SPACE}]+(?=["“'(]?[A-Z0-9£])`, "gu");
const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;

/** @param {string} text */
export const trim = (text) => text.replace(EDGE_SPACES, "");

/** @param {string} text */
export const trimEnd = (text) => text.replace(END_SPACES, "");

/** How many words a text has, spaces between. @param {string} text */
export const wordCount = (text) => trim(text).split(SPACES).filter(Boolean).length;

/** @param {string} text */
export const codePointCount = (text) => Array.from(text).length;

/** A place in UTF-16 units as a place in code points. @param {string} text @param {number} at */
export const inCodePoints = (text, at) => codePointCount(text.slice(0, at));

/** The lines of a text, each with its end. @param {string} text */
export const lines = (text) => (text.match(LINE) ?? []).filter(Boolean);

/**
 * The words of a text: where each stands (UTF-16 units, end exclusive) and how it is written.
 * @param {string} text
 * @returns {{start: number, end: number, written: string}[]}
 */
export function words(text) {
  return Array.from(text.matchAll(WORD), (match) => ({
    start: match.index, end: match.index + match[0].length, written: match[0],
  }));
}

/**
 * Where the sentences of a text stand, in UTF-16 units, spaces between left out.
 * @param {string} text
 * @param {number} shortest characters; a shorter sentence joins the one before it
 * @returns {[number, number][]}
 */
export function sentenceSpans(text, shortest) {
  const ends = Array.from(text.matchAll(SENTENCE_END), (match) => [match.index, match.index + match[0].length]);
  /** @type {[number, number][]} */
  const spans = [];
  let start = 0;
  for (const [end, next] of [...ends, [text.length, text.length]]) {
    const last = spans.at(-1);
    if (last && codePointCount(text.slice(start, end)) < shortest) last[1] = end;
    else spans.push([start, end]);
    start = next;
  }
  return spans;
}
