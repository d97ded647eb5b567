"""Query expansion from the glossary: "INMSS" looks for "independent special school" too, and the reverse."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.content.lists import Term

SHORT_WORDS = 3
Analyse = Callable[[str], list[str]]
"""How a text becomes terms (`lexical.Analyser`)."""


@dataclass(frozen=True)
class Synonym:
    """A phrase of the query, another phrase for the same thing (`expansion`), and the terms of both."""

    phrase: str
    expansion: str
    phrase_terms: tuple[str, ...]
    expansion_terms: tuple[str, ...]


class Synonyms:
    """Finds the glossary's entries in a query.

    An abbreviation is expanded by all its other forms, and so is another abbreviation for the same thing ("SENDCO"). Another
    form of two terms or more is expanded by the abbreviation alone, because its own words say the rest; a plain word alone
    ("plan") is expanded by nothing, because it has other meanings.
    """

    def __init__(self, glossary: Sequence[Term], analyse: Analyse) -> None:
        self._expansions: dict[str, str] = {}
        self._rules: list[tuple[tuple[str, ...], tuple[Synonym, ...]]] = []
        """The terms of a phrase, and what it is expanded by."""
        for entry in glossary:
            forms = {form: tuple(analyse(form)) for form in (entry.abbreviation, entry.expansion, *entry.also)}
            short = [form for form in forms if form == entry.abbreviation or is_abbreviation(form)]
            for form, terms in forms.items():
                others = [other for other in forms if other != form] if form in short else [entry.abbreviation]
                if terms and (form in short or len(terms) > 1):
                    self._rules.append((terms, tuple(Synonym(form, other, terms, forms[other]) for other in others)))
            self._expansions |= {form.lower(): entry.expansion for form in short}

    def expand_abbreviations(self, text: str) -> str:
        """A short text with each abbreviation of the glossary followed by its expansion, for the encoder to read.

        One of two letters must be written in capitals, because it may be a word. A text of more than `SHORT_WORDS` words is
        left as it is: its other words say what is meant, and expanding measured worse.
        """
        if len(text.split()) > SHORT_WORDS:
            return text

        def with_expansion(match: re.Match[str]) -> str:
            word, expansion = match[0], self._expansions.get(match[0].lower())
            is_abbreviation = expansion and (len(word) > 2 or word.isupper()) and expansion.lower() not in text.lower()
            return f"{word} ({expansion})" if is_abbreviation else word

        return re.sub(r"[A-Za-z0-9]+", with_expansion, text)

    def expand(self, query_terms: Sequence[str]) -> list[Synonym]:
        """What a query is expanded by, in the glossary's order; nothing whose terms all stand in the query already."""
        terms = set(query_terms)
        return [
            synonym
            for phrase_terms, synonyms in self._rules
            if phrase_terms and terms.issuperset(phrase_terms) and _holds_phrase(query_terms, phrase_terms)
            for synonym in synonyms
            if not terms.issuperset(synonym.expansion_terms)
        ]


def is_abbreviation(form: str) -> bool:
    """Whether another form is itself an abbreviation: one word with no small letter but a plural's s."""
    return " " not in form and form.rstrip("s").isupper()


def _holds_phrase(terms: Sequence[str], phrase: tuple[str, ...]) -> bool:
    """Whether a phrase's terms stand in the terms next to each other."""
    return any(tuple(terms[start : start + len(phrase)]) == phrase for start in range(len(terms)))
