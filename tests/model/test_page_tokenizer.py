"""The page's tokenizer gives what the reference gives, to the id."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.model.encoder import load_tokenizer
from indexer.model.page_model import choose_pieces
from tests.node import ask_page_code
from tests.varied_texts import reference_tokenizer, reference_words, settled_code_points, varied_texts

TEXTS = varied_texts(10_000, seed=5)


def test_the_texts_are_varied() -> None:
    """The 10,000 texts differ from each other, are the same each time, and hold characters of every kind there is."""
    assert len(set(TEXTS)) >= 9_000
    assert varied_texts(50, seed=5) == TEXTS[:50]
    together = "".join(TEXTS)
    assert len(set(together)) >= 5_000
    for example in (
        "é",
        "\u0301",
        "😀",
        "学",
        "ש",
        "م",
        "\u200b",
        "\x07",
        "\ufeff",
        "https://",
        "£1.2m",
        "[SEP]",
        "a" * 101,
    ):
        assert example in together


@pytest.mark.slow
def test_every_character_is_read_as_the_reference_reads_it() -> None:
    """Each of the code points that are settled, between two letters, gives the reference's words."""
    texts = [f"A{chr(code)}b" for code in settled_code_points()]
    assert len(texts) >= 250_000
    found, expected = ask_page_code({"words": texts}), reference_words(texts)
    differing = {text for text, one, other in zip(texts, found, expected, strict=True) if one != other}
    assert differing <= {"A\U0001171eb"}  # an Ahom vowel sign that later versions of Unicode class anew


@pytest.mark.model
def test_ids_are_the_same_with_the_full_vocabulary(encoder_folder: Path) -> None:
    """All 10,000 texts give the ids that the server's own tokenizer gives, with its 256 pieces at most."""
    tokenizer = load_tokenizer(encoder_folder, 256)
    ids = tokenizer.get_vocab()
    found = ask_page_code({"pieces": TEXTS, "vocabulary": sorted(ids, key=ids.__getitem__), "longest": 256})
    expected = [tokenizer.encode(text).ids for text in TEXTS]
    assert max(map(len, expected)) == 256
    assert [text for text, one, other in zip(TEXTS, found, expected, strict=True) if one != other] == []


@pytest.mark.model
@pytest.mark.parametrize("fine", [2_500, 4_000])
def test_ids_are_the_same_with_the_pieces_that_are_kept(encoder_folder: Path, fine: int) -> None:
    """With the pieces in the order in which they are packed, a text is spelt as WordPiece spells it with them."""
    ids = load_tokenizer(encoder_folder, 256).get_vocab()
    pieces = sorted(ids, key=ids.__getitem__)
    kept = choose_pieces(pieces, {}, fine)
    vocabulary = [pieces[id] for id in (*kept.fine, *kept.coarse)]
    reference = reference_tokenizer(vocabulary, 256)
    found = ask_page_code({"pieces": TEXTS, "vocabulary": vocabulary, "longest": 256})
    expected = [reference.encode(text).ids for text in TEXTS]
    assert [text for text, one, other in zip(TEXTS, found, expected, strict=True) if one != other] == []
