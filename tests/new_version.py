"""A new version of a real artefact, whole in all its parts, without building it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from indexer.artefact.store import current_version


def with_new_version(folder: Path, corpus: str = "sha256:new") -> str:
    """Adds a version that differs in the corpus's hash alone, and makes it the current one; gives its name."""
    old = current_version(folder)
    manifest = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
    data = json.dumps({**manifest, "corpus": corpus}).encode()
    name = hashlib.sha256(data).hexdigest()[:16]
    shutil.copytree(old, folder / name)
    (folder / name / "manifest.json").write_bytes(data)
    (folder / "CURRENT.new").write_text(name + "\n", encoding="utf-8")
    (folder / "CURRENT.new").replace(folder / "CURRENT")
    return name
