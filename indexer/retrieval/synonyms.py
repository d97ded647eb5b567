"""Synonyms from the glossary, in both directions: "INMSS" looks for "independent special school" too, and the reverse."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.content.lists import Term

SHORT_WORDS = 3
Terms = Callable[[str], list[str]]


@dataclass(frozen=True)
class Synonym:
    """Words of the problem (`wrote`), other words for the same thing (`meant`), and the terms of those."""

    wrote: str
    meant: str
    terms: tuple[str, ...]


class Synonyms:
    """Finds the glossary's entries in a problem.

    An abbreviation stands for all its other forms. Another form of two terms or more stands for the abbreviation alone,
    because its own words say the rest.
    """

    def __init__(self, glossary: Sequence[Term], terms: Terms) -> None:
        self._expansions = {entry.abbreviation.lower(): entry.expansion for entry in glossary}
        self._entries: list[tuple[tuple[str, ...], str, tuple[Synonym, ...]]] = []
        for entry in glossary:
            short, forms = entry.abbreviation, [entry.expansion, *entry.also]
            meant = tuple(Synonym(short, form, tuple(terms(form))) for form in forms)
            self._entries.append((tuple(terms(short)), short, meant))
            for form in forms:
                if len(cut := tuple(terms(form))) > 1:
                    self._entries.append((cut, form, (Synonym(form, short, tuple(terms(short))),)))

    def expand_abbreviations(self, text: str) -> str:
        """A short text with each abbreviation of the glossary followed by what it stands for, for the encoder to read.

        One of two letters must be written in capitals, because it may be a word. A text of more than `SHORT_WORDS` words is
        left as it is: its other words say what is meant, and spelling out measured worse.
        """
        if len(text.split()) > SHORT_WORDS:
            return text

        def with_expansion(match: re.Match[str]) -> str:
            word, expansion = match[0], self._expansions.get(match[0].lower())
            is_meant = expansion and (len(word) > 2 or word.isupper()) and expansion.lower() not in text.lower()
            return f"{word} ({expansion})" if is_meant else word

        return re.sub(r"[A-Za-z0-9]+", with_expansion, text)

    def of(self, query_terms: Sequence[str]) -> list[Synonym]:
        """The synonyms of a problem's terms, in the glossary's order."""
        found, written = [], set(query_terms)
        for form, _, synonyms in self._entries:
            if (
                form
                and written.issuperset(form)
                and any(tuple(query_terms[at : at + len(form)]) == form for at in range(len(query_terms)))
            ):
                found += [synonym for synonym in synonyms if not written.issuperset(synonym.terms)]
        return found
