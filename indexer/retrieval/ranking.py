"""Ranks pages for a problem by meaning and by words, and says how probable it is that the best one answers it.

Every function here is of plain arrays; the same code ranks the Casebook and any other collection (`indexer.evaluation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp

import numpy as np
import numpy.typing as npt

from indexer.content.lists import Term, Topic
from indexer.model.encoder import Embeddings, Encoder
from indexer.retrieval.fusion import Scores, min_max, weighted_sum
from indexer.retrieval.layout import Page, sentence_spans
from indexer.retrieval.lexical import LexicalRetriever, Terms, Word
from indexer.retrieval.synonyms import Synonym, Synonyms
from indexer.retrieval.vector_index import VectorIndex

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

    Fitted by `python -m indexer calibrate`; its error rates are in docs/search-quality.md.
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
        terms: The problem's own terms.
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

    terms: frozenset[str]
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


class Parts:
    """Parts of owners in a row, such as the passages of all pages: an owner's parts stand together, owners in their order.

    Attributes:
        counts: How many parts each owner has, shape (owners,).
        owners: Each part's owner, shape (parts,).
        firsts: The place of each owner's first part, shape (owners,).
    """

    def __init__(self, counts: Sequence[int]) -> None:
        self.counts = np.array(counts, dtype=np.int64)
        self.owners = np.repeat(np.arange(len(counts)), self.counts)
        self.firsts = np.cumsum(self.counts) - self.counts
        self._some = np.flatnonzero(self.counts)
        places = np.arange(self.counts.max(initial=0))
        self._table = np.where(places < self.counts[:, None], self.firsts[:, None] + places, len(self.owners))

    def __len__(self) -> int:
        return len(self.owners)

    def table(self, scores: Scores) -> Scores:
        """The parts' scores as a row an owner, filled up with minus infinity: shape (owners, most parts of one)."""
        return np.append(scores, -np.inf)[self._table]

    def largest(self, scores: Scores, empty: float = -1.0) -> Scores:
        """Each owner's largest score, shape (owners,); `empty` for an owner without parts."""
        found = np.full(len(self.counts), empty)
        if self._some.size:
            found[self._some] = np.maximum.reduceat(scores, self.firsts[self._some])
        return found

    def place_of_largest(self, scores: Scores) -> npt.NDArray[np.int64]:
        """The place of its largest score among each owner's own, of equal ones the first; -1 for an owner without parts."""
        if not self._table.size:
            return np.full(len(self.counts), -1, dtype=np.int64)
        return np.where(self.counts > 0, self.table(scores).argmax(axis=1), -1)


