"""The rules a body is held to, as functions of its tree: sections, footnotes, figures, links, markers and form.

A paragraph, an item of a list or a row of a table that states a figure must carry a footnote to a source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexer.content.records import SECTIONS, CaseStudyMatter, Figure
from indexer.content.tree import Block, Body, Heading, HtmlBlock, Image, Item, Marker, Paragraph, RawHtml, Row, words_of

_LIST_SIGN = re.compile("(?:[-*+\u2022\u00b7\u25aa\u25e6\u2023\u2219\uf0b7]|\\d+[.)])\\s")
"""What people put before an item of a list, by hand or from Word."""
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_YEAR = r"(?:19|20)\d\d"
_SCHOOL_YEAR = r"(?:1[0-4]|\d)"
# Numbers that are not figures: dates, financial and school years, ages, key stages, year groups, sections of acts.
_NOT_FIGURES = re.compile(
    "|".join(
        (
            rf"(?<!£)\b{_YEAR}(?:\s*(?:/|-|–)\s*(?:{_YEAR}|\d\d))?\b(?!\s*(?:%|,\d))",
            rf"\b\d{{1,2}}\s+(?:{_MONTH})\b",
            r"\b(?:aged?|ages)\s+\d+(?:\s*(?:to|and|or|-|–)\s*\d+)?",
            r"\b\d+\s*(?:to|-|–)\s*\d+[- ]year[- ]olds?\b|\b\d+[- ]year[- ]olds?\b",
            r"\b(?:key stages?|KS)\s*\d(?:\s*(?:to|and|-|–)\s*\d)?",
            rf"\b(?:years?|Y)\s*(?:groups?\s*)?{_SCHOOL_YEAR}\s*(?:to|and|-|–)\s*{_SCHOOL_YEAR}\b",
            rf"\b(?:year|Y)\s*(?:groups?\s*)?{_SCHOOL_YEAR}\b",
            r"\b(?:sections?|regulations?|part|chapter|s\.)\s*\d+(?:\s*(?:to|and|-|–)\s*\d+)?",
            r"\b(?:phase|round|stage)s?\s*\d(?:\s*(?:to|and|-|–)\s*\d)?",
            r"\b0\s*(?:to|-|–)\s*25\b",
        )
    ),
    re.IGNORECASE,
)


def figures_in(text: str) -> list[str]:
    """The numbers in a plain text that are figures: not dates, ages, key stages, year groups or sections of acts."""
    return _NUMBER.findall(_NOT_FIGURES.sub(" ", text))


def unsourced_figures(body: Body) -> Iterator[tuple[int, list[str]]]:
    """The line and the figures of each paragraph, item or row that states figures without a footnote."""
    for block in body.blocks:
        if isinstance(block, Paragraph | Item | Row):
            words = words_of(block)
            figures = [figure for each in words for figure in figures_in(each.plain)]
            if figures and not any(each.notes for each in words):
                yield body.line_of(block.start), figures


def section_faults(body: Body) -> str | None:
    """What is wrong with a case study's headings or empty sections, or None."""
    places = [place for place, block in enumerate(body.blocks) if isinstance(block, Heading) and block.level == 2]
    headings = [block.words.plain for block in body.blocks if isinstance(block, Heading) and block.level == 2]
    if tuple(headings) != SECTIONS:
        return f"the headings are {headings or 'missing'}"
    ends = [*places[1:], len(body.blocks)]
    empty = [heading for heading, start, end in zip(SECTIONS, places, ends, strict=True) if end == start + 1]
    if empty:
        return f"nothing stands under {empty}"
    return None if places[0] == 0 else "text stands before the first heading"


