// @ts-check
/** Which rows embed what: passages, their sentences, the pages' own problems, topics' phrases, focus areas, as indexer/retrieval/layout.py has them. */

import { RaggedShape } from "./ragged.js";
import { sentenceSpans, tells } from "./sentences.js";

/** @typedef {Record<"passages" | "sentences" | "askedAs" | "topicPhrases" | "focusAreas", Float64Array>} Cosines of a query, by what the rows embed */

export class RowLayout {
  /** @param {import("./ranking.js").Data} data */
  constructor({ pages, topics, focus_areas: focusAreas, settings }) {
    const passages = pages.flatMap((page) => page.passages);
    /** Each passage's sentences, as spans in its text (UTF-16 units). */
    this.sentenceSpans = passages.map(({ text }) => sentenceSpans(text, settings.shortest_sentence));
    /** Whether each sentence tells something, over all passages. */
    this.tells = passages.flatMap(({ text }, at) => this.sentenceSpans[at].map(([start, end]) => tells(text.slice(start, end))));
    /** Whether each passage stands under a page's caveats. */
    this.isCaveat = passages.map(({ context }) => context.endsWith(settings.caveats));
    this.passagesOfPage = new RaggedShape(pages.map((page) => page.passages.length));
    this.sentencesOfPassage = new RaggedShape(this.sentenceSpans.map((spans) => spans.length));
    this.askedAsOfPage = new RaggedShape(pages.map((page) => page.asked_as.length));
    this.phrasesOfTopic = new RaggedShape(topics.map(({ said_as: phrases }) => phrases.length));
    const shapes = [this.passagesOfPage, this.sentencesOfPassage, this.askedAsOfPage, this.phrasesOfTopic];
    /** How many rows there must be. */
    this.size = shapes.reduce((sum, { size }) => sum + size, focusAreas.length);
  }

  /** The cosines with all rows, by what they embed. @param {Float64Array} cosines @returns {Cosines} */
  split(cosines) {
    let start = 0;
    /** @param {RaggedShape} shape */
    const next = ({ size }) => cosines.subarray(start, (start += size));
    return {
      passages: next(this.passagesOfPage),
      sentences: next(this.sentencesOfPassage),
      askedAs: next(this.askedAsOfPage),
      topicPhrases: next(this.phrasesOfTopic),
      focusAreas: cosines.subarray(start),
    };
  }
}
