// @ts-check
/**
 * The model in the page: a text in, its embedding out, in the same space as the passages' embeddings.
 *
 * It neither fetches nor touches the page, so that it runs in a Web Worker and in Node alike: hand it the two files.
 */

import { Tokenizer } from "./tokenizer.js";
import { embed } from "./transformer.js";
import { readWeights } from "./weights.js";

/**
 * Makes an encoder of a packed model.
 * @param {import("./weights.js").Header} header browser-model.json, parsed
 * @param {ArrayBuffer} buffer browser-model.bin; kept, so do not change or transfer it
 * @returns {{encode: (text: string) => Float32Array}} encode gives the embedding: header.dimension numbers, of length 1
 * @throws {Error} where the files are of another format or do not belong together
 */
export function load(header, buffer) {
  const weights = readWeights(header, buffer);
  const tokenizer = new Tokenizer(header.pieces, header.longest);
  return { encode: (text) => embed(weights, tokenizer.encode(text)) };
}
