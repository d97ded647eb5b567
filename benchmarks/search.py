"""How long does a whole search take beside the encoding of its problem alone? `python -m benchmarks.search` tells.

Over the judged problems and the built artefact, in turns in one run: the encoder's call, then the whole search.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from indexer.artefact.versions import load_current
from indexer.evaluation.judged import read_queries
from search_api.answer import SearchRequest
from search_api.search import Searcher

ROUNDS = 5


def main() -> None:
    """Prints the medians and their ratio."""
    artefact = load_current(Path("build"))
    searcher = Searcher.from_artefact(artefact)
    problems = list(read_queries(Path("tests/relevance/queries.jsonl")).values())
    encoding_s: list[float] = []
    searching_s: list[float] = []
    for _ in range(ROUNDS):
        for problem in problems:
            started = time.perf_counter()
            artefact.encoder.encode([problem])
            between = time.perf_counter()
            searcher.search(SearchRequest(q=problem, focus_area=[]))
            encoding_s.append(between - started)
            searching_s.append(time.perf_counter() - between)
    encoding, searching = statistics.median(encoding_s), statistics.median(searching_s)
    print(f"{len(problems)} problems, {ROUNDS} rounds, {artefact.manifest.passages} passages")
    print(f"median: encoding {encoding * 1000:.2f} ms, search {searching * 1000:.2f} ms, ratio {searching / encoding:.2f}")


if __name__ == "__main__":
    main()
