"""Texts of every kind that a search box may be given, made up with a seed; and the reference that cuts them."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing

from indexer.model.page_model import MARKS

# First and last code point of the stretches of Unicode that the texts draw on.
STRETCHES = {
    "control": (0x00, 0x1F),
    "ascii": (0x20, 0x7E),
    "latin": (0x80, 0x24F),
    "phonetic": (0x250, 0x2FF),
    "combining": (0x300, 0x36F),
    "greek": (0x370, 0x3FF),
    "cyrillic": (0x400, 0x52F),
    "hebrew": (0x591, 0x5F4),
    "arabic": (0x600, 0x6FF),
    "devanagari": (0x900, 0x97F),
    "tamil": (0xB80, 0xBFF),
    "thai": (0xE01, 0xE5B),
    "georgian": (0x10A0, 0x10FF),
    "jamo": (0x1100, 0x11FF),
    "latin with accents": (0x1E00, 0x1EFF),
    "greek with accents": (0x1F00, 0x1FFF),
    "punctuation and zero width": (0x2000, 0x206F),
    "currency": (0x20A0, 0x20BE),
    "letterlike": (0x2100, 0x218B),
    "arrows and mathematics": (0x2190, 0x22FF),
    "signs": (0x2460, 0x27BF),
    "kana": (0x3000, 0x30FF),
    "chinese": (0x3400, 0x9FFF),
    "hangul": (0xAC00, 0xD7A3),
    "private": (0xE000, 0xE0FF),
    "compatibility": (0xF900, 0xFFFF),
    "mathematical letters": (0x1D400, 0x1D7FF),
    "emoji": (0x1F300, 0x1F9FF),
    "rare chinese": (0x20000, 0x2CEAF),
    "tags": (0xE0001, 0xE007F),
}
_IN_A_LINE = """
council plan placement deficit headteacher's café naïve Llŷn £1.2m 2024/25 co-production SEND EHCP Zürich façade Ångström
don't e.g. 50% (see #3) https://example.org/a?b=c&d=%20#e someone@example.org 01632 960001 ½ №5 ﬁnance straße İzmir ΣΟΦΟΣ
école 👩\u200d👩\u200d👧\u200d👦 🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f ❤️ नमस्ते שָׁלוֹם مَرْحَبًا 你好
こんにちは 안녕하세요 [MASK] [SEP]x [unk] ##s ... --
"""
WORDS = [*_IN_A_LINE.split(), "\u00ad", "\ufeff", "\u2028"]


def varied_texts(number: int, seed: int) -> list[str]:
    """Texts of words, of one stretch of Unicode, of all of them, of very long words, and of these together."""
    random = Random(seed)
    kinds: list[Callable[[Random], str]] = [_words, _one_stretch, _every_stretch, _long_word, _mixture]
    return [random.choice(kinds)(random) for _ in range(number)]


def _words(random: Random) -> str:
    return " ".join(random.choices(WORDS, k=random.randint(0, 30)))


def _one_stretch(random: Random) -> str:
    first, last = random.choice(list(STRETCHES.values()))
    return _characters(random, first, last)


def _every_stretch(random: Random) -> str:
    return "".join(_characters(random, *random.choice(list(STRETCHES.values())), most=3) for _ in range(12))


def _long_word(random: Random) -> str:
    return random.choice(WORDS) + random.choice(["a", "pla", "é", "e\u0301", "😀", "-"]) * random.randint(30, 110)


def _mixture(random: Random) -> str:
    parts = random.choices([_words, _one_stretch, _every_stretch, _long_word], weights=[6, 3, 2, 1], k=random.randint(2, 9))
    return random.choice(["", " ", "\n", "\t "]).join(part(random) for part in parts)


def _characters(random: Random, first: int, last: int, most: int = 30) -> str:
    drawn = [random.randint(first, last) for _ in range(random.randint(1, most))]
    spaced = [random.choice([chr(code), chr(code), chr(code), f" {chr(code)}"]) for code in drawn if is_settled(code)]
    return "".join(spaced)


@cache
def is_settled(code: int) -> bool:
    """Whether a code point is a character that `tokenizers` and Python's own Unicode tables take for the same kind of thing.

    The tables in `tokenizers` are those of Unicode 8 (2015). Newer characters it takes for letters, whatever they are; a
    browser knows them.
    """
    character = chr(code)
    category = unicodedata.category(character)
    if category in ("Cs", "Cn"):
        return False
    vanishes = code in (0, 0xFFFD) or (category in ("Cc", "Cf", "Co") and character not in "\t\n\r")
    alone = category.startswith("P") or (code < 0x80 and category.startswith("S"))
    return (
        (BertNormalizer(strip_accents=False, lowercase=False, handle_chinese_chars=False).normalize_str(character) == "")
        == vanishes
        and (len(BertPreTokenizer().pre_tokenize_str(f"a{character}b")) == 3) == alone
        and NFD().normalize_str(character) == unicodedata.normalize("NFD", character)
        and (_accents_stripped(f"a{character}") == "a") == (category == "Mn")
    )


def _accents_stripped(text: str) -> str:
    stripped = BertNormalizer(clean_text=False, lowercase=False, handle_chinese_chars=False, strip_accents=True)
    return str(stripped.normalize_str(text))


def settled_code_points() -> list[int]:
    """All code points that are settled."""
    return [code for code in range(sys.maxunicode + 1) if is_settled(code)]


def reference_words(texts: Sequence[str]) -> list[list[str]]:
    """Each text's words by the reference."""
    normalizer, splitter = BertNormalizer(), BertPreTokenizer()
    return [[word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text))] for text in texts]


def reference_tokenizer(pieces: Sequence[str], longest: int) -> Any:
    """BERT's uncased tokenizer over a vocabulary, as the `tokenizers` library builds it."""
    ids = {piece: id for id, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer()
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    tokenizer.add_special_tokens(list(MARKS))
    tokenizer.enable_truncation(longest)
    return tokenizer
