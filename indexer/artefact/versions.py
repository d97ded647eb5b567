"""A build's versions: artefact and site made together, published together, and the one before kept.

    BUILD/CURRENT                        the name of the version in use, and on a second line that of the one before
    BUILD/versions/<name>/version.json   what the version holds
                          artefact/      what is searched (`store`)
                          site/          the pages, and what they search over by themselves
    BUILD/site, BUILD/artefact           links to the current version's, for people, where links can be made

A version is named by version.json's hash and never changed. A new one is made in a folder of its own, and becomes current
when CURRENT is replaced, in one step: whoever is stopped at any moment leaves the old version or the new one, whole.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.artefact.store import CURE, MANIFEST, Artefact, checked_files, load_artefact, read_manifest
from indexer.errors import ArtefactError, BuildError

FORMAT = 1
CURRENT = "CURRENT"
CONTENTS = "version.json"
COPY_CURE = "Copy the version's folder again, whole, or run `python -m indexer build`."
_UNFINISHED = "unfinished-"
_NAME = re.compile(r"[0-9a-f]{16}")


class Contents(BaseModel):
    """What a version holds, so that one that was copied in part is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    made_from: str
    """A hash of all that the site was made from."""
    manifest_sha256: str
    """Of the artefact's manifest, which holds the sha256 of each other file of the artefact."""
    site_sha256: str
    """Of the paths and bytes of all files of the site."""
    site: dict[str, int]
    """The size of each file of the site, in bytes."""


@dataclass(frozen=True)
class Version:
    """A version's folder; nothing says that it is whole.

    Attributes:
        folder: Where it is.
        name: The hash of its version.json.
        before: The folder of the version before it, where that is still there.
    """

    folder: Path
    name: str
    before: Path | None = None

    @property
    def artefact(self) -> Path:
        """What is searched."""
        return self.folder / "artefact"

    @property
    def site(self) -> Path:
        """The pages."""
        return self.folder / "site"


def current_version(build: Path) -> Version:
    """The version in use.

    Args:
        build: A folder with CURRENT; or a version's own folder, as it was copied to another machine.

    Raises:
        BuildError: Where there is none.
    """
    if (build / CONTENTS).is_file():
        return Version(build, _name_of(_read(build / CONTENTS)))
    name, *others = _names(build)
    folders = [build / "versions" / other for other in others]
    return Version(build / "versions" / name, name, next((folder for folder in folders if folder.is_dir()), None))


def open_version(build: Path) -> Version:
    """The version in use, once it is sure to be whole; the artefact's files are left to whoever loads it.

    Raises:
        BuildError: Naming what is missing, cut short or of another format, and the cure.
    """
    version = current_version(build)
    _check_all_but_artefact(version)
    return version


def load_current(build: Path) -> Artefact:
    """The artefact of the version in use, every claim of version and artefact checked.

    Raises:
        CasebookError: Naming the mismatch and the command that mends it.
    """
    return load_artefact(open_version(build).artefact)


def read_contents(version: Version) -> Contents:
    """What a version says that it holds, its format and its name checked and nothing else.

    Raises:
        BuildError: Where it cannot be read, is of another format, or is not what the version is named by.
    """
    path = version.folder / CONTENTS
    written = _read(path)
    try:
        data = json.loads(written)
        if data.get("format") != FORMAT:
            raise BuildError(f"{path} has format {data.get('format')}, this program reads format {FORMAT}. {CURE}")
        if _name_of(written) != version.name:
            raise BuildError(f"{path} is not what its version is named by (its hash differs). {COPY_CURE}")
        return Contents.model_validate(data)
    except (ValueError, AttributeError, ValidationError) as error:
        raise BuildError(f"{path} cannot be read. {COPY_CURE}") from error


@contextmanager
def building(build: Path) -> Iterator[Path]:
    """A new folder to make a version in, for one builder at a time; what killed builders left is removed.

    Raises:
        BuildError: Where another build is running.
    """
    with _locked(build):
        versions = build / "versions"
        versions.mkdir(exist_ok=True)
        kept = _kept(build)
        for folder in versions.iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        # A name that no other build has: the site builder of a killed one may still be writing.
        made = versions / f"{_UNFINISHED}{secrets.token_hex(8)}"
        made.mkdir()
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)


def alike(build: Path, made: Path, made_from: str) -> Version | None:
    """A kept version that is whole, with the artefact that is in `made` and a site made from the same; None for none."""
    manifest_sha256 = hashlib.sha256((made / "artefact" / MANIFEST).read_bytes()).hexdigest()
    for name in _kept(build):
        version = Version(build / "versions" / name, name)
        try:
            contents = read_contents(version)
            if (contents.made_from, contents.manifest_sha256) == (made_from, manifest_sha256):
                _check_whole(version)
                return version
        except (ArtefactError, BuildError):  # damaged since: it is made again
            continue
    return None


def whole_site(build: Path) -> Path | None:
    """The site of the version in use, if every file of it is as it was written; else None."""
    try:
        version = current_version(build)
        _check_whole(version)
    except (ArtefactError, BuildError):
        return None
    return version.site


