"""indexer.new: a draft that passes the schema and stays a draft."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from indexer.content.loading import load_corpus
from indexer.content.new import new_case_study
from indexer.errors import DraftError
from tests.conftest import ROOT

TODAY = date(2026, 11, 23)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "casestudies", tmp_path / "casestudies")
    shutil.copytree(ROOT / "docs" / "guidance", tmp_path / "docs" / "guidance")
    return tmp_path


def test_a_new_draft_passes_every_check_and_is_not_published(project: Path) -> None:
    """A draft with an awkward title passes the check as it is and reaches no one."""
    before = load_corpus(project)
    path = new_case_study(project / "casestudies", 'Café "clusters": schools & units', TODAY)
    assert path.name == "cafe-clusters-schools-units.md"
    assert load_corpus(project) == before


def test_an_existing_file_is_never_overwritten(project: Path) -> None:
    """The same title twice is refused, and the first file stays as it was."""
    path = new_case_study(project / "casestudies", "Schools share", TODAY)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(DraftError, match="is there already"):
        new_case_study(project / "casestudies", "Schools share", TODAY)
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("title", ["", "  ", "40 places", "!!!"])
def test_a_title_without_words_or_with_figures_is_refused(project: Path, title: str) -> None:
    """A title is some words without figures."""
    with pytest.raises(DraftError, match="without figures"):
        new_case_study(project / "casestudies", title, TODAY)


def test_outside_a_project_it_says_so(tmp_path: Path) -> None:
    """Where there is no casestudies folder the message says where to run it."""
    with pytest.raises(DraftError, match="Run this in the project's folder"):
        new_case_study(tmp_path / "casestudies", "Schools share", TODAY)
