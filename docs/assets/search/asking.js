// @ts-check
/** How any page here asks: what may be asked, and by whom it is answered. It looks at nothing on the page. */

import { askEndpoint, RefusedError } from "./client.js";
import { LocalSearch } from "./local.js";

/** @typedef {import("./client.js").Answer} Answer */

const MOST_CHARACTERS = 20_000;
const MOST_WORDS = 2_000;

/** What is wrong with a problem as typed, in a sentence, or "". @param {string} problem */
export function faultOf(problem) {
  const characters = Array.from(problem).length, words = problem.split(/\s+/u).length;
  if (!problem) return "Enter a problem, in a few words or a sentence.";
  if (characters > MOST_CHARACTERS) {
    return `Your text has ${characters.toLocaleString("en-GB")} characters; at most ${MOST_CHARACTERS.toLocaleString("en-GB")} can be searched for. Shorten it.`;
  }
  if (words > MOST_WORDS) return `Your text has ${words.toLocaleString("en-GB")} words; at most ${MOST_WORDS.toLocaleString("en-GB")} can be searched for. Shorten it.`;
  return "";
}

/** Enter sends a problem; with Shift, or within a character that is still being composed, it is a key like any other. @param {KeyboardEvent} event */
export function sendOnEnter(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (event.currentTarget instanceof HTMLTextAreaElement) event.currentTarget.form?.requestSubmit();
}

/** Asks the endpoint where there is one, and the page's own search elsewhere or where the endpoint fails. */
export class Asking {
  /**
   * @param {boolean} hasEndpoint
   * @param {(loaded: number, total: number) => void} onProgress told, in bytes, how far the page's own search is loaded
   */
  constructor(hasEndpoint, onProgress) {
    this.hasEndpoint = hasEndpoint;
    this.local = new LocalSearch(onProgress);
  }

  /** Gets ready for a problem that is about to be typed. */
  prepare() {
    if (!this.hasEndpoint) this.local.prepare();
  }

  /**
   * @param {{q: string, limit: number, as_typed?: boolean}} request
   * @param {AbortSignal} signal
   * @param {(answer: Answer) => void} onLexicalAnswer given an answer by words alone, where the better one is on its way
   * @returns {Promise<Answer>}
   * @throws {RefusedError} where the problem itself is at fault
   */
  async answerTo(request, signal, onLexicalAnswer) {
    if (this.hasEndpoint) {
      try {
        return await askEndpoint(request, signal);
      } catch (error) {
        if (signal.aborted || error instanceof RefusedError) throw error;
      }
    }
    return this.local.search(request, (answer) => {
      if (!signal.aborted) onLexicalAnswer(answer);
    });
  }
}
