// @ts-check
/** Synonyms from the glossary, in both directions, as indexer/retrieval/synonyms.py finds them. */

import { wordCount } from "./text.js";

const SHORT_WORDS = 3;

/** @typedef {{abbreviation: string, expansion: string, also: string[]}} GlossaryTerm */
/** @typedef {{wrote: string, meant: string, terms: string[]}} Synonym words of the problem, other words for them, their terms */

export class Synonyms {
  /**
   * @param {GlossaryTerm[]} glossary
   * @param {import("./lexical.js").Terms} terms
   */
  constructor(glossary, terms) {
    this.expansions = new Map(glossary.map(({ abbreviation, expansion }) => [abbreviation.toLowerCase(), expansion]));
    /** @type {[string[], Synonym[]][]} */
    this.entries = [];
    for (const { abbreviation: short, expansion, also } of glossary) {
      const forms = [expansion, ...also];
      this.entries.push([terms.of(short), forms.map((form) => ({ wrote: short, meant: form, terms: terms.of(form) }))]);
      for (const form of forms) {
        const cut = terms.of(form);
        if (cut.length > 1) this.entries.push([cut, [{ wrote: form, meant: short, terms: terms.of(short) }]]);
      }
    }
  }

  /**
   * A short text with each abbreviation followed by what it stands for, for the encoder to read.
   * @param {string} text
   */
  speltOut(text) {
    if (wordCount(text) > SHORT_WORDS) return text;
    return text.replace(/[A-Za-z0-9]+/gu, (word) => {
      const expansion = this.expansions.get(word.toLowerCase());
      const isMeant = expansion && (word.length > 2 || isUpperCase(word)) && !text.toLowerCase().includes(expansion.toLowerCase());
      return isMeant ? `${word} (${expansion})` : word;
    });
  }

  /**
   * The synonyms of a problem's terms, in the glossary's order.
   * @param {string[]} queryTerms
   */
  of(queryTerms) {
    const written = new Set(queryTerms);
    /** @param {string[]} terms */
    const holdsAll = (terms) => terms.every((term) => written.has(term));
    return this.entries
      .filter(([form]) => form.length && holdsAll(form) && standsIn(form, queryTerms))
      .flatMap(([, synonyms]) => synonyms.filter(({ terms }) => !holdsAll(terms)));
  }
}

/** @param {string} word */
const isUpperCase = (word) => word === word.toUpperCase() && word !== word.toLowerCase();

/** @param {string[]} form @param {string[]} terms */
const standsIn = (form, terms) => terms.some((_, at) => form.every((term, next) => terms[at + next] === term));
