"""Fusion of two retrievers' scores: a weighted sum after min-max normalisation (compared in docs/search-quality.md)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float64]
"""One score a page or passage; larger is better."""


def min_max(scores: Scores) -> Scores:
    """Scores stretched to 0 (the least) to 1 (the largest); all 0 where they are all alike."""
    if not len(scores):
        return scores
    least = scores.min()
    span = scores.max() - least
    return np.asarray((scores - least) / span if span > 0 else np.zeros_like(scores), dtype=np.float64)


def weighted_sum(dense: Scores, lexical: Scores, dense_weight: float) -> Scores:
    """`dense_weight` x dense + (1 - `dense_weight`) x lexical, both normalised: 0 to 1, same shape as each."""
    return dense_weight * min_max(dense) + (1 - dense_weight) * min_max(lexical)
