"""Measures of answers as they are shown: what a reader sees, with what was declined and what stands behind "Less close"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.evaluation.measures import interval

Grades = Mapping[str, int]
"""The helpful pages of a query: 2 for one that a reader would be glad to be sent to, 1 for one that helps with a part."""


@dataclass(frozen=True)
class Shown:
    """What an answer shows: its pages in order, and how many of the first are shown at once; none where it declined."""

    pages: tuple[str, ...]
    close: int


def ndcg(shown: Sequence[str], grades: Grades, depth: int = 10) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002), the gain being the grade; 0 to 1."""
    gains = [grades.get(page, 0) for page in shown[:depth]]
    best = sorted(grades.values(), reverse=True)[:depth]
    return _discounted(gains) / _discounted(best) if best else 0.0


def _discounted(gains: Iterable[int]) -> float:
    return float(sum(gain / np.log2(place + 2) for place, gain in enumerate(gains)))


def measured(shown: Mapping[str, Shown], qrels: Mapping[str, Grades]) -> dict[str, list[float]]:
    """Each measure's values, one a query that it is of.

    Args:
        shown: By query.
        qrels: By query; one that nothing helps with has no grades.

    Returns:
        nDCG@10, first result helps, a best page among the first three, recall of best pages at 5 and at 10 and answered: of
        the queries with a page of grade 2 (the first two of those with any helpful page); declined: of those with none;
        share that helps: of each result shown at once among the first ten, over the queries with a helpful page.
    """
    values: dict[str, list[float]] = {name: [] for name in MEASURES}
    for key, answer in shown.items():
        grades = qrels.get(key, {})
        best = {page for page, grade in grades.items() if grade == 2}
        if not grades:
            values["declined"].append(float(not answer.pages))
            continue
        first = answer.pages[:10]
        values["nDCG@10"].append(ndcg(answer.pages, grades))
        values["first result helps"].append(float(bool(first) and first[0] in grades))
        values["share of the shown that help"] += [float(page in grades) for page in first[: answer.close]]
        if best:
            values["a best page in the first three"].append(float(bool(best & set(first[:3]))))
            for depth in (5, 10):
                values[f"recall of best pages at {depth}"].append(len(best & set(first[:depth])) / min(len(best), depth))
            values["answered"].append(float(bool(answer.pages)))
    return values


MEASURES = (
    "nDCG@10",
    "first result helps",
    "a best page in the first three",
    "recall of best pages at 5",
    "recall of best pages at 10",
    "share of the shown that help",
    "answered",
    "declined",
)


def table(engines: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """The measures of some engines, side by side, each with its 95 % interval and over how many."""
    lines = ["| As shown | of | " + " | ".join(engines) + " |", "|---|---|" + "---|" * len(engines)]
    for name in MEASURES:
        cells = []
        for values in engines.values():
            low, high = interval(values[name]) if values[name] else (0.0, 0.0)
            cells.append(f"{np.mean(values[name]):.3f} ({low:.3f} to {high:.3f})" if values[name] else "none")
        count = max(len(values[name]) for values in engines.values())
        lines.append(f"| {name} | {count} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def by_group(shown: Mapping[str, Shown], qrels: Mapping[str, Grades], group_of: Callable[[str], str]) -> str:
    """The measures by group of queries, as a table with a row a group."""
    groups: dict[str, dict[str, Shown]] = {}
    for key, answer in shown.items():
        groups.setdefault(group_of(key), {})[key] = answer
    names = ("nDCG@10", "first result helps", "answered", "declined")
    lines = ["| Problems | how many | " + " | ".join(names) + " |", "|---|---|" + "---|" * len(names)]
    for group in sorted(groups):
        values = measured(groups[group], qrels)
        cells = [f"{np.mean(values[name]):.3f} ({len(values[name])})" if values[name] else "none" for name in names]
        lines.append(f"| {group} | {len(groups[group])} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
