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
from indexer.chart import before_after_chart
from indexer.corpus import overdue
from indexer.errors import SiteError
from indexer.paper import as_csv, as_markdown, figure_in_words, paper_of
from indexer.passages import CountTokens, parts_of
from indexer.records import LICENCE, CaseStudy, Corpus, Figure, GuidancePage, Reader
from indexer.related import difference
from indexer.rules import MARKER
from indexer.ways_in import ways_in
from indexer.word import as_word
from indexer.wording import EVIDENCE, LICENCES, READ_AS, REPORTED_BY, STRENGTH, citations, day, reversals

OFFICIAL_PAGE = "https://www.gov.uk/government/publications/creating-sustainable-high-needs-systems"
OWN_ADDRESS = "<span data-own-address>the address of this page</span>"
"""The page's script puts the address there."""
PAPERS_MARK = "made-by.sha256"
FIRST_CARDS = 12
"""How many case studies a reader's start page shows as cards; the others are a list."""
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
    orders: Mapping[str, Sequence[str]],
    address: str = "",
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
        orders: For each reader's slug the case studies' slugs, in the order that serves that reader.
        address: As for `write_papers`.
    """
    beside = out.with_name(out.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(docs, beside, ignore=shutil.ignore_patterns("guidance"))
    environment = _environment(corpus, today)
    for hand_written in beside.glob("*.md"):
        text = hand_written.read_text(encoding="utf-8")
        for part in ("search-form", "focus-area-cards", "focus-area-links", "reader-cards"):
            text = text.replace(
                f"<!-- {part} -->",
                environment.get_template(f"{part}.html").render(root="" if hand_written.stem == "index" else "../"),
            )
        hand_written.write_text(text, encoding="utf-8")
    render = partial(_render, environment, beside)
    body = partial(_body, corpus=corpus, count_tokens=count_tokens, max_tokens=max_tokens)
    for folder in ("guidance", "focus-areas", "case-studies", "browse", "for"):
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
    for reader in corpus.readers:
        ordered = [corpus.case_study(slug) for slug in orders[reader.slug]]
        first = figures_for(reader, ordered)
        render(f"for/{reader.slug}.md", "reader.md", reader=reader, studies=ordered, figures=first, root="../../")
    for moved in corpus.moved:
        render(f"{moved.old}index.html", "moved.html", moved=moved, root="../" * moved.old.count("/"))
    _add_tool_tips(beside, corpus)
    (beside / "catalogue.csv").write_text(catalogue.as_csv(corpus), encoding="utf-8-sig", newline="")
    (beside / "catalogue.json").write_text(catalogue.as_json(corpus), encoding="utf-8")
    (beside / "llms.txt").write_text(catalogue.as_llms(corpus), encoding="utf-8")
    (beside / "feed.xml").write_text(catalogue.as_feed(corpus, address), encoding="utf-8")
    _swap(beside, out)


def figures_for(reader: Reader, studies: Sequence[CaseStudy]) -> list[tuple[CaseStudy, list[Figure]]]:
    """The figures that a reader looks for first, below the case studies that have them, in their order."""
    wanted, left = reader.figures, reader.figures.most
    found = []
    for study in studies:
        figures = [
            figure
            for figure in study.matter.figures
            if figure.unit in wanted.units or any(word.lower() in figure.label.lower() for word in wanted.words)
        ][:left]
        if figures:
            found.append((study, figures))
            left -= len(figures)
    return found


def write_papers(corpus: Corpus, out: Path, address: str = "") -> None:
    """Writes each case study as Word, Markdown, CSV and JSON, in the places where they stand beside its page.

    Args:
        corpus: The checked content.
        out: The folder of all papers; what is in it and is still right stays as it is.
        address: The site's address with a slash at its end, to stand in the papers; "" where it is not known.
    """
    kept = _text_of(out / PAPERS_MARK) == _papers_mark(address)
    beside = out.with_name(out.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    for study in corpus.case_studies:
        paper = paper_of(study, corpus)
        text = paper.model_dump_json()
        folder, old = beside / "case-studies" / study.slug, out / "case-studies" / study.slug
        if kept and _text_of(old / f"{study.slug}.json") == text and (old / f"{study.slug}.docx").is_file():
            shutil.copytree(old, folder)
            continue
        folder.mkdir(parents=True)
        (folder / f"{study.slug}.json").write_text(text, encoding="utf-8")
        (folder / f"{study.slug}.md").write_text(as_markdown([paper], address), encoding="utf-8")
        (folder / f"{study.slug}.csv").write_text(as_csv([paper], address), encoding="utf-8", newline="")
        (folder / f"{study.slug}.docx").write_bytes(as_word([paper], address))
    for moved in corpus.moved:
        _, _, old_slug = moved.old.strip("/").rpartition("/")
        _, _, slug = (moved.to or "").strip("/").rpartition("/")
        if (beside / "case-studies" / slug / f"{slug}.json").is_file():
            (beside / moved.old).mkdir(parents=True)
            shutil.copy(beside / "case-studies" / slug / f"{slug}.json", beside / moved.old / f"{old_slug}.json")
    (beside / PAPERS_MARK).write_text(_papers_mark(address), encoding="utf-8")
    _swap(beside, out)


def _papers_mark(address: str) -> str:
    """What a paper depends on beside its case study: how it is made, and the site's address."""
    made_by = [Path(__file__).with_name(name) for name in ("paper.py", "word.py", "wording.py")]
    made_by += sorted(Path(__file__).with_name("templates").glob("*.xml"))
    digest = hashlib.sha256(f"{version('python-docx')} {address}".encode())
    for path in made_by:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _text_of(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _add_tool_tips(staged: Path, corpus: Corpus) -> None:
    """Puts the glossary's abbreviations at the end of each page, where Markdown makes tool-tips of them."""
    tips = "".join(f"*[{term.abbreviation}]: {term.expansion}\n" for term in corpus.glossary)
    for page in staged.rglob("*.md"):
        page.write_text(f"{page.read_text(encoding='utf-8').rstrip()}\n\n{tips}", encoding="utf-8")


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
    if site.is_dir() and _text_of(stamp_file) == stamp:
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


def _stamp(root: Path, address: str, *folders: Path) -> str:
    digest = hashlib.sha256(f"{version('mkdocs')} {version('mkdocs-material')} {hosting.FORMAT} {address}".encode())
    digest.update((root / "mkdocs.yml").read_bytes())
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
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
    environment.filters.update(day=day, in_words=figure_in_words, e=lambda text: escape(str(text)))
    environment.globals.update(
        corpus=corpus,
        duties={duty.id: duty for duty in corpus.duties},
        overdue={study.slug for study in overdue(corpus, today)},
        chart=before_after_chart,
        difference=difference,
        link_to=link_to,
        citations=citations,
        reversals=reversals,
        OWN_ADDRESS=OWN_ADDRESS,
        FIRST_CARDS=FIRST_CARDS,
        FIELDS=catalogue.FIELDS,
        LICENCE=LICENCE,
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
            f'- <span id="{question.id}"></span>{question.text} {link_to(question.id)}'
            for question in corpus.focus_area(slug).questions
        ),
        "overtaken": partial(_overtaken, corpus=corpus),
    }
    return MARKER.sub(lambda match: fillers[match[1]](match[2]) if match[1] in fillers else match[0], markdown)


def link_to(question_id: str) -> str:
    """The sign beside a question that leads to the question itself, so that its address can be copied."""
    return f'<a class="question-link" href="#{question_id}" title="Link to this question">¶</a>'


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
