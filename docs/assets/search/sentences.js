// @ts-check
/** Sentence ends of plain text, as indexer/retrieval/sentences.py cuts them. */

import { codePointCount, SPACE } from "./text.js";

const SENTENCE_END = new RegExp(`(?<=[.!?])["”')]*[${SPACE}]+(?=["“'(]?[A-Z0-9£])`, "gu");

const UNTOLD = new RegExp("\\b(?:not (?:be )?(?:stated|known|seen|found|read|published)|no (?:result|outcome|figure|number|report)s? (?:is|are|was|were)"
  + `|(?:could|can)(?:not| not) be (?:seen|read|found|cited|said|told))\\b|:[${SPACE}]*$`, "iu");

/** Whether a sentence tells something: not that a thing is not stated or known, and no lead-in. @param {string} sentence */
export const tells = (sentence) => !UNTOLD.test(sentence);

/**
 * The sentences of a text: start and end (exclusive), in UTF-16 units, without the spaces between.
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
