"""A new version is taken over as a whole while the old one serves; a faulty one is refused and said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from indexer.artefact.site_contract import POLICY_FILE
from indexer.artefact.versions import current_version, go_back
from indexer.errors import BuildError
from search_api.answer import SearchRequest
from search_api.http.app import create_app
from search_api.serving import NOTHING_ALLOWED, Serving, site_of
from tests.new_version import copy_of, with_new_version
from tests.small_casebook import Page, searcher_over

PROBLEM = SearchRequest(q="special schools are full", focus_area=[])
WITHDRAWN = "bath-school-with-residential-places"
pytestmark = pytest.mark.model


@pytest.fixture
def build(build_folder: Path, tmp_path: Path) -> Path:
    """A copy of the real build."""
    return copy_of(build_folder, tmp_path / "build")


@pytest.fixture
def serving(build: Path) -> Serving:
    """What is served of the copy."""
    return Serving.open(build)


def test_a_new_version_is_taken_over(build: Path, serving: Serving) -> None:
    """Nothing changes until there is a new version; then the next look serves its answers and its site."""
    old = serving.now
    serving.look()
    assert serving.now is old
    new = with_new_version(build)
    serving.look()
    assert (serving.now.name, serving.now.sites) == (new.name, (new.site, old.sites[0]))
    assert serving.now.searcher.manifest.corpus == "sha256:new"
    assert serving.now.searcher.search(PROBLEM).answered
    assert serving.refused is None


def test_a_request_keeps_the_version_that_it_took(build: Path, serving: Serving) -> None:
    """A request that was begun before the take-over goes on with the old version, one that comes later has the new one."""
    begun: dict[str, object] = {}
    old = serving.taken(begun)
    with_new_version(build)
    serving.look()
    assert serving.taken(begun) is old
    assert serving.taken({}) is serving.now is not old


def test_pages_and_answers_are_of_one_version(build: Path, serving: Serving) -> None:
    """Nothing of a new version is shown before it is taken over; then files, kept pages and policy come together."""
    client = TestClient(create_app(serving), base_url="http://localhost")
    old = [client.get(path) for path in ("/", "/about/")]
    with_new_version(build, edit=_marked)
    assert [client.get(path).text for path in ("/", "/about/")] == [page.text for page in old]
    serving.look()
    new = [client.get(path) for path in ("/", "/about/")]
    assert ["new version" in page.text for page in new] == [True, True]
    assert [page.headers["Content-Security-Policy"] for page in new] == ["default-src 'none'"] * 2


def _marked(made: Path) -> None:
    site = made / "site"
    for path in (site / "index.html", site / "about" / "index.html"):
        for compressed in path.parent.glob("index.html.*"):
            compressed.unlink()
        path.write_text("new version", encoding="utf-8")
    (site / POLICY_FILE).write_text("default-src 'none'\n", encoding="utf-8")


def test_an_old_answer_still_leads_to_its_page(build: Path, serving: Serving) -> None:
    """A page that the new version lacks, with its papers, is the old version's, until a second build is taken over."""
    client = TestClient(create_app(serving), base_url="http://localhost")
    page, word = f"/case-studies/{WITHDRAWN}/", f"/case-studies/{WITHDRAWN}/{WITHDRAWN}.md"
    asked = {"ids": [WITHDRAWN], "format": "md"}
    statuses = []

    def without(made: Path) -> None:
        shutil.rmtree(made / "site" / "case-studies" / WITHDRAWN, ignore_errors=True)

    for number in range(3):
        statuses.append(
            [client.get(page).status_code, client.get(word).status_code, client.post("/api/papers", json=asked).status_code]
        )
        with_new_version(build, f"sha256:{number}", without)
        serving.look()
    assert statuses == [[200, 200, 200], [200, 200, 200], [404, 404, 404]]


