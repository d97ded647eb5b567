"""Where sentences end."""

from __future__ import annotations

import pytest

from indexer.retrieval.sentences import sentence_spans


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
