"""Writes the site's pages as ordinary Markdown files and runs the site builder over them.

The staged tree is docs/ with the generated pages beside it, made anew each time, so nothing stale can stay. The builder
(MkDocs) is a leaf: it is run as a program, and Zensical builds the same tree.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from indexer import catalogue, hosting
from indexer.chart import before_after_chart, with_unit
from indexer.corpus import overdue
from indexer.errors import SiteError
from indexer.passages import CountTokens, parts_of
from indexer.records import CaseStudy, Corpus, GuidancePage
from indexer.related import difference
from indexer.rules import MARKER
from indexer.ways_in import EVIDENCE, REPORTED_BY, STRENGTH, day, ways_in

OFFICIAL_PAGE = "https://www.gov.uk/government/publications/creating-sustainable-high-needs-systems"
LICENCES = {
    "OGL-3.0": "Open Government Licence v3.0",
    "OPL-3.0": "Open Parliament Licence v3.0",
    "not-stated": "none stated, so facts only",
}
READ_AS = {"stored-excerpt": "as a stored excerpt, not the live page", "full-page": "in full"}
_LIST_MARK = re.compile(r"\A(\s*(?:[-*+]|\d+\.)\s+|\s*)")


def stage(
    corpus: Corpus,
    related: Mapping[str, Sequence[str]],
    docs: Path,
    out: Path,
    *,
    count_tokens: CountTokens,
    max_tokens: int,
    today: date,
) -> None:
    """Writes the tree that the site builder reads; the old one is replaced whole.

    Args:
        corpus: The checked content.
        related: The slugs of each case study's nearest ones, by slug.
        docs: The hand-written pages.
        out: The staged tree.
        count_tokens: As for `indexer.passages.passages`, so that anchors and passages agree.
        max_tokens: Likewise.
        today: The day by which a review counts as overdue.
    """
    beside = out.with_name(out.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(docs, beside, ignore=shutil.ignore_patterns("guidance"))
    environment = _environment(corpus, today)
    for hand_written in beside.glob("*.md"):
        text = hand_written.read_text(encoding="utf-8")
        for part in ("search-form", "focus-area-cards"):
            text = text.replace(
                f"<!-- {part} -->",
                environment.get_template(f"{part}.html").render(root="" if hand_written.stem == "index" else "../"),
            )
        hand_written.write_text(text, encoding="utf-8")
    render = partial(_render, environment, beside)
    body = partial(_body, corpus=corpus, count_tokens=count_tokens, max_tokens=max_tokens)
    for folder in ("guidance", "focus-areas", "case-studies", "browse"):
        render(f"{folder}/index.md", f"{folder}-index.md", root="../")
    for name, (title, lead, groups) in ways_in(corpus).items():
        render(f"browse/{name}.md", "browse.md", title=title, lead=lead, groups=groups, root="../../")
    for name in ("abbreviations", "changed-since", "catalogue"):
        render(f"{name}.md", f"{name}.md", root="../")
    for page in corpus.guidance:
        render(f"guidance/{page.slug}.md", "guidance.md", page=page, root="../../", body=body(page))
    for area in corpus.focus_areas:
        render(f"focus-areas/{area.slug}.md", "focus-area.md", area=area, root="../../")
    for study in corpus.case_studies:
        near = [corpus.case_study(slug) for slug in related[study.slug]]
        render(f"case-studies/{study.slug}.md", "case-study.md", study=study, root="../../", body=body(study), related=near)
    _add_tool_tips(beside, corpus)
    (beside / "catalogue.csv").write_text(catalogue.as_csv(corpus), encoding="utf-8-sig", newline="")
    (beside / "catalogue.json").write_text(catalogue.as_json(corpus), encoding="utf-8")
    (beside / "feed.xml").write_text(catalogue.as_feed(corpus), encoding="utf-8")
    _swap(beside, out)


def _add_tool_tips(staged: Path, corpus: Corpus) -> None:
    """Puts the glossary's abbreviations at the end of each page, where Markdown makes tool-tips of them."""
    tips = "".join(f"*[{term.abbreviation}]: {term.expansion}\n" for term in corpus.glossary)
    for page in staged.rglob("*.md"):
        page.write_text(f"{page.read_text(encoding='utf-8').rstrip()}\n\n{tips}", encoding="utf-8")


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
    config = staged.with_name("mkdocs.yml")
    settings = {"INHERIT": str((root / "mkdocs.yml").resolve()), "docs_dir": str(staged.resolve())}
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
    hosting.prepare(beside)
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
    digest = hashlib.sha256(f"{version('mkdocs')} {version('mkdocs-material')} {hosting.FORMAT}".encode())
    digest.update((root / "mkdocs.yml").read_bytes())
    for path in sorted(path for path in staged.rglob("*") if path.is_file()):
        digest.update(path.relative_to(staged).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _environment(corpus: Corpus, today: date) -> Environment:
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
    environment.filters.update(day=day, figure=with_unit, e=lambda text: escape(str(text)))
    environment.globals.update(
        corpus=corpus,
        duties={duty.id: duty for duty in corpus.duties},
        overdue={study.slug for study in overdue(corpus, today)},
        chart=before_after_chart,
        difference=difference,
        FIELDS=catalogue.FIELDS,
        LICENCE=catalogue.LICENCE,
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


def _body(
    page: CaseStudy | GuidancePage, *, corpus: Corpus, count_tokens: CountTokens, max_tokens: int
) -> list[tuple[str, str]]:
    """The page's sections as pairs of heading and Markdown, with an anchor at the start of each passage."""
    sections: list[tuple[str, str]] = []
    for part in parts_of(page, corpus, count_tokens, max_tokens):
        markdown = _site_links(_fill_markers(part.markdown, corpus))
        if part.first and part.heading:
            text = f"{'#' * part.level} {part.heading} {{#{part.anchor}}}\n{markdown}"
        elif markdown.startswith("!!!"):
            text = f'<div id="{part.anchor}"></div>\n\n{markdown}'
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
    lines = (
        f'!!! warning "Since then: {change.label.replace(chr(34), "&quot;")}"',
        f"    {change.text}",
        f"    Read at: {sources}.",
        f"    [What else has changed](../changed-since.md#{change.id})",
    )
    return "\n".join(lines)


def _links(titles_and_urls: Sequence[tuple[str, str]]) -> str:
    return "; ".join(f'<a href="{escape(url)}">{escape(title)}</a>' for title, url in titles_and_urls)