def test_what_was_withdrawn_in_words_is_gone_at_once(build: Path, serving: Serving) -> None:
    """Where the new version has a page that says what became of the old one, nothing beside it is the old version's."""

    def withdraw(made: Path) -> None:
        folder = made / "site" / "case-studies" / WITHDRAWN
        shutil.rmtree(folder)
        folder.mkdir()
        (folder / "index.html").write_text("This page was withdrawn.", encoding="utf-8")

    client = TestClient(create_app(serving), base_url="http://localhost")
    with_new_version(build, edit=withdraw)
    serving.look()
    assert client.get(f"/case-studies/{WITHDRAWN}/").text == "This page was withdrawn."
    for name in (f"{WITHDRAWN}.md", f"{WITHDRAWN}.json"):
        assert client.get(f"/case-studies/{WITHDRAWN}/{name}").status_code == 404


def test_the_site_of_a_page(tmp_path: Path) -> None:
    """A page is the newest site's that has it; what none has is looked for in the newest."""
    new, old = tmp_path / "new", tmp_path / "old"
    for site, pages in ((new, ("both",)), (old, ("both", "alone"))):
        for page in pages:
            (site / page).mkdir(parents=True)
            (site / page / "index.html").touch()
    assert [site_of([new, old], page) for page in ("both", "alone", "neither")] == [new, old, new]


def test_a_version_that_is_removed_while_it_is_served(build: Path, serving: Serving) -> None:
    """Where two builds come before a look, the next page is the newest version's, which is taken over at once."""
    client = TestClient(create_app(serving), base_url="http://localhost")
    old = serving.now
    with_new_version(build, "sha256:1")
    newest = with_new_version(build, "sha256:2")
    assert not old.sites[0].exists()
    assert client.get("/about/").status_code == 200
    assert serving.now.name == newest.name


def _cut_short(build: Path, new: Path) -> str:
    whole = (new / "site" / "about" / "index.html").read_bytes()
    (new / "site" / "about" / "index.html").write_bytes(whole[:-10])
    return f"{new}/site/about/index.html has {len(whole) - 10:,} bytes in place of {len(whole):,}. Copy the version's folder"


def _of_another_format(build: Path, new: Path) -> str:
    (new / "version.json").write_text(json.dumps({"format": 99}), encoding="utf-8")
    return f"{new}/version.json has format 99, this program reads format 1. Run `python -m indexer build`."


def _changed_contents(build: Path, new: Path) -> str:
    text = (new / "version.json").read_text(encoding="utf-8")
    (new / "version.json").write_text(text.replace('"made_from": "', '"made_from": "x'), encoding="utf-8")
    return f"{new}/version.json is not what its version is named by"


def _without(name: str) -> Callable[[Path, Path], str]:
    def remove(build: Path, new: Path) -> str:
        (new / name).unlink()
        return f"{new}/{name} is missing. "

    return remove


def _a_folder_in_its_place(build: Path, new: Path) -> str:
    (new / "version.json").unlink()
    (new / "version.json").mkdir()
    return f"{new}/version.json cannot be read (Is a directory). Give whoever runs this the right to read it."


def _moved_away(build: Path, new: Path) -> str:
    new.rename(build / "elsewhere")
    return f"{build}/CURRENT names the version {new.name}, and there is no {new}. Copy the version's folder again"


def _pointing(content: bytes) -> Callable[[Path, Path], str]:
    def point(build: Path, new: Path) -> str:
        (build / "CURRENT").write_bytes(content)
        return f"{build}/CURRENT names no version. Run `python -m indexer build`."

    return point


def _without_pointer(build: Path, new: Path) -> str:
    (build / "CURRENT").unlink()
    return f"There is no build in {build}. Run `python -m indexer build`."


def _a_folder_as_pointer(build: Path, new: Path) -> str:
    (build / "CURRENT").unlink()
    (build / "CURRENT").mkdir()
    return f"{build}/CURRENT cannot be read (Is a directory). Give whoever runs this the right to read it."


