// @ts-check
/** Query expansion from the glossary, in both directions, as indexer/retrieval/synonyms.py does it. */

import { wordCount } from "./text.js";

const SHORT_WORDS = 3;

/** @typedef {{abbreviation: string, expansion: string, also: string[]}} GlossaryTerm */
/**
 * @typedef {{phrase: string, expansion: string, phraseTerms: string[], expansionTerms: string[]}} Synonym a phrase of the
 *   query, another for the same thing, and the terms of both
 */

export class Synonyms {
  /**
   * @param {GlossaryTerm[]} glossary
   * @param {import("./lexical.js").Analyser} analyser
   */
  constructor(glossary, analyser) {
    /** @type {Map<string, string>} */
    this.expansions = new Map();
    /** The terms of a phrase, and what it is expanded by. @type {[string[], Synonym[]][]} */
    this.rules = [];
    for (const { abbreviation, expansion, also } of glossary) {
      const forms = [...new Set([abbreviation, expansion, ...also])];
      const terms = new Map(forms.map((form) => [form, analyser.terms(form)]));
      for (const form of forms) {
        const isShort = form === abbreviation || isAbbreviation(form);
        const others = isShort ? forms.filter((other) => other !== form) : [abbreviation];
        const phraseTerms = terms.get(form) ?? [];
        if (isShort || phraseTerms.length > 1) {
          this.rules.push([phraseTerms, others.map((other) => ({ phrase: form, expansion: other, phraseTerms, expansionTerms: terms.get(other) ?? [] }))]);
        }
        if (isShort) this.expansions.set(form.toLowerCase(), expansion);
      }
    }
  }

  /**
   * A short text with each abbreviation followed by its expansion, for the encoder to read.
   * @param {string} text
   */
  expandAbbreviations(text) {
    if (wordCount(text) > SHORT_WORDS) return text;
    return text.replace(/[A-Za-z0-9]+/gu, (word) => {
      const expansion = this.expansions.get(word.toLowerCase());
      const isAbbreviation = expansion && (word.length > 2 || isUpperCase(word)) && !text.toLowerCase().includes(expansion.toLowerCase());
      return isAbbreviation ? `${word} (${expansion})` : word;
    });
  }

  /**
   * What a query is expanded by, in the glossary's order; nothing whose terms all stand in the query already.
   * @param {string[]} queryTerms
   */
  expand(queryTerms) {
    const distinct = new Set(queryTerms);
    /** @param {string[]} terms */
    const holdsAll = (terms) => terms.every((term) => distinct.has(term));
    return this.rules
      .filter(([phrase]) => phrase.length && holdsAll(phrase) && holdsPhrase(queryTerms, phrase))
      .flatMap(([, synonyms]) => synonyms.filter(({ expansionTerms }) => !holdsAll(expansionTerms)));
  }
}

/** Whether another form is itself an abbreviation: one word with no small letter but a plural's s. @param {string} form */
const isAbbreviation = (form) => !form.includes(" ") && isUpperCase(form.replace(/s+$/u, ""));

/** @param {string} word */
const isUpperCase = (word) => word === word.toUpperCase() && word !== word.toLowerCase();

/** Whether a phrase's terms stand in the terms next to each other. @param {string[]} terms @param {string[]} phrase */
const holdsPhrase = (terms, phrase) => terms.some((_, start) => phrase.every((term, offset) => terms[start + offset] === term));
