// @ts-check
/** Makes the page's search of its files as they are served. It neither fetches nor touches the page, so it runs in a worker. */

import { decompress } from "./encoder/compressed.js";
import { load } from "./encoder/encoder.js";
import { Searcher } from "./search.js";

/** @param {ArrayBuffer} served a compressed JSON file */
const readJson = async (served) => JSON.parse(new TextDecoder().decode(await decompress(served)));

/**
 * A search of the content alone, which looks for words until `addDense` was called.
 * @param {ArrayBuffer} data
 * @throws {Error} where the file is damaged or of another format
 */
export async function engineOf(data) {
  const searcher = new Searcher(await readJson(data));
  return {
    searcher,
    /**
     * @param {{rows: ArrayBuffer, header: ArrayBuffer, weights: ArrayBuffer}} files
     * @throws {Error} where a file is damaged or they do not belong together
     */
    async addDense({ rows, header, weights }) {
      const described = await readJson(header);
      const encoder = load(described, await decompress(weights));
      searcher.addDense(new Int8Array(await decompress(rows)), encoder.encode, described.dimension, described.pieces);
      encoder.encode("a first text, so that the reader's own is quick");
    },
  };
}
