"""How should the probability that the best page answers be told? `python -m benchmarks.calibrate` fits it and prints it.

Over tests/relevance/calibration.jsonl, first-set.json and the tuning half of queries.jsonl, and the built artefact; the test
half is not read. Each of the three sets is told by a fit on the other two; the constants printed are the fit on all.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.linear_model import LogisticRegression

from indexer.artefact import load_artefact
from indexer.evaluate import in_tuning_half, read_judgements, read_queries
from indexer.ranking import Calibration, Features, Ranker

FOLDER = Path("tests/relevance")
LEAST = (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
REGULARISATION = 10.0


def labelled() -> list[tuple[str, str, bool]]:
    """Set, problem, and whether the library answers it."""
    lines = (FOLDER / "calibration.jsonl").read_text(encoding="utf-8").splitlines()
    found = [("calibration", entry["text"], entry["answerable"]) for entry in map(json.loads, lines)]
    first = json.loads((FOLDER / "first-set.json").read_text(encoding="utf-8"))
    found += [("first set", entry["q"], True) for entry in first["answerable"]]
    found += [("first set", text, False) for text in first["unanswerable"]]
    qrels = read_judgements(FOLDER / "qrels.tsv")
    queries = read_queries(FOLDER / "queries.jsonl")
    return found + [("tuning half", text, key in qrels) for key, text in queries.items() if in_tuning_half(key)]


def main() -> None:
    """Prints the table and the constants."""
    artefact = load_artefact(Path("build/artefact"))
    ranker = Ranker(artefact.pages, artefact.index, artefact.topics, artefact.glossary)
    entries = labelled()
    features = [ranker.rank(artefact.encoder.encode([ranker.spelt_out(text)])[0], text).features for _, text, _ in entries]
    x = np.array([list(vars(found).values()) for found in features])
    y = np.array([answerable for *_, answerable in entries])
    sets = np.array([name for name, *_ in entries])
    names = list(dict.fromkeys(sets.tolist()))
    held_out = np.zeros(len(y))
    for name in names:
        held_out[sets == name] = _fit(x[sets != name], y[sets != name]).predict_proba(x[sets == name])[:, 1]
    table = Table("least probability", *(f"{name}: answered, declined" for name in names))
    for least in LEAST:
        shares = [
            f"{(held_out[(sets == name) & y] >= least).mean():.3f}, {(held_out[(sets == name) & ~y] < least).mean():.3f}"
            for name in names
        ]
        table.add_row(f"{least:.2f}", *shares)
    Console().print(table)
    whole = _fit(x, y)
    weights = Features(*(round(float(weight), 2) for weight in whole.coef_[0]))
    Console().print(Calibration(round(float(whole.intercept_[0]), 2), weights))


def _fit(x: np.ndarray, y: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=REGULARISATION, max_iter=5_000).fit(x, y)


if __name__ == "__main__":
    main()
