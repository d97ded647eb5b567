"""Bodies that editors might write are read as the page shows them, or refused by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from indexer.content.loading import load_corpus
from indexer.errors import CorpusError
from indexer.paper.paper import paper_of
from tests.conftest import ROOT
from tests.content.cases import FOLDER, READABLE, REFUSED
from tests.paper.said import said_by


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project's content."""
    shutil.copytree(ROOT / "casestudies", tmp_path / "casestudies")
    shutil.copytree(ROOT / "docs" / "guidance", tmp_path / "docs" / "guidance")
    return tmp_path


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_that_would_not_be_shown_as_meant_is_refused(project: Path, name: str) -> None:
    """The check names the file, the place and what stands there."""
    shutil.copy(FOLDER / f"{name}.md", project / "casestudies")
    with pytest.raises(CorpusError) as refused:
        load_corpus(project)
    field, value = REFUSED[name]
    faults = [fault for fault in refused.value.faults if fault.file == f"casestudies/{name}.md"]
    assert len(faults) == len(refused.value.faults)
    assert any(fault.field == field and fault.value.startswith(value) for fault in faults)


def test_readable_bodies_are_read_whole(project: Path) -> None:
    """Tables, smaller headings, comments, links of every form, escapes, numbers and levels come out in the papers' words."""
    for name in READABLE:
        shutil.copy(FOLDER / f"{name}.md", project / "casestudies")
    corpus = load_corpus(project)
    for name, sections in READABLE.items():
        paper = paper_of(corpus.case_study(name), corpus)
        for heading, end in sections:
            assert said_by(paper, heading).endswith(end)
            assert "Sarah" not in paper.markdown
