"""Ranks pages for a problem by meaning and by words, and says how probable it is that the best one answers it.

Every function here is of plain arrays; the same code ranks the Casebook and any other collection (`indexer.evaluate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp

import numpy as np
import numpy.typing as npt

from indexer.encoder import Embeddings
from indexer.fusion import Scores, min_max, weighted_sum
from indexer.layout import Page, sentence_spans
from indexer.lexical import LexicalRetriever, Terms
from indexer.records import Term, Topic
from indexer.synonyms import Synonym, Synonyms
from indexer.vector_index import VectorIndex

DENSE_WEIGHT = 0.6
"""The share of meaning in a page's score (chosen on the tuning half; docs/search-quality.md)."""
FLOOR = 0.35
"""The least probability that the best page answers, for anything to be shown (error rates: docs/search-quality.md)."""
LEAST_SHARE = 0.4
"""A page whose score is a smaller share of the best one's is not shown."""
NEAREST_ASKED = 2
"""How many of a page's own problems count, the nearest ones."""
NEAREST_TOPIC_PHRASES = 3
PART_FLOOR = 0.6
"""The floor for one part of a long text: with many parts, each has a chance to be answered wrongly."""
LOOKS_LIKE = 0.45
"""The least mean cosine with a topic that is not covered for an answer to name it."""
TITLE_WEIGHT = 2
"""How often a page's title and its summary count among its words, beside its text."""


@dataclass(frozen=True)
class Features:
    """What the probability is told from; each means the same for any problem.

    `asked`, `passage` and `sentence` are the largest cosines (-1 to 1) of the problem with any page's own problem, with any
    passage and with any sentence;
    `covered` is the share of the problem's terms, by inverse document frequency, that the best page holds; `known` the share
    of its terms that any page holds; `topics` the mean cosine of the nearest phrases of topics that are not covered.
    """

    asked: float
    passage: float
    sentence: float
    covered: float
    known: float
    topics: float


@dataclass(frozen=True)
class Calibration:
    """A logistic model of the probability that the best page answers: 1 / (1 + e^-(intercept + weights x features)).

    Fitted by `python -m benchmarks.calibrate`; its error rates are in docs/search-quality.md.
    """

    intercept: float
    weights: Features

    def probability(self, found: Features) -> float:
        """0 to 1."""
        pairs = zip(vars(self.weights).values(), vars(found).values(), strict=True)
        logit = self.intercept + sum(weight * value for weight, value in pairs)
        return 1 / (1 + exp(-max(min(logit, 60.0), -60.0)))


CALIBRATION = Calibration(
    intercept=-1.79,
    weights=Features(asked=6.5, passage=2.67, sentence=2.1, covered=4.62, known=1.89, topics=-14.94),
)


@dataclass(frozen=True)
class Ranking:
    """What was found for one problem. Arrays have one place a page, in the order of the pages.

    Attributes:
        scores: The fused score, 0 to 1.
        by_meaning: What of it comes from meaning; the rest comes from words.
        meaning: The mean cosine of a page's best passage, best sentence and nearest own problems, -1 to 1.
        keywords: BM25 over the page, as a share of the best page's, 0 to 1.
        passage: The row of the page's best passage, counted over all pages.
        sentences: The cosine of each sentence of the collection, shape (sentences,).
        asked: The place, among the page's own problems, of the one nearest in meaning; -1 where it has none.
        asked_cosine: Its cosine; 0 where there is none.
        passage_cosine: The cosine of the best passage.
        features: Of the problem as a whole.
        topic: The place of the nearest topic that is not covered; None where no topics are known.
        synonyms: The synonyms that were looked for too.
        areas: The cosine of each focus area's definition, shape (focus areas,).
    """

    scores: Scores
    by_meaning: Scores
    meaning: Scores
    keywords: Scores
    passage: npt.NDArray[np.int64]
    sentences: Scores
    asked: npt.NDArray[np.int64]
    asked_cosine: Scores
    passage_cosine: Scores
    features: Features
    topic: int | None
    synonyms: tuple[Synonym, ...]
    areas: Scores

    def order(self) -> list[int]:
        """The pages, best first; ties by page id, in which order they stand."""
        return [int(page) for page in np.argsort(-np.round(self.scores, 9), kind="stable")]


