"""Writes every case study's papers into a folder, those that are still right left as they are."""

from __future__ import annotations

import hashlib
import shutil
from importlib.metadata import version
from pathlib import Path

from indexer.content.corpus import Corpus
from indexer.folders import swap, text_of
from indexer.paper.forms import as_csv, as_markdown
from indexer.paper.paper import paper_of
from indexer.paper.word import as_word

PAPERS_MARK = "made-by.sha256"


def write_papers(corpus: Corpus, out: Path, address: str = "") -> None:
    """Writes each case study as Word, Markdown, CSV and JSON, in the places where they stand beside its page.

    Args:
        corpus: The checked content.
        out: The folder of all papers; what is in it and is still right stays as it is.
        address: The site's address with a slash at its end, to stand in the papers; "" where it is not known.
    """
    kept = text_of(out / PAPERS_MARK) == _papers_mark(address)
    beside = out.with_name(out.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for study in corpus.case_studies:
        paper = paper_of(study, corpus)
        text = paper.model_dump_json()
        folder, old = beside / "case-studies" / study.slug, out / "case-studies" / study.slug
        if kept and text_of(old / f"{study.slug}.json") == text and (old / f"{study.slug}.docx").is_file():
            shutil.copytree(old, folder)
            continue
        folder.mkdir(parents=True)
        (folder / f"{study.slug}.json").write_text(text, encoding="utf-8")
        (folder / f"{study.slug}.md").write_text(as_markdown([paper], address), encoding="utf-8")
        (folder / f"{study.slug}.csv").write_text(as_csv([paper], address), encoding="utf-8", newline="")
        (folder / f"{study.slug}.docx").write_bytes(as_word([paper], address))
    for moved in corpus.moved_pages:
        _, _, old_slug = moved.old.strip("/").rpartition("/")
        _, _, slug = (moved.to or "").strip("/").rpartition("/")
        if (beside / "case-studies" / slug / f"{slug}.json").is_file():
            (beside / moved.old).mkdir(parents=True)
            shutil.copy(beside / "case-studies" / slug / f"{slug}.json", beside / moved.old / f"{old_slug}.json")
    (beside / PAPERS_MARK).write_text(_papers_mark(address), encoding="utf-8")
    swap(beside, out)


def _papers_mark(address: str) -> str:
    """What a paper depends on beside its case study: how it is made, and the site's address."""
    folder = Path(__file__).parent
    made_by = sorted([*folder.glob("*.py"), *folder.glob("templates/*.xml")])
    digest = hashlib.sha256(f"{version('python-docx')} {address}".encode())
    for path in made_by:
        digest.update(path.read_bytes())
    return digest.hexdigest()
