"""indexer.paper: a case study's plain words, and Markdown and CSV of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from indexer.content.corpus import Corpus
from indexer.content.loading import load_corpus
from indexer.paper.paper import COLUMNS, as_csv, as_markdown, escaped, paper_of
from indexer.paper.records import Block, Paper, Run
from indexer.paper.wording import LICENCE
from tests.small_corpus import write_small_corpus

ROOT = "https://casebook.council.example/"
ODD = "“Quotes”, 'more' & 🙂 <b>|*units*"


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    """The small corpus's first case study."""
    corpus = load_corpus(write_small_corpus(tmp_path))
    return paper_of(corpus.case_studies[0], corpus)


def titled(tmp_path: Path, title: str) -> Paper:
    """The same with another title."""
    root = write_small_corpus(tmp_path)
    path = root / "casestudies" / "ashby-units.md"
    text = path.read_text(encoding="utf-8").replace("title: Units beside schools", f'title: "{title}"')
    path.write_text(text, encoding="utf-8")
    corpus = load_corpus(root)
    return paper_of(corpus.case_studies[0], corpus)


@pytest.fixture
def odd(tmp_path: Path) -> Paper:
    """One with quotes, an ampersand, marks of Markdown and an emoji in its title."""
    return titled(tmp_path, ODD)


def rows_of(papers: list[Paper]) -> list[dict[str, str]]:
    """The CSV as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(as_csv(papers, ROOT).removeprefix("\ufeff"), newline="")))


def test_each_stretch_keeps_its_sources(paper: Paper) -> None:
    """A footnote becomes the source of the words before it; links become their words; list marks are taken off."""
    did = next(section for section in paper.sections if section.heading == "What they did")
    words = "The council opened 40 places beside its schools."
    assert did.blocks == (Block(item=False, runs=(Run(text=words, sources=("committee",)),)),)
    assert paper.sections[0].blocks[0].runs[0].text == "Schools had no units, and the guidance speaks of that."


def test_what_stands_between_two_notes_keeps_its_space(corpus: Corpus) -> None:
    """Of every case study, the stretches of a paragraph put together are its plain text, and no word of it is lost."""
    papers = [paper_of(study, corpus) for study in corpus.case_studies]
    blocks = [block for paper in papers for section in paper.sections for block in section.blocks]
    assert len(blocks) > 500
    for block in blocks:
        text = "".join(run.text for run in block.runs)
        assert "[^" not in text and "  " not in text and text == text.strip()


def test_every_case_study_names_all_its_sources(corpus: Corpus) -> None:
    """Every note names a source of its paper, and every figure too."""
    for study in corpus.case_studies:
        paper = paper_of(study, corpus)
        known = {source.id for source in paper.sources}
        used = {
            source for section in paper.sections for block in section.blocks for run in block.runs for source in run.sources
        }
        assert used | {figure.source for figure in paper.figures} == known


def test_markdown_carries_citation_address_and_licence(paper: Paper) -> None:
    """It has the title, footnotes of its own names, figures, duties, two citations, the address and the licence."""
    text = as_markdown([paper], ROOT)
    address = f"{ROOT}case-studies/ashby-units/"
    assert text.startswith("# Units beside schools\n")
    assert "beside its schools.[^ashby-units-committee]" in text
    assert "[^ashby-units-committee]: Ashby Council, Report to committee, <https://example.org/committee>." in text
    assert "| Places opened[^ashby-units-committee] | – | 40 places | not stated | reported |" in text
    assert "- **When a child must be assessed.** A council must" in text
    assert text.count(address) == 3
    assert LICENCE in text and "5 January 2026" in text


def test_several_stand_under_one_heading(paper: Paper) -> None:
    """Several papers get a heading of their own, and each heading of theirs is one step lower."""
    text = as_markdown([paper, paper.model_copy(update={"slug": "other"})], ROOT)
    assert text.startswith("# Shortlist from the High Needs Casebook\n\n## Units beside schools\n")
    assert "\n### The problem\n" in text and "\n## The problem\n" not in text


def test_without_an_address_the_path_stands_there(paper: Paper) -> None:
    """Where the site's address is not known, the path from its root is given, and never the mark for it."""
    for text in (as_markdown([paper], ""), as_csv([paper], "")):
        assert "case-studies/ashby-units/" in text and "%" not in text.replace("100%", "")


def test_a_row_of_csv_reads_as_it_stands(odd: Paper) -> None:
    """Quotes, ampersands and emoji come through a spreadsheet's reader as they are; the mark for UTF-8 stands first."""
    assert as_csv([odd], ROOT).startswith("\ufeffTitle,")
    (row,) = rows_of([odd])
    assert list(row) == list(COLUMNS)
    assert row["Title"] == ODD
    assert row["Address"] == f"{ROOT}case-studies/ashby-units/"
    assert row["What they did"] == "The council opened 40 places beside its schools."
    assert all(row.values())


def test_markdown_shows_odd_titles_as_they_stand(odd: Paper) -> None:
    """What would be a mark of Markdown is escaped."""
    assert as_markdown([odd], ROOT).startswith("# “Quotes”, 'more' & 🙂 \\<b\\>\\|\\*units\\*\n")


@pytest.mark.parametrize(("text", "shown"), [("a_b", "a\\_b"), ("AT&T", "AT&T"), ("&copy;", "\\&copy;"), ("[x]", "\\[x\\]")])
def test_escaped(text: str, shown: str) -> None:
    """Only what Markdown would read as a mark is escaped."""
    assert escaped(text) == shown


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """A cell that a spreadsheet would take for a formula gets an apostrophe."""
    (row,) = rows_of([titled(tmp_path, "=SUM(A:A)")])
    assert row["Title"] == "'=SUM(A:A)"
