"""Ranks pages for a query: dense similarity and BM25, fused.

Every function here is of plain arrays; the same code ranks the Casebook and any other collection (`indexer.evaluation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.content.lists import Term, Topic
from indexer.model.encoder import Embeddings, Encoder
from indexer.retrieval.fusion import Scores, min_max, weighted_sum
from indexer.retrieval.layout import Cosines, Page, RowLayout
from indexer.retrieval.lexical import (
    Analyser,
    LexicalRetriever,
    Word,
    inverse_document_frequencies,
    inverse_document_frequency,
    tidied,
)
from indexer.retrieval.names import Name, Names
from indexer.retrieval.probability import Features, mean_of_top
from indexer.retrieval.spelling import Speller, vocabulary_of
from indexer.retrieval.synonyms import Synonym, Synonyms
from indexer.retrieval.vector_index import VectorIndex

DENSE_WEIGHT = 0.7
"""The share of dense similarity in a page's score (chosen on training problems; docs/search-quality.md)."""
LEAST_SHARE = 0.4
"""A page whose score is a smaller share of the best one's is not shown."""
CLOSE_SHARE = 0.8
"""One whose score is a smaller share of it is less close, and stands behind the others."""
NEAREST_ASKED = 2
"""How many of a page's own problems (`asked_as`) count, the nearest ones."""
NEAREST_TOPIC_PHRASES = 3
TRULY_NEAR = 0.6
"""The least cosine with a page's own problem for a reason to name it."""
LOOKS_LIKE = 0.45
"""The least mean cosine with a topic that is not covered for an answer to name it."""
TITLE_WEIGHT = 2
"""How often a page's title and its summary count among its words, beside its text."""


@dataclass(frozen=True)
class Ranking:
    """All pages ranked for one query. Arrays have one place a page, in the order of the pages, unless their shape is given.

    Attributes:
        query_terms: The query's own terms.
        scores: The fused score, 0 to 1.
        dense_contribution: What of it comes from dense similarity; the rest comes from BM25.
        similarity: The mean cosine of a page's best passage, best sentence and nearest own problems, -1 to 1.
        relative_bm25: BM25 over the page, as a share of the best page's, 0 to 1.
        matched_passage: The row of the page's best passage, counted over all pages.
        passage_cosine: The cosine of that passage.
        sentence_cosines: The cosine of each sentence of the collection, shape (sentences,).
        nearest_asked_as: The place, among the page's own problems, of the nearest one; -1 where it has none.
        asked_as_cosine: Its cosine; 0 where there is none.
        features: What the probability of an answer is told from.
        nearest_topic: The place of the nearest topic that is not covered; None where no topics are known.
        synonyms: Those that the query was expanded by.
        focus_area_cosines: The cosine of each focus area's definition, shape (focus areas,).
    """

    query_terms: frozenset[str]
    scores: Scores
    dense_contribution: Scores
    similarity: Scores
    relative_bm25: Scores
    matched_passage: npt.NDArray[np.int64]
    passage_cosine: Scores
    sentence_cosines: Scores
    nearest_asked_as: npt.NDArray[np.int64]
    asked_as_cosine: Scores
    features: Features
    nearest_topic: int | None
    synonyms: tuple[Synonym, ...]
    focus_area_cosines: Scores

    def order(self) -> list[int]:
        """The pages, best first; ties by page id, in which order they stand."""
        return [int(page) for page in np.argsort(-np.round(self.scores, 9), kind="stable")]


