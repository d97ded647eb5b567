"""Values in rows of different lengths, kept as one flat array: a ragged array, such as the sentences of all passages."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from indexer.retrieval.fusion import Scores


class RaggedShape:
    """The shape of a ragged array whose rows stand one after another in a flat array of values.

    Attributes:
        row_lengths: How many values each row has, shape (rows,).
        row_starts: Where each row starts in the flat array, shape (rows,).
        row_ids: The row of each value, shape (values,).
    """

    def __init__(self, row_lengths: Sequence[int]) -> None:
        self.row_lengths = np.array(row_lengths, dtype=np.int64)
        self.row_starts = np.cumsum(self.row_lengths) - self.row_lengths
        self.row_ids = np.repeat(np.arange(len(row_lengths)), self.row_lengths)
        self._non_empty = np.flatnonzero(self.row_lengths)
        columns = np.arange(self.row_lengths.max(initial=0))
        inside = columns < self.row_lengths[:, None]
        self._padded_positions = np.where(inside, self.row_starts[:, None] + columns, len(self.row_ids))

    def __len__(self) -> int:
        """How many values there are in all rows together."""
        return len(self.row_ids)

    def padded(self, values: Scores) -> Scores:
        """A row each, filled up with minus infinity: shape (rows, longest row)."""
        return np.append(values, -np.inf)[self._padded_positions]

    def row_max(self, values: Scores, empty: float = -1.0) -> Scores:
        """Each row's largest value, shape (rows,); `empty` for a row without values."""
        largest = np.full(len(self.row_lengths), empty)
        if self._non_empty.size:
            largest[self._non_empty] = np.maximum.reduceat(values, self.row_starts[self._non_empty])
        return largest

    def row_argmax(self, values: Scores) -> npt.NDArray[np.int64]:
        """The column of each row's largest value, of equal ones the first; -1 for a row without values."""
        if not self._padded_positions.size:
            return np.full(len(self.row_lengths), -1, dtype=np.int64)
        return np.where(self.row_lengths > 0, self.padded(values).argmax(axis=1), -1)
