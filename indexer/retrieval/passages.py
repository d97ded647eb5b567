"""Cuts a page into passages: at headings, then at sentence ends, so that each fits the model.

The cut is made on the Markdown and loses nothing, so that the site can put a real anchor where a passage begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from indexer.content.corpus import Corpus
from indexer.content.reading import plain_text, slugify
from indexer.content.records import CaseStudy, GuidancePage
from indexer.content.rules import HEADING, MARKER
from indexer.retrieval.records import Document, Passage, Weight

CountTokens = Callable[[str], int]
OVERVIEW = "overview"
UNSEARCHED_SECTIONS = ("What to check in your own area", "The law")
"""Lead-ins to the guidance's questions and the duties: they tell nothing of what happened, so search leaves them out."""
_SENTENCE_END = re.compile(r"(?<=[.!?])((?:\[\^[^\]]+\])*[\"”')]*\s+)(?=[\"“'(]?[A-Z0-9£-])|(\n+)")


@dataclass(frozen=True)
class Part:
    """A stretch of a body under one heading; `markdown` of all parts, with their headings, is the body again.

    `first` is true for the part that begins with the heading itself.
    """

    heading: str
    level: int
    anchor: str
    markdown: str
    first: bool


def cut(body: str, count_tokens: CountTokens, limit: int, text_of: Callable[[str], str] = plain_text) -> list[Part]:
    """Cuts a body at headings, and where a section is too long, at sentence ends.

    Args:
        body: Markdown.
        count_tokens: The number of word pieces of a plain text.
        limit: The most word pieces that a part's plain text may have.
        text_of: How Markdown becomes plain text.

    Returns:
        The parts in order. Anchors are unique: a heading met again gets -2, and so does a section's second part.
    """
    parts: list[Part] = []
    anchors: set[str] = set()
    for heading, level, markdown in _sections(body):
        anchor = _free(slugify(heading) if heading else OVERVIEW, anchors)
        for index, piece in enumerate(_pieces(markdown, count_tokens, limit, text_of)):
            parts.append(Part(heading, level, anchor if index == 0 else _free(anchor, anchors), piece, index == 0))
    return parts


def texts_of(body: str, count_tokens: CountTokens, limit: int) -> list[str]:
    """The plain texts of a body's parts, cut as by `cut`; parts without words are left out."""
    return [text for part in cut(body, count_tokens, limit) if (text := plain_text(part.markdown))]


def _free(anchor: str, taken: set[str]) -> str:
    number, free = 1, anchor
    while free in taken:
        number += 1
        free = f"{anchor}-{number}"
    taken.add(free)
    return free


def _sections(body: str) -> Iterator[tuple[str, int, str]]:
    heading, level, lines = "", 0, list[str]()
    for line in body.splitlines(keepends=True):
        match = HEADING.match(line.rstrip("\n"))
        if match:
            if heading or "".join(lines).strip():
                yield heading, level, "".join(lines)
            heading, level, lines = match[2], len(match[1]), []
        else:
            lines.append(line)
    if heading or "".join(lines).strip():
        yield heading, level, "".join(lines)


def _pieces(markdown: str, count_tokens: CountTokens, limit: int, text_of: Callable[[str], str]) -> list[str]:
    if count_tokens(text_of(markdown)) <= limit:
        return [markdown]
    pieces, current = list[str](), ""
    for sentence in _sentences(markdown):
        if current and count_tokens(text_of(current + sentence)) > limit:
            pieces.append(current)
            current = ""
        *full, current = _halved(current + sentence, lambda text: count_tokens(text_of(text)) <= limit)
        pieces += full
    return [*pieces, current]


