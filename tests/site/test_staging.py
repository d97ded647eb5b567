"""The built site: real anchors, links that lead somewhere, nothing from other hosts, no drafts, notes in their places."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from indexer.artefact.build import build_artefact
from indexer.artefact.store import Artefact, load_artefact
from indexer.content import rules
from indexer.content.corpus import Corpus
from indexer.content.loading import load_corpus
from indexer.content.reading import read
from indexer.content.tree import Heading, Marker, words_of
from indexer.model.encoder import TokenCounter
from indexer.paper.files import write_papers
from indexer.site.builder import build_site
from indexer.site.related import related
from indexer.site.staging import OFFICIAL_PAGE, stage
from tests.conftest import ROOT
from tests.content.cases import READABLE_CASES
from tests.doubles import CountingModel, QuietSteps
from tests.paper.test_same_words import differences
from tests.site_pages import BuiltPage, file_of, is_elsewhere, loaded_by_css, pages_of, words

DRAFT, DRAFT_TITLE = "a-draft-that-nobody-may-see", "The unripe tale of nowhere"
TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def site(build_folder: Path) -> Path:
    """The project's built site."""
    return build_folder / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> list[BuiltPage]:
    """Every page of the project's built site."""
    return list(pages_of(site))


@pytest.fixture(scope="module")
def copy(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a draft and odd bodies beside its content, staged in build/docs."""
    root = tmp_path_factory.mktemp("copy")
    for name in ("casestudies", "docs"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "mkdocs.yml", root)
    study = next(study for study in load_corpus(ROOT).case_studies if not study.matter.guidance_case_study)
    text = (ROOT / "casestudies" / f"{study.slug}.md").read_text(encoding="utf-8")
    text = re.sub(r"\ntitle: .*", f"\ntitle: {DRAFT_TITLE}", text, count=1).replace("\nstatus: published", "\nstatus: draft")
    (root / "casestudies" / f"{DRAFT}.md").write_text(text, encoding="utf-8")
    for path in READABLE_CASES:
        shutil.copy(path, root / "casestudies")
    corpus = load_corpus(root)
    model, build = CountingModel(encoder_folder), root / "build"
    report = build_artefact(corpus, model, build / "artefact", build / "cache", QuietSteps())
    count = TokenCounter(encoder_folder)
    orders = {reader.slug: [study.slug for study in corpus.case_studies] for reader in corpus.readers}
    near = related(corpus, report.passages, report.embeddings)
    stage(corpus, near, root / "docs", build / "docs", count_tokens=count, max_tokens=256, today=TODAY, orders=orders)
    write_papers(corpus, build / "papers")
    return root


def missing_anchors(artefact: Artefact, site: Path) -> list[str]:
    """The addresses of passages whose anchor is not on the built page."""
    by_slug = {found.id: BuiltPage(site / found.url.strip("/") / "index.html") for found in artefact.documents}
    return [passage.id for passage in artefact.passages if passage.anchor not in by_slug[passage.document].ids]


def test_each_passages_address_is_a_place_on_a_page(artefact: Artefact, site: Path) -> None:
    """The anchor of every passage is an id on its page, so that a hit's link leads to the words that matched."""
    assert len(artefact.passages) > len(artefact.documents)
    assert missing_anchors(artefact, site) == []


def test_an_id_stands_once_on_a_page(pages: list[BuiltPage]) -> None:
    """No page has an id twice, so that no anchor leads to the wrong place."""
    repeated = {
        str(page.path): [name for name, count in Counter(page.ids).items() if count > 1 and not name.startswith("__")]
        for page in pages
    }
    assert {path: names for path, names in repeated.items() if names} == {}


def test_no_page_asks_another_host_for_anything(pages: list[BuiltPage], site: Path, corpus: Corpus) -> None:
    """No script, style, image, font or frame of any page or stylesheet comes from another host."""
    foreign = {str(page.path): [load for load in page.loads if is_elsewhere(load)] for page in pages}
    sheets = {str(path): loaded_by_css(path.read_text(encoding="utf-8")) for path in site.rglob("*.css")}
    foreign |= {path: [load for load in loads if is_elsewhere(load)] for path, loads in sheets.items()}
    assert {path: loads for path, loads in foreign.items() if loads} == {}
    moved = {site / moved.old / "index.html" for moved in corpus.moved_pages}
    assert min(len(page.loads) for page in pages if page.path not in moved) > 2


def test_every_link_of_the_site_leads_to_a_file_that_is_there(pages: list[BuiltPage], site: Path) -> None:
    """Each link and each load within the site leads to a file, and each anchor in a link to an id on that page."""
    ids = {page.path.resolve(): set(page.ids) for page in pages}
    dead: set[tuple[str, str]] = set()
    for page in pages:
        for address in [*page.links, *page.loads]:
            if is_elsewhere(address) or address.startswith(("mailto:", "data:")):
                continue
            target, anchor = file_of(address, page.path, site), address.partition("#")[2]
            if not target.is_file() or (anchor and not anchor.startswith("q=") and anchor not in ids[target.resolve()]):
                dead.add((str(page.path.relative_to(site)), address))
    assert dead == set()


def test_a_page_of_a_theme_of_the_twelve_says_where_it_stands(corpus: Corpus, site: Path) -> None:
    """Each of the guidance's twelve numbers has one page, whose note names it and says that the text is another."""
    numbered = {study.matter.guidance_case_study: study.slug for study in corpus.case_studies}
    assert [number for number in range(1, 13) if number not in numbered] == []
    for study in corpus.case_studies:
        page, number = BuiltPage(site / "case-studies" / study.slug / "index.html"), study.matter.guidance_case_study
        found = re.findall(r"points to the Department for Education's case study (\d+) as an example of [a-z]", page.text)
        assert found == ([str(number)] if number else [])
        assert ("What follows is a different, sourced local example" in page.text) == bool(number)
        assert (OFFICIAL_PAGE in page.links) == bool(number)


def test_what_has_changed_stands_right_after_its_paragraph(corpus: Corpus, site: Path) -> None:
    """Where the guidance was overtaken the note stands right after the paragraph that its marker follows.

    Nothing may stand between but the anchor of a passage that begins with the note, and other notes on the same paragraph.
    """
    checked = 0
    for page in corpus.guidance:
        html = (site / "guidance" / page.slug / "index.html").read_text(encoding="utf-8")
        for change in (change for change in corpus.changes if change.id in page.matter.overtaken_by):
            blocks = read(page.body).blocks
            place = next(at for at, block in enumerate(blocks) if isinstance(block, Marker) and block.id == change.id)
            said = [block for block in blocks[:place] if words_of(block) and not isinstance(block, Heading)]
            titles = re.finditer(r'<div class="admonition warning">\s*<p class="admonition-title">(.*?)</p>', html)
            notes = [title for title in titles if words(title[1]) == f"Since then: {change.label}"]
            assert len(notes) == 1
            head = re.sub(r'<div id="[^"]*"></div>\s*$', "", html[: notes[0].start()]).rstrip()
            head = re.sub(r'(\s*<div class="admonition warning">((?!<div).)*</div>)+$', "", head, flags=re.DOTALL)
            assert head.endswith(("</p>", "</ul>", "</ol>"))
            last = re.findall(r"<(p|li)\b[^>]*>(.*?)</\1>", head, re.DOTALL)[-1][1]
            assert words(re.sub(r"<sup.*?</sup>", "", last)) == words_of(said[-1])[0].plain
            checked += 1
    assert checked == sum(len(page.matter.overtaken_by) for page in corpus.guidance) > 0


def test_the_questions_of_the_guidance_stand_on_their_pages(corpus: Corpus, site: Path) -> None:
    """Each question has its own anchor on the guidance page that asks it."""
    for area in corpus.focus_areas:
        if area.questions:
            asked_by = [page.slug for page in corpus.guidance if area.slug in rules.markers(read(page.body), "questions")]
            assert len(asked_by) == 1
            page = BuiltPage(site / "guidance" / asked_by[0] / "index.html")
            assert [question.id for question in area.questions if question.id not in page.ids] == []


@pytest.fixture(scope="module")
def built(copy: Path) -> Path:
    """The site of the copy, built by MkDocs."""
    site = copy / "build" / "mkdocs-site"
    build_site(copy, copy / "build" / "docs", site, copy / "build" / "papers")
    return site


@pytest.mark.slow
def test_odd_bodies_say_the_same_on_the_page_and_in_papers(copy: Path, built: Path) -> None:
    """Tables, smaller headings, comments, links and lists: the page that MkDocs makes has the words of the papers."""
    corpus = load_corpus(copy)
    pages = built / "case-studies"
    assert [
        line for path in READABLE_CASES for line in differences(corpus, path.stem, pages / path.stem / "index.html")
    ] == []


@pytest.mark.slow
def test_a_draft_is_nowhere_in_the_site(copy: Path, built: Path) -> None:
    """No file of a site, built where there is a draft, holds the draft's name or title; those of the others are there."""
    published = load_corpus(copy).case_studies[0].slug.encode()
    files = [
        (path, path.read_bytes())
        for folder in (built, copy / "build" / "docs")
        for path in folder.rglob("*")
        if path.is_file()
    ]
    assert [path for path, data in files if DRAFT.encode() in data or DRAFT in str(path)] == []
    assert [path for path, data in files if DRAFT_TITLE.encode() in data] == []
    assert len([path for path, data in files if published in data]) > 2


def test_a_draft_of_the_project_is_nowhere_in_its_site(corpus: Corpus, site: Path) -> None:
    """The project's own built site has a page for each published case study and for no other, but those that lead on."""
    moved = {moved.old.split("/")[1] for moved in corpus.moved_pages if moved.old.startswith("case-studies/")}
    assert {path.parent.name for path in site.glob("case-studies/*/index.html")} - moved == {
        study.slug for study in corpus.case_studies
    }


@pytest.mark.slow
def test_zensical_builds_the_same_tree_with_the_same_anchors(copy: Path) -> None:
    """The staged tree builds with Zensical without an issue, and each passage's anchor is on its page there too."""
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--config-file", "mkdocs.yml"],
        cwd=copy, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "No issues found" in done.stderr) == (0, True), done.stdout + done.stderr
    artefact = load_artefact(copy / "build" / "artefact")
    assert missing_anchors(artefact, copy / "build" / "preview") == []
