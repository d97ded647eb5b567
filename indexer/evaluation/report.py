"""The numbers of docs/search-quality.md, and those of any judged collection, as Markdown."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path

import numpy as np

from indexer.errors import CollectionError
from indexer.evaluation.judged import in_tuning_half, read_judgements, read_queries
from indexer.evaluation.measures import MEASURES, Decisions, Measured, decide, interval, measure, retrieve
from indexer.evaluation.systems import systems
from indexer.model.encoder import Embeddings
from indexer.retrieval.probability import CALIBRATION, FLOOR
from indexer.retrieval.ranking import Ranker


def table(measured: Mapping[str, Measured]) -> str:
    """The measures as a Markdown table, with the 95 % interval of nDCG@10."""
    lines = ["| System | nDCG@10 | 95 % interval | recall@5 | MRR@10 | judged@10 |", "|---|---|---|---|---|---|"]
    for name, system in measured.items():
        low, high = interval(system.ndcg)
        ndcg, *rest = (system.means[measure_name] for measure_name in MEASURES)
        lines.append(f"| {name} | {ndcg:.3f} | {low:.3f} to {high:.3f} | " + " | ".join(f"{v:.3f}" for v in rest) + " |")
    return "\n".join(lines)


def differences(measured: Mapping[str, Measured], system: str, baselines: Sequence[str]) -> str:
    """How far a system's nDCG@10 lies above the baselines', with the interval of the paired differences (bootstrap)."""
    lines = []
    for baseline in baselines:
        gains = [a - b for a, b in zip(measured[system].ndcg, measured[baseline].ndcg, strict=True)]
        low, high = interval(gains)
        lines.append(f"- {system} over {baseline}: {np.mean(gains):+.3f} ({low:+.3f} to {high:+.3f}).")
    return "\n".join(lines)


def decision_rates(decisions: Decisions) -> str:
    """The shares answered and declined, as a Markdown list."""
    lines = []
    for name, values in (
        ("Answerable problems answered", decisions.answered),
        ("Unanswerable ones declined", decisions.declined),
    ):
        low, high = interval([float(value) for value in values])
        lines.append(
            f"- {name}: {sum(values)} of {len(values)} ({np.mean(values):.3f}; 95 % interval {low:.3f} to {high:.3f})."
        )
    return "\n".join(lines)


def report_of_collection(ranker: Ranker, queries: Mapping[str, str], qrels: Mapping[str, dict[str, int]]) -> str:
    """The table for any collection."""
    judged = {key: text for key, text in queries.items() if key in qrels}
    embeddings = {key: ranker.embed([text])[0] for key, text in judged.items()}
    names = ("BM25 alone", "Meaning alone", "Both, best passage only", "Whole ranking")
    compared = systems(ranker)
    measured = {name: measure(retrieve(compared[name], ranker, embeddings, judged), qrels) for name in names}
    return table(measured) + "\n\n" + differences(measured, "Whole ranking", ("BM25 alone", "Meaning alone"))


def report_of_casebook(ranker: Ranker, folder: Path) -> str:
    """The numbers of docs/search-quality.md over the judged problems in `folder`, and what fails in the tuning half."""
    queries, qrels = read_queries(folder / "queries.jsonl"), read_judgements(folder / "qrels.tsv")
    embeddings = {key: ranker.embed([text])[0] for key, text in queries.items()}
    parts = []
    for half, wanted in (("test half", False), ("tuning half", True)):
        chosen = {key: text for key, text in queries.items() if in_tuning_half(key) == wanted}
        judged = {key: qrels[key] for key in chosen if key in qrels}
        answerable = {key: chosen[key] for key in judged}
        measured = {
            name: measure(retrieve(system, ranker, embeddings, answerable), judged)
            for name, system in systems(ranker).items()
        }
        gains = differences(measured, "Whole ranking", ("BM25 alone", "Meaning alone", "Whole ranking, its words alone"))
        title = f"### The {half}: {len(judged)} answerable problems, {len(chosen) - len(judged)} unanswerable"
        parts += [title, table(measured), gains, decision_rates(decide(ranker, embeddings, chosen, qrels))]
        if wanted:
            parts += ["### What it gets wrong in the tuning half", _failures(ranker, embeddings, chosen, qrels)]
    return "\n\n".join(parts)


def _failures(
    ranker: Ranker, embeddings: Mapping[str, Embeddings], queries: Mapping[str, str], answerable: Container[str]
) -> str:
    lines = []
    for key, text in queries.items():
        answered = CALIBRATION.probability(ranker.rank(embeddings[key], text).features) >= FLOOR
        if answered != (key in answerable):
            lines.append(f"- {'Answered, wrongly' if answered else 'Declined, wrongly'}: {' '.join(text.split())}")
    return "\n".join(sorted(lines)) or "Nothing."


def write_between(page: Path, name: str, text: str) -> None:
    """Puts a text between a page's lines `<!-- name begin -->` and `<!-- name end -->`.

    Raises:
        CollectionError: Where the page lacks them; it stays as it is.
    """
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    before, began, rest = page.read_text(encoding="utf-8").partition(f"{begin}\n")
    _, ended, after = rest.partition(end)
    if not began or not ended:
        raise CollectionError(f"{page} lacks the lines {begin} and {end}; nothing was written.")
    page.write_text(f"{before}{began}{text}\n{ended}{after}", encoding="utf-8")
