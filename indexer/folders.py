"""Folders and files that are replaced whole."""

from __future__ import annotations

import shutil
from pathlib import Path


def swap(beside: Path, folder: Path) -> None:
    """Puts a folder that was made beside another in its place."""
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    beside.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def text_of(path: Path) -> str | None:
    """A file's text, or None where there is no such file."""
    return path.read_text(encoding="utf-8") if path.is_file() else None
