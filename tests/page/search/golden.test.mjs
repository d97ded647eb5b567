// @ts-check
/** The page's engine gives the server's answers: the cases that tests/golden_cases.py made. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { Searcher } from "../../../docs/assets/search/search.js";

const { data, codes, embeddings, words, requests, answers } = JSON.parse(
  readFileSync(new URL("../../golden/cases.json", import.meta.url), "utf8"));
const searcher = new Searcher(data);
searcher.addDense(Int8Array.from(codes.flat()), (text) => Float32Array.from(embeddings[text]), codes[0].length, words);

/**
 * The same shape and words, and numbers to a millionth.
 * @param {any} actual
 * @param {any} expected
 * @param {string} place
 */
function assertSame(actual, expected, place) {
  if (typeof expected === "number") assert.ok(Math.abs(actual - expected) < 1.001e-6, `${place}: ${actual} is not ${expected}`);
  else if (expected === null || typeof expected !== "object") assert.equal(actual, expected, place);
  else {
    assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), place);
    for (const key of Object.keys(expected)) assertSame(actual[key], expected[key], `${place}.${key}`);
  }
}

requests.forEach((/** @type {any} */ request, /** @type {number} */ number) => {
  test(`Case ${number}: ${request.q.slice(0, 40)}`, () => {
    const { took_ms: tookMs, ...answer } = searcher.search(request);
    assert.ok(tookMs >= 0);
    assertSame(answer, answers[number], "answer");
  });
});

test("Without the model it says so, and looks for words alone, best first.", () => {
  const wordy = new Searcher(data);
  assert.throws(() => wordy.search({ q: "school" }), /not there yet/);
  const { hits } = wordy.lexicalSearch({ q: "parent plan", limit: 5 });
  assert.equal(hits[0].id, "cope");
  assert.deepEqual(hits.map((hit) => hit.score), hits.map((hit) => hit.score).sort((one, other) => other - one));
  assert.equal(wordy.lexicalSearch({ q: "volcano" }).answered, false);
});

test("Embeddings of other content are refused, and content of another format.", () => {
  const other = new Searcher(data);
  assert.throws(() => other.addDense(new Int8Array(8), () => new Float32Array(4), 4, []), /do not belong together/);
  assert.throws(() => new Searcher({ ...data, format: 99 }), /has format 99; this page reads 2/);
});
