// @ts-check
/**
 * Lets a test in Python ask the page's encoder: a question as JSON comes in, the answer as JSON goes out.
 *
 *   {"words": [text, …]}                                   each text's words
 *   {"pieces": [text, …], "vocabulary": […], "longest": n} each text's ids
 *   {"embeddings": [text, …], "folder": path}              each text's embedding, by the packed model in a folder
 */

import { readFileSync } from "node:fs";

import { decompress } from "../../../docs/assets/search/encoder/compressed.js";
import { load } from "../../../docs/assets/search/encoder/encoder.js";
import { Tokenizer, words } from "../../../docs/assets/search/encoder/tokenizer.js";

/** @param {string} folder */
async function encoderIn(folder) {
  const header = JSON.parse(readFileSync(`${folder}/browser-model.json`, "utf8"));
  const file = readFileSync(`${folder}/browser-model.bin`);
  return load(header, await decompress(Uint8Array.from(file).buffer));
}

/** @param {any} question */
async function answer(question) {
  if (question.words) return question.words.map(words);
  if (question.pieces) {
    const tokenizer = new Tokenizer(question.vocabulary, question.longest);
    return question.pieces.map((/** @type {string} */ text) => tokenizer.encode(text));
  }
  const encoder = await encoderIn(question.folder);
  return question.embeddings.map((/** @type {string} */ text) => Array.from(encoder.encode(text)));
}

process.stdout.write(JSON.stringify(await answer(JSON.parse(readFileSync(0, "utf8")))));
