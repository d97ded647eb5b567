"""A new build is taken over while the old one serves; a faulty one is refused and said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from indexer.artefact.site_contract import POLICY_FILE
from indexer.errors import SiteError
from search_api.answer import SearchRequest
from search_api.serving import Serving
from tests.new_version import with_new_version
from tests.small_casebook import bare_site

PROBLEM = SearchRequest(q="special schools are full", focus_area=[])
pytestmark = pytest.mark.model


@pytest.fixture
def folder(build_folder: Path, tmp_path: Path) -> Path:
    """A copy of the real artefact."""
    return Path(shutil.copytree(build_folder / "artefact", tmp_path / "artefact"))


def test_a_new_artefact_is_taken_over(folder: Path) -> None:
    """Nothing changes until there is a new version; then the next look serves it."""
    serving = Serving.open(folder, None)
    old = serving.searcher
    serving.look()
    assert serving.searcher is old
    with_new_version(folder)
    serving.look()
    assert serving.searcher.manifest.corpus == "sha256:new"
    assert serving.searcher.search(PROBLEM).answered
    assert serving.refused is None


def test_a_faulty_artefact_is_refused(folder: Path) -> None:
    """A new version with a damaged file is refused with the reason, the old one answers on, and a mended one is taken."""
    serving = Serving.open(folder, None)
    old = serving.searcher
    new = folder / with_new_version(folder)
    whole = (new / "passages.json").read_bytes()
    (new / "passages.json").write_bytes(whole[:-10])
    for _ in range(2):
        serving.look()
        assert serving.searcher is old
        assert "passages.json" in (serving.refused or "")
    assert old.search(PROBLEM).answered
    (new / "passages.json").write_bytes(whole)
    serving.look()
    assert (serving.searcher.manifest.corpus, serving.refused) == ("sha256:new", None)


def test_going_back_to_what_is_loaded(folder: Path) -> None:
    """Where a faulty version is taken back, the loaded one is the newest again, and nothing is refused any more."""
    serving = Serving.open(folder, None)
    old = (folder / "CURRENT").read_text(encoding="utf-8")
    (folder / with_new_version(folder) / "passages.json").unlink()
    serving.look()
    assert serving.refused
    (folder / "CURRENT").write_text(old, encoding="utf-8")
    serving.look()
    assert serving.refused is None


def test_a_folder_that_is_gone(folder: Path) -> None:
    """Without any artefact left on the disk the loaded one answers on, and it is said."""
    serving = Serving.open(folder, None)
    shutil.rmtree(folder)
    serving.look()
    assert "There is no artefact" in (serving.refused or "")
    assert serving.searcher.search(PROBLEM).answered


def test_a_new_site(folder: Path, tmp_path: Path) -> None:
    """The site's own pages and policy are read anew when the site is; one that is not whole yet is left for later."""
    site = bare_site(tmp_path / "site")
    serving = Serving.open(folder, site)
    old = serving.pages
    (site / "index.html").rename(site / "index.old")
    (site / POLICY_FILE).write_text("default-src 'none'\n", encoding="utf-8")
    serving.look()
    assert serving.pages is old
    (site / "index.old").rename(site / "index.html")
    serving.look()
    assert serving.policy == "default-src 'none'"


def test_no_site(folder: Path, tmp_path: Path) -> None:
    """A folder without a site is refused with the command that builds one."""
    with pytest.raises(SiteError, match="python -m indexer build"):
        Serving.open(folder, tmp_path)
