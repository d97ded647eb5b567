// @ts-check
/** Reading the packed model, on numbers that can be unpacked by hand. */

import assert from "node:assert/strict";
import test from "node:test";

import { float16, readWeights, unpackRow } from "../../docs/assets/search/encoder/weights.js";

test("Half precision: one, minus two, a third, the largest, the least, and zero.", () => {
  const bits = [0x3c00, 0xc000, 0x3555, 0x7bff, 0x0001, 0x0000];
  assert.deepEqual(bits.map(float16), [1, -2, 0.333251953125, 65504, 2 ** -24, 0]);
});

test("Four bits a weight: the low half of a byte first, each group times its own scale.", () => {
  const levels = Float64Array.from({ length: 16 }, (_, code) => code);
  const codes = Uint8Array.from([0x21, 0x43, 0x65, 0x87]); // (2, 4): 1 2 3 4, then 5 6 7 8
  const scales = Float32Array.from([1, 10, 100, 1000]);
  const matrix = { rows: 2, columns: 4, bits: 4, group: 2, levels, codes, scales };
  const into = new Float64Array(5);
  unpackRow(matrix, 1, into, 1);
  assert.deepEqual(Array.from(into), [0, 500, 600, 7000, 8000]);
});

test("Two bits a weight: the lowest bits first.", () => {
  const levels = Float64Array.from([-3, -1, 1, 3]);
  const codes = Uint8Array.from([0b11_10_01_00, 0b00_00_11_11]);
  const matrix = { rows: 2, columns: 4, bits: 2, group: 4, levels, codes, scales: Float32Array.from([1, 2]) };
  const into = new Float64Array(8);
  unpackRow(matrix, 0, into, 0);
  unpackRow(matrix, 1, into, 4);
  assert.deepEqual(Array.from(into), [-3, -1, 1, 3, 6, 6, -6, -6]);
});

const HEADER = {
  format: 1, model: "", source_sha256: "", weights_sha256: "", weights_bytes: 2, dimension: 4, layers: 0, heads: 1,
  longest: 8, norm_epsilon: 0, levels: {}, tensors: {}, pieces: [],
};

test("Another format is refused, and a file of another size, and a file that lacks a part.", () => {
  assert.throws(() => readWeights({ ...HEADER, format: 2 }, new ArrayBuffer(2)), /has format 2; this page reads 1\./);
  assert.throws(() => readWeights(HEADER, new ArrayBuffer(3)), /has 3 bytes; its header says 2\./);
  assert.throws(() => readWeights(HEADER, new ArrayBuffer(2)), /lacks the matrix pieces\.fine\./);
});
