"""Staging and running the site builder: what is written, when it is built again, and what a failure leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indexer.content.corpus import Corpus
from indexer.content.loading import load_corpus
from indexer.errors import SiteError
from indexer.site.builder import build_site, site_stamp
from indexer.site.staging import stage
from tests.small_corpus import write_small_corpus

RELATED: Mapping[str, Sequence[str]] = {"ashby-units": ("bronte-headteachers",), "bronte-headteachers": ()}
CONFIG = "site_name: A site\ndocs_dir: build/docs\ntheme: {name: material, font: false}\nplugins: []\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the small corpus, one hand-written page and plain settings."""
    write_small_corpus(tmp_path)
    (tmp_path / "docs" / "index.md").write_text("# Home\n\n<!-- focus-area-cards -->\n", encoding="utf-8")
    (tmp_path / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def words(text: str) -> int:
    """A token counter that a reader can do by hand."""
    return len(text.split())


def staged(root: Path, corpus: Corpus, max_tokens: int = 200, today: date = date(2026, 6, 1)) -> Path:
    """The staged tree of a corpus."""
    out = root / "build" / "docs"
    orders = {reader.slug: [study.slug for study in corpus.case_studies] for reader in corpus.readers}
    stage(corpus, RELATED, root / "docs", out, count_tokens=words, max_tokens=max_tokens, today=today, orders=orders)
    return out


def test_each_page_is_staged(root: Path) -> None:
    """Every case study, guidance page and focus area has a page beside the hand-written ones, and a draft has none."""
    out = staged(root, load_corpus(root))
    pages = {str(path.relative_to(out)) for path in out.rglob("*.md")}
    assert {"index.md", "case-studies/ashby-units.md", "guidance/goals.md", "focus-areas/culture.md"} <= pages
    assert sorted(page for page in pages if page.startswith("case-studies/")) == [
        "case-studies/ashby-units.md",
        "case-studies/bronte-headteachers.md",
        "case-studies/index.md",
    ]


def test_nothing_stale_stays_in_the_staged_tree(root: Path) -> None:
    """Staging again replaces the whole tree: a page that is gone from the content is gone from it."""
    corpus = load_corpus(root)
    out = staged(root, corpus)
    (out / "left-over.md").write_text("old", encoding="utf-8")
    assert (out / "guidance" / "places.md").exists()
    staged(root, replace(corpus, guidance=corpus.guidance[:1]))
    assert not (out / "left-over.md").exists()
    assert not (out / "guidance" / "places.md").exists()
    assert [path.name for path in out.parent.iterdir()] == ["docs"]


def test_the_same_content_is_staged_in_the_same_bytes(root: Path) -> None:
    """Staging twice on one day gives the same bytes."""
    trees = []
    for _ in range(2):
        out = staged(root, load_corpus(root))
        trees.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()})
    assert trees[0] == trees[1]


def test_each_passage_begins_at_an_anchor(root: Path) -> None:
    """A section begins at its heading's anchor, text before any heading and a section's second part at one of their own."""
    text = (staged(root, load_corpus(root), max_tokens=14) / "guidance" / "goals.md").read_text(encoding="utf-8")
    assert '<span id="overview"></span>The chair introduces the goals.' in text
    assert "## One mission {#one-mission}" in text


def test_a_note_at_the_start_of_a_second_part_stays_a_note(root: Path) -> None:
    """Where a long section is cut right before a note, the anchor stands on a line of its own and spoils no note."""
    corpus = load_corpus(root)
    body = f"## One mission\n\n{'Leaders share it. ' * 5}\n\n<!-- overtaken: new-law -->\n\nThe end.\n"
    corpus = replace(corpus, guidance=(replace(corpus.guidance[0], body=body), corpus.guidance[1]))
    text = (staged(root, corpus, max_tokens=20) / "guidance" / "goals.md").read_text(encoding="utf-8")
    assert '<div id="one-mission-2"></div>\n\n!!! warning "Since then: A new law"\n    A White Paper came out.\n' in text


def test_links_between_files_become_links_between_pages(root: Path) -> None:
    """A link between files of the project is staged as a link between pages of the site."""
    out = staged(root, load_corpus(root))
    assert "[guidance](../guidance/places.md)" in (out / "case-studies" / "ashby-units.md").read_text(encoding="utf-8")
    assert "[council](../case-studies/ashby-units.md)" in (out / "guidance" / "places.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("today", "told"), [(date(2027, 1, 5), False), (date(2027, 1, 6), True)])
def test_an_overdue_page_says_so(root: Path, today: date, told: bool) -> None:
    """A page says that it is overdue for review from the day after its review was due."""
    out = staged(root, load_corpus(root), today=today)
    text = (out / "case-studies" / "ashby-units.md").read_text(encoding="utf-8")
    assert ("This page is overdue for review" in text) is told


@pytest.mark.slow
def test_a_site_is_built_from_its_tree(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A site is built from its tree and its papers wherever they stand, with the address where that is known."""
    out = tmp_path_factory.mktemp("elsewhere")
    tree, papers = out / "docs", out / "papers"
    tree.mkdir()
    papers.mkdir()
    (tree / "index.md").write_text("# Home\n\nLlŷn.\n", encoding="utf-8")
    (papers / "a.docx").write_bytes(b"a paper")
    build_site(root, tree, out / "site", papers)
    assert "Llŷn." in (out / "site" / "index.html").read_text(encoding="utf-8")
    assert (out / "site" / "a.docx").read_bytes() == b"a paper"
    build_site(root, tree, out / "other", papers, "https://casebook.council.example/", out / "site")
    assert 'rel="canonical" href="https://casebook.council.example/"' in (out / "other" / "index.html").read_text(
        encoding="utf-8"
    )
    assert sorted(path.name for path in out.iterdir()) == ["docs", "mkdocs.yml", "other", "papers", "site"]


def test_the_stamp_of_a_site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The stamp is the same while nothing changes, wherever the tree stands, and another one after any change."""
    stamps = []
    for place in ("here", "there"):
        tree, papers = (tmp_path_factory.mktemp(place) / name for name in ("docs", "papers"))
        tree.mkdir()
        papers.mkdir()
        (tree / "index.md").write_text("# Home\n", encoding="utf-8")
        stamps.append(site_stamp(root, tree, papers))
    assert stamps[0] == stamps[1]
    (tree / "index.md").write_text("# Home\n\nChanged.\n", encoding="utf-8")
    stamps.append(site_stamp(root, tree, papers))
    (papers / "a.docx").write_bytes(b"a paper")
    stamps.append(site_stamp(root, tree, papers))
    stamps.append(site_stamp(root, tree, papers, "https://casebook.council.example/"))
    (root / "mkdocs.yml").write_text(CONFIG + "use_directory_urls: true\n", encoding="utf-8")
    stamps.append(site_stamp(root, tree, papers, "https://casebook.council.example/"))
    assert len(set(stamps[1:])) == 5


def test_a_site_that_cannot_be_built(root: Path) -> None:
    """A dead link stops the builder with what it said, and the site is built once the link is mended."""
    build = root / "build"
    (build / "docs").mkdir(parents=True)
    (build / "papers").mkdir()
    (build / "docs" / "index.md").write_text("# Home\n\n[gone](gone.md)\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"the old one stays\.(?s:.*)gone\.md"):
        build_site(root, build / "docs", build / "site", build / "papers")
    (build / "docs" / "index.md").write_text("# Home\n", encoding="utf-8")
    build_site(root, build / "docs", build / "site", build / "papers")
    assert "<h1" in (build / "site" / "index.html").read_text(encoding="utf-8")
