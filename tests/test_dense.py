"""The dense retriever: cosines of the query and the passages it may look at."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import pytest

from indexer.encoder import Embeddings
from indexer.vector_index import VectorIndex
from search_api.dense import DenseRetriever
from tests.doubles import CountingEncoder

TEXTS = ("school", "school plan", "money", "school school plan")


def retriever(texts: Sequence[str] = TEXTS) -> DenseRetriever:
    return DenseRetriever(VectorIndex.build(CountingEncoder().encode(texts)))


def embedded(text: str) -> Embeddings:
    return CountingEncoder().encode([text]).reshape(-1)


def test_cosines_by_hand() -> None:
    """Each row's score is its cosine with the query: 1 for the same direction, 0 for nothing in common."""
    found = retriever().run(embedded("a school"), range(4))
    assert found == pytest.approx({0: 1.0, 1: 1 / sqrt(2), 2: 0.0, 3: 2 / sqrt(5)}, abs=1e-6)


def test_nearest_first() -> None:
    """Rows come nearest first."""
    assert list(retriever().run(embedded("school"), range(4))) == [0, 3, 1, 2]


def test_only_the_rows_given() -> None:
    """Rows that were not given are not looked at, however near they are."""
    assert retriever().run(embedded("school"), [1, 2]) == pytest.approx({1: 1 / sqrt(2), 2: 0.0}, abs=1e-6)


def test_no_rows() -> None:
    """Where no row may be looked at, there are no scores."""
    assert retriever().run(embedded("school"), []) == {}


def test_one_passage() -> None:
    """A corpus of one passage gives that passage and no other row."""
    assert retriever(["plan"]).run(embedded("plan"), [0]) == pytest.approx({0: 1.0}, abs=1e-6)
