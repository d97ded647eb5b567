"""A long text is cut into its problems, and nothing of it is lost."""

from __future__ import annotations

from indexer.retrieval.problems import LONG_WORDS, WHOLE_WORDS, problems_in

SENTENCE = "The special schools in our area have been full for three years now."
"""13 words."""


def test_a_short_text_is_not_cut() -> None:
    """A text of up to 60 words is one problem."""
    assert problems_in("word " * LONG_WORDS) == []
    assert len(problems_in("word " * (LONG_WORDS + 1))) == 1


def test_each_sentence_is_a_problem() -> None:
    """Sentences and lines are problems of their own; one of fewer than five words joins the next."""
    text = f"{SENTENCE} Sad. {SENTENCE}\n{SENTENCE}\n\n  {SENTENCE} {SENTENCE} Help us"
    parts = [text[start:end] for start, end in problems_in(text)]
    assert parts == [f"{SENTENCE} Sad.", SENTENCE, SENTENCE, SENTENCE, f"{SENTENCE} Help us"]


def test_no_word_is_lost() -> None:
    """The parts of a text of 2,000 words without any full stop hold every word once, each short enough to be read whole."""
    text = " ".join(f"word{number}" for number in range(2_000))
    parts = [text[start:end] for start, end in problems_in(text)]
    assert " ".join(parts).split() == text.split()
    assert max(len(part.split()) for part in parts) <= WHOLE_WORDS
