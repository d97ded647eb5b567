"""Versions of the real build for tests that change them: a copy, and a new one without building it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from indexer.artefact.versions import Version, building, current_version, publish


def copy_of(build: Path, to: Path) -> Path:
    """A folder of builds with a copy of the current version alone."""
    version = current_version(build)
    shutil.copytree(version.folder, to / "versions" / version.name)
    (to / "CURRENT").write_text(version.name + "\n", encoding="utf-8")
    return to


def with_new_version(
    build: Path,
    corpus: str = "sha256:new",
    edit: Callable[[Path], object] = lambda made: None,
    copy: Callable[[str, str], object] = shutil.copy2,
) -> Version:
    """Publishes a version like the current one, but for the corpus's hash and what `edit` does to its folder."""
    with building(build) as made:
        shutil.copytree(current_version(build).folder, made, dirs_exist_ok=True, copy_function=copy)
        path = made / "artefact" / "manifest.json"
        claims = {**json.loads(path.read_text(encoding="utf-8")), "corpus": corpus}
        for written in (path, made / "version.json"):  # a link would change the old version's too
            written.unlink()
        path.write_text(json.dumps(claims), encoding="utf-8")
        edit(made)
        return publish(build, made, "a test")
