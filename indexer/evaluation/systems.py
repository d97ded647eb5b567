"""The systems that are compared: the ranking as it serves, its parts alone, and ablations (one thing left out)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from indexer.model.encoder import Embeddings, Encoder
from indexer.retrieval.fusion import Scores, weighted_sum
from indexer.retrieval.layout import Page, texts_to_embed
from indexer.retrieval.probability import CALIBRATION, FLOOR
from indexer.retrieval.ranking import DENSE_WEIGHT, LEAST_SHARE, Ranker, Ranking
from indexer.retrieval.vector_index import VectorIndex

System = Callable[[Embeddings, str], Scores]
"""One score a page for a query's embedding and text."""


def ranker_over(pages: Sequence[Page], encoder: Encoder) -> Ranker:
    """A ranker over pages that are embedded now."""
    return Ranker(pages, VectorIndex.build(encoder.encode(texts_to_embed(pages, ()))), encoder)


def systems(ranker: Ranker) -> dict[str, System]:
    """What is compared, by the name that reports give it."""
    no_asked_as, no_synonyms = without_asked_as(ranker), without_synonyms(ranker)
    return {
        "BM25 alone": lambda embedding, query: bm25_alone(ranker, query),
        "Meaning alone": lambda embedding, query: dense_alone(ranker, embedding),
        "Both, best passage only": lambda embedding, query: weighted_sum(
            dense_alone(ranker, embedding), bm25_alone(ranker, query), DENSE_WEIGHT
        ),
        "Whole ranking without the pages' own problems": lambda embedding, query: no_asked_as.rank(embedding, query).scores,
        "Whole ranking without synonyms": lambda embedding, query: no_synonyms.rank(embedding, query).scores,
        "Whole ranking, its words alone": lambda embedding, query: ranker.rank(embedding, query).relative_bm25,
        "Whole ranking, its meaning alone": lambda embedding, query: ranker.rank(embedding, query).similarity,
        "Whole ranking": lambda embedding, query: ranker.rank(embedding, query).scores,
        "As shown (floor and weak results out)": lambda embedding, query: _scores_as_served(ranker.rank(embedding, query)),
    }


def _scores_as_served(ranking: Ranking) -> Scores:
    """The scores, and minus infinity for what is not shown."""
    answered = CALIBRATION.probability(ranking.features) >= FLOOR
    least = LEAST_SHARE * ranking.scores.max() if answered else np.inf
    return np.where(ranking.scores >= least, ranking.scores, -np.inf)


def without_asked_as(ranker: Ranker) -> Ranker:
    """The same ranker without the pages' own problems."""
    rows = np.delete(ranker.index.rows(), ranker.layout.asked_as_rows, axis=0)
    pages = [replace(page, asked_as=()) for page in ranker.pages]
    return Ranker(pages, VectorIndex.build(rows), ranker.encoder, ranker.topics, ranker.glossary)


def without_synonyms(ranker: Ranker) -> Ranker:
    """The same ranker without the glossary."""
    return Ranker(ranker.pages, ranker.index, ranker.encoder, ranker.topics)


def bm25_alone(ranker: Ranker, query: str) -> Scores:
    """BM25 of each page's best passage: what plain keyword search would do."""
    return ranker.layout.passages_of_page.row_max(ranker.passage_retriever.scores(ranker.analyse(query)))


def dense_alone(ranker: Ranker, embedding: Embeddings) -> Scores:
    """The cosine of each page's best passage: what plain dense retrieval would do."""
    return ranker.layout.passages_of_page.row_max(ranker.cosines(embedding).passages)