def form_faults(body: Body) -> Iterator[tuple[int, str, str]]:
    """What the page would not show as its writer meant it: the line, what stands there, and what would be right."""
    for name in body.definitions:
        yield 1, f"[^{name}]:", "no footnote's text; sources stand in the front matter"
    for block in body.blocks:
        if isinstance(block, HtmlBlock):
            yield body.line_of(block.start), block.html, "no HTML; write it in Markdown"
        elif isinstance(block, Heading) and block.level == 1:
            yield body.line_of(block.start), f"#{block.words.plain}", "## and a space for a heading, or another first sign"
        elif isinstance(block, Paragraph):
            yield from _run_together(body, block)
        for words in words_of(block):
            for inline in words.inlines:
                if isinstance(inline, Image):
                    yield body.line_of(words.start), inline.src, "no pictures; the site draws charts from figures"
                elif isinstance(inline, RawHtml) and inline.html.startswith("<!--"):
                    yield body.line_of(words.start), inline.html, "a marker on a line of its own"
                elif isinstance(inline, RawHtml):
                    yield body.line_of(words.start), inline.html, "no HTML; write it in Markdown"


def _run_together(body: Body, paragraph: Paragraph) -> Iterator[tuple[int, str, str]]:
    """The lines of a paragraph that are meant as items of a list."""
    for number, line in enumerate(paragraph.words.text.split("\n")):
        if _LIST_SIGN.match(line.lstrip()):
            cure = "an empty line before a list, and a hyphen and a space before each item"
            yield body.line_of(paragraph.start) + number, line.strip(), cure


def result_fault(matter: CaseStudyMatter, body: Body) -> str | None:
    """What is missing to a result: a figure of its kind, or a sentence with a footnote where it is told."""
    kind = "projection" if matter.result == "projection" else "measure"
    if matter.result in ("not-known", "too-early") or any(figure.kind == kind for figure in matter.figures):
        return None
    told = {"plan-only": "What they did"}.get(matter.result, "What changed")
    if any(words.notes for block in section(body, told) for words in words_of(block)):
        return None
    return f"a {kind} in figures, or a sentence with a footnote under {told}"


def section(body: Body, heading: str) -> Iterator[Block]:
    """The blocks under a second level heading."""
    under = False
    for block in body.blocks:
        if isinstance(block, Heading) and block.level == 2:
            under = block.words.plain == heading
        elif under:
            yield block


def measures_astray(period: str, figures: Sequence[Figure]) -> Iterator[tuple[int, str]]:
    """Index and dates of each measure whose dates do not straddle the action, as far as years are stated.

    The first value is dated before the period's end, the second after its beginning, and the first before the second.
    """
    of_period = _years(period)
    for index, figure in enumerate(figures):
        before, after = _years(figure.before_date), _years(figure.date)
        backwards = before and after and min(before) > max(after)
        early = after and of_period and max(after) < min(of_period)
        ends = not re.match(r"\s*(?:from|since)\b(?!.*\bto\b)", period, re.IGNORECASE)
        late = before and of_period and ends and min(before) > max(of_period)
        if figure.kind == "measure" and (backwards or early or late):
            yield index, f"{figure.before_date} to {figure.date}"


def _years(text: str) -> list[int]:
    return [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", text)]


def footnote_faults(body: Body, source_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The footnotes that name no source, and the sources that no footnote names."""
    used = {note for words in body.words() for note in words.notes}
    return sorted(used - set(source_ids)), [source for source in source_ids if source not in used]


def written(value: float) -> str:
    """A figure as the body writes it: 4,000 and 35 and 5.3."""
    return f"{int(value):,}" if value == int(value) else f"{value:,}"


def figures_not_in_body(figures: Sequence[Figure], body: Body) -> Iterator[tuple[int, str]]:
    """Index and value of each figure of the front matter whose number the body does not state.

    A fall may be stated without its sign ("fell by 5" for -5).
    """
    numbers = (number for words in body.words() for number in _NUMBER.findall(words.plain))
    stated = {float(number.replace(",", "")) for number in numbers}
    for index, figure in enumerate(figures):
        for value in (figure.before, figure.after):
            if value is not None and abs(value) not in stated:
                yield index, written(value)


def project_links(body: Body) -> Iterator[str]:
    """The paths of a body's links to files of the project; web addresses and anchors on the page are left out."""
    for words in body.words():
        for target in words.links:
            path = target.partition("#")[0]
            if path and "://" not in target and not target.startswith("mailto:"):
                yield path


def markers(body: Body, name: str) -> list[str]:
    """The ids in `<!-- name: id -->` markers, in order."""
    return [block.id for block in body.blocks if isinstance(block, Marker) and block.name == name]
