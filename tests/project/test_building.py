"""A whole build: published in one step, checked before, left as it was where anything fails, and never made twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import indexer.building as building
from indexer.__main__ import main
from indexer.artefact import versions
from indexer.artefact.store import Artefact
from indexer.artefact.versions import current_version, load_current
from indexer.errors import BuildError, SiteError
from indexer.site.check import check_site
from search_api.http.app import create_app
from search_api.serving import Serving
from tests.new_version import copy_of
from tests.small_project import STUDIES, built, edit, write_small_project

pytestmark = pytest.mark.model
ASHBY = "case-studies/ashby-units"


@pytest.fixture(scope="module")
def first(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project, built once."""
    root = write_small_project(tmp_path_factory.mktemp("first") / "project")
    built(root, encoder_folder)
    return root


@pytest.fixture
def root(first: Path, tmp_path: Path) -> Path:
    """A copy of the built project, to change."""
    return Path(shutil.copytree(first, tmp_path / "project", symlinks=True))


def client_of(root: Path) -> TestClient:
    """A client of the project's current version."""
    return TestClient(create_app(Serving.open(root / "build")), base_url="http://localhost")


def test_a_build_is_whole_and_served(root: Path) -> None:
    """What is current answers, and each answer leads to its place on its page."""
    client, artefact = client_of(root), load_current(root / "build")
    hits = client.get("/api/search?q=no+room+in+special+schools").json()["hits"]
    assert hits[0]["url"].startswith(f"/{ASHBY}/")
    for hit in hits:
        page, _, anchor = hit["url"].partition("#")
        assert f'id="{anchor}"' in client.get(page).text
    assert artefact.manifest.documents == 9


def test_nothing_changed(root: Path, encoder_folder: Path) -> None:
    """A second build of the same makes no version, and what was current stays."""
    before = current_version(root / "build")
    again = built(root, encoder_folder)
    assert (again.is_new, again.version.name, again.report.embedded) == (False, before.name, 0)
    assert [path.name for path in (root / "build" / "versions").iterdir()] == [before.name]


def test_a_change_and_back(root: Path, encoder_folder: Path) -> None:
    """A change makes a version beside the old one; taking it back makes none, because the old one is still there."""
    before = current_version(root / "build").name
    edit(root, "casestudies/ashby-units.md", "Ask where your units are.", "Ask where they are.")
    changed = built(root, encoder_folder)
    edit(root, "casestudies/ashby-units.md", "Ask where they are.", "Ask where your units are.")
    back = built(root, encoder_folder)
    assert (changed.is_new, changed.version.name == before) == (True, False)
    assert (back.is_new, back.version.name) == (False, before)
    assert main(["--root", str(root), "rollback"]) == 0
    assert current_version(root / "build").name == changed.version.name


