"""Fusion of two retrievers' scores: the sums are those that a reader works out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.retrieval.fusion import Scores, min_max, weighted_sum


def scores(*values: float) -> Scores:
    return np.array(values, dtype=np.float64)


def test_min_max_stretches_to_0_and_1() -> None:
    """The least becomes 0, the largest 1, and one halfway between becomes a half, also below zero."""
    assert min_max(scores(2, 4, 3)).tolist() == [0.0, 1.0, 0.5]
    assert min_max(scores(-1, 1, 0)).tolist() == [0.0, 1.0, 0.5]


@pytest.mark.parametrize("alike", [(0.0, 0.0), (3.0,), (-1.0, -1.0, -1.0)])
def test_scores_all_alike(alike: tuple[float, ...]) -> None:
    """Scores that are all alike say nothing and become 0."""
    assert min_max(scores(*alike)).tolist() == [0.0] * len(alike)


def test_nothing_to_normalise() -> None:
    """No scores give no scores."""
    assert min_max(scores()).tolist() == []


def test_weighted_sum() -> None:
    """Each row gets its weighted share of both normalised scores."""
    # Dense 0, 1, 0.5; lexical 1, 0, 0.
    assert weighted_sum(scores(0.2, 0.6, 0.4), scores(8, 2, 2), 0.6).tolist() == pytest.approx([0.4, 0.6, 0.3])


@pytest.mark.parametrize(("weight", "expected"), [(1.0, [0.0, 1.0]), (0.0, [1.0, 0.0])])
def test_the_ends_of_the_weight(weight: float, expected: list[float]) -> None:
    """At weight 1 only meaning counts, at 0 only words."""
    assert weighted_sum(scores(0.1, 0.9), scores(5, 1), weight).tolist() == expected


def test_the_scale_of_a_retriever_does_not_matter() -> None:
    """Scores ten times as large, or all larger by the same, fuse to the same."""
    dense, lexical = scores(0.1, 0.5, 0.3), scores(1, 0, 4)
    once = weighted_sum(dense, lexical, 0.5)
    assert weighted_sum(dense + 7, lexical * 10, 0.5).tolist() == pytest.approx(once.tolist())
