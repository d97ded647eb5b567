"""Start pages: the order of the case studies comes from searching, the figures from the front matter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from indexer.content.corpus import Corpus
from indexer.content.lists import FiguresWanted, Reader
from indexer.content.loading import load_corpus
from indexer.retrieval.layout import Page, texts_to_embed
from indexer.retrieval.ranking import Ranker
from indexer.retrieval.vector_index import VectorIndex
from indexer.site.staging import FIRST_CARDS, figures_for
from indexer.site.start_pages import order_for
from tests.doubles import CountingEncoder
from tests.site_pages import BuiltPage
from tests.small_corpus import write_small_corpus

PAGES = [
    Page(slug, "", "", (), (("", text),)) for slug, text in (("a", "money"), ("b", "school"), ("c", "parent"), ("g", "plan"))
]


def reader(*problems: str, wanted: FiguresWanted | None = None) -> Reader:
    return Reader(slug="one", label="One", lead="For one.", problems=problems, figures=wanted or FiguresWanted())


@pytest.mark.parametrize(
    ("problems", "order"),
    [(("school",), ["b", "a", "c"]), (("parent",), ["c", "a", "b"]), (("school", "parent", "school"), ["b", "c", "a"])],
)
def test_what_is_found_first_stands_first(problems: tuple[str, ...], order: list[str]) -> None:
    """A case study stands by the sum of its reciprocal ranks; guidance takes no place; ties go by name."""
    encoder = CountingEncoder()
    ranker = Ranker(PAGES, VectorIndex.build(encoder.encode(texts_to_embed(PAGES, ()))), encoder)
    assert order_for(reader(*problems), ["c", "b", "a"], ranker) == order


def test_figures_are_chosen_by_word_or_unit(tmp_path: Path) -> None:
    """A figure is shown for a word of its label, in any case, or for its unit, below its case study, no more than wanted."""
    studies = load_corpus(write_small_corpus(tmp_path)).case_studies

    def labels(wanted: FiguresWanted) -> list[str]:
        return [
            f"{study.slug}: {each.label}"
            for study, found in figures_for(reader("x", wanted=wanted), studies)
            for each in found
        ]

    slugs = [study.slug for study in studies if study.matter.figures]
    assert labels(FiguresWanted(words=("OPENED",))) == [f"{slug}: Places opened" for slug in slugs]
    assert labels(FiguresWanted(units=("places",), most=1)) == [f"{slugs[0]}: Places opened"]
    assert labels(FiguresWanted(words=("deficit",))) == []


@pytest.mark.model
def test_each_reader_has_a_page(corpus: Corpus, build_folder: Path) -> None:
    """Each of four pages has links that search for the reader's problems, figures that lead on, and each case study once."""
    assert [reader.slug for reader in corpus.readers] == [
        "send-officers", "finance-officers", "school-leaders", "parent-carer-forums",
    ]  # fmt: skip
    orders = []
    for each in corpus.readers:
        page = BuiltPage(build_folder / "site" / "for" / each.slug / "index.html")
        assert sum("search/#q=" in link for link in page.links) == len(each.problems)
        assert sum(link.endswith("/#figures") for link in page.links) >= 6
        listed = page.html.partition('id="case-studies"')[2].partition("</details>")[0]
        order = [part.partition("/")[0] for part in listed.split('<a href="../../case-studies/')[1:]]
        assert sorted(order) == [study.slug for study in corpus.case_studies]
        assert listed.count('<p class="card-title">') == FIRST_CARDS
        orders.append(tuple(order))
    assert len(set(orders)) == len(orders)


@pytest.mark.model
def test_each_figure_names_its_source(corpus: Corpus, build_folder: Path) -> None:
    """Behind each figure stands the link to the very source that its case study gives for it."""
    for each in corpus.readers:
        page = BuiltPage(build_folder / "site" / "for" / each.slug / "index.html")
        figures = page.html.partition('<dl class="figures">')[2].partition("</dl>")[0].split("<dd>")[1:]
        assert len(figures) == sum(len(found) for _, found in figures_for(each, corpus.case_studies)) <= each.figures.most
        assert all(re.search(r"Source: <a href=\"https?://[^\"]+\">[^<]+</a></dd>", figure) for figure in figures)


@pytest.mark.model
def test_each_reader_gets_the_figures_asked_for(corpus: Corpus, build_folder: Path) -> None:
    """Finance looks at deficits and costs first, schools at support in mainstream schools and exclusions."""
    texts = {
        slug: BuiltPage(build_folder / "site" / "for" / slug / "index.html").html.partition('id="case-studies"')[0]
        for slug in ("finance-officers", "school-leaders")
    }
    assert "deficit" in texts["finance-officers"] and "£" in texts["finance-officers"]
    assert "Permanent exclusions" in texts["school-leaders"] and "mainstream" in texts["school-leaders"]
