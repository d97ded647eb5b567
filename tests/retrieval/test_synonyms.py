"""Synonyms: an abbreviation stands for its long forms, a long form for its abbreviation, and nothing for itself."""

from __future__ import annotations

import pytest

from indexer.content.lists import Term
from indexer.retrieval.synonyms import Synonyms

GLOSSARY = (
    Term(abbreviation="INMSS", expansion="independent and non-maintained special schools", also=("private special school",)),
    Term(abbreviation="EP", expansion="educational psychologist", also=("psychologist",)),
)


def words(text: str) -> list[str]:
    return text.lower().split()


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (
            "cost of inmss",
            [("INMSS", "independent and non-maintained special schools"), ("INMSS", "private special school")],
        ),
        ("one private special school", [("private special school", "INMSS")]),
        ("a psychologist", []),
        ("special school", []),
        ("", []),
    ],
)
def test_a_problem_is_expanded(problem: str, expected: list[tuple[str, str]]) -> None:
    """A long form of one word says too little to stand for its abbreviation."""
    synonyms = Synonyms(GLOSSARY, words).expand(words(problem))
    assert [(synonym.phrase, synonym.expansion) for synonym in synonyms] == expected


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        ("EP shortage", "EP (educational psychologist) shortage"),
        ("ep shortage", "ep shortage"),
        ("inmss fees", "inmss (independent and non-maintained special schools) fees"),
        ("EP educational psychologist", "EP educational psychologist"),
        ("too few EP in our area", "too few EP in our area"),
    ],
)
def test_abbreviations_of_short_problems_are_expanded(problem: str, expected: str) -> None:
    """An abbreviation of a problem of at most three words is expanded once; two letters only where written in capitals."""
    assert Synonyms(GLOSSARY, words).expand_abbreviations(problem) == expected
