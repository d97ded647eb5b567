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
from indexer.folders import swap, text_of
from indexer.paper.files import PAPERS_MARK
from indexer.site import hosting


def build_site(root: Path, staged: Path, site: Path, papers: Path, address: str = "") -> bool:
    """Runs MkDocs over the staged tree, unless the site was already made from it.

    Args:
        root: The project's root, where mkdocs.yml is.
        staged: The tree that `stage` wrote.
        site: The site's folder; replaced whole.
        papers: What `write_papers` wrote; it is laid over the built pages.
        address: The site's address, for the builder; "" where it is not known.

    Returns:
        Whether it was built now.

    Raises:
        SiteError: With what the builder said; the old site stays.
    """
    stamp_file, stamp = site.with_name(site.name + ".sha256"), _stamp(root, address, staged, papers)
    if site.is_dir() and text_of(stamp_file) == stamp:
        return False
    beside = site.with_name(site.name + ".new")
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
        str(beside.resolve()),
    ]
    done = subprocess.run(
        [*command, "--config-file", str(config)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    if done.returncode:
        shutil.rmtree(beside, ignore_errors=True)
        raise SiteError(f"MkDocs could not build the site; the old one stays.\n{(done.stdout + done.stderr).strip()}")
    shutil.copytree(papers, beside, dirs_exist_ok=True, ignore=shutil.ignore_patterns(PAPERS_MARK))
    hosting.prepare(beside, address)
    stamp_file.unlink(missing_ok=True)
    swap(beside, site)
    stamp_file.write_text(stamp, encoding="utf-8")
    return True


def _stamp(root: Path, address: str, *folders: Path) -> str:
    digest = hashlib.sha256(f"{version('mkdocs')} {version('mkdocs-material')} {hosting.FORMAT} {address}".encode())
    digest.update((root / "mkdocs.yml").read_bytes())
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
