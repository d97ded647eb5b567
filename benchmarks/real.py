"""How well search answers real problems, as shown: the server's engine and the page's.

    python -m benchmarks.real        after `python -m indexer build`
    python -m benchmarks.real --write docs/search-quality.md

The problems, who wrote them and who judged them: tests/relevance/real/README.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from indexer.artefact.versions import load_current
from indexer.evaluation.judged import read_judgements, read_queries
from indexer.evaluation.report import write_between
from indexer.evaluation.shown import Shown, by_group, measured, table
from search_api.answer import SearchRequest
from search_api.search import Searcher
from tests.conftest import ROOT
from tests.node import ask_engine

REAL = ROOT / "tests" / "relevance" / "real"
INDEX = ROOT / "build" / "site" / "assets" / "search" / "index"
MOST_HITS = 50


def main() -> None:
    """Prints the report, or writes it between a page's two markers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    queries, qrels = read_queries(REAL / "queries.jsonl"), read_judgements(REAL / "qrels.tsv")
    server, page = by_server(queries), by_page(queries)
    details = {entry["_id"]: entry["metadata"] for entry in _lines(REAL / "queries.jsonl")}
    report = "\n\n".join(
        [
            table({"Server": measured(server, qrels), "Page": measured(page, qrels)}),
            by_group(server, qrels, lambda key: f"{details[key]['form']}"),
            by_group(server, qrels, lambda key: f"typed by: {details[key]['role'] or 'not stated'}"),
        ]
    )
    print(report)
    if options.write:
        write_between(options.write, "real", report)


def by_server(queries: Mapping[str, str]) -> dict[str, Shown]:
    """What the server's engine shows."""
    searcher = Searcher.from_artefact(load_current(ROOT / "build"))
    answers = (searcher.search(SearchRequest(q=text, limit=MOST_HITS, focus_area=[])) for text in queries.values())
    return _shown(queries, (answer.model_dump(mode="json") for answer in answers))


def by_page(queries: Mapping[str, str]) -> dict[str, Shown]:
    """What the page's engine shows, with its own model."""
    requests = [{"q": text, "limit": MOST_HITS} for text in queries.values()]
    return _shown(queries, ask_engine({"index": str(INDEX), "requests": requests}))


def _shown(queries: Mapping[str, str], answers: Iterable[Mapping[str, Any]]) -> dict[str, Shown]:
    return {
        key: Shown(tuple(hit["id"] for hit in answer["hits"]), sum(hit["close"] for hit in answer["hits"]))
        for key, answer in zip(queries, answers, strict=True)
    }


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
