"""The rules a body is held to, as functions of plain text: sections, footnotes, figures, links and markers.

A *block* is a paragraph or one list item; a block that states a figure must end in a footnote to a source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.content.records import SECTIONS, Figure

FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]")
HEADING = re.compile(r"^(#{2,3})\s+(.*?)\s*$")
MARKER = re.compile(r"<!--\s*([a-z-]+):\s*([a-z0-9-]+)\s*-->")
_LINK = re.compile(r"(?<!!)\[[^\]^][^\]]*\]\(([^)\s]+)[^)]*\)")
_LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+")
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


@dataclass(frozen=True)
class Block:
    """A paragraph or list item: its Markdown and the line of the body on which it starts, from 1."""

    line: int
    text: str


def blocks(body: str) -> Iterator[Block]:
    """The body's paragraphs and list items, in order; headings and comments are left out."""
    start, lines = 0, list[str]()
    for number, line in enumerate([*body.splitlines(), ""], 1):
        ends = not line.strip() or HEADING.match(line) or MARKER.fullmatch(line.strip())
        if lines and (ends or _LIST_ITEM.match(line)):
            yield Block(start, "\n".join(lines))
            lines = []
        if not ends:
            start = start if lines else number
            lines.append(line)


def figures_in(text: str) -> list[str]:
    """The numbers in a text that are figures: not dates, ages, key stages, year groups or sections of acts."""
    return _NUMBER.findall(_NOT_FIGURES.sub(" ", FOOTNOTE.sub(" ", text)))


def unsourced_blocks(body: str) -> Iterator[tuple[Block, list[str]]]:
    """Blocks that state figures without a footnote, with those figures."""
    for block in blocks(body):
        figures = figures_in(_LIST_ITEM.sub("", block.text))
        if figures and not FOOTNOTE.search(block.text):
            yield block, figures


def section_faults(body: str) -> str | None:
    """What is wrong with a case study's headings or empty sections, or None."""
    found = [match.group(2) for line in body.splitlines() if (match := HEADING.match(line)) and match.group(1) == "##"]
    if tuple(found) != SECTIONS:
        return f"the headings are {found or 'missing'}"
    texts = re.split(r"^## .*$", body, flags=re.MULTILINE)
    empty = [heading for heading, text in zip(SECTIONS, texts[1:], strict=True) if not text.strip()]
    if empty:
        return f"nothing stands under {empty}"
    return None if not texts[0].strip() else "text stands before the first heading"


def footnote_faults(body: str, source_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The footnotes that name no source, and the sources that no footnote names."""
    used = FOOTNOTE.findall(body)
    return sorted(set(used) - set(source_ids)), [source for source in source_ids if source not in used]


def written(value: float) -> str:
    """A figure as the body writes it: 4,000 and 35 and 5.3."""
    return f"{int(value):,}" if value == int(value) else f"{value:,}"


def figures_not_in_body(figures: Sequence[Figure], body: str) -> Iterator[tuple[int, str]]:
    """Index and value of each figure of the front matter whose number the body does not state.

    A fall may be stated without its sign ("fell by 5" for -5).
    """
    stated = {float(number.replace(",", "")) for number in _NUMBER.findall(FOOTNOTE.sub(" ", body))}
    for index, figure in enumerate(figures):
        for value in (figure.before, figure.after):
            if value is not None and abs(value) not in stated:
                yield index, written(value)


def project_links(body: str) -> Iterator[str]:
    """The paths of a body's links to files of the project; web addresses and anchors on the page are left out."""
    for target in _LINK.findall(body):
        path = target.partition("#")[0]
        if path and "://" not in target and not target.startswith("mailto:"):
            yield path


def markers(body: str, name: str) -> list[str]:
    """The ids in `<!-- name: id -->` markers, in order."""
    return [found for kind, found in MARKER.findall(body) if kind == name]