def test_what_is_the_same_is_not_compressed_again(root: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of one case study the files that did not change are taken compressed from the version before."""
    import brotli

    compressed = []

    def compress(data: bytes, quality: int) -> bytes:
        compressed.append(data)
        return bytes(real(data, quality=quality))

    real = brotli.compress
    monkeypatch.setattr(brotli, "compress", compress)
    edit(root, "casestudies/ashby-units.md", "Ask where your units are.", "Ask where they are.")
    site = built(root, encoder_folder).version.site
    assert (site / ASHBY / "index.html").read_bytes() in compressed
    assert (site / "about" / "index.html").read_bytes() not in compressed
    assert brotli.decompress((site / "about" / "index.html.br").read_bytes()) == (site / "about" / "index.html").read_bytes()


def mkdocs_refuses(root: Path) -> str:
    """A link that no check of the content sees and only MkDocs refuses; what is said of it."""
    edit(root, "docs/about.md", "# About", "# About\n\n[gone](gone.md)\n\n## About")
    return "gone.md"


def a_link_to_no_place(root: Path) -> str:
    """A link that MkDocs lets pass, and that leads nowhere; what is said of it."""
    edit(root, "docs/about.md", "# About", '# About\n\n<a href="../nowhere/">x</a> <a href="#no-place">x</a>\n\n## About')
    return "about/index.html leads to ../nowhere/, which is not there"


@pytest.mark.parametrize("spoil", [mkdocs_refuses, a_link_to_no_place])
def test_a_site_that_cannot_be_built_leaves_the_old_version(
    root: Path, encoder_folder: Path, spoil: Callable[[Path], str]
) -> None:
    """Where only the site is at fault, nothing of the new content is served, and it is once the fault is mended."""
    build, about = root / "build", (root / "docs" / "about.md").read_text(encoding="utf-8")
    old = current_version(build)
    edit(root, "casestudies/ashby-units.md", "Fewer children left", "Far fewer children left")
    said = spoil(root)
    with pytest.raises(SiteError) as refused:
        built(root, encoder_folder)
    assert "the old one stays" in str(refused.value) and said in str(refused.value)
    assert [current_version(build), *(build / "versions").iterdir()] == [old, old.folder]
    answer = client_of(root).get("/api/search?q=no+room+in+special+schools").json()
    assert answer["index"]["corpus"] == load_current(build).manifest.corpus
    (root / "docs" / "about.md").write_text(about, encoding="utf-8")
    assert built(root, encoder_folder).is_new
    assert "Far fewer children left" in client_of(root).get(f"/{ASHBY}/").text


@pytest.mark.parametrize("stage", ["build_artefact", "load_artefact", "stage", "write_papers", "build_site", "check_site"])
def test_whatever_fails_leaves_the_old_version(
    root: Path, encoder_folder: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whichever stage a full disk ends a build, the old version stays, and nothing is left of the new one."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    build, old = root / "build", current_version(root / "build")
    edit(root, "casestudies/ashby-units.md", "Ask where your units are.", "Ask where they are.")
    monkeypatch.setattr(building, stage, full)
    with pytest.raises(OSError, match="No space left"):
        built(root, encoder_folder)
    assert [current_version(build), *(build / "versions").iterdir()] == [old, old.folder]


def test_a_second_build_is_told(root: Path, encoder_folder: Path) -> None:
    """While one build runs another one is refused in a sentence, and nothing is changed."""
    old = current_version(root / "build")
    with (
        versions.building(root / "build"),
        pytest.raises(BuildError, match=r"A build is running in .*Wait until it has ended"),
    ):
        built(root, encoder_folder)
    assert current_version(root / "build") == old


def no_case_study(root: Path) -> None:
    """Takes every case study out."""
    for name in STUDIES:
        (root / name).unlink()


def one_case_study(root: Path) -> None:
    """Takes all case studies but one out."""
    for name in STUDIES:
        if name != "casestudies/ashby-units.md":
            (root / name).unlink()


def drafts_alone(root: Path) -> None:
    """Makes every case study a draft."""
    for name in STUDIES:
        text = (root / name).read_text(encoding="utf-8").replace("status: published", "status: draft")
        (root / name).write_text(text.replace("see_also: [ashby-units]", "see_also: []"), encoding="utf-8")


@pytest.mark.parametrize(("keep", "left"), [(no_case_study, []), (one_case_study, ["ashby-units"]), (drafts_alone, [])])
def test_few_case_studies(root: Path, encoder_folder: Path, keep: Callable[[Path], None], left: list[str]) -> None:
    """Without a case study, with one, and with drafts alone the site is built, says so, and answers from the guidance."""
    keep(root)
    (root / "casestudies" / "moved.yml").write_text("[]\n", encoding="utf-8")
    edit(root, "docs/guidance/places.md", "../../casestudies/ashby-units.md", "goals.md")
    built(root, encoder_folder)
    client = client_of(root)
    assert [study["slug"] for study in client.get("/catalogue.json").json()["case_studies"]] == left
    assert "None yet." in client.get("/focus-areas/culture/").text
    for page in (
        "/focus-areas/provision/",
        "/case-studies/",
        "/browse/councils/",
        "/browse/newest/",
        "/for/finance-officers/",
    ):
        assert ("None yet." in client.get(page).text) == (not left)
    hits = client.get("/api/search?q=leaders+share+one+mission").json()["hits"]
    assert hits[0]["url"].startswith("/guidance/goals/")
    assert client.get("/search/?q=leaders+share+one+mission").status_code == 200


@pytest.fixture(scope="module")
def real(build_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the real site, to spoil."""
    return current_version(copy_of(build_folder, tmp_path_factory.mktemp("real"))).site


def test_the_real_site_holds_together(real: Path, artefact: Artefact) -> None:
    """The project's own site has no fault."""
    check_site(real, artefact)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "about/index.html",
            "<h1",
            '<a href="../nowhere/?q=1#x">x</a><h1',
            "leads to ../nowhere/?q=1#x, which is not there",
        ),
        ("about/index.html", "<h1", '<img src="/no.png"><h1', "leads to /no.png, which is not there"),
        ("about/index.html", "<h1", '<a href="../search/#no-place">x</a><h1', "there is no such place on that page"),
        ("case-studies/york-safety-valve-reporting/index.html", 'id="what-they-did"', "", "has no place on its page"),
        ("assets/search/index/manifest.json", '"corpus": "sha256:', '"corpus": "sha256:0', "is of the content sha256:0"),
        ("assets/search/index/manifest.json", '"name": "rows', '"name": "lines', "is not whole (FileNotFoundError"),
        ("assets/search/index/manifest.json", '"sha256": "', '"sha256": "0', "is not the file that its manifest names"),
    ],
)
def test_a_site_that_does_not_hold_together(
    real: Path, artefact: Artefact, name: str, old: str, new: str, said: str
) -> None:
    """A link or an anchor to nothing, a passage without its place and a page index of something else are each named."""
    whole = (real / name).read_text(encoding="utf-8")
    assert old in whole
    (real / name).write_text(whole.replace(old, new, 1), encoding="utf-8")
    try:
        with pytest.raises(SiteError) as refused:
            check_site(real, artefact)
    finally:
        (real / name).write_text(whole, encoding="utf-8")
    assert said in str(refused.value)


def test_a_passage_without_a_page(real: Path, artefact: Artefact) -> None:
    """Where a page is missing, each of its passages is named, up to twenty, and the rest are counted."""
    page = real / "case-studies" / "york-safety-valve-reporting" / "index.html"
    whole = page.read_bytes()
    page.unlink()
    try:
        with pytest.raises(SiteError, match=r"the passage york-safety-valve-reporting#\S+ has no page"):
            check_site(real, artefact)
    finally:
        page.write_bytes(whole)


def test_links_from_the_root_of_an_address(real: Path, artefact: Artefact) -> None:
    """Where the site stands in a folder of its host, links from the host's root are followed from the site's own."""
    page = real / "404.html"
    whole = page.read_text(encoding="utf-8")
    page.write_text('<a href="/casebook/about/">x</a><a href="/casebook/">x</a>', encoding="utf-8")
    try:
        check_site(real, artefact, "https://council.example/casebook/")
        with pytest.raises(SiteError, match=r"404\.html leads to /casebook/about/"):
            check_site(real, artefact)
    finally:
        page.write_text(whole, encoding="utf-8")
