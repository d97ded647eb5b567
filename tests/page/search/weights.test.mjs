// @ts-check
/** Reading the packed model, on numbers that can be unpacked by hand. */

import assert from "node:assert/strict";
import test from "node:test";
import { gzipSync } from "node:zlib";

import { decompress } from "../../../docs/assets/search/encoder/compressed.js";
import { float16, readWeights, unpackRow } from "../../../docs/assets/search/encoder/weights.js";

test("Half precision: one, minus two, a third, the largest, the least, and zero.", () => {
  const bits = [0x3c00, 0xc000, 0x3555, 0x7bff, 0x0001, 0x0000];
  assert.deepEqual(bits.map(float16), [1, -2, 0.333251953125, 65504, 2 ** -24, 0]);
});

test("A row is its codes times its scale.", () => {
  const matrix = { rows: 2, columns: 3, codes: Int8Array.from([1, -2, 3, -4, 0, 127]), scales: Float32Array.from([1, 0.5]) };
  const into = new Float64Array(4);
  unpackRow(matrix, 1, into, 1);
  assert.deepEqual(Array.from(into), [0, -2, 0, 63.5]);
});

test("A gzip file is unpacked, one cut short is refused, and bytes that are none come back as they are.", async () => {
  const packed = gzipSync(Buffer.from("school, plan"));
  /** @param {Uint8Array} bytes */
  const served = (bytes) => Uint8Array.from(bytes).buffer;
  assert.equal(new TextDecoder().decode(await decompress(served(packed))), "school, plan");
  assert.equal(new TextDecoder().decode(await decompress(served(Buffer.from("school, plan")))), "school, plan");
  await assert.rejects(decompress(served(packed.subarray(0, -9))), /cut short or damaged/);
  packed[packed.length - 5] ^= 1; // in the checksum
  await assert.rejects(decompress(served(packed)), /cut short or damaged/);
});

const HEADER = {
  format: 2, model: "", source_sha256: "", weights_sha256: "", weights_bytes: 2, dimension: 4, layers: 0, heads: 1,
  longest: 8, norm_epsilon: 0, tensors: {}, pieces: [],
};

test("Another format is refused, and a file of another size, and a file that lacks a part.", () => {
  assert.throws(() => readWeights({ ...HEADER, format: 3 }, new ArrayBuffer(2)), /has format 3; this page reads 2\./);
  assert.throws(() => readWeights(HEADER, new ArrayBuffer(3)), /has 3 bytes; its header says 2\./);
  assert.throws(() => readWeights(HEADER, new ArrayBuffer(2)), /lacks the matrix pieces\.fine\./);
});
