"""Fusion: min-max normalisation and the weighted sum, by hand."""

from __future__ import annotations

import pytest

from search_api.fusion import DENSE_WEIGHT, min_max, weighted_sum


def test_min_max_by_hand() -> None:
    """The least score becomes 0, the largest 1, and one a quarter of the way up 0.25."""
    assert min_max({7: 2.0, 3: 4.0, 5: 10.0}) == {7: 0.0, 3: 0.25, 5: 1.0}


def test_min_max_of_negative_scores() -> None:
    """Cosines below 0 are stretched like any other."""
    assert min_max({0: -0.5, 1: 0.0, 2: 0.5}) == {0: 0.0, 1: 0.5, 2: 1.0}


@pytest.mark.parametrize("score", [0.0, 0.8, -0.2])
def test_min_max_of_equal_scores(score: float) -> None:
    """Scores that are all alike tell nothing apart, so each becomes 0."""
    assert min_max({0: score, 1: score}) == {0: 0.0, 1: 0.0}


def test_min_max_of_nothing() -> None:
    """No scores stay no scores."""
    assert min_max({}) == {}


def test_weighted_sum_by_hand() -> None:
    """A row's score is the dense share of its normalised dense score plus the rest of its normalised lexical score."""
    dense, lexical = {0: 0.2, 1: 0.6, 2: 1.0}, {0: 8.0, 1: 2.0, 2: 0.0}
    # Normalised: dense 0, 0.5, 1; lexical 1, 0.25, 0.
    assert weighted_sum(dense, lexical, 0.6) == pytest.approx({0: 0.4, 1: 0.3 + 0.1, 2: 0.6})


def test_a_row_of_one_side_only() -> None:
    """A row that one retriever did not score counts as 0 there and is kept."""
    found = weighted_sum({0: 0.0, 1: 1.0}, {2: 5.0, 0: 1.0}, 0.75)
    assert found == pytest.approx({0: 0.0, 1: 0.75, 2: 0.25})


@pytest.mark.parametrize(("weight", "expected"), [(1.0, {0: 0.0, 1: 1.0}), (0.0, {0: 1.0, 1: 0.0})])
def test_the_ends_of_the_weight(weight: float, expected: dict[int, float]) -> None:
    """A weight of 1 is the dense order alone, and 0 the lexical order alone."""
    assert weighted_sum({0: 0.1, 1: 0.9}, {0: 3.0, 1: 1.0}, weight) == expected


def test_nothing_to_fuse() -> None:
    """Two retrievers that found nothing give nothing."""
    assert weighted_sum({}, {}, 0.5) == {}


def test_the_weight_in_use_hears_both_sides() -> None:
    """Neither retriever is left out, so that the best of both is above the best of either."""
    found = weighted_sum({0: 1.0, 1: 1.0, 2: 0.0, 3: 0.0}, {0: 1.0, 1: 0.0, 2: 1.0, 3: 0.0}, DENSE_WEIGHT)
    assert found[0] == pytest.approx(1.0)
    assert found[0] > max(found[1], found[2])
    assert min(found[1], found[2]) > found[3] == 0.0