class Ranker:
    """Ranks the pages of one collection. Row i of the index embeds text i of `layout.texts_to_embed`."""

    def __init__(
        self,
        pages: Sequence[Page],
        index: VectorIndex,
        encoder: Encoder,
        topics: Sequence[Topic] = (),
        glossary: Iterable[Term] = (),
    ) -> None:
        self.pages = tuple(pages)
        self.encoder = encoder
        self.terms = Terms()
        self._index = index
        self.topics, self._glossary = tuple(topics), tuple(glossary)
        self._synonyms = Synonyms(self._glossary, self.terms)
        passages = [text for page in pages for _, text in page.passages]
        self._spans = [sentence_spans(text) for text in passages]
        self._page_parts = Parts([len(page.passages) for page in pages])
        self._sentence_parts = Parts([len(spans) for spans in self._spans])
        self._asked_parts = Parts([len(page.asked_as) for page in pages])
        self._asked_counted = np.clip(self._asked_parts.counts, 1, NEAREST_ASKED)
        self._topic_parts = Parts([len(topic.said_as) for topic in topics])
        ends = np.cumsum([0, *map(len, (self._page_parts, self._sentence_parts, self._asked_parts, self._topic_parts))])
        self._slices = [slice(*pair) for pair in pairwise([*ends.tolist(), None])]
        texts = [f"{context}\n{text}" for page in pages for context, text in page.passages]
        self._passage_words = LexicalRetriever(texts, self.terms)
        self._texts = passages
        self._words: dict[int, tuple[list[Word], frozenset[str]]] = {}
        self._page_words = LexicalRetriever([_whole_text(page) for page in pages], self.terms)
        self._idf = _inverse_document_frequencies(self._page_words.terms)
        self._idf_of_unknown = _inverse_document_frequency(len(pages), 0)

    def embed(self, queries: Sequence[str]) -> Embeddings:
        """The embeddings of queries, their abbreviations expanded first; shape (queries, dimension)."""
        return self.encoder.encode([self.expanded(query) for query in queries])

    def expanded(self, query: str) -> str:
        """What the encoder reads for a query: abbreviations of the glossary with what they stand for."""
        return self._synonyms.expand_abbreviations(query)

    def rank(self, query: Embeddings, text: str) -> Ranking:
        """Ranks all pages.

        Args:
            query: The embedding of the problem as `embed` gives it, shape (dimension,).
            text: The problem.
        """
        terms = self.terms(text)
        synonyms = self._synonyms.of(terms)
        sought = [*terms, *(term for synonym in synonyms for term in synonym.terms if term not in terms)]
        words = self._page_words.scores(sought)
        passage_words = self._passage_words.scores(sought)
        passages, sentences, asked, phrases, areas = self._cosines(query)
        best_sentence = self._sentence_parts.largest(sentences)
        by_text = (self._page_parts.largest(passages) + self._page_parts.largest(best_sentence)) / 2
        meaning = (by_text + self._asked(asked, by_text)) / 2
        fused = weighted_sum(passages + best_sentence, passage_words, DENSE_WEIGHT)
        shown = self._page_parts.firsts + self._page_parts.place_of_largest(fused)
        by_meaning = DENSE_WEIGHT * min_max(meaning)
        scores = by_meaning + (1 - DENSE_WEIGHT) * min_max(words)
        return Ranking(
            terms=frozenset(terms),
            scores=scores,
            by_meaning=by_meaning,
            meaning=meaning,
            keywords=words / (words.max(initial=0.0) or 1.0),
            passage=shown,
            sentences=sentences,
            asked=self._asked_parts.place_of_largest(asked),
            asked_cosine=self._asked_parts.largest(asked, empty=0.0),
            passage_cosine=passages[shown],
            features=self._features(terms, scores, (asked, passages, sentences, phrases)),
            topic=int(self._topic_parts.owners[int(np.argmax(phrases))]) if len(phrases) else None,
            synonyms=tuple(synonyms),
            areas=areas,
        )

    def words_of(self, passage: int) -> tuple[list[Word], frozenset[str]]:
        """The words of the passage in a row, and their terms; cut when they are first asked for, for a short start."""
        if passage not in self._words:
            words = self.terms.words(self._texts[passage])
            self._words[passage] = words, frozenset(word.term for word in words)
        return self._words[passage]

    def nearest_sentence(self, ranking: Ranking, page: int) -> tuple[int, int]:
        """The span of the sentence nearest in meaning within a page's best passage; of equal ones the first."""
        passage = int(ranking.passage[page])
        spans, first = self._spans[passage], int(self._sentence_parts.firsts[passage])
        return spans[int(np.argmax(ranking.sentences[first : first + len(spans)]))]

    def without_asked(self) -> Ranker:
        """The same without the pages' own problems, to measure what they are worth."""
        rows = self._index.rows()
        kept = np.delete(rows, self._slices[2], axis=0)
        stripped = [replace(page, asked_as=()) for page in self.pages]
        return Ranker(stripped, VectorIndex.build(kept), self.encoder, self.topics, self._glossary)

    def without_synonyms(self) -> Ranker:
        """The same without the glossary, to measure what it is worth."""
        return Ranker(self.pages, self._index, self.encoder, self.topics)

    def words_only(self, text: str) -> Scores:
        """BM25 over passages alone, the best of each page: what plain keyword search would do."""
        scores = self._passage_words.scores(self.terms(text))
        return self._page_parts.largest(scores)

    def meaning_only(self, query: Embeddings) -> Scores:
        """The cosine of each page's best passage alone: what plain dense retrieval would do."""
        return self._page_parts.largest(self._cosines(query)[0])

    def _cosines(self, query: Embeddings) -> tuple[Scores, Scores, Scores, Scores, Scores]:
        """The query's cosines with passages, sentences, the pages' own problems, the topics' phrases, and focus areas."""
        cosines = self._index.cosines(query).astype(np.float64)
        passages, sentences, asked, phrases, areas = (cosines[each] for each in self._slices)
        return passages, sentences, asked, phrases, areas

    def _asked(self, asked: Scores, otherwise: Scores) -> Scores:
        """The mean of each page's nearest own problems; `otherwise` for a page that has none."""
        nearest = self._asked_parts.table(asked)
        if nearest.shape[1] > NEAREST_ASKED:
            nearest = np.partition(nearest, -NEAREST_ASKED, axis=1)[:, -NEAREST_ASKED:]
        sums = nearest.sum(axis=1, where=nearest > -np.inf)
        return np.where(self._asked_parts.counts > 0, sums / self._asked_counted, otherwise)

    def _features(
        self, query_terms: Sequence[str], scores: Scores, cosines: tuple[Scores, Scores, Scores, Scores]
    ) -> Features:
        asked, passages, sentences, phrases = cosines
        found = set(query_terms)
        weight = {term: self._idf.get(term, self._idf_of_unknown) for term in found}
        best = self._page_words.terms[int(np.argmax(scores))] if len(scores) else frozenset[str]()
        return Features(
            asked=float(asked.max()) if len(asked) else float(passages.max(initial=-1.0)),
            passage=float(passages.max(initial=-1.0)),
            sentence=float(sentences.max(initial=-1.0)),
            covered=sum(weight[term] for term in found & best) / (sum(weight.values()) or 1.0),
            known=sum(term in self._idf for term in found) / (len(found) or 1),
            topics=_mean_of_largest(phrases, NEAREST_TOPIC_PHRASES),
        )


def _mean_of_largest(scores: Scores, count: int) -> float:
    """The mean of the `count` largest scores, or of all where there are fewer; 0 for none."""
    if len(scores) > count:
        scores = np.partition(scores, -count)[-count:]
    return float(scores.mean()) if len(scores) else 0.0


def _whole_text(page: Page) -> str:
    passages = (text for _, text in page.passages)
    return " ".join([*[page.title, page.summary] * TITLE_WEIGHT, *passages, *page.asked_as])


def _inverse_document_frequencies(pages: Sequence[frozenset[str]]) -> dict[str, float]:
    """Of each term, by the pages' terms."""
    counts: dict[str, int] = {}
    for terms in pages:
        for term in terms:
            counts[term] = counts.get(term, 0) + 1
    return {term: _inverse_document_frequency(len(pages), holding) for term, holding in counts.items()}


def _inverse_document_frequency(pages: int, holding: int) -> float:
    """Lucene's: ln(1 + (N - n + 0.5) / (n + 0.5)), n the pages that hold the term."""
    return float(np.log(1 + (pages - holding + 0.5) / (holding + 0.5)))
