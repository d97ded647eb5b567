"""Runs the site builder (MkDocs) over the staged tree, as a program: it is a leaf, and Zensical builds the same tree."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from indexer.errors import SiteError
from indexer.paper.files import PAPERS_MARK
from indexer.site import hosting


def build_site(root: Path, staged: Path, site: Path, papers: Path, address: str = "", before: Path | None = None) -> None:
    """Runs MkDocs over the staged tree.

    Args:
        root: The project's root, where mkdocs.yml is.
        staged: The tree that `stage` wrote.
        site: Where to; a new folder.
        papers: What `write_papers` wrote; it is laid over the built pages.
        address: The site's address, for the builder; "" where it is not known.
        before: An older site, of which what is the same is taken over.

    Raises:
        SiteError: With what the builder said.
    """
    config = staged.with_name("mkdocs.yml")
    settings = {"INHERIT": str((root / "mkdocs.yml").resolve()), "docs_dir": str(staged.resolve())}
    settings |= {"site_url": address} if address else {}
    config.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--clean",
        "--site-dir",
        str(site.resolve()),
    ]
    done = subprocess.run(
        [*command, "--config-file", str(config)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    if done.returncode:
        raise SiteError(f"MkDocs could not build the site; the old one stays.\n{(done.stdout + done.stderr).strip()}")
    shutil.copytree(papers, site, dirs_exist_ok=True, ignore=shutil.ignore_patterns(PAPERS_MARK))
    hosting.prepare(site, address, before)


def site_stamp(root: Path, staged: Path, papers: Path, address: str = "") -> str:
    """A hash of all that `build_site` makes a site from."""
    digest = hashlib.sha256(f"{version('mkdocs')} {version('mkdocs-material')} {hosting.FORMAT} {address}".encode())
    digest.update((root / "mkdocs.yml").read_bytes())
    for folder in (staged, papers):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
