// @ts-check
/**
 * Plain text as Python sees it: what is a space, where lines end, and how many characters a text has.
 *
 * Python counts in characters (code points), JavaScript in UTF-16 units. Places that leave the engine are in code points;
 * `inCodePoints` turns the one into the other.
 */

/** What Python takes for a space, for a regular expression; JavaScript's \s has one sign more and some fewer. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES = new RegExp(`[${SPACE}]+`, "u");
const EDGE_SPACES = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "gu");
const END_SPACES = new RegExp(`[${SPACE}]+$`, "u");
const LINE = /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|$)/gu;

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
