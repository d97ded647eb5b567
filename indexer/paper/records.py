"""A case study as a paper: records of plain words, from which every form is set."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from indexer.content.lists import SearchDuty
from indexer.content.records import Record
from indexer.content.records import Slug as Slug

ROOT = "%CASEBOOK%"
"""Stands in a paper for the address of the site, with the slash at its end."""


class Run(Record):
    """A stretch of text in one style, its spaces kept, with the sources that the footnotes after it name."""

    model_config = ConfigDict(str_strip_whitespace=False)
    text: str
    sources: tuple[Slug, ...] = ()
    strong: bool = False
    emphasis: bool = False
    url: str | None = Field(default=None, description="Of a link; one within the site begins with `ROOT`.")


class Block(Record):
    """A paragraph, a smaller heading, an item of a list, or a row of a table; rows that follow each other are one table."""

    kind: Literal["paragraph", "heading", "item", "row"]
    runs: tuple[Run, ...] = ()
    level: int = Field(default=0, description="Of a heading, 3 to 6; of an item, how deep its list is, from 1.")
    number: int | None = Field(default=None, description="Of an item of a numbered list.")
    cells: tuple[tuple[Run, ...], ...] = Field(default=(), description="Of a row.")
    header: bool = Field(default=False, description="Whether a row is a table's header.")


class PaperSection(Record):
    """A heading of a case study and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


class PaperFigure(Record):
    """A figure as people write it, with its unit; `values` are before and after where there are both, for a chart."""

    label: str
    before: str
    after: str
    when: str
    kind: str
    source: Slug
    values: tuple[float, float] | None = None
    description: str | None = Field(default=None, description="What the chart shows, in words.")


class PaperSource(Record):
    """A source as a footnote names it."""

    id: Slug
    publisher: str
    title: str
    url: str
    note: str = Field(description="When and how it was read, and its licence.")


class Paper(Record):
    """A case study in plain words, to be set in any form. Addresses begin with `ROOT`, for which the site's own is put."""

    slug: Slug
    title: str
    summary: str
    facts: dict[str, str] = Field(description="What its page lists at its head, by name, in order.")
    sections: tuple[PaperSection, ...]
    questions: tuple[str, ...]
    duties: tuple[SearchDuty, ...]
    figures: tuple[PaperFigure, ...]
    sources: tuple[PaperSource, ...]
    citations: tuple[str, ...] = Field(description="How to cite it, in two styles.")
    address: str
    checked: date
    markdown: str = Field(default="", description="The whole of it as Markdown.")
    header: str = Field(default="", description="The header of `row`.")
    row: str = Field(default="", description="The whole of it as a row of CSV.")
