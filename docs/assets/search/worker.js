// @ts-check
/**
 * The page's search, beside the page's own thread: so that the page answers keys and clicks while the model reckons.
 * A message is {id, task, …}; the reply has the same id, and either `result` or `error`, a sentence.
 */

import { engineOf } from "./engine.js";

/** @type {Awaited<ReturnType<typeof engineOf>> | null} */
let engine = null;

/** What there is before its content has come. */
function theEngine() {
  if (!engine) throw new Error("The search's content is not there yet.");
  return engine;
}

/** @type {Record<string, (payload: any) => any>} */
const tasks = {
  async open({ data }) {
    engine = await engineOf(data);
  },
  addDense: (files) => theEngine().addDense(files),
  search: ({ request }) => theEngine().searcher.search(request),
  lexicalSearch: ({ request }) => theEngine().searcher.lexicalSearch(request),
};

self.addEventListener("message", async ({ data: { id, task, ...payload } }) => {
  try {
    self.postMessage({ id, result: await tasks[task](payload) });
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
