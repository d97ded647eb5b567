"""Writes the site's pages as ordinary Markdown files and runs the site builder over them.

The staged tree is docs/ with the generated pages beside it, made anew each time, so nothing stale can stay. The builder
(MkDocs) is a leaf: it is run as a program, and Zensical builds the same tree.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from indexer.errors import SiteError
from indexer.passages import CountTokens, parts_of
from indexer.records import CaseStudy, Corpus, GuidancePage
from indexer.rules import MARKER, written

OFFICIAL_PAGE = "https://www.gov.uk/government/publications/creating-sustainable-high-needs-systems"
EVIDENCE = {"reported-outcome": "Reported outcome", "projection": "Projection", "plan-only": "Plan only"}
STRENGTH = {"reported-outcome": "●●●", "projection": "●●○", "plan-only": "●○○"}
REPORTED_BY = {"self-reported": "self-reported", "independent": "reported independently"}
LICENCES = {
    "OGL-3.0": "Open Government Licence v3.0",
    "OPL-3.0": "Open Parliament Licence v3.0",
    "not-stated": "none stated, so facts only",
}
READ_AS = {"stored-excerpt": "as a stored excerpt, not the live page", "full-page": "in full"}
_LIST_MARK = re.compile(r"\A(\s*(?:[-*+]|\d+\.)\s+|\s*)")


def stage(corpus: Corpus, docs: Path, out: Path, count_tokens: CountTokens, max_tokens: int) -> None:
    """Writes the tree that the site builder reads; the old one is replaced whole.

    Args:
        corpus: The checked content.
        docs: The hand-written pages.
        out: The staged tree.
        count_tokens: As for `indexer.passages.passages`, so that anchors and passages agree.
        max_tokens: Likewise.
    """
    beside = out.with_name(out.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(docs, beside, ignore=shutil.ignore_patterns("guidance"))
    render = partial(_render, _environment(corpus), beside)
    body = partial(_body, corpus=corpus, count_tokens=count_tokens, max_tokens=max_tokens)
    render("guidance/index.md", "guidance-index.md", root="../")
    render("focus-areas/index.md", "focus-areas-index.md", root="../")
    render("case-studies/index.md", "case-studies-index.md", root="../")
    for page in corpus.guidance:
        render(f"guidance/{page.slug}.md", "guidance.md", page=page, root="../../", body=body(page))
    for area in corpus.focus_areas:
        render(f"focus-areas/{area.slug}.md", "focus-area.md", area=area, root="../../")
    for study in corpus.case_studies:
        render(f"case-studies/{study.slug}.md", "case-study.md", study=study, root="../../", body=body(study))
    home = beside / "index.md"
    cards = _environment(corpus).get_template("focus-area-cards.html").render(root="")
    home.write_text(home.read_text(encoding="utf-8").replace("<!-- focus-area-cards -->", cards), encoding="utf-8")
    _swap(beside, out)


def build_site(root: Path, staged: Path, site: Path) -> bool:
    """Runs MkDocs over the staged tree, unless the site was already made from it.

    Args:
        root: The project's root, where mkdocs.yml is.
        staged: The tree that `stage` wrote.
        site: The site's folder; replaced whole.

    Returns:
        Whether it was built now.

    Raises:
        SiteError: With what the builder said; the old site stays.
    """
    stamp_file, stamp = site.with_name(site.name + ".sha256"), _stamp(root, staged)
    if site.is_dir() and stamp_file.is_file() and stamp_file.read_text(encoding="utf-8") == stamp:
        return False
    beside = site.with_name(site.name + ".new")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--clean",
        "--quiet",
        "--site-dir",
        str(beside.resolve()),
    ]
    done = subprocess.run(
        [*command, "--config-file", str(root / "mkdocs.yml")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    if done.returncode:
        shutil.rmtree(beside, ignore_errors=True)
        raise SiteError(f"MkDocs could not build the site; the old one stays.\n{(done.stdout + done.stderr).strip()}")
    stamp_file.unlink(missing_ok=True)
    _swap(beside, site)
    stamp_file.write_text(stamp, encoding="utf-8")
    return True


def _swap(beside: Path, folder: Path) -> None:
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    beside.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _stamp(root: Path, staged: Path) -> str:
    digest = hashlib.sha256(f"{version('mkdocs')} {version('mkdocs-material')}".encode())
    for path in [root / "mkdocs.yml", *sorted(path for path in staged.rglob("*") if path.is_file())]:
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _environment(corpus: Corpus) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.tests["contains"] = lambda values, value: value in values
    environment.filters.update(day=_day, figure=_figure, e=lambda text: escape(str(text)))
    environment.globals.update(
        corpus=corpus,
        duties={duty.id: duty for duty in corpus.duties},
        studies={study.slug: study for study in corpus.case_studies},
        EVIDENCE=EVIDENCE,
        STRENGTH=STRENGTH,
        REPORTED_BY=REPORTED_BY,
        LICENCES=LICENCES,
        READ_AS=READ_AS,
        OFFICIAL_PAGE=OFFICIAL_PAGE,
    )
    return environment


def _render(environment: Environment, out: Path, path: str, template: str, **values: Any) -> None:
    target = out / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(environment.get_template(template).render(**values), encoding="utf-8")


def _day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def _figure(value: float | None, unit: str) -> str:
    """A number with its unit: £2.7 million, 35%, 4,000 children; "not stated" for None."""
    if value is None:
        return "not stated"
    if unit.startswith("£"):
        return f"£{written(value)}{unit[1:]}"
    return f"{written(value)}{unit}" if unit == "%" else f"{written(value)} {unit}"


def _body(
    page: CaseStudy | GuidancePage, *, corpus: Corpus, count_tokens: CountTokens, max_tokens: int
) -> list[tuple[str, str]]:
    """The page's sections as pairs of heading and Markdown, with an anchor at the start of each passage."""
    sections: list[tuple[str, str]] = []
    for part in parts_of(page, corpus, count_tokens, max_tokens):
        markdown = _site_links(_fill_markers(part.markdown, corpus))
        if part.first and part.heading:
            text = f"{'#' * part.level} {part.heading} {{#{part.anchor}}}\n{markdown}"
        else:
            text = _LIST_MARK.sub(rf'\g<0><span id="{part.anchor}"></span>', markdown, count=1)
        if part.first:
            sections.append((part.heading, text))
        else:
            sections[-1] = (sections[-1][0], sections[-1][1] + text)
    return sections


def _site_links(markdown: str) -> str:
    """Links between files of the repository, as links between pages of the site."""
    return markdown.replace("](../docs/guidance/", "](../guidance/").replace("](../../casestudies/", "](../case-studies/")


def _fill_markers(markdown: str, corpus: Corpus) -> str:
    fillers: dict[str, Callable[[str], str]] = {
        "questions": lambda slug: "\n".join(
            f'- <span id="{question.id}"></span>{question.text}' for question in corpus.focus_area(slug).questions
        ),
        "overtaken": partial(_overtaken, corpus=corpus),
    }
    return MARKER.sub(lambda match: fillers[match[1]](match[2]) if match[1] in fillers else match[0], markdown)


def _overtaken(change_id: str, corpus: Corpus) -> str:
    change = next(change for change in corpus.changes if change.id == change_id)
    sources = _links([(source.title, str(source.url)) for source in change.sources])
    return f'!!! warning "Since then: {change.label.replace(chr(34), "&quot;")}"\n    {change.text}\n    Read at: {sources}.'


def _links(titles_and_urls: Sequence[tuple[str, str]]) -> str:
    return "; ".join(f'<a href="{escape(url)}">{escape(title)}</a>' for title, url in titles_and_urls)
