"""Sentence ends of plain text; the page cuts the same (docs/assets/search/sentences.js)."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”')]*\s+(?=[\"“'(]?[A-Z0-9£])")
_UNTOLD = re.compile(
    r"\b(?:not (?:be )?(?:stated|known|seen|found|read|published)"
    r"|no (?:result|outcome|figure|number|report)s? (?:is|are|was|were)"
    r"|(?:could|can)(?:not| not) be (?:seen|read|found|cited|said|told))\b|:\s*$",
    re.IGNORECASE,
)
SHORTEST_SENTENCE = 12
"""Characters; a shorter one joins the sentence before it."""


def sentence_starts(text: str) -> list[int]:
    """Where sentences start after the first, in characters."""
    return [match.end() for match in _SENTENCE_END.finditer(text)]


def tells(sentence: str) -> bool:
    """Whether a sentence tells something: not that a thing is not stated or known, and no lead-in that ends with a colon."""
    return not _UNTOLD.search(sentence)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The sentences of a plain text: start and end (exclusive), in characters, without the spaces between."""
    starts = [0, *sentence_starts(text)]
    ends = [*(match.start() for match in _SENTENCE_END.finditer(text)), len(text)]
    spans: list[tuple[int, int]] = []
    for start, end in zip(starts, ends, strict=True):
        if spans and end - start < SHORTEST_SENTENCE:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans
