"""Versions: made beside the old one, published in one step; two are kept; whatever is not whole is refused by its name."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.artefact.store import ENCODER_FILES
from indexer.artefact.versions import (
    FORMAT,
    Contents,
    Version,
    alike,
    building,
    current_version,
    go_back,
    load_current,
    make_current,
    open_version,
    publish,
    read_contents,
    whole_site,
)
from indexer.content.corpus import Corpus
from indexer.errors import BuildError, CasebookError
from tests.artefact.conftest import DAMAGES, Write, damage_file
from tests.conftest import ROOT

CURE = "Run `python -m indexer build`."
COPY_CURE = "Copy the version's folder again, whole, or run `python -m indexer build`."
FILES = ("manifest.json", "documents.json", "passages.json", "focus-areas.json", "topics.json", "glossary.json",
         "embeddings.npy", "index.faiss", *ENCODER_FILES)  # fmt: skip
pytestmark = pytest.mark.model
Make = Callable[[Path, Corpus, str], Version]


@pytest.fixture
def make(write: Write) -> Make:
    """Publishes a version with the artefact of a corpus, and a site of two pages that hold the words."""

    def make_it(build: Path, corpus: Corpus, words: str) -> Version:
        with building(build) as made:
            write(made / "artefact", corpus)
            for page in ("index.html", "about/index.html"):
                (made / "site" / page).parent.mkdir(exist_ok=True)
                (made / "site" / page).write_text(words, encoding="utf-8")
            return publish(build, made, words)

    return make_it


@pytest.fixture
def build(make: Make, small: Corpus, tmp_path: Path) -> Path:
    """A folder of builds with one version."""
    make(tmp_path / "build", small, "first")
    return tmp_path / "build"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path, but for the lock."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def names(build: Path) -> list[str]:
    """The folders of versions, the current one first, and then what else there is."""
    current = current_version(build).name
    return [current, *sorted(path.name for path in (build / "versions").iterdir() if path.name != current)]


def test_what_is_published_is_current_and_whole(build: Path, small: Corpus) -> None:
    """A version knows its files, is named by what it knows, and is found by CURRENT and by links of people."""
    version = open_version(build)
    written = (version.folder / "version.json").read_bytes()
    pointer = (build / "CURRENT").read_text(encoding="utf-8")
    assert pointer.strip() == version.name == hashlib.sha256(written).hexdigest()[:16]
    contents = read_contents(version)
    assert (contents.format, contents.made_from) == (FORMAT, "first")
    assert contents.site == {"about/index.html": 5, "index.html": 5}
    assert contents.manifest_sha256 == hashlib.sha256((version.artefact / "manifest.json").read_bytes()).hexdigest()
    assert load_current(build).glossary == small.glossary
    assert (build / "site").readlink() == Path("versions", version.name, "site")
    assert (build / "artefact").readlink() == Path("versions", version.name, "artefact")


def test_the_same_makes_the_same_name(make: Make, small: Corpus, build: Path, tmp_path: Path) -> None:
    """Two versions of the same bytes have one name, and publishing it again changes nothing."""
    before = tree(build)
    assert make(tmp_path / "other", small, "first").name == current_version(build).name
    make(build, small, "first")
    assert tree(build) == before


def test_another_byte_makes_another_name(make: Make, small: Corpus, build: Path) -> None:
    """A page of the same size with other bytes makes another version."""
    assert make(build, small, "other").name != make(build, small, "third").name


def test_the_two_newest_are_kept(make: Make, small: Corpus, changed: Corpus, build: Path) -> None:
    """After each build the new version is current, the one before stays, and the one before that is removed."""
    first = current_version(build)
    second = make(build, changed, "second")
    assert names(build) == [second.name, first.name]
    assert current_version(build).before == first.folder
    third = make(build, small, "third")
    assert names(build) == [third.name, second.name]
    assert (build / "CURRENT").read_text(encoding="utf-8") == f"{third.name}\n{second.name}\n"
    assert (build / "site" / "index.html").read_text(encoding="utf-8") == "third"


def test_going_back_and_forth(make: Make, small: Corpus, changed: Corpus, build: Path) -> None:
    """Going back makes the version before current, once more the newest; the next build keeps the one gone back to."""
    first, second = current_version(build).name, make(build, changed, "second").name
    assert [go_back(build).name, *names(build)] == [first, first, second]
    assert [go_back(build).name, *names(build)] == [second, second, first]
    go_back(build)
    third = make(build, small, "third").name
    assert names(build) == [third, first]


def test_a_site_with_another_byte_is_not_whole(build: Path) -> None:
    """A site is taken for whole while each of its files is as it was written, and not after any change, or where none is."""
    assert whole_site(build) == current_version(build).site
    (current_version(build).site / "index.html").write_text("FIRST", encoding="utf-8")
    assert whole_site(build) is None
    assert whole_site(build / "nowhere") is None


def test_nothing_to_go_back_to(build: Path) -> None:
    """With one version going back is refused."""
    only = current_version(build).name
    with pytest.raises(BuildError) as refused:
        go_back(build)
    assert str(refused.value) == f"There is no version before {only} in {build}."


@pytest.mark.parametrize("name", ["version.json", "artefact/passages.json", "artefact/manifest.json", "site/index.html"])
def test_going_back_to_what_is_damaged_is_refused(make: Make, changed: Corpus, build: Path, name: str) -> None:
    """A version before with a file changed or cut short is refused by the file's name, and the current one stays."""
    first, second = current_version(build), make(build, changed, "second")
    data = (first.folder / name).read_bytes()
    (first.folder / name).write_bytes(data[:-2] + b"]")
    with pytest.raises(CasebookError, match=name):
        go_back(build)
    assert current_version(build).name == second.name


def test_a_kept_version_that_is_alike(make: Make, write: Write, small: Corpus, changed: Corpus, build: Path) -> None:
    """What was made is alike a kept version of the same artefact and the same origin of the site, if that is whole."""
    first = current_version(build)
    make(build, changed, "second")
    with building(build) as made:
        write(made / "artefact", small)
        assert alike(build, made, "first") == first
        assert alike(build, made, "second") is None
        (first.site / "index.html").write_text("FIRST", encoding="utf-8")
        assert alike(build, made, "first") is None


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_of_the_artefact_that_is_not_as_written(build: Path, name: str, damage: str) -> None:
    """Each file of the artefact removed, emptied, cut short or changed is named, with the command that mends it."""
    path = current_version(build).artefact / name
    damage_file(path, damage)
    with pytest.raises(CasebookError) as refused:
        load_current(build)
    assert str(path) in str(refused.value)
    assert str(refused.value).endswith("un `python -m indexer build`.")


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("model", "another"),
        ("model_revision", "another"),
        ("weights_sha256", "0" * 64),
        ("dimension", 384),
        ("documents", 5),
        ("passages", 1),
        ("corpus", "sha256:0"),
        ("files", {}),
        ("colour", "red"),
    ],
)
def test_a_manifest_that_was_changed_is_refused(build: Path, claim: str, value: object) -> None:
    """Any claim of the artefact's manifest that is changed is noticed, because its version knows the manifest's hash."""
    path = current_version(build).artefact / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), claim: value}), encoding="utf-8")
    with pytest.raises(BuildError) as refused:
        load_current(build)
    assert str(refused.value) == f"{path} is not the manifest of its version (its hash differs). {CURE}"


@pytest.mark.parametrize(("length", "words"), [(None, "is missing"), (0, "has 0 bytes in place of 5"), (4, "has 4 bytes")])
def test_a_page_that_is_not_as_written(build: Path, length: int | None, words: str) -> None:
    """A file of the site that is missing or cut short is named with the cure."""
    path = current_version(build).site / "about" / "index.html"
    path.unlink()
    if length is not None:
        path.write_bytes(b"first"[:length])
    with pytest.raises(BuildError) as refused:
        open_version(build)
    assert str(refused.value).startswith(f"{path} {words}")
    assert str(refused.value).endswith(COPY_CURE)


@pytest.mark.parametrize("format_", [FORMAT + 1, FORMAT - 1, "1", None])
def test_another_format_is_refused_by_its_number(build: Path, format_: object) -> None:
    """A version of another format is told with both formats, before anything else is looked at."""
    path = current_version(build).folder / "version.json"
    path.write_text(json.dumps({"format": format_}), encoding="utf-8")
    with pytest.raises(BuildError) as refused:
        open_version(build)
    assert str(refused.value) == f"{path} has format {format_}, this program reads format {FORMAT}. {CURE}"


@pytest.mark.parametrize("claim", [name for name in Contents.model_fields if name != "format"])
def test_what_a_version_says_of_itself_is_not_changed(build: Path, claim: str) -> None:
    """Any claim of version.json that is changed is noticed, because the version is named by its hash."""
    path = current_version(build).folder / "version.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), claim: {}}), encoding="utf-8")
    with pytest.raises(BuildError, match="is not what its version is named by"):
        open_version(build)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_version_that_says_nothing(build: Path, content: bytes) -> None:
    """A version.json that is empty, cut short or something else is refused by its path with the cure."""
    path = current_version(build).folder / "version.json"
    path.write_bytes(content)
    with pytest.raises(BuildError) as refused:
        open_version(build)
    assert str(refused.value) == f"{path} cannot be read. {COPY_CURE}"


@pytest.mark.parametrize("content", [None, b"", b"nowhere\n", b"\xff\xfe", b"\x00", b"../elsewhere\n"])
def test_a_pointer_to_nothing_is_refused(build: Path, content: bytes | None) -> None:
    """CURRENT missing, empty, damaged or naming no version is refused with the command that mends it."""
    (build / "CURRENT").unlink()
    if content is not None:
        (build / "CURRENT").write_bytes(content)
    with pytest.raises(BuildError, match=r"Run `python -m indexer build`\.$") as refused:
        load_current(build)
    assert str(build) in str(refused.value)


