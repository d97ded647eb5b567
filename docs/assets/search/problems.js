// @ts-check
/** Cuts a long text into the separate problems in it, as indexer/retrieval/problems.py does. Places are in code points. */

import { lines, sentenceSpans, trim, trimEnd, wordCount, codePointCount, inCodePoints } from "./text.js";

/** @typedef {import("./ranking.js").Settings} Settings */
/** @typedef {[number, number]} Span start, and end (exclusive) */

/**
 * @param {string} text
 * @param {Settings} settings
 * @returns {Span[]} none for a text that is not long
 */
export function problemsIn(text, settings) {
  if (wordCount(text) <= settings.long_words) return [];
  const characters = Array.from(text);
  /** @type {Span[]} */
  const spans = [];
  /** @type {number | null} */
  let waiting = null;
  for (const [first, last] of sentences(text, settings)) {
    const start = waiting ?? first;
    const short = wordCount(characters.slice(start, last).join("")) < settings.shortest_words;
    waiting = short ? start : null;
    if (!short) spans.push(...cut(characters, start, last, settings.whole_words));
  }
  if (waiting !== null) {
    const start = spans.pop()?.[0] ?? waiting;
    spans.push(...cut(characters, start, codePointCount(trimEnd(text)), settings.whole_words));
  }
  return spans;
}

/**
 * @param {string} text
 * @param {Settings} settings
 */
function sentences(text, { shortest_sentence: shortest }) {
  /** @type {Span[]} */
  const found = [];
  let at = 0;
  for (const line of lines(text)) {
    const stripped = trim(line);
    const begin = at + codePointCount(line) - codePointCount(line.slice(line.indexOf(stripped)));
    for (const [start, end] of sentenceSpans(stripped, shortest)) {
      if (end > start) found.push([begin + inCodePoints(stripped, start), begin + inCodePoints(stripped, end)]);
    }
    at += codePointCount(line);
  }
  return found;
}

/**
 * @param {string[]} characters
 * @param {number} start
 * @param {number} end
 * @param {number} most words
 * @returns {Span[]}
 */
function cut(characters, start, end, most) {
  if (wordCount(characters.slice(start, end).join("")) <= most) return [[start, end]];
  const middle = characters.indexOf(" ", start + Math.floor((end - start) / 2));
  if (middle < 0 || middle >= end) return [[start, end]];
  return [...cut(characters, start, middle, most), ...cut(characters, middle + 1, end, most)];
}
