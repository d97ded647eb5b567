"""Measures of a ranking on judged queries, and the systems that are compared. The door to ir-measures."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.model.encoder import Embeddings, Encoder
from indexer.retrieval.fusion import Scores, weighted_sum
from indexer.retrieval.layout import Page, texts_to_embed
from indexer.retrieval.probability import CALIBRATION, FLOOR
from indexer.retrieval.ranking import DENSE_WEIGHT, LEAST_SHARE, Ranker, Ranking
from indexer.retrieval.vector_index import VectorIndex

MEASURES = ("nDCG@10", "R@5", "RR@10", "Judged@10")
RESAMPLES = 10_000
Run = dict[str, dict[str, float]]
"""Each query's pages and their scores, larger is better."""
System = Callable[[Embeddings, str], Scores]


@dataclass(frozen=True)
class Measured:
    """A system's means over the judged queries, by measure, and each query's own nDCG@10 in the queries' order."""

    means: dict[str, float]
    ndcg: tuple[float, ...]


def ranker_over(pages: Sequence[Page], encoder: Encoder) -> Ranker:
    """A ranker over pages that are embedded now."""
    return Ranker(pages, VectorIndex.build(encoder.encode(texts_to_embed(pages, ()))), encoder)


def systems(ranker: Ranker) -> dict[str, System]:
    """What is compared: each gives one score a page for a problem's embedding and text."""
    without_asked_as, without_synonyms = ranker.without_asked_as(), ranker.without_synonyms()
    return {
        "BM25 alone": lambda query, text: ranker.bm25_baseline(text),
        "Meaning alone": lambda query, text: ranker.dense_baseline(query),
        "Both, best passage only": lambda query, text: weighted_sum(
            ranker.dense_baseline(query), ranker.bm25_baseline(text), DENSE_WEIGHT
        ),
        "Whole ranking without the pages' own problems": lambda query, text: without_asked_as.rank(query, text).scores,
        "Whole ranking without synonyms": lambda query, text: without_synonyms.rank(query, text).scores,
        "Whole ranking, its words alone": lambda query, text: ranker.rank(query, text).relative_bm25,
        "Whole ranking, its meaning alone": lambda query, text: ranker.rank(query, text).similarity,
        "Whole ranking": lambda query, text: ranker.rank(query, text).scores,
        "As shown (floor and weak results out)": lambda query, text: _scores_as_served(ranker.rank(query, text)),
    }


def _scores_as_served(ranking: Ranking) -> Scores:
    """The scores, and minus infinity for what is not shown."""
    answered = CALIBRATION.probability(ranking.features) >= FLOOR
    least = LEAST_SHARE * ranking.scores.max() if answered else np.inf
    return np.where(ranking.scores >= least, ranking.scores, -np.inf)


def retrieve(system: System, ranker: Ranker, embeddings: Mapping[str, Embeddings], queries: Mapping[str, str]) -> Run:
    """A system's ten best pages for each query; equal scores by page id."""
    run: Run = {}
    for key, text in queries.items():
        scores = np.round(system(embeddings[key], text), 9)
        best = [page for page in np.argsort(-scores, kind="stable")[:10] if np.isfinite(scores[page])]
        run[key] = {ranker.pages[page].id: float(len(best) - rank) for rank, page in enumerate(best)}
    return run


def measure(run: Run, qrels: Mapping[str, Mapping[str, int]]) -> Measured:
    """The measures of a run, over the judged queries; a query that the run lacks counts as 0."""
    import ir_measures

    judged = {key: dict(grades) for key, grades in qrels.items()}
    parsed = {name: ir_measures.parse_measure(name) for name in MEASURES}
    values: dict[str, dict[str, float]] = {name: dict.fromkeys(judged, 0.0) for name in MEASURES}
    non_empty = {key: pages for key, pages in run.items() if pages}
    for value in ir_measures.iter_calc(list(parsed.values()), judged, non_empty):
        values[str(value.measure)][value.query_id] = value.value
    means = {name: float(np.mean(list(values[name].values()))) for name in MEASURES}
    return Measured(means, tuple(values["nDCG@10"][key] for key in judged))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean (percentiles over resampled queries; Efron 1979), the same at every call."""
    array = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(20260101).integers(0, len(array), (RESAMPLES, len(array)))
    low, high = np.percentile(array[drawn].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


@dataclass(frozen=True)
class Decisions:
    """Whether each answerable query was answered, and each unanswerable one declined."""

    answered: tuple[bool, ...]
    declined: tuple[bool, ...]


def decide(
    ranker: Ranker, embeddings: Mapping[str, Embeddings], queries: Mapping[str, str], answerable: Container[str]
) -> Decisions:
    """Which of the queries are answered, and which declined, at the floor that serves."""
    answered = {
        key: CALIBRATION.probability(ranker.rank(embeddings[key], text).features) >= FLOOR for key, text in queries.items()
    }
    return Decisions(
        tuple(answered[key] for key in queries if key in answerable),
        tuple(not answered[key] for key in queries if key not in answerable),
    )
