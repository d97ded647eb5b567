"""The lexical retriever: BM25 over stemmed words, and the only door to bm25s and the stemmer."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
K1, B = 1.2, 0.75
"""BM25's usual saturation and length weights (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework")."""


@dataclass(frozen=True)
class Word:
    """A word of a text: where it stands (characters, end exclusive), as written, and its term."""

    start: int
    end: int
    written: str
    term: str


def stop_words() -> frozenset[str]:
    """The words too common to say what a text is about."""
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    return frozenset(STOPWORDS_EN_PLUS)


class Terms:
    """Cuts text into terms: lower-case, stop words out, English Snowball stems."""

    def __init__(self) -> None:
        import Stemmer

        self._stemmer = Stemmer.Stemmer("english")
        self._stop_words = stop_words()

    def words(self, text: str) -> list[Word]:
        """The words of a text that are not stop words, in order."""
        plain = [(match, match[0].lower().replace("’", "'")) for match in _WORD.finditer(text)]
        found = [(match, word) for match, word in plain if word not in self._stop_words]
        stems = self._stemmer.stemWords([word for _, word in found])
        return [Word(*match.span(), match[0], stem) for (match, _), stem in zip(found, stems, strict=True)]

    def __call__(self, text: str) -> list[str]:
        """The terms of a text, in order, repeats kept: those of `words`, without their places."""
        plain = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
        return list(self._stemmer.stemWords([word for word in plain if word not in self._stop_words]))


class LexicalRetriever:
    """BM25 (Lucene's form) over texts; larger is better, 0 for a text that shares no term."""

    def __init__(self, texts: Sequence[str], terms: Terms) -> None:
        import bm25s

        # It sets itself to tell everything; where another library has opened the root's log, that would come out.
        logging.getLogger("bm25s").setLevel(logging.WARNING)
        self._size = len(texts)
        tokenised = [terms(text) for text in texts]
        self.terms = [frozenset(found) for found in tokenised]
        """Each text's terms."""
        self._postings: dict[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]] = {}
        if any(self.terms):
            bm25 = bm25s.BM25(method="lucene", k1=K1, b=B)
            bm25.index(tokenised, show_progress=False)
            starts, texts_of, scores = (bm25.scores[name] for name in ("indptr", "indices", "data"))
            for term in frozenset[str]().union(*self.terms):
                column = bm25.vocab_dict[term]
                rows = slice(starts[column], starts[column + 1])
                self._postings[term] = texts_of[rows], scores[rows]

    def scores(self, query_terms: Sequence[str]) -> npt.NDArray[np.float64]:
        """One score a text, shape (texts,), 0 or more: the sum of what bm25s worked out for each term."""
        found = [self._postings[term] for term in query_terms if term in self._postings]
        if not found:
            return np.zeros(self._size)
        texts, scores = (np.concatenate(each) for each in zip(*found, strict=True))
        return np.asarray(np.bincount(texts, scores, self._size), dtype=np.float64)


def inverse_document_frequencies(texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """Each term's, from the terms of each text."""
    frequencies = Counter(term for terms in texts for term in terms)
    return {term: inverse_document_frequency(len(texts), frequency) for term, frequency in frequencies.items()}


def inverse_document_frequency(texts: int, frequency: int) -> float:
    """Lucene's: ln(1 + (N - n + 0.5) / (n + 0.5)), N the texts, n those that hold the term."""
    return float(np.log(1 + (texts - frequency + 0.5) / (frequency + 0.5)))
