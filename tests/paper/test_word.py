"""indexer.word: the Word document as Word's own checker of accessibility would look at it."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import docx
import pytest

from indexer.content.corpus import Corpus
from indexer.paper.paper import paper_of
from indexer.paper.records import ROOT, Block, Paper, PaperSection, Run
from indexer.paper.word import as_word
from indexer.paper.wording import LICENCE

ADDRESS = "https://casebook.council.example/"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PAPER = Paper(
    slug="ashby", title="Ashby", summary="A summary.", facts={"Who": "Ashby"}, sections=(), questions=(), duties=(),
    figures=(), sources=(), citations=("Ashby.",), address=f"{ROOT}case-studies/ashby/", checked=date(2026, 11, 24),
)  # fmt: skip
TITLE = "“Quotes”, 'more' & 🙂 <b> of a title"


@pytest.fixture(scope="module")
def papers(corpus: Corpus) -> list[Paper]:
    """One with a chart, one whose title has quotes, an ampersand and an emoji."""
    made = [paper_of(study, corpus) for study in corpus.case_studies]
    charted = next(paper for paper in made if any(figure.values for figure in paper.figures))
    other = next(paper for paper in made if paper is not charted)
    return [charted, other.model_copy(update={"title": TITLE})]


def parts(file: bytes) -> dict[str, ElementTree.Element]:
    """Each XML part of a document by its name, all of them well-formed."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return {
            name: ElementTree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xml", ".rels"))
        }