def _sentences(markdown: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE_END.finditer(markdown):
        yield markdown[start : match.end()]
        start = match.end()
    if start < len(markdown):
        yield markdown[start:]


def _halved(text: str, fits: Callable[[str], bool]) -> list[str]:
    """A text cut until each piece fits, at the space nearest its middle, or in the middle where it has none.

    A marker stays whole, because what it stands for cannot be cut here.
    """
    if fits(text) or len(text) < 2 or MARKER.fullmatch(text.strip()):
        return [text]
    inside = [match.span() for match in MARKER.finditer(text)]
    ends = [*(match.end() for match in re.finditer(r"\s+", text)), *(place for span in inside for place in span)]
    places = [end for end in ends if 0 < end < len(text) and not any(start < end < stop for start, stop in inside)]
    middle = min(places, key=lambda place: abs(place - len(text) // 2), default=len(text) // 2)
    return [*_halved(text[:middle], fits), *_halved(text[middle:], fits)]


def documents(corpus: Corpus) -> list[Document]:
    """What search knows of each page, sorted by id."""
    found = [
        Document(
            id=study.slug,
            kind="case-study",
            title=study.matter.title,
            summary=study.matter.summary,
            organisation=study.matter.organisation,
            url=f"/case-studies/{study.slug}/",
            focus_areas=study.matter.focus_areas,
            asked_as=study.matter.asked_as,
            evidence=Weight(
                kind=study.matter.evidence.kind,
                reported_by=study.matter.evidence.reported_by,
                outcome_date=study.matter.outcome_date,
                cost=study.matter.cost,
                later_reversed=study.matter.later_reversed,
                did_not_work=study.matter.did_not_work,
            ),
        )
        for study in corpus.case_studies
    ]
    found += [
        Document(
            id=page.slug,
            kind="guidance",
            title=page.matter.title,
            summary=page.matter.summary,
            organisation=page.matter.source.publisher,
            url=f"/guidance/{page.slug}/",
            focus_areas=page.matter.focus_areas,
            asked_as=page.matter.asked_as,
        )
        for page in corpus.guidance
    ]
    return sorted(found, key=lambda document: document.id)


def passages(corpus: Corpus, count_tokens: CountTokens, max_tokens: int) -> list[Passage]:
    """All passages of a corpus that search looks at, sorted by id.

    Args:
        corpus: The checked content.
        count_tokens: Word pieces of a text, without the model's own two marks.
        max_tokens: The most word pieces that the model reads, its two marks included.

    Returns:
        Passages whose embedded text, context included, the model reads whole.
    """
    found: list[Passage] = []
    for page in corpus.pages:
        for part in parts_of(page, corpus, count_tokens, max_tokens):
            text = _text_of(corpus)(part.markdown)
            if text and part.heading not in UNSEARCHED_SECTIONS:
                context = _context(page, part.heading)
                identity = f"{page.slug}#{part.anchor}"
                found.append(
                    Passage(id=identity, document=page.slug, heading=part.heading or "Overview", text=text, context=context)
                )
    return sorted(found, key=lambda passage: passage.id)


def parts_of(page: CaseStudy | GuidancePage, corpus: Corpus, count_tokens: CountTokens, max_tokens: int) -> list[Part]:
    """A page's parts, as both the passages and the site's anchors are made from."""
    headings = [match[2] for line in page.body.splitlines() if (match := HEADING.match(line))]
    context = max((count_tokens(_context(page, heading)) for heading in ["", *headings]), default=0)
    return cut(page.body, count_tokens, max(max_tokens - 2 - context, 16), _text_of(corpus))


def _context(page: CaseStudy | GuidancePage, heading: str) -> str:
    who = f" ({page.matter.organisation})" if isinstance(page, CaseStudy) else ""
    return f"{page.matter.title}{who}. {heading}".strip()


def _text_of(corpus: Corpus) -> Callable[[str], str]:
    """Plain text in which the markers stand for what the site shows there."""

    def text(markdown: str) -> str:
        return plain_text(MARKER.sub(lambda match: _shown(match, corpus), markdown))

    return text


def _shown(marker: re.Match[str], corpus: Corpus) -> str:
    if marker[1] == "questions":
        return " ".join(question.text for question in corpus.focus_area(marker[2]).questions)
    if marker[1] == "overtaken":
        change = next(change for change in corpus.changes if change.id == marker[2])
        return f"Since then: {change.text}"
    return ""