class Ranker:
    """Ranks the pages of one collection. Row i of the index embeds text i of `layout.texts_to_embed`."""

    def __init__(
        self, pages: Sequence[Page], index: VectorIndex, topics: Sequence[Topic] = (), glossary: Iterable[Term] = ()
    ) -> None:
        self.pages = tuple(pages)
        self.terms = Terms()
        self._index = index
        self._topics, self._glossary = tuple(topics), tuple(glossary)
        self._synonyms = Synonyms(self._glossary, self.terms)
        passages = [text for page in pages for _, text in page.passages]
        self._spans = [sentence_spans(text) for text in passages]
        self._page_of_passage = _owners(len(page.passages) for page in pages)
        self._passage_of_sentence = _owners(len(spans) for spans in self._spans)
        self._page_of_asked = _owners(len(page.asked_as) for page in pages)
        self._asked_rows = _rows_of_owners([len(page.asked_as) for page in pages])
        self._has_asked = np.array([bool(page.asked_as) for page in pages])
        self._topic_of_phrase = _owners(len(topic.said_as) for topic in topics)
        self._firsts = np.searchsorted(self._page_of_passage, np.arange(len(pages)))
        self._first_sentences = np.searchsorted(self._passage_of_sentence, np.arange(len(passages)))
        texts = [f"{context}\n{text}" for page in pages for context, text in page.passages]
        self._passage_words = LexicalRetriever(texts, self.terms)
        wholes = [_whole_text(page) for page in pages]
        self.passage_words = [self.terms.words(text) for text in passages]
        """Each passage's words, by its row."""
        self._page_words = LexicalRetriever(wholes, self.terms)
        self._page_terms = [frozenset(self.terms(text)) for text in wholes]
        self._idf = _inverse_document_frequencies(self._page_terms)

    def spelt_out(self, text: str) -> str:
        """What the encoder should read for a problem: abbreviations of the glossary with what they stand for."""
        return self._synonyms.spelt_out(text)

    def rank(self, query: Embeddings, text: str) -> Ranking:
        """Ranks all pages.

        Args:
            query: The embedding of the problem as `spelt_out` gives it, shape (dimension,).
            text: The problem.
        """
        query_terms = self.terms(text)
        synonyms = self._synonyms.of(query_terms)
        sought = [*query_terms, *(term for synonym in synonyms for term in synonym.terms if term not in query_terms)]
        passages, sentences, asked, phrases, areas = self._cosines(query)
        best_sentence = _largest(sentences, self._passage_of_sentence, len(passages))
        sentence_of_page = _largest(best_sentence, self._page_of_passage, len(self.pages))
        passage_of_page = _largest(passages, self._page_of_passage, len(self.pages))
        by_text = (passage_of_page + sentence_of_page) / 2
        meaning = (by_text + self._asked(asked, by_text)) / 2
        words = self._page_words.scores(sought).astype(np.float64)
        passage_words = self._passage_words.scores(sought).astype(np.float64)
        shown = self._best_passages(weighted_sum(passages + best_sentence, passage_words, DENSE_WEIGHT))
        by_meaning = DENSE_WEIGHT * min_max(meaning)
        scores = by_meaning + (1 - DENSE_WEIGHT) * min_max(words)
        nearest = self._nearest_asked(asked)
        return Ranking(
            scores=scores,
            by_meaning=by_meaning,
            meaning=meaning,
            keywords=words / words.max() if words.any() else words,
            passage=shown,
            sentences=sentences,
            asked=nearest,
            asked_cosine=_largest(asked, self._page_of_asked, len(self.pages), empty=0.0),
            passage_cosine=passages[shown],
            features=self._features(query_terms, scores, (asked, passages, sentences, phrases)),
            topic=int(self._topic_of_phrase[int(np.argmax(phrases))]) if len(phrases) else None,
            synonyms=tuple(synonyms),
            areas=areas,
        )

    def nearest_sentence(self, ranking: Ranking, page: int) -> tuple[int, int]:
        """The span of the sentence nearest in meaning within a page's best passage; of equal ones the first."""
        passage = int(ranking.passage[page])
        spans, first = self._spans[passage], int(self._first_sentences[passage])
        return spans[int(np.argmax(ranking.sentences[first : first + len(spans)]))]

    def without_asked(self) -> Ranker:
        """The same without the pages' own problems, to measure what they are worth."""
        rows = self._index.rows()
        first = len(self._page_of_passage) + len(self._passage_of_sentence)
        kept = np.delete(rows, np.arange(first, first + len(self._page_of_asked)), axis=0)
        stripped = [replace(page, asked_as=()) for page in self.pages]
        return Ranker(stripped, VectorIndex.build(kept), self._topics, self._glossary)

    def without_synonyms(self) -> Ranker:
        """The same without the glossary, to measure what it is worth."""
        return Ranker(self.pages, self._index, self._topics)

    def words_only(self, text: str) -> Scores:
        """BM25 over passages alone, the best of each page: what plain keyword search would do."""
        scores = self._passage_words.scores(self.terms(text)).astype(np.float64)
        return _largest(scores, self._page_of_passage, len(self.pages))

    def meaning_only(self, query: Embeddings) -> Scores:
        """The cosine of each page's best passage alone: what plain dense retrieval would do."""
        return _largest(self._cosines(query)[0], self._page_of_passage, len(self.pages))

    def _cosines(self, query: Embeddings) -> tuple[Scores, Scores, Scores, Scores, Scores]:
        """The query's cosines with passages, sentences, the pages' own problems, the topics' phrases, and focus areas."""
        owners = (self._page_of_passage, self._passage_of_sentence, self._page_of_asked, self._topic_of_phrase)
        cosines = self._index.cosines(query).astype(np.float64)
        passages, sentences, asked, phrases, areas = np.split(cosines, np.cumsum([len(owner) for owner in owners]))
        return passages, sentences, asked, phrases, areas

    def _asked(self, asked: Scores, otherwise: Scores) -> Scores:
        """The mean of each page's nearest own problems; `otherwise` for a page that has none."""
        if not self._asked_rows.size:
            return otherwise
        nearest = -np.sort(np.where(self._asked_rows >= 0, -asked[self._asked_rows], np.nan), axis=1)[:, :NEAREST_ASKED]
        return np.where(self._has_asked, np.nanmean(np.where(self._has_asked[:, None], nearest, 0.0), axis=1), otherwise)

    def _nearest_asked(self, asked: Scores) -> npt.NDArray[np.int64]:
        if not self._asked_rows.size:
            return np.full(len(self.pages), -1, dtype=np.int64)
        places = np.where(self._asked_rows >= 0, asked[self._asked_rows], -np.inf).argmax(axis=1)
        return np.where(self._has_asked, places, -1)

    def _best_passages(self, scores: Scores) -> npt.NDArray[np.int64]:
        """The row of each page's best passage; of equal ones the first."""
        ends = [*self._firsts[1:], len(scores)] if len(self._firsts) else []
        best = [first + int(np.argmax(scores[first:end])) for first, end in zip(self._firsts, ends, strict=True)]
        return np.array(best, dtype=np.int64)

    def _features(
        self, query_terms: Sequence[str], scores: Scores, cosines: tuple[Scores, Scores, Scores, Scores]
    ) -> Features:
        asked, passages, sentences, phrases = cosines
        found = set(query_terms)
        weight = {term: self._idf.get(term, self._idf_of_unknown) for term in found}
        best = self._page_terms[int(np.argmax(scores))] if len(scores) else frozenset[str]()
        return Features(
            asked=float(asked.max()) if len(asked) else float(passages.max(initial=-1.0)),
            passage=float(passages.max(initial=-1.0)),
            sentence=float(sentences.max(initial=-1.0)),
            covered=sum(weight[term] for term in found & best) / (sum(weight.values()) or 1.0),
            known=sum(term in self._idf for term in found) / (len(found) or 1),
            topics=float(np.sort(phrases)[-NEAREST_TOPIC_PHRASES:].mean()) if len(phrases) else 0.0,
        )

    @property
    def _idf_of_unknown(self) -> float:
        return float(np.log(1 + (len(self.pages) + 0.5) / 0.5))


