"""tests/relevance: the judged problems are sound, so that whatever is measured on them means something."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from indexer.content.corpus import Corpus
from tests.conftest import ROOT

FOLDER = ROOT / "tests" / "relevance"
Queries = dict[str, dict[str, object]]
Qrels = dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def queries() -> Queries:
    lines = (FOLDER / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert len({query["_id"] for query in records}) == len(records)
    return {query["_id"]: query for query in records}


@pytest.fixture(scope="module")
def qrels() -> Qrels:
    qrels: Qrels = defaultdict(dict)
    for line in (FOLDER / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, page, grade = line.split("\t")
        assert page not in qrels[query], f"{query} judges {page} twice"
        qrels[query][page] = int(grade)
    return qrels


def test_every_judgement_is_of_a_problem_and_a_page_that_there_are(corpus: Corpus, queries: Queries, qrels: Qrels) -> None:
    """Each judgement names a known problem and page, with a grade of 0, 1 or 2."""
    pages = {page.slug for page in corpus.pages}
    pages |= {note.id for notes in (corpus.duties, corpus.changes, corpus.also_seen) for note in notes}
    assert set(qrels) <= set(queries)
    assert {page for judged in qrels.values() for page in judged} <= pages
    assert {grade for judged in qrels.values() for grade in judged.values()} == {0, 1, 2}


def test_what_is_called_answerable_has_an_answer_and_only_that(queries: Queries, qrels: Qrels) -> None:
    """An answerable problem has a page graded 2, or two graded 1; an unanswerable one has no judgement at all."""
    for name, query in queries.items():
        grades = list(qrels.get(name, {}).values())
        metadata = query["metadata"]
        assert isinstance(metadata, dict)
        assert (2 in grades or grades.count(1) >= 2) == metadata["answerable"], name
        assert bool(grades) == metadata["answerable"], name


def test_there_are_150_answerable_and_40_unanswerable_problems(queries: Queries, qrels: Qrels) -> None:
    """The set holds at least 150 problems that the library answers and 40 that it does not."""
    assert len(qrels) >= 150
    assert len(queries) - len(qrels) >= 40


def test_no_problem_is_copied_from_a_page(corpus: Corpus, queries: Queries) -> None:
    """No problem shares a run of five words with a page's text, title or summary."""
    texts = [f"{page.matter.title} {page.matter.summary} {page.body}" for page in corpus.pages]
    texts += [f"{note.label} {note.text}" for notes in (corpus.duties, corpus.changes) for note in notes]
    texts += [seen.text for seen in corpus.also_seen]
    pages = [" ".join(text.lower().split()) for text in texts]
    for name, query in queries.items():
        words = str(query["text"]).lower().split()
        runs = [" ".join(words[start : start + 5]) for start in range(len(words) - 4)]
        copied = [run for run in runs if any(run in page for page in pages)]
        assert copied == [], name
