"""Cuts a long text into the separate problems in it. Plain text in, spans out."""

from __future__ import annotations

from indexer.retrieval.layout import sentence_spans

LONG_WORDS = 60
"""A text of more words is cut as well as read whole."""
SHORTEST_WORDS = 5
"""A sentence of fewer words joins the next one."""
WHOLE_WORDS = 150
"""A text of more words is not read whole: the model reads about that many."""


def problems_in(text: str) -> list[tuple[int, int]]:
    """The spans of the separate problems in a text, in characters (end exclusive): none for a text that is not long.

    Each sentence or line is a problem; one too short to say anything by itself joins the next, and one longer than
    `WHOLE_WORDS` is cut at a space.
    """
    if len(text.split()) <= LONG_WORDS:
        return []
    spans: list[tuple[int, int]] = []
    waiting: int | None = None
    for first, last in _sentences(text):
        start = first if waiting is None else waiting
        if len(text[start:last].split()) < SHORTEST_WORDS:
            waiting = start
            continue
        waiting = None
        spans += _cut(text, start, last)
    if waiting is not None:
        start = spans.pop()[0] if spans else waiting
        spans += _cut(text, start, len(text.rstrip()))
    return spans


def _sentences(text: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for line in text.splitlines(keepends=True):
        begin = at + len(line) - len(line.lstrip())
        found += [(begin + start, begin + end) for start, end in sentence_spans(line.strip()) if end > start]
        at += len(line)
    return found


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    words = text[start:end].split()
    if len(words) <= WHOLE_WORDS:
        return [(start, end)]
    middle = text.find(" ", start + (end - start) // 2, end)
    return [(start, end)] if middle < 0 else [*_cut(text, start, middle), *_cut(text, middle + 1, end)]
