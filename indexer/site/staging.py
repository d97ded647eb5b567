"""Writes the site's pages as ordinary Markdown files, for the site builder to read.

The staged tree is docs/ with the generated pages beside it, made anew each time, so nothing stale can stay.
A template (templates/) knows its call's own values and what `_environment` gives to all of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from indexer.content.corpus import Corpus, overdue
from indexer.content.lists import Change, Duty, Reader
from indexer.content.reading import read
from indexer.content.records import NOT_STATED, CaseStudy, Figure, GuidancePage
from indexer.content.rules import project_links
from indexer.content.tree import Body, Heading, Marker
from indexer.folders import swap
from indexer.paper.figures import figure_in_words
from indexer.paper.wording import KNOWN, LICENCE, LICENCES, READ_AS, RESULTS, SAID_BY, citations, compared, day
from indexer.retrieval.passages import CountTokens, parts_of, parts_of_note
from indexer.site import catalogue
from indexer.site.browse import ways_in
from indexer.site.chart import before_after_chart
from indexer.site.related import difference
from indexer.site.timeline import LANES, timeline, when

OFFICIAL_PAGE = "https://www.gov.uk/government/publications/creating-sustainable-high-needs-systems"
OWN_ADDRESS = "<span data-own-address>the address of this page</span>"
"""The page's script puts the address there."""
FIRST_CARDS = 12
"""How many case studies a reader's start page shows as cards; the others are a list."""


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
        count_tokens: As for `indexer.retrieval.passages.passages`, so that anchors and passages agree.
        max_tokens: Likewise.
        today: The day by which a review counts as overdue.
        orders: For each reader's slug the case studies' slugs, in the order that serves that reader.
        address: The site's address with a slash at its end, for the feed; "" where it is not known.
    """
    beside = out.with_name(out.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(docs, beside, ignore=shutil.ignore_patterns("guidance"))
    environment = _environment(corpus, today)
    environment.filters["pieces"] = partial(_pieces, count_tokens=count_tokens, max_tokens=max_tokens)
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
        render(f"browse/{name}.md", "browse.md", title=title, lead=lead, groups=groups, name=name, root="../../")
    for name in ("abbreviations", "changed-since", "law", "timeline", "catalogue"):
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
    for moved in corpus.moved_pages:
        render(f"{moved.old}index.html", "moved.html", moved=moved, root="../" * moved.old.count("/"))
    _add_tool_tips(beside, corpus)
    (beside / "catalogue.csv").write_text(catalogue.as_csv(corpus), encoding="utf-8-sig", newline="")
    (beside / "catalogue.json").write_text(catalogue.as_json(corpus), encoding="utf-8")
    (beside / "llms.txt").write_text(catalogue.as_llms(corpus), encoding="utf-8")
    (beside / "feed.xml").write_text(catalogue.as_feed(corpus, address), encoding="utf-8")
    swap(beside, out)


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


def _add_tool_tips(staged: Path, corpus: Corpus) -> None:
    """Puts the glossary's abbreviations at the end of each page, where Markdown makes tool-tips of them."""
    tips = "".join(f"*[{term.abbreviation}]: {term.expansion}\n" for term in corpus.glossary)
    for page in staged.rglob("*.md"):
        page.write_text(f"{page.read_text(encoding='utf-8').rstrip()}\n\n{tips}", encoding="utf-8")


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
    environment.filters.update(day=day, when=when, in_words=figure_in_words, e=lambda text: escape(str(text)))
    environment.globals.update(
        corpus=corpus,
        duties={duty.id: duty for duty in corpus.duties},
        overdue={study.slug for study in overdue(corpus, today)},
        chart=before_after_chart,
        timeline=timeline,
        LANES=LANES,
        difference=difference,
        link_to=link_to,
        citations=citations,
        OWN_ADDRESS=OWN_ADDRESS,
        FIRST_CARDS=FIRST_CARDS,
        FIELDS=catalogue.FIELDS,
        LICENCE=LICENCE,
        RESULTS=RESULTS,
        compared=compared,
        SAID_BY=SAID_BY,
        KNOWN=KNOWN,
        scale=partial(_scale, corpus),
        LICENCES=LICENCES,
        READ_AS=READ_AS,
        OFFICIAL_PAGE=OFFICIAL_PAGE,
        NOT_STATED=NOT_STATED,
    )
    return environment


