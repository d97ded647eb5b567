"""Measures of a ranking on judged queries. The door to ir-measures."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.evaluation.systems import System
from indexer.model.encoder import Embeddings
from indexer.retrieval.probability import CALIBRATION, FLOOR
from indexer.retrieval.ranking import Ranker

MEASURES = ("nDCG@10", "R@5", "RR@10", "Judged@10")
RESAMPLES = 10_000
Run = dict[str, dict[str, float]]
"""Each query's pages and their scores, larger is better."""


@dataclass(frozen=True)
class Measured:
    """A system's means over the judged queries, by measure, and each query's own nDCG@10 in the queries' order."""

    means: dict[str, float]
    ndcg: tuple[float, ...]


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