@pytest.mark.parametrize(
    "spoil",
    [
        _without("artefact/passages.json"),
        _without("artefact/manifest.json"),
        _without("site/about/index.html"),
        _without("version.json"),
        _cut_short,
        _of_another_format,
        _changed_contents,
        _a_folder_in_its_place,
        _moved_away,
        _pointing(b""),
        _pointing(b"../../etc\n"),
        _pointing(b"\xff\xfe"),
        _without_pointer,
        _a_folder_as_pointer,
    ],
)
def test_a_faulty_version_is_refused(build: Path, spoil: Callable[[Path, Path], str]) -> None:
    """What is missing, cut short, of another format or not to be read is named with the cure; the old version serves on."""
    serving = Serving.open(build)
    old, pointer = serving.now, (build / "CURRENT").read_text(encoding="utf-8")
    said = spoil(build, with_new_version(build).folder)
    for _ in range(2):
        serving.look()
        assert serving.now is old
        assert (serving.refused or "").startswith(said)
    client = TestClient(create_app(serving), base_url="http://localhost")
    assert client.get("/api/search?q=special+schools+are+full").json()["answered"]
    assert client.get("/about/").status_code == 200
    assert client.get("/readyz").json()["refused"] == serving.refused
    if (build / "CURRENT").is_dir():
        (build / "CURRENT").rmdir()
    (build / "CURRENT").write_text(pointer, encoding="utf-8")
    serving.look()
    assert (serving.now, serving.refused) == (old, None)


def test_a_mended_version_is_taken(build: Path, serving: Serving) -> None:
    """A version that was refused for a damaged file is taken over once the file is whole."""
    path = with_new_version(build).artefact / "passages.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    serving.look()
    assert str(path) in (serving.refused or "")
    path.write_bytes(whole)
    serving.look()
    assert (serving.now.searcher.manifest.corpus, serving.refused) == ("sha256:new", None)


def test_going_back(build: Path, serving: Serving) -> None:
    """After going back, the next look serves the version before; a second time, the newest."""
    old, new = serving.now.name, with_new_version(build).name
    served = []
    for _ in range(3):
        serving.look()
        served.append(serving.now.name)
        go_back(build)
    assert served == [new, old, new]


def test_a_copied_version_by_itself(build: Path, tmp_path: Path) -> None:
    """A version's own folder serves under any name, and what is copied over it is taken over."""
    alone = Path(shutil.copytree(current_version(build).folder, tmp_path / "alone"))
    serving = Serving.open(alone)
    assert serving.now.sites == (alone / "site",)
    assert serving.now.searcher.search(PROBLEM).answered
    shutil.copytree(with_new_version(build).folder, alone, dirs_exist_ok=True)
    serving.look()
    assert (serving.now.searcher.manifest.corpus, serving.refused) == ("sha256:new", None)


def test_a_build_that_is_gone(build: Path, serving: Serving) -> None:
    """Without any build left on the disk the loaded version answers on, and it is said."""
    shutil.rmtree(build)
    serving.look()
    assert serving.refused == f"There is no build in {build}. Run `python -m indexer build`."
    assert serving.now.searcher.search(PROBLEM).answered
    client = TestClient(create_app(serving), base_url="http://localhost")
    assert client.get("/about/").status_code == 404


def test_a_version_before_that_was_deleted(build: Path, serving: Serving) -> None:
    """After going back, deleting the newer version's folder takes the pages that it alone had away at once."""
    old = serving.now.sites[0].parent
    with_new_version(build, edit=lambda made: shutil.copytree(made / "site" / "about", made / "site" / "newer"))
    go_back(build)
    newer = current_version(build).before
    assert newer and current_version(build).folder == old
    serving = Serving.open(build)
    client = TestClient(create_app(serving), base_url="http://localhost")
    assert client.get("/newer/").status_code == 200
    shutil.rmtree(newer)
    assert client.get("/newer/").status_code == 404
    assert client.get("/about/").status_code == 200


def test_no_build(tmp_path: Path) -> None:
    """A folder without a build is refused with the command that makes one."""
    with pytest.raises(BuildError, match="python -m indexer build"):
        Serving.open(tmp_path)


def test_what_is_given_is_served_and_nothing_newer() -> None:
    """A searcher that is given without a folder of builds is served as it is, and a look changes nothing."""
    serving = Serving(searcher_over(Page("both", ("school plan",))))
    given = serving.now
    serving.look()
    assert serving.now is given
    assert (given.sites, given.policy, serving.refused) == ((), NOTHING_ALLOWED, None)
