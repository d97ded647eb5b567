// @ts-check
/**
 * From a text to the ids of its word pieces, as the model's own tokenizer (BERT, uncased) makes them.
 *
 *   "Café plans!"  →  cleaned, lower-case, without accents: "cafe plans!"
 *                  →  words: cafe, plans, !
 *                  →  word pieces: [CLS] cafe plans ! [SEP]
 *
 * The steps and their order are those of the `tokenizers` library, with which a test compares every one of them.
 */

/** Marks that stand for themselves, also where somebody types them. */
const MARKS = /(\[(?:PAD|UNK|CLS|SEP|MASK)\])/;

/** A word of more characters than this becomes one unknown piece. */
const LONGEST_WORD = 100;

const UNSEEN = /[\0\uFFFD]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
const WHITE_SPACE = /\p{White_Space}/gu;
const ACCENT = /\p{Mn}/gu;
const CHINESE = new RegExp(
  "[\\u4E00-\\u9FFF\\u3400-\\u4DBF\\uF900-\\uFAFF" +
    "\\u{20000}-\\u{2A6DF}\\u{2A700}-\\u{2B73F}\\u{2B740}-\\u{2B81F}\\u{2B920}-\\u{2CEAF}\\u{2F800}-\\u{2FA1F}]",
  "gu",
);
/** A mark of punctuation, or a run of anything else. The four ASCII ranges take in symbols such as $ and +. */
const WORD = /[!-/:-@[-`{-~\p{P}]|[^\s!-/:-@[-`{-~\p{P}]+/gu;

/**
 * Without control characters, every white space a plain one.
 * @param {string} text
 */
const cleaned = (text) => text.replace(UNSEEN, "").replace(WHITE_SPACE, " ");

/**
 * Each Chinese character a word of its own.
 * @param {string} text
 */
const spacedChinese = (text) => text.replace(CHINESE, " $& ");

/**
 * é → e.
 * @param {string} text
 */
const withoutAccents = (text) => text.normalize("NFD").replace(ACCENT, "");

/**
 * Lower-case, character by character: in a whole string a Σ at the end of a word would become another letter.
 * @param {string} text
 */
const lowerCase = (text) => Array.from(text, (character) => character.toLowerCase()).join("");

/**
 * The words and marks of punctuation of a text, in order.
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  return lowerCase(withoutAccents(spacedChinese(cleaned(text)))).match(WORD) ?? [];
}

/**
 * The longest piece that a word starts with from a place on; a piece within a word bears ## before it.
 * @param {Map<string, number>} ids
 * @param {string} word
 * @param {number} start
 * @returns {{id: number, end: number} | null}
 */
function longestPiece(ids, word, start) {
  const before = start ? "##" : "";
  for (let end = word.length; end > start; end--) {
    const id = ids.get(before + word.slice(start, end));
    if (id !== undefined) return { id, end };
  }
  return null;
}

/**
 * The pieces of one word, always the longest that fits; null where one of its letters is unknown or it is too long.
 * @param {Map<string, number>} ids
 * @param {string} word
 * @returns {number[] | null}
 */
export function piecesOfWord(ids, word) {
  if (word.length > LONGEST_WORD && Array.from(word).length > LONGEST_WORD) return null;
  const pieces = [];
  for (let start = 0; start < word.length; ) {
    const piece = longestPiece(ids, word, start);
    if (!piece) return null;
    pieces.push(piece.id);
    start = piece.end;
  }
  return pieces;
}

export class Tokenizer {
  /**
   * @param {string[]} pieces the vocabulary; a piece's id is its place
   * @param {number} longest the most pieces that the model reads, with [CLS] and [SEP]
   */
  constructor(pieces, longest) {
    this.ids = new Map(pieces.map((piece, id) => [piece, id]));
    this.longest = longest;
  }

  /**
   * The ids of a text's pieces, from [CLS] to [SEP].
   * @param {string} text
   * @returns {number[]}
   */
  encode(text) {
    const ids = text.split(MARKS).flatMap((part) => (MARKS.test(part) ? [this.idOf(part)] : this.idsOf(part)));
    return [this.idOf("[CLS]"), ...ids.slice(0, this.longest - 2), this.idOf("[SEP]")];
  }

  /**
   * @param {string} text without marks
   * @returns {number[]}
   */
  idsOf(text) {
    return words(text).flatMap((word) => piecesOfWord(this.ids, word) ?? [this.idOf("[UNK]")]);
  }

  /**
   * @param {string} mark
   * @returns {number}
   */
  idOf(mark) {
    const id = this.ids.get(mark);
    if (id === undefined) throw new Error(`The vocabulary lacks ${mark}.`);
    return id;
  }
}
