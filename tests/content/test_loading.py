"""The one way in for content: a small good corpus is read, and each seeded fault gives exactly its own line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from indexer.artefact.build import build_artefact
from indexer.content.corpus import corpus_hash, overdue
from indexer.content.loading import MAX_FILE_BYTES, load_corpus
from indexer.errors import CorpusError
from tests.conftest import ROOT
from tests.doubles import CountingModel, QuietSteps
from tests.seeded_faults import SEEDED, STUDY, Edit, another_study, remove, swap, write
from tests.small_corpus import CASE_STUDY, write_small_corpus


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the small corpus."""
    return write_small_corpus(tmp_path)


def faults_of(root: Path) -> list[str]:
    """The lines of the corpus's faults."""
    with pytest.raises(CorpusError) as refused:
        load_corpus(root)
    return [str(fault) for fault in refused.value.faults]


def test_the_small_corpus_is_good(root: Path) -> None:
    """The corpus that the faults are seeded in has none, and is read in a fixed order."""
    corpus = load_corpus(root)
    assert [study.slug for study in corpus.case_studies] == ["ashby-units", "bronte-headteachers"]
    assert [page.slug for page in corpus.guidance] == ["goals", "places"]
    assert [area.slug for area in corpus.focus_areas] == ["provision", "culture"]
    assert corpus.case_studies[0].body.startswith("## The problem\n\nSchools had no units")


def test_guidance_stands_in_its_own_order(root: Path) -> None:
    """Guidance pages stand in the order that their front matter gives, not in that of their names."""
    swap("docs/guidance/goals.md", "order: 1", "order: 3")(root)
    assert [page.slug for page in load_corpus(root).guidance] == ["places", "goals"]


@pytest.mark.parametrize(("edit", "line"), SEEDED.values(), ids=SEEDED)
def test_a_fault_gives_exactly_its_own_line(root: Path, edit: Edit, line: str) -> None:
    """One fault gives one line: the file, the field, what stands there and what is allowed."""
    edit(root)
    assert faults_of(root) == [line]


@pytest.mark.parametrize(
    ("field", "old", "value", "allowed"),
    [
        ("title", "A third story", "Units beside schools", "a title that no other case study has"),
        ("guidance_case_study", "", "12", "each number once only"),
    ],
)
def test_what_only_one_may_have_is_told_of_both(root: Path, field: str, old: str, value: str, allowed: str) -> None:
    """A title or a number of the guidance's that two case studies have is told of both."""
    another_study("third", **{field: value})(root)
    assert faults_of(root) == [
        f"{STUDY}: {field}: {value}: {allowed}",
        f"casestudies/third.md: {field}: {value}: {allowed}",
    ]


def test_a_file_of_the_largest_size_is_read(root: Path) -> None:
    """A file of exactly the largest size is no fault."""
    path = root / STUDY
    path.write_bytes(path.read_bytes() + b"x" * (MAX_FILE_BYTES - path.stat().st_size))
    assert len(load_corpus(root).case_studies) == 2


def test_all_faults_of_all_files_are_in_one_report(root: Path) -> None:
    """Faults of several files, and several of one file, are told at once, in file order, with their number."""
    swap(STUDY, "questions: [places-enough]", "questions: [why-not]")(root)
    swap(STUDY, "after: 40", "after: 41")(root)
    swap("docs/guidance/goals.md", "Leaders share", "Leaders [share](gone.md)")(root)
    write("casestudies/bronte-headteachers.md", "no front matter")(root)
    swap("casestudies/secret-draft.md", "themes: [resource-bases]", "themes: [wessex]")(root)
    with pytest.raises(CorpusError) as refused:
        load_corpus(root)
    places = [(fault.file, fault.field, fault.value) for fault in refused.value.faults]
    assert places == [
        (STUDY, "figures.0", "41"),
        (STUDY, "questions", "why-not"),
        ("casestudies/bronte-headteachers.md", "front matter", "no front matter"),
        ("casestudies/secret-draft.md", "themes", "wessex"),
        ("docs/guidance/goals.md", "body", "gone.md"),
    ]
    lines = str(refused.value).splitlines()
    assert lines[0] == "The content has 5 faults; nothing was built."
    assert lines[1:] == [f"  {fault}" for fault in refused.value.faults]


def test_one_fault_is_called_a_fault(root: Path) -> None:
    """The report of one fault speaks of one."""
    remove("casestudies/duties.yml")(root)
    with pytest.raises(CorpusError, match=r"\AThe content has 1 fault; nothing was built\.\n"):
        load_corpus(root)


def test_a_page_that_cannot_be_read_is_told_once_though_others_point_to_it(root: Path) -> None:
    """A faulty page is told by itself; the pages and lists that name it are not blamed."""
    write("docs/guidance/places.md", b"\xff")(root)
    assert faults_of(root) == ["docs/guidance/places.md: encoding: byte 0 is not UTF-8: save the file as UTF-8"]


def test_a_draft_never_reaches_the_corpus(root: Path) -> None:
    """A draft is left out of the corpus, and changing it changes nothing that the corpus's hash sees."""
    corpus = load_corpus(root)
    assert "secret-draft" not in [page.slug for page in corpus.pages]
    swap("casestudies/secret-draft.md", "left the area", "left the county")(root)
    assert corpus_hash(load_corpus(root)) == corpus_hash(corpus)


@pytest.mark.parametrize(
    "edit",
    [
        swap(STUDY, "left the area", "left the county"),
        swap(STUDY, "themes: [resource-bases]", "themes: []"),
        swap("casestudies/duties.yml", "must assess", "shall assess"),
        swap("docs/guidance/goals.md", "one mission.", "a mission."),
        remove("casestudies/bronte-headteachers.md"),
        lambda root: (root / "casestudies/bronte-headteachers.md").rename(root / "casestudies/bronte-heads.md"),
    ],
)
def test_a_change_of_the_content_changes_its_hash(root: Path, edit: Edit) -> None:
    """The hash names the published content: any change of it gives another."""
    before = corpus_hash(load_corpus(root))
    edit(root)
    assert corpus_hash(load_corpus(root)) != before


def test_equal_content_has_an_equal_hash(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The hash does not know where the content stands, nor how its lines end."""
    other = write_small_corpus(tmp_path_factory.mktemp("other"))
    (other / STUDY).write_bytes(CASE_STUDY.replace("\n", "\r\n").encode())
    assert corpus_hash(load_corpus(root)) == corpus_hash(load_corpus(other))


def test_nothing_is_built_from_a_faulty_corpus(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where the content has a fault no model is asked for anything and no file is written."""
    SEEDED["an unknown duty"][0](root)
    model, out = CountingModel(root / "no-encoder"), tmp_path_factory.mktemp("out")
    with pytest.raises(CorpusError):
        build_artefact(load_corpus(root), model, out / "artefact", out / "cache", QuietSteps())
    assert model.embedded == []
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("today", "late"), [(date(2027, 1, 5), []), (date(2027, 1, 6), ["ashby-units", "bronte-headteachers"])]
)
def test_a_review_is_overdue_from_the_day_after(root: Path, today: date, late: list[str]) -> None:
    """A case study is overdue once the day of its review has passed, and a draft never is."""
    assert [study.slug for study in overdue(load_corpus(root), today)] == late


def test_the_projects_own_content_is_clean() -> None:
    """The content of this project has no fault, and its drafts are left out."""
    corpus = load_corpus(ROOT)
    assert {study.matter.status for study in corpus.case_studies} == {"published"}