class Ranker:
    """Ranks the pages of one collection. Row i of the index embeds text i of `layout.texts_to_embed`."""

    def __init__(
        self,
        pages: Sequence[Page],
        index: VectorIndex,
        encoder: Encoder,
        topics: Sequence[Topic] = (),
        glossary: Iterable[Term] = (),
        names: Sequence[Name] = (),
    ) -> None:
        self.pages, self.topics, self.glossary = tuple(pages), tuple(topics), tuple(glossary)
        self.encoder = encoder
        self.analyse = Analyser()
        self.names = Names(names)
        self.index = index
        self._synonyms = Synonyms(self.glossary, self.analyse)
        self.layout = RowLayout(pages, topics)
        self._texts = [text for page in pages for _, text in page.passages]
        texts = [f"{context}\n{text}" for page in pages for context, text in page.passages]
        self.passage_retriever = LexicalRetriever(texts, self.analyse)
        page_texts = [_page_text(page) for page in pages]
        self._page_retriever = LexicalRetriever(page_texts, self.analyse)
        phrases = [phrase for topic in topics for phrase in topic.said_as]
        forms = [form for term in self.glossary for form in (term.abbreviation, term.expansion, *term.also)]
        vocabulary = vocabulary_of([*page_texts, *phrases, *forms, *(form for name in names for form in name.forms)])
        self.speller = Speller(vocabulary, encoder.words, lambda word: any(term in self._idf for term in self.analyse(word)))
        self._idf = inverse_document_frequencies(self._page_retriever.terms)
        self._unseen_idf = inverse_document_frequency(len(pages), 0)
        self._words: dict[int, tuple[list[Word], frozenset[str]]] = {}

    def embed(self, queries: Sequence[str]) -> Embeddings:
        """The embeddings of queries, their abbreviations expanded first; shape (queries, dimension)."""
        return self.encoder.encode([self.expand_abbreviations(tidied(query)) for query in queries])

    def expand_abbreviations(self, query: str) -> str:
        """What the encoder reads for a query: abbreviations of the glossary with what they stand for."""
        return self._synonyms.expand_abbreviations(query)

    def rank(self, embedding: Embeddings, query: str) -> Ranking:
        """Ranks all pages.

        Args:
            embedding: The query's embedding as `embed` gives it, shape (dimension,).
            query: Its text.
        """
        words = self.analyse.words(tidied(query))
        query_terms = [word.term for word in words]
        synonyms = self._synonyms.expand(query_terms)
        expansion = [term for synonym in synonyms for term in synonym.expansion_terms if term not in query_terms]
        expanded = [*query_terms, *expansion]
        cosines = self.cosines(embedding)
        similarity = self._similarity(cosines)
        bm25 = self._page_retriever.scores(expanded)
        dense_contribution = DENSE_WEIGHT * min_max(similarity)
        scores = dense_contribution + (1 - DENSE_WEIGHT) * min_max(bm25)
        matched_passage = self._matched_passages(cosines, self.passage_retriever.scores(expanded))
        phrases = cosines.topic_phrases
        return Ranking(
            query_terms=frozenset(query_terms),
            scores=scores,
            dense_contribution=dense_contribution,
            similarity=similarity,
            relative_bm25=bm25 / (bm25.max(initial=0.0) or 1.0),
            matched_passage=matched_passage,
            passage_cosine=cosines.passages[matched_passage],
            sentence_cosines=cosines.sentences,
            nearest_asked_as=self.layout.asked_as_of_page.row_argmax(cosines.asked_as),
            asked_as_cosine=self.layout.asked_as_of_page.row_max(cosines.asked_as, empty=0.0),
            features=self._features(words, synonyms, scores, cosines),
            nearest_topic=int(self.layout.phrases_of_topic.row_ids[int(np.argmax(phrases))]) if len(phrases) else None,
            synonyms=tuple(synonyms),
            focus_area_cosines=cosines.focus_areas,
        )

    def cosines(self, embedding: Embeddings) -> Cosines:
        """A query's embedding compared with all rows."""
        return self.layout.split(self.index.cosines(embedding).astype(np.float64))

    def _similarity(self, cosines: Cosines) -> Scores:
        """Each page's: half from its text (best passage and best sentence), half from its nearest own problems."""
        best_passage = self.layout.passages_of_page.row_max(cosines.passages)
        best_sentence = self.layout.passages_of_page.row_max(self.layout.sentences_of_passage.row_max(cosines.sentences))
        text = (best_passage + best_sentence) / 2
        return (text + self._asked_as_similarity(cosines.asked_as, otherwise=text)) / 2

    def _asked_as_similarity(self, cosines: Scores, otherwise: Scores) -> Scores:
        """The mean cosine of each page's nearest own problems; `otherwise` for a page that has none."""
        nearest = self.layout.asked_as_of_page.padded(cosines)
        if nearest.shape[1] > NEAREST_ASKED:
            nearest = np.partition(nearest, -NEAREST_ASKED, axis=1)[:, -NEAREST_ASKED:]
        lengths = self.layout.asked_as_of_page.row_lengths
        means = nearest.sum(axis=1, where=nearest > -np.inf) / np.clip(lengths, 1, NEAREST_ASKED)
        return np.where(lengths > 0, means, otherwise)

    def _matched_passages(self, cosines: Cosines, bm25: Scores) -> npt.NDArray[np.int64]:
        """The row of each page's best passage, by the fused scores of the passages, caveats last; shape (pages,)."""
        dense = cosines.passages + self.layout.sentences_of_passage.row_max(cosines.sentences)
        fused = weighted_sum(dense, bm25, DENSE_WEIGHT) - self.layout.is_caveat
        return self.layout.passages_of_page.row_starts + self.layout.passages_of_page.row_argmax(fused)

    def _features(self, words: Sequence[Word], synonyms: Sequence[Synonym], scores: Scores, cosines: Cosines) -> Features:
        # A word that neither the pages nor the model know says nothing for or against an answer.
        terms = {word.term for word in words if word.term in self._idf or self.speller.knows(word.surface.lower())}
        idf = {term: self._idf.get(term, self._unseen_idf) for term in terms}
        best_page_terms = self._page_retriever.terms[int(np.argmax(scores))] if len(scores) else frozenset[str]()
        # Another word for the same thing earns the same credit as the word itself.
        held = best_page_terms.union(*(s.phrase_terms for s in synonyms if best_page_terms.issuperset(s.expansion_terms)))
        credited = {term for s in synonyms if self._idf.keys() >= {*s.expansion_terms} for term in s.phrase_terms}
        best_passage = float(cosines.passages.max(initial=-1.0))
        return Features(
            asked=float(cosines.asked_as.max()) if len(cosines.asked_as) else best_passage,
            passage=best_passage,
            sentence=float(cosines.sentences.max(initial=-1.0)),
            covered=sum(idf[term] for term in terms & held) / (sum(idf.values()) or 1.0),
            known=sum(term in self._idf or term in credited for term in terms) / (len(terms) or 1),
            topics=mean_of_top(cosines.topic_phrases, NEAREST_TOPIC_PHRASES),
        )

    def passage_words(self, passage: int) -> tuple[list[Word], frozenset[str]]:
        """The words of the passage in a row, and their terms; cut when they are first asked for, for a short start."""
        if passage not in self._words:
            words = self.analyse.words(self._texts[passage])
            self._words[passage] = words, frozenset(word.term for word in words)
        return self._words[passage]

    def nearest_sentence(self, ranking: Ranking, page: int) -> tuple[int, int]:
        """The span of the sentence nearest in meaning within a page's matched passage, of equal ones the first.

        A sentence that tells nothing comes only where there is no other.
        """
        passage = int(ranking.matched_passage[page])
        spans, start = self.layout.sentence_spans[passage], int(self.layout.sentences_of_passage.row_starts[passage])
        rows = slice(start, start + len(spans))
        return spans[int(np.argmax(ranking.sentence_cosines[rows] + 2 * self.layout.tells[rows]))]


def _page_text(page: Page) -> str:
    """What BM25 indexes of a page."""
    passages = (text for _, text in page.passages)
    return " ".join([*[page.title, page.summary] * TITLE_WEIGHT, *passages, *page.asked_as])
