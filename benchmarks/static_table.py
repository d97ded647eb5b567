"""Method B for the page's encoder: a static table, one vector a word piece, averaged. Measured, not used.

    python -m benchmarks.static_table      after `python -m indexer build`; takes about two minutes

Each piece's vector is what the server's model gives for the piece alone; then the table is fitted, by ridge regression on
the library's own texts, so that the mean of a text's vectors comes near to the text's embedding. The judged problems are not
used.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from indexer.artefact.store import load_artefact
from indexer.artefact.versions import open_version
from indexer.evaluation.judged import in_tuning_half, read_judgements, read_queries
from indexer.evaluation.measures import measure
from indexer.model.encoder import load_tokenizer
from indexer.retrieval.layout import texts_to_embed
from tests.conftest import ROOT

RIDGE = 0.3
Rows = npt.NDArray[np.float32]


def main() -> None:
    """Prints nDCG@10 on the test half with the server's model and with the table."""
    folder = open_version(ROOT / "build").artefact
    artefact = load_artefact(folder)
    tokenizer = load_tokenizer(folder, 256)
    pages = artefact.ranker().pages
    vocabulary = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    alone = artefact.encoder.encode([piece.removeprefix("##") for piece in vocabulary])

    def piece_shares(texts: list[str]) -> Rows:
        """Each text's share of each piece, shape (texts, pieces)."""
        rows = np.zeros((len(texts), len(vocabulary)), dtype=np.float32)
        for row, text in enumerate(texts):
            ids = tokenizer.encode(text, add_special_tokens=False).ids or [100]
            np.add.at(rows[row], ids, 1 / len(ids))
        return rows

    texts = texts_to_embed(pages, artefact.topics, artefact.focus_areas)
    given, wanted = piece_shares(texts), artefact.index.rows()
    kernel = given @ given.T + RIDGE * np.mean((given**2).sum(axis=1)) * np.eye(len(texts), dtype=np.float32)
    table = alone + given.T @ np.linalg.solve(kernel, wanted - given @ alone)
    ranker = artefact.ranker()
    qrels = read_judgements(ROOT / "tests" / "relevance" / "qrels.tsv")
    queries = {
        key: text
        for key, text in read_queries(ROOT / "tests" / "relevance" / "queries.jsonl").items()
        if not in_tuning_half(key) and key in qrels
    }
    expanded = [ranker.expand_abbreviations(text) for text in queries.values()]
    served = artefact.encoder.encode(expanded)
    averaged = piece_shares(expanded) @ table
    averaged /= np.linalg.norm(averaged, axis=1, keepdims=True)
    known = {key for key, text in queries.items() if ranker.rank(served[0], text).features.known == 1}
    print(f"cosine: {float((served * averaged).sum(axis=1).mean()):.3f}; table of {len(vocabulary):,} vectors")
    for name, keys in (("all", set(queries)), ("with a word that no page holds", set(queries) - known)):
        for engine, rows in (("the server's model", served), ("the static table", averaged)):
            run = {}
            for (key, text), row in zip(queries.items(), rows, strict=True):
                order = ranker.rank(row.astype(np.float32), text).order()[:10]
                run[key] = {ranker.pages[page].id: float(10 - rank) for rank, page in enumerate(order)}
            judged = {key: qrels[key] for key in keys}
            ndcg = measure({key: run[key] for key in keys}, judged).means["nDCG@10"]
            print(f"{name} ({len(keys)}), {engine}: nDCG@10 {ndcg:.3f}")


if __name__ == "__main__":
    main()