def publish(build: Path, made: Path, made_from: str) -> Version:
    """Makes what was made in a folder of `building` the current version."""
    site, site_sha256 = _files_of(made / "site")
    contents = Contents(
        format=FORMAT,
        made_from=made_from,
        manifest_sha256=hashlib.sha256((made / "artefact" / MANIFEST).read_bytes()).hexdigest(),
        site_sha256=site_sha256,
        site=site,
    )
    written = contents.model_dump_json(indent=1).encode() + b"\n"
    (made / CONTENTS).write_bytes(written)
    version = Version(build / "versions" / _name_of(written), _name_of(written))
    if version.folder.exists():  # one that `alike` found damaged
        _remove(version.folder)
    made.replace(version.folder)
    make_current(build, version)
    return version


def make_current(build: Path, version: Version) -> None:
    """Makes a version the current one, in one step; the one that was is the one before, and all others are removed."""
    kept = [version.name, *(name for name in _kept(build) if name != version.name)][:2]
    pointer = build / f"{CURRENT}.new"
    pointer.write_text("".join(f"{name}\n" for name in kept), encoding="utf-8")
    pointer.replace(build / CURRENT)
    for part in ("site", "artefact"):
        _link(build / part, Path("versions", version.name, part))
    for folder in (build / "versions").iterdir():
        if folder.name not in kept and not folder.name.startswith(_UNFINISHED):
            _remove(folder)


def go_back(build: Path) -> Version:
    """Makes the version before the current one; a second time, the other way round.

    Raises:
        BuildError: Where there is none, it is damaged, or a build is running.
    """
    with _locked(build):
        name, *others = _names(build)
        if not others:
            raise BuildError(f"There is no version before {name} in {build}.")
        before = Version(build / "versions" / others[0], others[0])
        _check_whole(before)
        make_current(build, before)
    return before


def _files_of(site: Path) -> tuple[dict[str, int], str]:
    """The size of each file of a site by its path, and the sha256 of all paths and files."""
    sizes, digest = {}, hashlib.sha256()
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name, data = path.relative_to(site).as_posix(), path.read_bytes()
        sizes[name] = len(data)
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return sizes, digest.hexdigest()


def _check_whole(version: Version) -> None:
    """Reads every file, as a server that starts does not."""
    _check_all_but_artefact(version)
    if _files_of(version.site)[1] != read_contents(version).site_sha256:
        raise BuildError(f"{version.site} is not the site that its version was made with (its hash differs). {COPY_CURE}")
    checked_files(version.artefact, read_manifest(version.artefact))


def _check_all_but_artefact(version: Version) -> None:
    contents = read_contents(version)
    manifest = version.artefact / MANIFEST
    if hashlib.sha256(_read(manifest)).hexdigest() != contents.manifest_sha256:
        raise BuildError(f"{manifest} is not the manifest of its version (its hash differs). {CURE}")
    for name, size in contents.site.items():
        path = version.site / name
        try:
            found = path.stat().st_size
        except OSError as error:
            raise BuildError(f"{path} is missing. {COPY_CURE}") from error
        if found != size:
            raise BuildError(f"{path} has {found:,} bytes in place of {size:,}. {COPY_CURE}")


def _names(build: Path) -> list[str]:
    path = build / CURRENT
    try:
        names = path.read_text(encoding="utf-8").split()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BuildError(f"There is no build in {build}. {CURE}") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError:
        names = []
    if not names or not all(map(_NAME.fullmatch, names)):
        raise BuildError(f"{path} names no version. {CURE}")
    if not (build / "versions" / names[0]).is_dir():
        raise BuildError(
            f"{path} names the version {names[0]}, and there is no {build / 'versions' / names[0]}. {COPY_CURE}"
        )
    return names


def _kept(build: Path) -> list[str]:
    """The names of the versions to keep, the current one first; where CURRENT does not tell, all there are, newest first."""
    try:
        return [name for name in _names(build) if (build / "versions" / name).is_dir()]
    except BuildError:
        found = [path for path in (build / "versions").glob(f"*/{CONTENTS}") if _NAME.fullmatch(path.parent.name)]
        return [path.parent.name for path in sorted(found, key=lambda path: -path.stat().st_mtime)]


@contextmanager
def _locked(build: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    build.mkdir(parents=True, exist_ok=True)
    lock = FileLock(build / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BuildError(f"A build is running in {build}. Wait until it has ended, then run the command again.") from None
    try:
        yield
    finally:
        lock.release()


def _link(link: Path, target: Path) -> None:
    beside = link.with_name(f"{link.name}.new")
    if link.is_dir() and not link.is_symlink():  # as builds were before there were versions
        shutil.rmtree(link, ignore_errors=True)
    try:
        beside.unlink(missing_ok=True)
        beside.symlink_to(target, target_is_directory=True)
        beside.replace(link)
    except (OSError, NotImplementedError):  # Windows gives no links to everyone; CURRENT alone counts
        return


def _remove(folder: Path) -> None:
    """Renames a version and then removes it, so that whoever still serves it sees at once that it is gone."""
    gone = folder.with_name(f"{_UNFINISHED}{folder.name}")
    with suppress(OSError):  # where a file is open on Windows; a later build removes it
        folder.replace(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _unreadable(path: Path, error: OSError) -> BuildError:
    return BuildError(f"{path} cannot be read ({error.strerror}). Give whoever runs this the right to read it.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BuildError(f"{path} is missing. {COPY_CURE}") from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _name_of(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()[:16]