def test_headings_form_an_outline(papers: list[Paper]) -> None:
    """The title is the document's; headings begin at the first level and skip none; each case study has all its sections."""
    document = docx.Document(io.BytesIO(as_word(papers, ADDRESS)))
    names = [(paragraph.style.name or "", paragraph.text) for paragraph in document.paragraphs if paragraph.style]
    assert names[0] == ("Title", "Shortlist from the High Needs Casebook")
    levels = [int(name.rpartition(" ")[2]) for name, _ in names if name.startswith("Heading")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    headings = [text for name, text in names if name.startswith("Heading")]
    assert TITLE in headings
    assert headings.count("What changed") == headings.count("Cite this") == 2


def test_lists_tables_and_links_are_words_own() -> None:
    """Items have Word's list styles by level, numbers begin anew with each list, rows are a table, links lead out."""
    one, two = Block(kind="item", level=1, number=1, runs=(Run(text="one"),)), Run(text="two", url="https://example.org/two")
    blocks = (
        one,
        Block(kind="item", level=2, runs=(Run(text="nested", emphasis=True),)),
        Block(kind="item", level=1, number=2, runs=(two,)),
        Block(kind="paragraph", runs=(Run(text="Between "), Run(text="lists", strong=True))),
        one,
        Block(kind="heading", level=3, runs=(Run(text="Smaller"),)),
        Block(kind="row", header=True, cells=((Run(text="Year"),), (Run(text="Places"),))),
        Block(kind="row", cells=((Run(text="2023"),), (Run(text="40"),))),
    )
    section = PaperSection(heading="What changed", blocks=blocks)
    file = as_word([PAPER.model_copy(update={"sections": (section,)})], ADDRESS)
    document = docx.Document(io.BytesIO(file))
    paragraphs = {paragraph.text: paragraph for paragraph in document.paragraphs}
    styles = {text: paragraph.style.name for text, paragraph in paragraphs.items() if paragraph.style}
    assert (styles["one"], styles["nested"], styles["two"], styles["Smaller"]) == (
        "List Number", "List Bullet 2", "List Number", "Heading 2",
    )  # fmt: skip
    numbered = [p for p in document.paragraphs if p.style and p.style.name == "List Number"]
    one_id, same_id, other_id = (p._p.xpath("./w:pPr/w:numPr/w:numId/@w:val") for p in numbered)
    assert one_id == same_id != other_id
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [["Year", "Places"], ["2023", "40"]]
    assert any(link.address == "https://example.org/two" for link in paragraphs["two"].hyperlinks)
    assert paragraphs["Between lists"].runs[-1].bold and paragraphs["nested"].runs[0].italic


def test_the_document_says_what_it_is(papers: list[Paper]) -> None:
    """Title, language and dates are set, the language of the text is British English, and no time of day is in it."""
    file = as_word(papers[1:], ADDRESS, date(2026, 11, 24))
    core = docx.Document(io.BytesIO(file)).core_properties
    assert (core.title, core.language, core.author) == (TITLE, "en-GB", "High Needs Casebook")
    languages = {found.get(f"{W}val") for found in parts(file)["word/styles.xml"].iter(f"{W}lang")}
    assert languages == {"en-GB"}
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_footnote_is_a_real_one(papers: list[Paper]) -> None:
    """Each mark in the text has its footnote, which names the sources of that place and links to them."""
    paper, file = papers[0], as_word(papers[:1], ADDRESS)
    found = parts(file)
    marks = [note.get(f"{W}id") for note in found["word/document.xml"].iter(f"{W}footnoteReference")]
    notes = {note.get(f"{W}id"): "".join(note.itertext()) for note in found["word/footnotes.xml"].iter(f"{W}footnote")}
    assert marks == [str(number) for number in range(1, len(marks) + 1)]
    assert set(notes) == {"-1", "0", *marks}
    noted = [run.sources for section in paper.sections for block in section.blocks for run in block.runs if run.sources]
    assert len(marks) == len(noted) + len(paper.figures)
    sources = {source.id: source for source in paper.sources}
    for number, ids in enumerate(noted, 1):
        assert notes[str(number)].strip() == "; ".join(f"{sources[i].publisher}, {sources[i].title}" for i in ids)
    links = found["word/_rels/footnotes.xml.rels"]
    assert {link.get("Target") for link in links} >= {source.url for source in paper.sources[:1]}


def test_each_table_has_a_header_and_no_joined_cells(papers: list[Paper]) -> None:
    """The first row of every table is marked as its header, tables have words, and each row has as many cells as another."""
    body = parts(as_word(papers, ADDRESS))["word/document.xml"]
    tables = list(body.iter(f"{W}tbl"))
    assert len(tables) >= 2
    for table in tables:
        rows = list(table.iter(f"{W}tr"))
        assert [bool(list(row.iter(f"{W}tblHeader"))) for row in rows] == [True] + [False] * (len(rows) - 1)
        assert len({len(list(row.iter(f"{W}tc"))) for row in rows}) == 1
        assert [caption.get(f"{W}val") for caption in table.iter(f"{W}tblCaption")] != [""]
        assert not list(table.iter(f"{W}gridSpan")) and not list(table.iter(f"{W}vMerge"))


def test_each_chart_has_words(papers: list[Paper]) -> None:
    """A chart's alternative text gives what it shows with its values, and the same stands below it."""
    figure = next(figure for figure in papers[0].figures if figure.values)
    found = parts(as_word(papers[:1], ADDRESS))
    words = [shape.get("descr") for shape in found["word/document.xml"].iter() if shape.tag.endswith("}docPr")]
    assert words[0] == f"Bar chart. {figure.label}. {figure.description}"
    assert figure.before in words[0] and figure.after in words[0]
    assert len(words) == sum(name.startswith("word/charts/chart") for name in found)
    values = [text for text in found["word/charts/chart1.xml"].itertext() if text.strip()]
    assert figure.values and [str(value) for value in figure.values] == values[-2:]


def test_it_can_be_cited_and_found_again(papers: list[Paper]) -> None:
    """Each paper's address, citation and the licence stand in it, and the mark for the address nowhere."""
    file = as_word(papers, ADDRESS, date(2026, 11, 24))
    text = "".join(parts(file)["word/document.xml"].itertext())
    assert "Prepared on 24 November 2026 from the High Needs Casebook" in text
    assert LICENCE in text
    targets = {link.get("Target") for link in parts(file)["word/_rels/document.xml.rels"]}
    for paper in papers:
        assert paper.address.replace(ROOT, ADDRESS) in text
        assert paper.address.replace(ROOT, ADDRESS) in targets
    assert ROOT not in text


def test_a_shortlists_case_studies_begin_on_pages_of_their_own(papers: list[Paper]) -> None:
    """In a document of several each begins a page, and a chart stays with the words below it."""
    document = docx.Document(io.BytesIO(as_word(papers, ADDRESS)))
    starting = [each.text for each in document.paragraphs if each.paragraph_format.page_break_before]
    assert starting == [paper.title for paper in papers]
    charts = [each for each in document.paragraphs if "c:chart" in each._p.xml]
    assert charts and all(chart.paragraph_format.keep_with_next for chart in charts)


def test_the_same_papers_give_the_same_bytes(papers: list[Paper]) -> None:
    """A document depends on nothing but what it was made of."""
    assert as_word(papers, ADDRESS) == as_word(papers, ADDRESS)


def test_every_case_study_can_be_set(corpus: Corpus) -> None:
    """Every case study of the Casebook gives a document that opens."""
    for study in corpus.case_studies[::6]:
        document = docx.Document(io.BytesIO(as_word([paper_of(study, corpus)], "")))
        assert document.paragraphs[0].text == study.matter.title