def _scale(corpus: Corpus, figure: Figure) -> float:
    """The largest value of a figure's series in its unit, over all case studies; 0 for a figure of no series."""
    of_series = (other for study in corpus.case_studies for other in study.matter.figures if other.series == figure.series)
    values = [value for other in of_series if other.unit == figure.unit for value in (other.before, other.after)]
    return max((value for value in values if value is not None), default=0) if figure.series else 0


def _render(environment: Environment, out: Path, path: str, template: str, **values: Any) -> None:
    target = out / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(environment.get_template(template).render(**values), encoding="utf-8")


def _body(
    page: CaseStudy | GuidancePage, *, corpus: Corpus, count_tokens: CountTokens, max_tokens: int
) -> list[tuple[str, str]]:
    """The page's sections as pairs of heading and Markdown, with an anchor at the start of each passage."""
    body, parts = read(page.body), parts_of(page, corpus, count_tokens, max_tokens)
    headings = {block.start: block for block in body.blocks if isinstance(block, Heading)}
    anchors = {part.start: part.anchor for part in parts if part.start not in headings}
    edits = [(start, start, f'<span id="{anchor}"></span>') for start, anchor in anchors.items()]
    for start in [part.start for part in parts if part.start in headings]:
        end = headings[start].end
        if not body.markdown[start:end].endswith("}"):  # one with an anchor of its own
            edits.append((end, end, f" {{#{headings[start].anchor}}}"))
    for block in body.blocks:
        if isinstance(block, Marker):
            edits = [edit for edit in edits if edit[0] != block.start]
            edits.append((block.start, block.end, _filled(block, corpus, anchors.get(block.start))))
    names = [part.heading for part in parts if part.first]
    starts = [_line_start(body, part.start) for part in parts if part.first]
    ends = [*starts[1:], len(body.markdown)]
    return [
        (name, _site_links(_edited(body.markdown, start, end, edits), body))
        for name, start, end in zip(names, starts, ends, strict=True)
    ]


def _pieces(note: Duty | Change, *, count_tokens: CountTokens, max_tokens: int) -> str:
    """The text of a duty or change, with an anchor at the start of each passage but the first, whose heading has it."""
    parts, text = parts_of_note(note, count_tokens, max_tokens), read(note.text).markdown
    return _edited(text, 0, len(text), [(p.start, p.start, f'<span id="{p.anchor}"></span>') for p in parts[1:]]).strip()


def _line_start(body: Body, place: int) -> int:
    return body.markdown.rfind("\n", 0, place) + 1


def _edited(text: str, start: int, end: int, edits: Sequence[tuple[int, int, str]]) -> str:
    """A stretch of a text, with each of the edits that begin in it made: start, end and what comes there."""
    pieces, at = list[str](), start
    for first, last, new in sorted(edit for edit in edits if start <= edit[0] < end):
        pieces += [text[at:first], new]
        at = last
    return "".join([*pieces, text[at:end]])


def _site_links(markdown: str, body: Body) -> str:
    """Links between files of the repository, as links between pages of the site."""
    for path in set(project_links(body)):
        on_site = path.replace("../docs/guidance/", "../guidance/").replace("../../casestudies/", "../case-studies/")
        markdown = markdown.replace(path, on_site)
    return markdown


def _filled(marker: Marker, corpus: Corpus, anchor: str | None) -> str:
    """What stands in a marker's place, with the anchor of a passage that begins there."""
    if marker.name == "questions":
        questions = corpus.focus_area(marker.id).questions
        lines = [f'<span id="{question.id}"></span>{question.text} {link_to(question.id)}' for question in questions]
        if anchor and lines:
            lines[0] = f'<span id="{anchor}"></span>{lines[0]}'
        return "\n".join(f"- {line}" for line in lines)
    told = _overtaken(marker.id, corpus=corpus)
    return f'<div id="{anchor}"></div>\n\n{told}' if anchor else told


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
