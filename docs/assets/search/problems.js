// @ts-check
/** Query segmentation: cuts a long text into the separate problems in it, as indexer/retrieval/problems.py does. Places are in code points. */

import { sentenceSpans } from "./sentences.js";
import { codePointCount, inCodePoints, lines, trim, trimEnd, wordCount } from "./text.js";

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
  /** The start of sentences that are too short so far. @type {number | null} */
  let pending = null;
  for (const [sentenceStart, end] of sentences(text, settings)) {
    /** @type {number} */
    const start = pending ?? sentenceStart;
    const isShort = wordCount(characters.slice(start, end).join("")) < settings.shortest_words;
    pending = isShort ? start : null;
    if (!isShort) spans.push(...split(characters, start, end, settings.whole_words));
  }
  if (pending !== null) {
    const start = spans.pop()?.[0] ?? pending;
    spans.push(...split(characters, start, codePointCount(trimEnd(text)), settings.whole_words));
  }
  return spans;
}

/**
 * The spans of the sentences of each line.
 * @param {string} text
 * @param {Settings} settings
 */
function sentences(text, { shortest_sentence: shortest }) {
  /** @type {Span[]} */
  const spans = [];
  let lineStart = 0;
  for (const line of lines(text)) {
    const trimmed = trim(line);
    const offset = lineStart + codePointCount(line.slice(0, line.indexOf(trimmed)));
    for (const [start, end] of sentenceSpans(trimmed, shortest)) {
      if (end > start) spans.push([offset + inCodePoints(trimmed, start), offset + inCodePoints(trimmed, end)]);
    }
    lineStart += codePointCount(line);
  }
  return spans;
}

/**
 * A span, halved at a space until each piece has `most` words at most.
 * @param {string[]} characters
 * @param {number} start
 * @param {number} end
 * @param {number} most
 * @returns {Span[]}
 */
function split(characters, start, end, most) {
  if (wordCount(characters.slice(start, end).join("")) <= most) return [[start, end]];
  const middle = characters.indexOf(" ", start + Math.floor((end - start) / 2));
  if (middle < 0 || middle >= end) return [[start, end]];
  return [...split(characters, start, middle, most), ...split(characters, middle + 1, end, most)];
}
