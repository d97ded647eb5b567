"""Spelling of short queries against the collection's own words. The door to rapidfuzz."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping

from indexer.retrieval.lexical import tidied

LONGEST_QUERY = 12
"""A query of more words is left as it is: its other words say what is meant."""
SHORTEST_WORD = 4
TWO_SLIPS = 8
"""From so many letters on, two slips are mended, else one."""
_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
BRITISH = (("or", "our"), ("iz", "is"), ("yz", "ys"), ("er", "re"), ("og", "ogue"), ("am", "amme"), ("ll", "l"), ("l", "ll"))
"""Pairs of letters where American spelling differs; each place of the first is tried with the second."""


def vocabulary_of(texts: Iterable[str]) -> Counter[str]:
    """How often each word of texts stands there, in small letters."""
    return Counter(word.lower() for text in texts for word in _LETTERS.findall(text))


class Speller:
    """Corrects words that are neither in the collection nor known to the model, to the nearest one of the collection."""

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        known: Container[str] = frozenset(),
        is_form: Callable[[str], bool] = lambda word: False,
    ) -> None:
        """A speller.

        Args:
            vocabulary: The collection's words in small letters, and how often each stands there.
            known: Other words that are right as they are.
            is_form: Whether a word is another form of one of the collection's, such as its plural.
        """
        self._vocabulary = dict(vocabulary)
        self._known = known
        self._is_form = is_form
        self._words = [word for word in self._vocabulary if len(word) >= SHORTEST_WORD]

    def knows(self, word: str) -> bool:
        """Whether a word, in small letters, is in the collection or known to the model."""
        return word in self._vocabulary or word in self._known

    def corrected(self, query: str) -> str:
        """A query with its slips mended; the same text where there is none, or where it is long."""
        text = tidied(query)
        if len(text.split()) > LONGEST_QUERY:
            return query
        mended = _LETTERS.sub(lambda match: self._mended(match, text), text)
        return query if mended == text else mended

    def _mended(self, match: re.Match[str], text: str) -> str:
        written = match[0]
        word = written.lower()
        if len(word) < SHORTEST_WORD or "'" in word or word in self._vocabulary:
            return written
        if british := self._british(word):
            return british
        is_name = written[0].isupper() and not written.isupper() and bool(text[: match.start()].strip())
        beside_figure = text[match.end() : match.end() + 1].isdigit() or text[match.start() - 1 : match.start()].isdigit()
        if word in self._known or is_name or beside_figure or self._is_form(word):
            return written
        return self._nearest(word) or written

    def _british(self, word: str) -> str | None:
        for american, british in BRITISH:
            at = word.find(american)
            while at >= 0:
                tried = word[:at] + british + word[at + len(american) :]
                if len(word) > SHORTEST_WORD and tried in self._vocabulary:
                    return tried
                at = word.find(american, at + 1)
        return None

    def _nearest(self, word: str) -> str | None:
        """The nearest word by optimal string alignment (insertions, deletions, substitutions, neighbours exchanged)."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        most = 2 if len(word) >= TWO_SLIPS else 1
        near = extract(word, self._words, scorer=OSA.distance, score_cutoff=most, limit=None)
        fitting = [(slips, other) for other, slips, _ in near if slips == 1 or other[0] == word[0]]
        ranked = sorted((slips, other[0] != word[0], -self._vocabulary[other], other) for slips, other in fitting)
        return ranked[0][-1] if ranked else None