def _whole_text(page: Page) -> str:
    passages = (text for _, text in page.passages)
    return " ".join([*[page.title, page.summary] * TITLE_WEIGHT, *passages, *page.asked_as])


def _inverse_document_frequencies(pages: Sequence[frozenset[str]]) -> dict[str, float]:
    """Lucene's: ln(1 + (N - n + 0.5) / (n + 0.5)), n the pages that hold the term."""
    counts: dict[str, int] = {}
    for terms in pages:
        for term in terms:
            counts[term] = counts.get(term, 0) + 1
    return {term: float(np.log(1 + (len(pages) - n + 0.5) / (n + 0.5))) for term, n in counts.items()}


def _owners(counts: Iterable[int]) -> npt.NDArray[np.int64]:
    """(2, 1) gives 0, 0, 1: the place of the owner of each part, where owner i has `counts[i]` parts."""
    return np.array([owner for owner, count in enumerate(counts) for _ in range(count)], dtype=np.int64)


def _rows_of_owners(counts: Sequence[int]) -> npt.NDArray[np.int64]:
    """(2, 1) gives [[0, 1], [2, -1]]: each owner's rows, filled up with -1; shape (owners, most parts)."""
    rows = np.full((len(counts), max(counts, default=0)), -1, dtype=np.int64)
    first = 0
    for owner, count in enumerate(counts):
        rows[owner, :count] = np.arange(first, first + count)
        first += count
    return rows


def _largest(scores: Scores, owners: npt.NDArray[np.int64], size: int, empty: float = -1.0) -> Scores:
    """Each owner's largest score, shape (size,); `empty` for an owner without any."""
    found = np.full(size, -np.inf)
    np.maximum.at(found, owners, scores)
    return np.where(np.isneginf(found), empty, found)
