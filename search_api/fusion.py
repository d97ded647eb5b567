"""Fusion of two retrievers' scores: a weighted sum after min-max normalisation (as compared in docs/how-search-works.md)."""

from __future__ import annotations

from collections.abc import Mapping

DENSE_WEIGHT = 0.55


def min_max(scores: Mapping[int, float]) -> dict[int, float]:
    """Scores stretched to 0 (the least) to 1 (the largest); all 0 where they are all alike."""
    if not scores:
        return {}
    least, largest = min(scores.values()), max(scores.values())
    span = largest - least
    return {row: (score - least) / span if span > 0 else 0.0 for row, score in scores.items()}


def weighted_sum(dense: Mapping[int, float], lexical: Mapping[int, float], dense_weight: float) -> dict[int, float]:
    """Each row's `dense_weight` x dense + (1 - `dense_weight`) x lexical, both normalised: 0 to 1.

    A row that one retriever did not score counts as 0 there.
    """
    left, right = min_max(dense), min_max(lexical)
    rows = left.keys() | right.keys()
    return {row: dense_weight * left.get(row, 0.0) + (1 - dense_weight) * right.get(row, 0.0) for row in rows}
