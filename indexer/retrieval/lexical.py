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
        """The words of a text that are not stop words, in order."""
        normalised = [(match, _normalised(match[0])) for match in _WORD.finditer(text)]
        kept = [(match, word) for match, word in normalised if word not in self._stop_words]
        stems = self._stemmer.stemWords([word for _, word in kept])
        return [Word(*match.span(), match[0], stem) for (match, _), stem in zip(kept, stems, strict=True)]

    def __call__(self, text: str) -> list[str]:
        """The terms of a text, in order, repeats kept: those of `words`, without their spans."""
        normalised = [_normalised(word) for word in _WORD.findall(text)]
        return list(self._stemmer.stemWords([word for word in normalised if word not in self._stop_words]))


def _normalised(word: str) -> str:
    return word.lower().replace("’", "'")


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
