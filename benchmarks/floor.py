"""Where should the relevance floor stand? `python -m benchmarks.floor` prints, for each floor, what it answers and declines.

Over tests/relevance/first-set.json and the built artefact: the share of answerable problems that get an answer, the share
whose first focus area is a right one, and the share of unanswerable problems that are declined.
"""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from indexer.artefact import load_artefact
from search_api.answer import Answer, SearchRequest
from search_api.search import Searcher

FLOORS = (0.25, 0.30, 0.35, 0.375, 0.40, 0.45, 0.50)


def main() -> None:
    """Prints the table."""
    data = json.loads(Path("tests/relevance/first-set.json").read_text(encoding="utf-8"))
    artefact = load_artefact(Path("build/artefact"))
    table = Table("floor", "answered", "right focus area first", "declined")
    for floor in FLOORS:
        searcher = Searcher.of(artefact, floor)
        answers = [(_ask(searcher, entry["q"]), entry["focus_areas"]) for entry in data["answerable"]]
        declined = [not _ask(searcher, text).answered for text in data["unanswerable"]]
        right = [answer.answered and answer.focus_areas[0].slug in areas for answer, areas in answers]
        answered = [answer.answered for answer, _ in answers]
        table.add_row(f"{floor:.3f}", *(f"{sum(found)} of {len(found)}" for found in (answered, right, declined)))
    Console().print(f"{artefact.manifest.passages} passages of {artefact.manifest.documents} pages", table)


def _ask(searcher: Searcher, problem: str) -> Answer:
    return searcher.search(SearchRequest(q=problem, focus_area=[]))


if __name__ == "__main__":
    main()
