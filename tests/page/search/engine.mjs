// @ts-check
/**
 * Lets a program in Python ask the page's engine: a question as JSON comes in, the answer as JSON goes out.
 *
 *   {"index": folder, "requests": [request, …]}   answers over a built index, with the page's own model
 *   {"data": {…}, "codes": [[…], …], "embeddings": {text: [number, …], …}, "requests": […]}
 *                                                 answers over content given, each text's embedding likewise
 *   … "rankings": true                            with each answer also `ranking`, all pages and scores, and its probability
 *   {"index": folder, "embed": [text, …]}         the model's embeddings
 *   {"index": folder, "time": text}               how long opening, encoding and a whole search take, in ms (medians of 21)
 *   {"data": {…}, "stems": [word, …]}             each word's stem
 */

import { readFileSync } from "node:fs";

import { engineOf } from "../../../docs/assets/search/engine.js";
import { probability } from "../../../docs/assets/search/probability.js";
import { Searcher } from "../../../docs/assets/search/search.js";
import { cosinesWith } from "../../../docs/assets/search/vector-index.js";

/** @param {string} folder */
async function overIndex(folder) {
  const { files } = JSON.parse(readFileSync(`${folder}/manifest.json`, "utf8"));
  /** @param {string} part */
  const read = (part) => new Uint8Array(readFileSync(`${folder}/${files[part].name}`)).buffer;
  const engine = await engineOf(read("data"));
  await engine.addDense({ rows: read("rows"), header: read("header"), weights: read("weights") });
  return engine.searcher;
}

/** @param {any} question */
function overGiven({ data, codes, embeddings, words = [] }) {
  const searcher = new Searcher(data);
  /** @param {string} text */
  const encode = (text) => {
    if (!embeddings[text]) throw new Error(`No embedding was given for: ${text}`);
    return Float32Array.from(embeddings[text]);
  };
  if (codes) searcher.addDense(Int8Array.from(codes.flat()), encode, codes[0].length, words);
  return searcher;
}

/** @param {Searcher} searcher */
function encoderOf({ dense }) {
  if (!dense) throw new Error("The model is missing.");
  return dense;
}

/** @param {Searcher} searcher @param {string} text */
function ranked(searcher, text) {
  const { codes, encode } = encoderOf(searcher);
  const { ranker, data } = searcher;
  const { scores, features } = ranker.rank(cosinesWith(codes, data.settings.step, encode(ranker.expandAbbreviations(text))), text);
  const ranking = Array.from(scores, (score, page) => [ranker.pages[page].id, score]);
  return { ranking, ranked_probability: probability(data.settings.calibration, features) };
}

/** @param {() => unknown} task */
function median(task) {
  const times = Array.from({ length: 21 }, () => {
    const started = performance.now();
    task();
    return performance.now() - started;
  });
  return times.sort((one, other) => one - other)[10];
}

/** @param {any} question */
async function answer(question) {
  const started = performance.now();
  const searcher = question.index ? await overIndex(question.index) : overGiven(question);
  const opened = performance.now() - started;
  if (question.stems) return question.stems.map((/** @type {string} */ word) => searcher.ranker.analyser.stem(word));
  if (question.embed) return question.embed.map((/** @type {string} */ text) => Array.from(encoderOf(searcher).encode(text)));
  if (question.time) {
    return {
      open_ms: opened,
      encode_ms: median(() => encoderOf(searcher).encode(question.time)),
      search_ms: median(() => searcher.search({ q: question.time, limit: 50 })),
    };
  }
  return question.requests.map((/** @type {any} */ request) => {
    const answer = searcher.search(request);
    return question.rankings ? { ...answer, ...ranked(searcher, request.q) } : answer;
  });
}

process.stdout.write(JSON.stringify(await answer(JSON.parse(readFileSync(0, "utf8")))));
