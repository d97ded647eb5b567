// @ts-check
/** The page's tokenizer on texts that can be cut by hand. tests/model/test_page_tokenizer.py compares it with the reference. */

import assert from "node:assert/strict";
import test from "node:test";

import { piecesOfWord, Tokenizer, words } from "../../../docs/assets/search/encoder/tokenizer.js";

const VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "plan", "##s", "##ning", "p", "##l", "##a", "##n", "!", "late"];
const IDS = new Map(VOCABULARY.map((piece, id) => [piece, id]));

/** @param {string} text @param {number} longest */
const cut = (text, longest = 256) => new Tokenizer(VOCABULARY, longest).encode(text).map((id) => VOCABULARY[id]);

test("Case and accents go; each mark of punctuation is a word.", () => {
  assert.deepEqual(words("Café-Plans, £5+VAT!"), ["cafe", "-", "plans", ",", "£5", "+", "vat", "!"]);
});

test("Control characters and zero-width ones vanish; every white space parts words.", () => {
  assert.deepEqual(words("a\u0000b\u200Bc\u00A0d\u2003e\tf\ng"), ["abc", "d", "e", "f", "g"]);
});

test("Each Chinese character is a word; other scripts keep their words.", () => {
  assert.deepEqual(words("学校 école Школа"), ["学", "校", "ecole", "школа"]);
});

test("A capital sigma at a word's end becomes the same letter as elsewhere.", () => {
  assert.deepEqual(words("ΣΟΦΟΣ"), ["σοφοσ"]);
});

test("A word is cut into the longest pieces that fit, from the left.", () => {
  assert.deepEqual(cut("plans planning plan"), ["[CLS]", "plan", "##s", "plan", "##ning", "plan", "[SEP]"]);
  assert.deepEqual(cut("plal"), ["[CLS]", "p", "##l", "##a", "##l", "[SEP]"]);
});

test("A word with an unknown letter is one unknown piece, and so is a word of over 100 characters.", () => {
  assert.deepEqual(cut("planz late"), ["[CLS]", "[UNK]", "late", "[SEP]"]);
  assert.equal(piecesOfWord(IDS, `p${"a".repeat(99)}`)?.length, 100);
  assert.equal(piecesOfWord(IDS, `p${"a".repeat(100)}`), null);
});

test("Characters are counted, not the halves that JavaScript stores them in.", () => {
  const ids = new Map([["😀", 0], ["##😀", 1]]);
  assert.equal(piecesOfWord(ids, "😀".repeat(100))?.length, 100);
  assert.equal(piecesOfWord(ids, "😀".repeat(101)), null);
});

test("Typed marks stand for themselves, in capitals only.", () => {
  assert.deepEqual(cut("plan[SEP]late"), ["[CLS]", "plan", "[SEP]", "late", "[SEP]"]);
  assert.deepEqual(cut("[sep]"), ["[CLS]", "[UNK]", "[UNK]", "[UNK]", "[SEP]"]);
});

test("A long text is cut so that it fits with its two marks.", () => {
  assert.deepEqual(cut("plan late plan late plan", 5), ["[CLS]", "plan", "late", "plan", "[SEP]"]);
});

test("An empty text is its two marks, and half a character is none.", () => {
  assert.deepEqual(cut(""), ["[CLS]", "[SEP]"]);
  assert.deepEqual(cut("\uD83D"), ["[CLS]", "[SEP]"]);
});

test("A vocabulary without the marks is refused.", () => {
  assert.throws(() => new Tokenizer(["plan"], 256).encode("plan"), /The vocabulary lacks \[CLS\]\./);
});
