// @ts-check
/** The steps of the forward pass, on numbers that can be reckoned by hand. tests/model/test_page_model.py tries the whole. */

import assert from "node:assert/strict";
import test from "node:test";

import {
  attention, erf, gelu, linear, mean, normalise, softmax, unitLength,
} from "../../../docs/assets/search/encoder/transformer.js";

/** @param {ArrayLike<number>} actual @param {number[]} expected */
function assertNear(actual, expected, tolerance = 1e-12) {
  assert.equal(actual.length, expected.length);
  expected.forEach((number, at) => assert.ok(Math.abs(actual[at] - number) <= tolerance, `${actual[at]} is not ${number}`));
}

/** A packed matrix (4, 2) with the rows 1 2, 3 4, 5 6, 7 8. */
const COUNTING = {
  rows: 4, columns: 2, codes: Int8Array.from([1, 2, 3, 4, 5, 6, 7, 8]), scales: Float32Array.from([1, 1, 1, 1]),
};

test("A linear step multiplies each piece by each row and adds the bias; one piece, two, and an odd number.", () => {
  const layer = { weight: COUNTING, bias: Float64Array.from([0, 0, 0, 100]) };
  const one = [1 * 10 + 2, 3 * 10 + 4, 5 * 10 + 6, 7 * 10 + 8 + 100];
  const two = [1, 3, 5, 107];
  const three = [2, 4, 6, 108];
  assertNear(linear(Float64Array.from([10, 1]), layer), one);
  assertNear(linear(Float64Array.from([10, 1, 1, 0]), layer), [...one, ...two]);
  assertNear(linear(Float64Array.from([10, 1, 1, 0, 0, 1]), layer), [...one, ...two, ...three]);
});

test("A norm brings a row to mean 0 and variance 1, then weighs and shifts it.", () => {
  const norm = { weight: Float64Array.from([1, 10]), bias: Float64Array.from([0, 5]), epsilon: 0 };
  assertNear(normalise(Float64Array.from([1, 3, 8, 4]), norm), [-1, 15, 1, -5]);
});

test("Shares add up to 1, whatever the size of the scores.", () => {
  assertNear(softmax(Float64Array.from([Math.log(1), Math.log(3)])), [0.25, 0.75]);
  assertNear(softmax(Float64Array.from([5000, 5000])), [0.5, 0.5]);
});

test("A piece takes the value of the one that its query meets, each head by itself.", () => {
  const queries = Float64Array.from([1000, 0, 0, 0]); // two pieces, two heads of one number
  const keys = Float64Array.from([-1, 7, 1, 7]);
  const values = Float64Array.from([2, 10, 3, 20]);
  // Head one: the first piece meets the second's key; the second has no query and mixes evenly. Head two: all even.
  assertNear(attention(queries, keys, values, 2, 2), [3, 15, 2.5, 15]);
});

test("The error function and the activation have their known values.", () => {
  assertNear([erf(0), erf(0.5), erf(-1), erf(3)], [0, 0.5204998778, -0.8427007929, 0.9999779095], 2e-7);
  assertNear(gelu(Float64Array.from([0, 1, -1, 10])), [0, 0.8413447461, -0.1586552539, 10], 2e-7);
});

test("The mean of the rows, brought to length 1.", () => {
  assertNear(mean(Float64Array.from([1, 2, 5, 6]), 2), [3, 4]);
  assertNear(unitLength(Float64Array.from([3, 4])), [0.6, 0.8]);
});
