"""indexer.paper: a case study's plain words, and Markdown and CSV of them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.content.corpus import Corpus
from indexer.content.loading import load_corpus
from indexer.content.reading import read
from indexer.content.records import SECTIONS
from indexer.content.tree import Heading
from indexer.paper.forms import COLUMNS, as_csv, as_markdown, escaped
from indexer.paper.paper import paper_of
from indexer.paper.records import Block, Paper, Run
from indexer.paper.wording import LICENCE
from tests.paper.said import said_by, said_by_markdown
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
    """A footnote becomes the source of the words before it; a link is a run of its own with the page's address."""
    did = next(section for section in paper.sections if section.heading == "What they did")
    words = "The council opened 40 places beside its schools."
    assert did.blocks == (Block(kind="paragraph", runs=(Run(text=words, sources=("committee",)),)),)
    assert paper.sections[0].blocks[0].runs == (
        Run(text="Schools had no units, and the "),
        Run(text="guidance", url="%CASEBOOK%guidance/places/"),
        Run(text=" speaks of that."),
    )


BODY = """\
## The problem

See [the plan](https://example.org/plan), <https://example.org/auto>, [below](#the-law) and **this *one***.[^committee]

### In the north

1. first
    - *nested*
2. second[^committee]

| Year | Places |
|---|---|
| 2023 | 40 \\| 41[^committee] |

""" + "".join(f"## {heading}\n\nText.\n\n" for heading in SECTIONS[1:])


@pytest.fixture
def rich(tmp_path: Path) -> Paper:
    """A paper with links of every kind, emphasis, a smaller heading, nested and numbered items, and a table."""
    corpus = load_corpus(write_small_corpus(tmp_path))
    return paper_of(replace(corpus.case_studies[0], body=BODY), corpus)


def test_all_that_markdown_can_say_is_kept(rich: Paper) -> None:
    """Addresses, emphasis, headings, levels, numbers and rows are in the paper."""
    section = rich.sections[0]
    links = {run.text: run.url for block in section.blocks for run in block.runs if run.url}
    assert links == {
        "the plan": "https://example.org/plan",
        "https://example.org/auto": "https://example.org/auto",
        "below": "%CASEBOOK%case-studies/ashby-units/#the-law",
    }
    assert [(block.kind, block.level, block.number) for block in section.blocks] == [
        ("paragraph", 0, None), ("heading", 3, None), ("item", 1, 1), ("item", 2, None), ("item", 1, 2), ("row", 0, None),
        ("row", 0, None),
    ]  # fmt: skip
    assert [(run.text, run.strong, run.emphasis) for run in section.blocks[0].runs][-3:] == [
        ("this ", True, False), ("one", True, True), (".", False, False),
    ]  # fmt: skip
    assert [block.header for block in section.blocks[-2:]] == [True, False]


def test_markdown_of_a_rich_text_reads_the_same(rich: Paper) -> None:
    """Its Markdown, read again, has the same blocks: nothing is lost and no sign is shown as a word."""
    again = read(rich.markdown)
    start = next(at for at, block in enumerate(again.blocks) if isinstance(block, Heading) and block.level == 2)
    kinds = [type(block).__name__ for block in again.blocks[start + 1 : start + 8]]
    assert kinds == ["Paragraph", "Heading", "Item", "Item", "Item", "Row", "Row"]
    assert said_by_markdown(rich, "The problem") == said_by(rich, "The problem")
    assert "[the plan](https://example.org/plan)" in rich.markdown and "<https://example.org/auto>" in rich.markdown


def test_a_cell_of_csv_gives_addresses_after_words(rich: Paper) -> None:
    """In CSV a link's address stands after its words, once; items have their sign, rows their bars."""
    (row,) = rows_of([rich])
    assert row["The problem"].splitlines() == [
        "See the plan (https://example.org/plan), https://example.org/auto, "
        f"below ({ROOT}case-studies/ashby-units/#the-law) and this one.",
        "In the north", "1. first", "    • nested", "2. second", "Year | Places", "2023 | 40 | 41",
    ]  # fmt: skip


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
    assert "| Places opened[^ashby-units-committee] | – | 40 places | not stated | measured after |" in text
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
