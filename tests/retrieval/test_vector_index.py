"""The vector index, with values that a reader can compute by hand."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.errors import ArtefactError
from indexer.model.encoder import Embeddings
from indexer.retrieval.vector_index import VectorIndex
from tests.doubles import CountingEncoder

EAST, NORTH, BETWEEN = [1.0, 0.0], [0.0, 1.0], [0.6, 0.8]


def array(*rows: list[float]) -> Embeddings:
    """Rows as an array of float32."""
    return np.array(rows, dtype=np.float32).reshape(-1, 2)


@pytest.fixture
def index() -> VectorIndex:
    """Three unit vectors: east, north, and one between at (0.6, 0.8)."""
    return VectorIndex.build(array(EAST, NORTH, BETWEEN))


def near(neighbours: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Scores rounded to what float32 can tell."""
    return [(row, round(score, 6)) for row, score in neighbours]


def test_the_nearest_come_first_with_their_cosines(index: VectorIndex) -> None:
    """Due east the scores are 1, 0.6 and 0."""
    assert near(index.search(array(EAST)[0], 3)) == [(0, 1.0), (2, 0.6), (1, 0.0)]


def test_away_from_everything_scores_are_negative(index: VectorIndex) -> None:
    """Due west the scores are -1, -0.6 and 0, and larger is still nearer."""
    assert near(index.search(array([-1.0, 0.0])[0], 3)) == [(1, 0.0), (2, -0.6), (0, -1.0)]


@pytest.mark.parametrize(("k", "rows"), [(0, []), (1, [0]), (2, [0, 2]), (3, [0, 2, 1]), (4, [0, 2, 1]), (1000, [0, 2, 1])])
def test_k_is_the_most_that_come_back(index: VectorIndex, k: int, rows: list[int]) -> None:
    """At most k rows come back, and where fewer exist no padding (row -1) is among them."""
    assert [row for row, _ in index.search(array(EAST)[0], k)] == rows


@pytest.mark.parametrize(
    ("allowed", "rows"),
    [(None, [0, 2, 1]), ([], []), ([1], [1]), ([1, 2], [2, 1]), ([2, 1], [2, 1]), ([1, 1, 1], [1]), ([0, 99], [0])],
)
def test_only_allowed_rows_come_back(index: VectorIndex, allowed: list[int] | None, rows: list[int]) -> None:
    """Only rows that are allowed are looked at, without padding; none allowed gives none, and None allows all."""
    assert [row for row, _ in index.search(array(EAST)[0], 3, allowed)] == rows


def test_a_filter_leaves_the_scores_as_they_are(index: VectorIndex) -> None:
    """A row's cosine does not depend on which others are allowed."""
    assert near(index.search(array(EAST)[0], 3, [2])) == [(2, 0.6)]


def test_equal_rows_come_in_the_order_of_their_rows() -> None:
    """Equal cosines are ordered by row, also where only some of the equal ones are asked for."""
    same = VectorIndex.build(array(*[NORTH] * 3, *[EAST] * 60, NORTH))
    assert [row for row, _ in same.search(array(EAST)[0], 64)] == [*range(3, 63), 0, 1, 2, 63]
    assert [row for row, _ in same.search(array(EAST)[0], 2)] == [3, 4]
    assert [row for row, _ in same.search(array(EAST)[0], 2, [50, 40, 60])] == [40, 50]


@pytest.mark.parametrize("allowed", [None, [], [0]])
def test_an_index_without_rows_finds_nothing(allowed: list[int] | None) -> None:
    """An index of no rows keeps its dimension and finds nothing."""
    empty = VectorIndex.build(array())
    assert empty.shape == (0, 2)
    assert empty.search(array(EAST)[0], 3, allowed) == []


def test_one_row_is_found() -> None:
    """An index of one row finds it."""
    assert near(VectorIndex.build(array(BETWEEN)).search(array(BETWEEN)[0], 5)) == [(0, 1.0)]


def test_texts_are_found_by_the_words_they_share() -> None:
    """With the counting encoder, a text of school and plan is nearest to itself, then to the one that shares more."""
    encoder = CountingEncoder()
    index = VectorIndex.build(encoder.encode(["plan", "school plan", "money", "school school plan"]))
    neighbours = near(index.search(encoder.encode(["school plan"])[0], 4))
    assert neighbours == [(1, 1.0), (3, 0.948683), (0, 0.707107), (2, 0.0)]


def test_an_index_comes_back_from_its_bytes(index: VectorIndex) -> None:
    """Bytes give the same index again, and equal rows give equal bytes."""
    data = index.to_bytes()
    again = VectorIndex.from_bytes(data)
    assert again.shape == (3, 2)
    assert near(again.search(array(EAST)[0], 3)) == [(0, 1.0), (2, 0.6), (1, 0.0)]
    assert data == VectorIndex.build(array(EAST, NORTH, BETWEEN)).to_bytes() == again.to_bytes()


@pytest.mark.parametrize("data", [b"", b"no index at all", b"\x00" * 200])
def test_bytes_that_are_no_index_are_refused(data: bytes) -> None:
    """Bytes that are no index are refused, with the command that mends it."""
    with pytest.raises(ArtefactError, match=r"The vector index cannot be read\. Run `python -m indexer build`\."):
        VectorIndex.from_bytes(data)


def test_an_index_that_was_cut_short_is_refused(index: VectorIndex) -> None:
    """An index with its end missing is refused."""
    with pytest.raises(ArtefactError, match="cannot be read"):
        VectorIndex.from_bytes(index.to_bytes()[:-5])
