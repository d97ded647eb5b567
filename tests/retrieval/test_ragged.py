"""Ragged arrays: rows of different lengths in one flat array, empty ones and none among them."""

from __future__ import annotations

from math import inf

import numpy as np

from indexer.retrieval.ragged import RaggedShape

SHAPE = RaggedShape([2, 0, 3])
VALUES = np.array([0.5, 0.25, -0.5, 1.0, 1.0])


def test_where_the_rows_stand() -> None:
    """A row starts where those before it end, and each value knows its row."""
    assert len(SHAPE) == 5
    assert SHAPE.row_starts.tolist() == [0, 2, 2]
    assert SHAPE.row_ids.tolist() == [0, 0, 2, 2, 2]


def test_padded_rows() -> None:
    """Rows are filled up with minus infinity to the longest one's length."""
    assert SHAPE.padded(VALUES).tolist() == [[0.5, 0.25, -inf], [-inf, -inf, -inf], [-0.5, 1.0, 1.0]]


def test_the_largest_of_each_row() -> None:
    """Each row has its largest value and the first column that holds it; an empty row has what is given, and -1."""
    assert SHAPE.row_max(VALUES).tolist() == [0.5, -1.0, 1.0]
    assert SHAPE.row_max(VALUES, empty=0.0).tolist() == [0.5, 0.0, 1.0]
    assert SHAPE.row_argmax(VALUES).tolist() == [0, -1, 1]


def test_no_rows_and_rows_without_values() -> None:
    """No rows give no values; rows that are all empty give what an empty row gives."""
    none, empty = RaggedShape([]), RaggedShape([0, 0])
    assert (len(none), none.row_max(np.array([])).tolist(), none.row_argmax(np.array([])).tolist()) == (0, [], [])
    assert (empty.row_max(np.array([])).tolist(), empty.row_argmax(np.array([])).tolist()) == ([-1.0, -1.0], [-1, -1])
