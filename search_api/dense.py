"""The dense retriever: the query's embedding against others, by cosine."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.encoder import Embeddings
from indexer.vector_index import VectorIndex


class DenseRetriever:
    """Finds the rows nearest in meaning."""

    def __init__(self, index: VectorIndex) -> None:
        self._index = index

    def run(self, query: Embeddings, rows: Sequence[int]) -> dict[int, float]:
        """The cosine (-1 to 1, larger is nearer) of each of `rows`, nearest first.

        Args:
            query: The query's embedding, shape (dimension,).
            rows: The only rows to look at.
        """
        return dict(self._index.search(query, len(rows), rows))
