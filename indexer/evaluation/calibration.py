"""Fits the probability that the best page answers: `python -m indexer calibrate` prints the error rates and the constants.

Over calibration.jsonl, first-set.json, the tuning half of queries.jsonl and that part of the training problems which the
adapter is kept from; neither the test half nor the real problems are read. Each set is told by a fit on the others; the
constants are the fit on all. The door to scikit-learn.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from indexer.evaluation.judged import in_tuning_half, read_judgements, read_queries
from indexer.retrieval.probability import Calibration, Features
from indexer.retrieval.ranking import Ranker

FLOORS = (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
"""Those whose error rates are told."""
REGULARISATION = 10.0
"""Scikit-learn's C: the inverse of the strength of the L2 penalty."""


def report_of_calibration(ranker: Ranker, folder: Path, training: Path) -> str:
    """The shares answered and declined at each floor, as a Markdown table, and the constants fitted on all sets.

    Args:
        ranker: Over the Casebook's pages.
        folder: tests/relevance.
        training: The training problems' folder.
    """
    entries = [*_labelled(folder), *_trained(training)]
    features = [ranker.rank(ranker.embed([text])[0], text).features for _, text, _ in entries]
    x = np.array([list(vars(each).values()) for each in features])
    y = np.array([answerable for *_, answerable in entries])
    sets = np.array([name for name, *_ in entries])
    names = list(dict.fromkeys(sets.tolist()))
    held_out = np.zeros(len(y))
    for name in names:
        held_out[sets == name] = _fit(x[sets != name], y[sets != name]).predict_proba(x[sets == name])[:, 1]
    lines = ["| least probability | " + " | ".join(f"{name}: answered, declined" for name in names) + " |"]
    lines += ["|---" * (len(names) + 1) + "|"]
    for floor in FLOORS:
        rates = [
            f"{(held_out[(sets == name) & y] >= floor).mean():.3f}, {(held_out[(sets == name) & ~y] < floor).mean():.3f}"
            for name in names
        ]
        lines += [f"| {floor:.2f} | " + " | ".join(rates) + " |"]
    whole = _fit(x, y)
    weights = Features(*(round(float(weight), 2) for weight in whole.coef_[0]))
    return "\n".join([*lines, "", str(Calibration(round(float(whole.intercept_[0]), 2), weights))])


def _labelled(folder: Path) -> list[tuple[str, str, bool]]:
    """Set, problem, and whether the library answers it."""
    lines = (folder / "calibration.jsonl").read_text(encoding="utf-8").splitlines()
    labelled = [("calibration", entry["text"], entry["answerable"]) for entry in map(json.loads, lines)]
    first = json.loads((folder / "first-set.json").read_text(encoding="utf-8"))
    labelled += [("first set", entry["q"], True) for entry in first["answerable"]]
    labelled += [("first set", text, False) for text in first["unanswerable"]]
    qrels = read_judgements(folder / "qrels.tsv")
    queries = read_queries(folder / "queries.jsonl")
    return labelled + [("tuning half", text, key in qrels) for key, text in queries.items() if in_tuning_half(key)]


def _trained(folder: Path) -> list[tuple[str, str, bool]]:
    """Of the training problems kept for fitting, those with a page of grade 2, and those that nothing helps."""
    queries = read_queries(folder / "problems.jsonl", lambda metadata: metadata.get("part") == "fit")
    grades = read_judgements(folder / "qrels.tsv")
    best = {key: max(grades.get(key, {"": 0}).values()) for key in queries}
    return [("training", text, best[key] == 2) for key, text in queries.items() if best[key] != 1]


def _fit(x: Any, y: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=REGULARISATION, max_iter=5_000).fit(x, y)
