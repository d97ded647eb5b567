"""Measuring on judged problems: files are read or refused by name and line, and the measures are those of the textbook."""

from __future__ import annotations

from math import log2
from pathlib import Path

import pytest

from indexer.errors import CollectionError
from indexer.evaluation.judged import read_judgements, read_pages, read_queries
from indexer.evaluation.measures import interval, measure, retrieve
from indexer.evaluation.systems import ranker_over, systems
from tests.doubles import CountingEncoder


def count(text: str) -> int:
    return len(text.split())


def test_pages_of_json_lines(tmp_path: Path) -> None:
    """Each line is a page by its `_id` or `id`; pages come sorted."""
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"_id": "b", "title": "B", "text": "two"}\n\n{"id": "a", "text": "one"}\n', encoding="utf-8")
    assert [(page.id, page.title, page.passages) for page in read_pages(path, count, 64)] == [
        ("a", "", (("", "one"),)),
        ("b", "B", (("B", "two"),)),
    ]


def test_pages_of_a_folder(tmp_path: Path) -> None:
    """A Markdown file is a page: its path is the id, its first line the title, and it is cut at its headings."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.md").write_text("# The title\n\nFirst.\n\n## More\n\nSecond.\n", encoding="utf-8")
    [page] = read_pages(tmp_path, count, 64)
    assert (page.id, page.title) == ("in/one", "The title")
    assert page.passages == (("The title", "First."), ("The title", "Second."))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"_id": "a", "text": "x"}\nno json', "line 2: not JSON"),
        ('{"_id": "a"}', "line 1: an object with text is needed"),
        ('{"text": "x"}', "line 1: there is no `_id`"),
        ('{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}', "the id a stands twice"),
        ("", "holds no pages"),
    ],
)
def test_a_faulty_corpus_is_refused(tmp_path: Path, text: str, told: str) -> None:
    """A faulty line is named with its number."""
    path = tmp_path / "corpus.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CollectionError, match=told):
        read_pages(path, count, 64)


def test_judgements(tmp_path: Path) -> None:
    """The header is passed over, a negative grade counts as none, and a faulty line is named."""
    path = tmp_path / "qrels.tsv"
    path.write_text("query-id\tcorpus-id\tscore\nq\ta\t2\nq\tb\t-1\n", encoding="utf-8")
    assert read_judgements(path) == {"q": {"a": 2, "b": 0}}
    path.write_text("q\ta\t2\nq b 1\n", encoding="utf-8")
    with pytest.raises(CollectionError, match="line 2"):
        read_judgements(path)
    with pytest.raises(CollectionError, match=r"missing\.tsv cannot be read"):
        read_judgements(tmp_path / "missing.tsv")


def test_measures_by_hand() -> None:
    """A perfect run has nDCG@10 1, one with the helpful page second 1 / log2(3); a query without a run counts 0."""
    qrels = {"right": {"a": 2}, "second": {"a": 1, "b": 0}, "lost": {"a": 1}}
    measured = measure({"right": {"a": 1.0}, "second": {"b": 2.0, "a": 1.0}, "lost": {}}, qrels)
    assert measured.ndcg == pytest.approx((1.0, 1 / log2(3), 0.0))
    assert measured.means["RR@10"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert measured.means["R@5"] == pytest.approx(2 / 3)


def test_the_interval_is_the_same_at_every_call() -> None:
    """The bootstrap is seeded, and holds the mean between its ends."""
    low, high = interval([0.0, 1.0] * 20)
    assert (low, high) == interval([0.0, 1.0] * 20)
    assert 0.3 < low < 0.5 < high < 0.7
    assert interval([0.5] * 9) == (0.5, 0.5)


def test_a_whole_collection(tmp_path: Path) -> None:
    """Each system ranks a collection of no focus area or own problem, and finds the page of the query's words first."""
    corpus, queries = tmp_path / "corpus.jsonl", tmp_path / "queries.jsonl"
    corpus.write_text(
        '{"_id": "s", "title": "School", "text": "A school."}\n{"_id": "m", "title": "Money", "text": "Money."}\n', "utf-8"
    )
    queries.write_text('{"_id": "1", "text": "school"}\n', encoding="utf-8")
    ranker, problems = ranker_over(read_pages(corpus, count, 64), CountingEncoder()), read_queries(queries)
    embeddings = {key: CountingEncoder().encode([text])[0] for key, text in problems.items()}
    for name in ("BM25 alone", "Meaning alone", "Whole ranking"):
        assert next(iter(retrieve(systems(ranker)[name], ranker, embeddings, problems)["1"])) == "s"