@pytest.mark.parametrize("content", [None, b"", b"0123456789abcdef\n"])
def test_a_lost_pointer_loses_no_version(make: Make, changed: Corpus, build: Path, content: bytes | None) -> None:
    """Where CURRENT is gone or names nothing, the next build keeps the newest version beside its own."""
    first = current_version(build).name
    (build / "CURRENT").unlink()
    if content is not None:
        (build / "CURRENT").write_bytes(content)
    assert names_after(make, changed, build) == [current_version(build).name, first]


def names_after(make: Make, corpus: Corpus, build: Path) -> list[str]:
    """The names after one more build."""
    make(build, corpus, "second")
    return names(build)


def test_no_build_at_all_is_refused(tmp_path: Path) -> None:
    """A folder that does not exist is named."""
    with pytest.raises(BuildError) as refused:
        open_version(tmp_path / "nowhere")
    assert str(refused.value) == f"There is no build in {tmp_path / 'nowhere'}. {CURE}"


def test_without_the_right_to_read(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read is named with what has to be given."""

    def forbidden(path: Path, *_: Any, **__: Any) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    said = "cannot be read (Permission denied). Give whoever runs this the right to read it."
    for method, path in (("read_bytes", current_version(build).folder / "version.json"), ("read_text", build / "CURRENT")):
        with monkeypatch.context() as patched, pytest.raises(BuildError) as refused:
            patched.setattr(Path, method, forbidden)
            open_version(build)
        assert str(refused.value) == f"{path} {said}"


def test_a_version_by_itself(build: Path, tmp_path: Path) -> None:
    """A version's folder, copied under another name, is opened by itself and has none before it."""
    version = current_version(build)
    alone = Path(shutil.copytree(version.folder, tmp_path / "alone"))
    assert open_version(alone) == Version(alone, version.name)
    (alone / "site" / "index.html").unlink()
    with pytest.raises(BuildError, match=r"alone/site/index\.html is missing"):
        open_version(alone)


def test_a_second_builder_is_told(build: Path) -> None:
    """While a build runs in another process, another build and going back are refused in one sentence; then they are not."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom indexer.artefact.versions import building\n"
        f"with building(Path({str(build)!r})):\n    print('building', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout and other.stdout.readline() == "building\n"
        for second in (lambda: building(build).__enter__(), lambda: go_back(build)):
            with pytest.raises(BuildError) as refused:
                second()
            said = f"A build is running in {build}. Wait until it has ended, then run the command again."
            assert str(refused.value) == said
        other.kill()
    with building(build) as made:
        assert [path for path in (build / "versions").iterdir() if path.name.startswith("unfinished")] == [made]


@pytest.mark.parametrize(
    "name", ["documents.json", "model.onnx", "manifest.json", "index.html", "version.json", "CURRENT.new"]
)
@pytest.mark.parametrize(
    "stop", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=["full", "stopped"]
)
def test_a_build_that_stops_leaves_the_old_version(
    make: Make, changed: Corpus, build: Path, name: str, stop: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever file the disk is full at, or the builder is stopped at, the old version is whole; a second try succeeds."""
    old = current_version(build).name

    def failing(original: Callable[..., int]) -> Callable[..., int]:
        def write_or_stop(path: Path, data: Any, **options: Any) -> int:
            if path.name == name:
                original(path, data[: len(data) // 2], **options)
                raise stop
            return original(path, data, **options)

        return write_or_stop

    with monkeypatch.context() as patched, pytest.raises(type(stop)):
        patched.setattr(Path, "write_bytes", failing(Path.write_bytes))
        patched.setattr(Path, "write_text", failing(Path.write_text))
        make(build, changed, "second")
    assert open_version(build).name == old
    assert load_current(build).manifest.documents == 9
    assert [path for path in (build / "versions").iterdir() if path.name.startswith("unfinished")] == []
    new = make(build, changed, "second").name
    assert names(build) == [new, old]


def test_a_damaged_version_is_mended_by_building_it_again(make: Make, small: Corpus, build: Path) -> None:
    """Making the same content again replaces a version that was damaged since."""
    version = current_version(build)
    (version.artefact / "passages.json").write_bytes(b"[]")
    assert make(build, small, "first") == version
    assert load_current(build).manifest.passages == len(load_current(build).passages)


def test_without_links(make: Make, small: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no links can be made, versions are published all the same, and no folder of an old build is left."""
    build = tmp_path / "build"
    for part in ("site", "artefact"):
        (build / part).mkdir(parents=True)
        (build / part / "old").touch()

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    version = make(build, small, "first")
    assert load_current(build).manifest.documents == 9
    assert sorted(path.name for path in build.iterdir()) == ["CURRENT", "lock", "versions"]
    monkeypatch.undo()
    make_current(build, version)
    assert (build / "site" / "index.html").read_text(encoding="utf-8") == "first"


def test_the_folder_of_an_old_build_becomes_a_link(make: Make, small: Corpus, tmp_path: Path) -> None:
    """Where artefact and site were folders, as before there were versions, they are links after the next build."""
    for part in ("site", "artefact"):
        (tmp_path / part).mkdir()
    make(tmp_path, small, "first")
    assert (tmp_path / "site" / "index.html").read_text(encoding="utf-8") == "first"
    assert whole_site(tmp_path) == (tmp_path / "site").resolve()
