"""Which texts are embedded and in which order."""

from __future__ import annotations

from indexer.content.lists import Topic
from indexer.retrieval.layout import Page, texts_to_embed


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
