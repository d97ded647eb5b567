"""How probable it is that the best page answers a problem: a logistic model over a few features of the ranking."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np

from indexer.retrieval.fusion import Scores

FLOOR = 0.35
"""The least probability that the best page answers, for anything to be shown (error rates: docs/search-quality.md)."""
PART_FLOOR = 0.6
"""The floor for one part of a long text: with many parts, each has a chance to be answered wrongly."""


@dataclass(frozen=True)
class Features:
    """The model's features; each means the same for any problem.

    Attributes:
        asked: The largest cosine with any page's own problem (`asked_as`), -1 to 1.
        passage: The largest cosine with any passage, -1 to 1.
        sentence: The largest cosine with any sentence, -1 to 1.
        covered: The share of the query's terms, weighted by inverse document frequency, that the best page holds, 0 to 1.
        known: The share of the query's terms that any page holds, 0 to 1.
        topics: The mean cosine of the nearest phrases of topics that are not covered, -1 to 1.
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

    def probability(self, features: Features) -> float:
        """0 to 1."""
        pairs = zip(vars(self.weights).values(), vars(features).values(), strict=True)
        logit = self.intercept + sum(weight * value for weight, value in pairs)
        return 1 / (1 + exp(-max(min(logit, 60.0), -60.0)))


CALIBRATION = Calibration(
    intercept=-4.45,
    weights=Features(asked=8.13, passage=5.5, sentence=7.75, covered=1.74, known=3.05, topics=-19.97),
)


def mean_of_top(scores: Scores, k: int) -> float:
    """The mean of the `k` largest scores, or of all where there are fewer; 0 for none."""
    if len(scores) > k:
        scores = np.partition(scores, -k)[-k:]
    return float(scores.mean()) if len(scores) else 0.0
