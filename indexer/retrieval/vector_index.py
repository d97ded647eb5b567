"""The vector index: exact inner product over unit vectors, and the only door to FAISS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import ArtefactError
from indexer.model.encoder import Embeddings

QUANTISATION_STEP = 0.01
"""What the numbers of a stored embedding are rounded to: by it a cosine moves by some thousandths, and a file compresses to
a seventh. The page and the server read the same rounded numbers (docs/decisions/0006)."""
Codes = npt.NDArray[np.int8]
"""Quantised embeddings, in steps, shape (rows, dimension)."""


def quantise(embeddings: Embeddings) -> Codes:
    """Unit vectors, shape (rows, dimension), in whole steps of `QUANTISATION_STEP`, -100 to 100."""
    return np.asarray(np.rint(embeddings / QUANTISATION_STEP), dtype=np.int8)


def dequantise(codes: Codes) -> Embeddings:
    """The embeddings that codes stand for; their length is 1 but for the rounding."""
    return np.asarray(codes.astype(np.float32) * np.float32(QUANTISATION_STEP), dtype=np.float32)


class VectorIndex:
    """Finds the rows nearest to a query by cosine."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self.shape = (int(index.ntotal), int(index.d))
        """Rows and dimension."""

    @classmethod
    def build(cls, embeddings: Embeddings) -> VectorIndex:
        """An index of the rows of `embeddings`, shape (rows, dimension), in their order."""
        import faiss

        index = faiss.IndexFlatIP(embeddings.shape[1])
        index.add(np.ascontiguousarray(embeddings, dtype=np.float32))
        return cls(index)

    @classmethod
    def from_bytes(cls, data: bytes) -> VectorIndex:
        """Reads what `to_bytes` gave.

        Raises:
            ArtefactError: Where the bytes are no index.
        """
        import faiss

        try:
            return cls(faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8)))
        except Exception as error:  # FAISS raises RuntimeError and AssertionError alike
            raise ArtefactError("The vector index cannot be read. Run `python -m indexer build`.") from error

    def to_bytes(self) -> bytes:
        """The index as bytes; equal rows give equal bytes."""
        import faiss

        return bytes(faiss.serialize_index(self._index).tobytes())

    def rows(self) -> Embeddings:
        """The embeddings as they were given, shape (rows, dimension)."""
        return np.asarray(self._index.reconstruct_n(0, self.shape[0]), dtype=np.float32)

    def cosines(self, query: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The cosine of a query, shape (dimension,), with every row: shape (rows,), -1 to 1, larger is nearer."""
        import faiss

        rows, dimension = self.shape
        cosines = np.zeros(rows, dtype=np.float32)
        if rows:
            # Not index.search: all rows are wanted, unsorted, and on this thread alone, because others serve other queries.
            vector = np.ascontiguousarray(query, dtype=np.float32)
            faiss.fvec_inner_products_ny(  # type: ignore[attr-defined,unused-ignore]
                faiss.swig_ptr(cosines), faiss.swig_ptr(vector), self._index.get_xb(), dimension, rows
            )
        return cosines

    def search(
        self, query: npt.NDArray[np.float32], k: int, allowed: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """The rows nearest to a query.

        Args:
            query: One unit vector, shape (dimension,).
            k: The most rows to return; fewer come back where fewer exist.
            allowed: The only rows to look at, or None for all.

        Returns:
            Pairs of row and cosine, nearest first; equal cosines by row.
        """
        import faiss

        if allowed is not None and not len(allowed):
            return []
        parameters = None
        if allowed is not None:
            selected: Any = faiss.IDSelectorBatch(np.asarray(allowed, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selected)  # type: ignore[call-arg,unused-ignore]
        k = min(k, self.shape[0])
        if not k:
            return []
        scores, rows = self._index.search(query.reshape(1, -1).astype(np.float32), k, params=parameters)
        # FAISS pads with row -1 when fewer rows exist than asked.
        neighbours = [(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0]
        return sorted(neighbours, key=lambda pair: (-pair[1], pair[0]))
