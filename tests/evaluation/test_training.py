"""The training material and the real problems: whole, sourced, and never crossing over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from indexer.artefact.store import Artefact
from indexer.evaluation.judged import read_judgements, read_queries
from tests.conftest import ROOT

TRAINING, REAL = ROOT / "training", ROOT / "tests" / "relevance" / "real"
RUN = 6
"""So many words in a row would be one problem copied from another."""


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def runs(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def test_there_is_enough_to_train_on() -> None:
    """At least 1,500 problems, each once, of which at least 500 are judged over all pages, in two parts."""
    problems, qrels = lines(TRAINING / "problems.jsonl"), read_judgements(TRAINING / "qrels.tsv")
    assert len({problem["text"].lower() for problem in problems}) == len(problems) >= 1_500
    parts = {problem["_id"]: problem["metadata"]["part"] for problem in problems}
    assert set(parts.values()) == {"adapter", "fit"}
    assert sum(key in parts for key in qrels) >= 500
    assert len(qrels) == len(qrels.keys() & parts.keys())


def test_the_real_problems_have_their_sources() -> None:
    """At least 310 problems, each once, each with where its words were found, terse, of a sentence, and longer."""
    problems = lines(REAL / "queries.jsonl")
    assert len({problem["text"].lower() for problem in problems}) == len(problems) >= 310
    assert [problem["_id"] for problem in problems if not problem["metadata"]["source"]] == []
    assert {problem["metadata"]["form"] for problem in problems} == {"terse", "sentence", "longer"}


def test_nothing_of_the_tests_is_trained_on() -> None:
    """No training problem, none of a page's own and none of the calibration shares six words in a row with a real one."""
    real = set[tuple[str, ...]]().union(*(runs(problem["text"]) for problem in lines(REAL / "queries.jsonl")))
    assert len(real) > 1_000
    trained = [problem["text"] for problem in lines(TRAINING / "problems.jsonl")]
    trained += [problem["text"] for problem in lines(ROOT / "tests" / "relevance" / "calibration.jsonl")]
    assert [text for text in trained if runs(text) & real] == []


@pytest.mark.model
def test_the_pages_own_problems_are_not_the_tests(artefact: Artefact) -> None:
    """No page's own problem (`asked_as`) shares six words in a row with a real one."""
    real = set[tuple[str, ...]]().union(*(runs(problem["text"]) for problem in lines(REAL / "queries.jsonl")))
    own = [problem for document in artefact.documents for problem in document.asked_as]
    assert len(own) > 1_000
    assert [text for text in own if runs(text) & real] == []


@pytest.mark.model
@pytest.mark.parametrize(
    "file", [TRAINING / "qrels.tsv", REAL / "qrels.tsv", REAL / "second.tsv"], ids=lambda path: path.stem
)
def test_what_is_judged_is_here(artefact: Artefact, file: Path) -> None:
    """Every judged page is one that search knows, with grade 1 or 2, and every problem is one of the set."""
    queries = read_queries(file.with_name("problems.jsonl" if file.parent == TRAINING else "queries.jsonl"))
    known = {document.id for document in artefact.documents}
    judged = read_judgements(file)
    assert judged.keys() <= queries.keys()
    assert {page for grades in judged.values() for page in grades} <= known
    assert {grade for grades in judged.values() for grade in grades.values()} == {1, 2}
