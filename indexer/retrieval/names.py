"""Names in a query (councils, regions, case studies by number, sources, years) and the pages that they lead to.

Which names there are, and how people write them, is settled at build time (`naming`); a search only looks them up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from indexer.content.records import Record, Slug
from indexer.retrieval.lexical import tidied

NameKind = Literal["council", "region", "guidance-case-study", "source", "year"]
ALSO_A_WORD = frozenset({"bath", "barking", "bury", "deal", "hull", "kingston", "reading", "richmond", "stoke", "york"})
"""Names that are words of their own, or other places' too: they need a capital letter, and none that begins a sentence."""
_FILLING = (
    "a about all an and any are at authorities authority be been borough by case cases casebook city council councils "
    "county did do does doing done example examples find for from give had has have here how i in is it la las local "
    "london me metropolitan of on or our royal s show some studies study that the their there they this to unitary us "
    "was we were what which who with"
)
FILLERS = frozenset(_FILLING.split())
"""Words that ask for nothing beside a name."""
_TOKEN = re.compile(r"[^\W_]+|&")
_NUMBERED = re.compile(r"\bcase stud(?:y|ies) (?:no\.? ?|number )?([0-9]{1,3})\b", re.IGNORECASE)


class Name(Record):
    """A name that leads to pages.

    Attributes of the stored form: `label` as an answer says it, `forms` as people write it (lower-case words with single
    spaces, "and" for "&"), `pages` the ids of its pages, and `url` where the site lists them, from its root.
    """

    label: str
    kind: NameKind
    forms: tuple[str, ...]
    pages: tuple[Slug, ...]
    url: str = Field(description='Where the site lists them; "" where it does not.')


@dataclass(frozen=True)
class NamesFound:
    """The names in a query.

    Attributes:
        names: In the order of the query, each once.
        rest: The query without the councils' names and what belongs to them; "" where it asks for nothing else.
    """

    names: tuple[Name, ...]
    rest: str


class Names:
    """Finds names in queries."""

    def __init__(self, names: Sequence[Name] = ()) -> None:
        self.names = tuple(names)
        self._of_form: dict[tuple[str, ...], list[Name]] = defaultdict(list)
        for name in names:
            for form in name.forms:
                self._of_form[tuple(form.split())].append(name)
        self._longest = max(map(len, self._of_form), default=0)

    def found_in(self, query: str) -> NamesFound:
        """The names in a query: the longest form that stands at each place.

        A region, a source or a year counts only where the query asks for nothing else; beside other words it is a word.
        """
        text = tidied(query)
        if numbered := _NUMBERED.search(text):
            label = f"Case study {int(numbered[1])}"
            missing = Name(label=label, kind="guidance-case-study", forms=(), pages=(), url="")
            found_name = next((name for name in self.names if name.label == label), missing)
            return NamesFound((found_name,), _asked(text[: numbered.start()] + text[numbered.end() :]))
        tokens = [(match.start(), match.end(), _plain(match[0])) for match in _TOKEN.finditer(text)]
        found: list[Name] = []
        kept: list[str] = []
        at = 0
        while at < len(tokens):
            length, names = self._longest_at(tokens, at, text)
            councils = [name for name in names if name.kind == "council"]
            found += names
            if not councils:
                kept.append(text[tokens[at][0] : tokens[at + max(length, 1) - 1][1]])
            at += max(length, 1)
        unique = tuple(dict.fromkeys(found))
        of_councils = tuple(name for name in unique if name.kind == "council")
        words = {word for name in unique for form in name.forms for word in form.split()}
        if of_councils != unique and all(word in words or word in FILLERS for _, _, word in tokens):
            return NamesFound(unique, "")
        return NamesFound(of_councils, _asked(" ".join(kept)) if of_councils else query)

    def _longest_at(self, tokens: Sequence[tuple[int, int, str]], at: int, text: str) -> tuple[int, list[Name]]:
        for length in range(min(self._longest, len(tokens) - at), 0, -1):
            words = tuple(word for _, _, word in tokens[at : at + length])
            names = self._of_form.get(words, [])
            if names and not self._is_a_word(words, tokens, at, text):
                return length, names
        return 0, []

    @staticmethod
    def _is_a_word(words: tuple[str, ...], tokens: Sequence[tuple[int, int, str]], at: int, text: str) -> bool:
        """Whether what could be a name is the word that is spelt alike."""
        if len(words) > 1 or words[0] not in ALSO_A_WORD or len(tokens) == 1:
            return False
        followed = [word for _, _, word in tokens[at + 1 : at + 3]]
        if {"council", "borough", "authority"} & set(followed):
            return False
        start = tokens[at][0]
        begins = not text[:start].strip() or text[:start].rstrip()[-1] in ".!?"
        return not text[start].isupper() or (begins and not all(word in FILLERS for _, _, word in tokens[at + 1 :]))


def _plain(word: str) -> str:
    return "and" if word == "&" else word.lower()


def _asked(text: str) -> str:
    """A text, or "" where its words ask for nothing beside a name."""
    words = [_plain(word) for word in _TOKEN.findall(text)]
    return "" if all(word in FILLERS for word in words) else " ".join(text.split())


def plain_form(name: str) -> str:
    """How a name is looked for: small letters, single spaces, "and" for "&"."""
    return " ".join(_plain(word) for word in _TOKEN.findall(tidied(name)))
