"""Query segmentation: cuts a long text into the separate problems in it. Plain text in, spans out."""

from __future__ import annotations

from indexer.retrieval.sentences import sentence_spans

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
    pending: int | None = None  # the start of sentences that are too short so far
    for sentence_start, end in _sentences(text):
        start = sentence_start if pending is None else pending
        if len(text[start:end].split()) < SHORTEST_WORDS:
            pending = start
            continue
        pending = None
        spans += _split(text, start, end)
    if pending is not None:
        start = spans.pop()[0] if spans else pending
        spans += _split(text, start, len(text.rstrip()))
    return spans


def _sentences(text: str) -> list[tuple[int, int]]:
    """The spans of the sentences of each line."""
    spans, line_start = [], 0
    for line in text.splitlines(keepends=True):
        indent = len(line) - len(line.lstrip())
        offset = line_start + indent
        spans += [(offset + start, offset + end) for start, end in sentence_spans(line.strip()) if end > start]
        line_start += len(line)
    return spans


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A span, halved at a space until each piece has `WHOLE_WORDS` words at most."""
    if len(text[start:end].split()) <= WHOLE_WORDS:
        return [(start, end)]
    middle = text.find(" ", start + (end - start) // 2, end)
    return [(start, end)] if middle < 0 else [*_split(text, start, middle), *_split(text, middle + 1, end)]
