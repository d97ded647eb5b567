"""Which texts are embedded and in which order, and where sentences stand."""

from __future__ import annotations

import pytest

from indexer.content.lists import Topic
from indexer.retrieval.layout import Page, sentence_spans, texts_to_embed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One sentence only.", ["One sentence only."]),
        ("The first one ends. The second ends!  And a third?", ["The first one ends.", "The second ends!", "And a third?"]),
        ("Costs were £1.5m in all. £2m had been planned.", ["Costs were £1.5m in all.", "£2m had been planned."]),
        ("It was short. Yes. Then it went on.", ["It was short. Yes.", "Then it went on."]),
        ("", [""]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    """Sentences end at a full stop before a capital or a figure; one of a few letters joins the one before it."""
    assert [text[start:end] for start, end in sentence_spans(text)] == expected


def test_the_order_of_the_rows() -> None:
    """Passages come first, then their sentences, then the pages' own problems, then the topics' phrases."""
    pages = [
        Page("a", "A", "", ("asked of a",), (("A. One", "The first text. The second text."),)),
        Page("b", "B", "", (), (("B. One", "Another text."),)),
    ]
    assert texts_to_embed(pages, [Topic(id="bins", label="bins", said_as=("my bin",))]) == [
        "A. One\nThe first text. The second text.",
        "B. One\nAnother text.",
        "The first text.",
        "The second text.",
        "Another text.",
        "asked of a",
        "my bin",
    ]
