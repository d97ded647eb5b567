// @ts-check
/**
 * The page's search, beside the page's own thread: so that the page answers keys and clicks while the model reckons.
 * A message is {id, task, …}; the reply has the same id, and either `done` or `fault`, a sentence.
 */

import { engineOf } from "./engine.js";

/** @type {Awaited<ReturnType<typeof engineOf>> | null} */
let engine = null;

/** What there is before its content has come. */
function theEngine() {
  if (!engine) throw new Error("The search's content is not there yet.");
  return engine;
}

/** @type {Record<string, (given: any) => any>} */
const tasks = {
  async open({ data }) {
    engine = await engineOf(data);
  },
  addMeaning: (files) => theEngine().addMeaning(files),
  search: ({ request }) => theEngine().searcher.search(request),
  searchByWords: ({ request }) => theEngine().searcher.searchByWords(request),
};

self.addEventListener("message", async ({ data: { id, task, ...given } }) => {
  try {
    self.postMessage({ id, done: await tasks[task](given) });
  } catch (error) {
    self.postMessage({ id, fault: error instanceof Error ? error.message : String(error) });
  }
});
