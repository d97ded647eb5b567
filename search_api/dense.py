"""The dense retriever: the query's embedding against the passages', by cosine."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.encoder import Encoder
from indexer.vector_index import VectorIndex


class DenseRetriever:
    """Finds the passages nearest in meaning."""

    def __init__(self, encoder: Encoder, index: VectorIndex) -> None:
        self._encoder = encoder
        self._index = index

    def run(self, query: str, rows: Sequence[int]) -> dict[int, float]:
        """The cosine (-1 to 1, larger is nearer) of each row looked at; `rows` are the only ones."""
        return dict(self._index.search(self._encoder.encode([query])[0], len(rows), rows))
