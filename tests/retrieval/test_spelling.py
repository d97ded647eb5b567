"""Spelling: a slip is mended against the collection's words, and what is right is left alone."""

from __future__ import annotations

import pytest

from indexer.retrieval.spelling import Speller, vocabulary_of

TEXTS = (
    "Exclusions of children with autism; an educational psychologist. EHCP plans, plans and provision.",
    "Behaviour at a centre for young people. The organisation of programmes; leading a school. Appeals.",
)
SPELLER = Speller(vocabulary_of(TEXTS), frozenset({"leaking", "roof", "center"}), lambda word: word == "planned")


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("exlusions of chidren with autisim", "exclusions of children with autism"),
        ("pyschologist", "psychologist"),
        ("provison", "provision"),
        ("EHPC", "ehcp"),
        ("apeals", "appeals"),
        ("educatinal psycologist", "educational psychologist"),
        ("behavior", "behaviour"),
        ("a center for the organization", "a centre for the organisation"),
    ],
)
def test_slips_are_mended(written: str, right: str) -> None:
    """A letter too many, too few, wrong or changed with its neighbour; and American spelling, though the model knows it."""
    assert SPELLER.corrected(written) == right


@pytest.mark.parametrize(
    "written",
    [
        "plans and provision",
        "planned",
        "leaking roof",
        "zymurgy",
        "children in Autisn",
        "KS22 autism1",
        "children's autism",
        "exlusions " * 13,
        "",
    ],
)
def test_what_is_left_alone(written: str) -> None:
    """Known words, other forms, what is near nothing, short words, names, words with figures, and long queries."""
    assert SPELLER.corrected(written) == written


def test_the_nearest_word_is_taken_then_the_commonest() -> None:
    """One slip before two; of equal ones the one that begins alike, then the one that stands oftener, then by letters."""
    speller = Speller({"plant": 1, "plane": 3, "slant": 9, "flank": 9, "transport": 1, "transposed": 9})
    assert speller.corrected("planz") == "plane"
    assert speller.corrected("trasnport") == "transport"


def test_words_of_the_collection_and_of_the_model_are_known() -> None:
    """What is in neither is known to nobody."""
    assert [SPELLER.knows(word) for word in ("autism", "roof", "zymurgy")] == [True, True, False]
