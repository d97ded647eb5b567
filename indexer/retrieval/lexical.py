"""The lexical retriever: BM25 over stemmed words, and the only door to bm25s and the stemmer.

A figure is one word with its unit ("£12.7 million" is 12.7m), and words joined by hyphens are also one word, so that
"coproduction" finds "co-production" and "post16" finds "post-16".
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_UNITS = {"million": "m", "billion": "bn", "thousand": "k", "per cent": "%", "percent": "%"}
_FIGURE = (
    r"[0-9]+(?:[.,][0-9]+)*(?:[ \u00a0]?(?:million|billion|thousand|per ?cent|bn|m|k)(?![^\W_])|[ \u00a0]?%|(?![^\W_]))"
)
_WORD = re.compile(rf"{_FIGURE}|[^\W_]+(?:['’][^\W_]+)*", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W0-9_]\.){2,}(?:[^\W0-9_](?![^\W_]))?")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SIGNS = str.maketrans(dict.fromkeys("‘’‛ʼ′", "'") | dict.fromkeys("“”„‟", '"') | dict.fromkeys("‐‑‒–—―−", "-"))
_EMPTY = (
    "able again also another anyone anything around asked asking away back bad best better big bit came can cannot "
    "come comes coming day days different does doing done else enough even ever every everyone everything feel feels "
    "first gave get gets getting give given gives giving go goes going gone good got happen happens help high just "
    "keep keeps kept know knows large last later least less let like little long look looking looks lot lots low made "
    "make makes making many may mean means might more most move much must need needed needs never new next now number "
    "old one ones only other others own part put quite rather real really right said same saw say saying says see "
    "seem seems seen several should small some someone something still such take takes taking tell tells than thing "
    "things think told took tried try trying two use used using very want wants way ways week weeks well went whole "
    "will within without work working works would year years yet"
)
EMPTY_WORDS = frozenset(_EMPTY.split())
"""Words that are searched for, and that say too little by themselves to be marked as shared."""
K1, B = 1.2, 0.75
"""BM25's usual saturation and length weights (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework")."""


@dataclass(frozen=True)
class Word:
    """A word of a text: its span (characters, end exclusive), its surface form (as the text has it), and its term."""

    start: int
    end: int
    surface: str
    term: str


def stop_words() -> frozenset[str]:
    """The words too common to say what a text is about."""
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    return frozenset(STOPWORDS_EN_PLUS)


class Analyser:
    """Turns text into terms: lower-case, stop words out, English Snowball stems."""

    def __init__(self) -> None:
        import Stemmer

        self._stemmer = Stemmer.Stemmer("english")
        self._stop_words = stop_words()

    def words(self, text: str) -> list[Word]:
        """The words of a text that are not stop words, in order; a compound stands after its last part."""
        found = [(start, end, word) for start, end, word in _words(text) if word not in self._stop_words]
        stems = self._stemmer.stemWords([word for _, _, word in found])
        return [Word(start, end, text[start:end], stem) for (start, end, _), stem in zip(found, stems, strict=True)]

    def __call__(self, text: str) -> list[str]:
        """The terms of a text, in order, repeats kept: those of `words`, without their spans."""
        return list(self._stemmer.stemWords([word for _, _, word in _words(text) if word not in self._stop_words]))


def tidied(text: str) -> str:
    """A text as it is searched for: compatibility forms, hidden signs, dashes and quotes made plain, "E.H.C.P." one word."""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).translate(_SIGNS)
    return _DOTTED.sub(lambda dotted: dotted[0].replace(".", ""), plain)


def _words(text: str) -> list[tuple[int, int, str]]:
    """Every word with its span; words with a hyphen between them also as one, from the first to the last."""
    found: list[tuple[int, int, str]] = []
    compound: list[tuple[int, int, str]] = []
    for match in _WORD.finditer(text):
        word = (*match.span(), _normalised(match[0]))
        if compound and text[compound[-1][1] : word[0]] in ("-", "‑"):
            compound.append(word)
        else:
            found += _joined(compound)
            compound = [word]
        found.append(word)
    return found + _joined(compound)


def _joined(parts: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The one word that parts make; none for a single part, or for figures alone ("16-25")."""
    word = "".join(part for _, _, part in parts)
    return [(parts[0][0], parts[-1][1], word)] if len(parts) > 1 and not word.isdigit() else []


def _normalised(word: str) -> str:
    word = unicodedata.normalize("NFKC", word).lower().replace("’", "'")
    if figure := re.fullmatch(r"([0-9][0-9.,]*) ?([^0-9]*)", word):
        number, unit = figure.groups()
        return number.replace(",", "") + _UNITS.get(unit, unit)
    return word


class LexicalRetriever:
    """BM25 (Lucene's form) over texts; larger is better, 0 for a text that shares no term."""

    def __init__(self, texts: Sequence[str], analyse: Analyser) -> None:
        import bm25s

        # It sets its own logger to debug; where another library has opened the root's log, those lines would come out.
        logging.getLogger("bm25s").setLevel(logging.WARNING)
        self._text_count = len(texts)
        tokenised = [analyse(text) for text in texts]
        self.terms = [frozenset(terms) for terms in tokenised]
        """Each text's terms."""
        self._postings: dict[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]] = {}
        """For each term, the texts that hold it and what it adds to the score of each."""
        if any(self.terms):
            bm25 = bm25s.BM25(method="lucene", k1=K1, b=B)
            bm25.index(tokenised, show_progress=False)
            column_starts, text_rows, weights = (bm25.scores[name] for name in ("indptr", "indices", "data"))
            for term in frozenset[str]().union(*self.terms):
                column = bm25.vocab_dict[term]
                entries = slice(column_starts[column], column_starts[column + 1])
                self._postings[term] = text_rows[entries], weights[entries]

    def scores(self, query_terms: Sequence[str]) -> npt.NDArray[np.float64]:
        """One score a text, shape (texts,), 0 or more; a term counts as often as it stands in the query."""
        postings = [self._postings[term] for term in query_terms if term in self._postings]
        if not postings:
            return np.zeros(self._text_count)
        text_rows, weights = (np.concatenate(each) for each in zip(*postings, strict=True))
        return np.asarray(np.bincount(text_rows, weights, self._text_count), dtype=np.float64)


def inverse_document_frequencies(texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """Each term's, from the terms of each text."""
    frequencies = Counter(term for terms in texts for term in terms)
    return {term: inverse_document_frequency(len(texts), frequency) for term, frequency in frequencies.items()}


def inverse_document_frequency(texts: int, frequency: int) -> float:
    """Lucene's: ln(1 + (N - n + 0.5) / (n + 0.5)), N the texts, n those that hold the term."""
    return float(np.log(1 + (texts - frequency + 0.5) / (frequency + 0.5)))
