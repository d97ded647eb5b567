// @ts-check
/** Names in a query and the pages that they lead to, as indexer/retrieval/names.py finds them. */

import { tidied } from "./lexical.js";
import { SPACE } from "./text.js";

const TOKEN = /[\p{L}\p{N}]+|&/gu;
const NUMBERED = /\bcase stud(?:y|ies) (?:no\.? ?|number )?([0-9]{1,3})\b/iu;
const SPACES = new RegExp(`[${SPACE}]+`, "gu");

/** @typedef {{label: string, kind: string, forms: string[], pages: string[], url: string}} Name */
/** @typedef {{names: Name[], rest: string}} Found the names in a query, and what else it asks for: "" for nothing */
/** @typedef {{start: number, end: number, word: string}} Token */

export class Names {
  /**
   * @param {Name[]} names
   * @param {import("./ranking.js").Settings} settings
   */
  constructor(names, { also_a_word: alsoAWord, fillers }) {
    this.names = names;
    this.alsoAWord = new Set(alsoAWord);
    this.fillers = new Set(fillers);
    /** @type {Map<string, Name[]>} */
    this.ofForm = new Map();
    for (const name of names) {
      for (const form of name.forms) this.ofForm.set(form, [...(this.ofForm.get(form) ?? []), name]);
    }
    this.longest = Math.max(0, ...[...this.ofForm.keys()].map((form) => form.split(" ").length));
  }

  /** @param {string} query @returns {Found} */
  foundIn(query) {
    const text = tidied(query);
    const numbered = NUMBERED.exec(text);
    if (numbered) {
      const label = `Case study ${Number(numbered[1])}`;
      const missing = { label, kind: "guidance-case-study", forms: [], pages: [], url: "" };
      const rest = text.slice(0, numbered.index) + text.slice(numbered.index + numbered[0].length);
      return { names: [this.names.find((name) => name.label === label) ?? missing], rest: this.asked(rest) };
    }
    const tokens = Array.from(text.matchAll(TOKEN), ({ index, 0: word }) => ({ start: index, end: index + word.length, word: plain(word) }));
    /** @type {Name[]} */
    const found = [];
    /** @type {string[]} */
    const kept = [];
    for (let at = 0; at < tokens.length;) {
      const [length, names] = this.longestAt(tokens, at, text);
      found.push(...names);
      if (!names.some(({ kind }) => kind === "council")) kept.push(text.slice(tokens[at].start, tokens[at + Math.max(length, 1) - 1].end));
      at += Math.max(length, 1);
    }
    const unique = [...new Set(found)];
    const councils = unique.filter(({ kind }) => kind === "council");
    const words = new Set(unique.flatMap(({ forms }) => forms.flatMap((form) => form.split(" "))));
    if (councils.length < unique.length && tokens.every(({ word }) => words.has(word) || this.fillers.has(word))) return { names: unique, rest: "" };
    return { names: councils, rest: councils.length ? this.asked(kept.join(" ")) : query };
  }

  /** @param {Token[]} tokens @param {number} at @param {string} text @returns {[number, Name[]]} */
  longestAt(tokens, at, text) {
    for (let length = Math.min(this.longest, tokens.length - at); length > 0; length -= 1) {
      const words = tokens.slice(at, at + length).map(({ word }) => word);
      const names = this.ofForm.get(words.join(" ")) ?? [];
      if (names.length && !this.isAWord(words, tokens, at, text)) return [length, names];
    }
    return [0, []];
  }

  /** Whether what could be a name is the word that is spelt alike. @param {string[]} words @param {Token[]} tokens @param {number} at @param {string} text */
  isAWord(words, tokens, at, text) {
    if (words.length > 1 || !this.alsoAWord.has(words[0]) || tokens.length === 1) return false;
    const rest = tokens.slice(at + 1);
    if (rest.slice(0, 2).some(({ word }) => ["council", "borough", "authority"].includes(word))) return false;
    const { start } = tokens[at];
    const before = text.slice(0, start).trim();
    const begins = !before || ".!?".includes(before[before.length - 1]);
    const isLarge = text[start] !== text[start].toLowerCase();
    return !isLarge || (begins && !rest.every(({ word }) => this.fillers.has(word)));
  }

  /** A text, or "" where its words ask for nothing beside a name. @param {string} text */
  asked(text) {
    const words = Array.from(text.matchAll(TOKEN), ([word]) => plain(word));
    return words.every((word) => this.fillers.has(word)) ? "" : text.replace(SPACES, " ").trim();
  }
}

/** @param {string} word */
const plain = (word) => (word === "&" ? "and" : word.toLowerCase());
