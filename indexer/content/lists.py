"""What the lists beside the case studies hold: focus areas, themes, councils, duties, changes, gaps and more."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, model_validator

from indexer.content.records import AskedAs, FigureFreeLine, Line, Record, Region, Slug


class Question(Record):
    """One of the guidance's questions to consider, restated."""

    id: Slug
    text: Line


class FocusArea(Record):
    """One of the guidance's parts, by which everything is tagged."""

    slug: Slug
    label: Line
    definition: Line
    guidance_page: Slug
    guidance_case_studies: tuple[Annotated[int, Field(ge=1, le=12)], ...]
    example_of: Line | None = Field(description="What the guidance says that those case studies are examples of.")
    questions: tuple[Question, ...]
    related_questions: tuple[Slug, ...] = Field(description="Other parts' questions, where the guidance asks none here.")
    duties: Annotated[tuple[Slug, ...], Field(min_length=1)]
    law: Annotated[str, Field(min_length=1, max_length=600)]


class Theme(Record):
    """A subject, finer than a focus area, under which readers look for examples."""

    id: Slug
    label: Line
    meaning: Line


class SeenSource(Record):
    """Where something that has no page of its own was read."""

    title: Line
    publisher: Line
    url: HttpUrl
    read: date


class Council(Record):
    """A council with duties to children with special educational needs."""

    name: Line
    also_called: tuple[Line, ...] = ()
    code: Annotated[str, Field(pattern=r"^E\d{8}$", description="The Office for National Statistics' code.")]
    kind: Literal["county", "unitary", "metropolitan", "london"]
    region: Region
    plans: Annotated[int, Field(ge=0, description="Children and young people with a plan.")]


class Councils(Record):
    """Every such council, and where what is said of them was read."""

    plans_counted: Line = Field(description="When the plans were counted.")
    plans_source: SeenSource
    kinds_source: SeenSource
    councils: Annotated[tuple[Council, ...], Field(min_length=1)]

    def named(self, name: str) -> Council | None:
        """The council of a name or of another name that it goes by, whatever the case and whether "and" or "&"."""
        wanted = _bare(name)
        return next((c for c in self.councils if wanted in map(_bare, (c.name, *c.also_called))), None)


def _bare(name: str) -> str:
    return " ".join(name.casefold().replace("&", " and ").split())


class Duty(Record):
    """A duty in law that limits an idea."""

    id: Slug
    label: Line
    law: Line
    url: HttpUrl
    text: Annotated[str, Field(min_length=1, max_length=600)]
    checked: date = Field(description="The day on which the text was last compared with the law's wording.")
    asked_as: AskedAs = ()

    def stated(self) -> SearchDuty:
        """The duty as answers and papers state it."""
        return SearchDuty(label=self.label, law=self.law, url=str(self.url), text=self.text)


class SearchDuty(Record):
    """A duty in law as an answer states it, with the address of the law."""

    label: str = Field(description="Its name.")
    law: str = Field(description="Where the law says it.")
    url: str = Field(description="Where the law can be read.")
    text: str = Field(description="What it asks, restated.")


class Link(Record):
    """A titled web address."""

    title: Line
    url: HttpUrl


class Change(Record):
    """A fact that overtakes or qualifies the guidance of July 2021."""

    id: Slug
    label: Line
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    asked_as: AskedAs = ()
    sources: Annotated[tuple[Link, ...], Field(min_length=1)]


class AlsoSeen(Record):
    """What a council did, in a sentence: too little for a page."""

    id: Slug
    entry: Line = Field(description="The number of the editors' note that it is from.")
    focus_area: Slug
    text: Annotated[str, Field(min_length=1, max_length=700)]
    source: SeenSource


class Event(Record):
    """Something of the years since 2014 that bears on high needs systems, told in full by a duty or a change."""

    date: str = Field(pattern=r"^(?:19|20)\d\d(-(0[1-9]|1[0-2])(-[0-3]\d)?)?$", description="A year, month or day.")
    kind: Literal["law", "guidance", "money", "agreements", "evidence"]
    label: Line
    told_in: Slug = Field(description="The id of a duty or of a change.")


class Term(Record):
    """An abbreviation of the field, what it stands for, and other words for the same thing."""

    abbreviation: Annotated[str, Field(pattern=r"^[A-Za-z0-9]+$", max_length=12)]
    expansion: Line
    meaning: Line | None = None
    also: tuple[Line, ...]


class Topic(Record):
    """A neighbouring topic that the Casebook does not cover, and how people speak of it."""

    id: Slug
    label: Line = Field(description='As it stands after "This looks like".')
    said_as: Annotated[tuple[Line, ...], Field(min_length=1)]


class Moved(Record):
    """An address that was published and is no longer a page, or no longer a place on a case study's page."""

    old: str = Field(
        alias="from", pattern=r"^([a-z0-9-]+/)+(#[a-z0-9-]+)?$", description="The old address, from the site's root."
    )
    to: str | None = Field(pattern=r"^([a-z0-9-]+/)+$", description="The new one; null for a page that was withdrawn.")
    why: str = Field(min_length=1, description="A sentence for the reader.")

    @property
    def anchor(self) -> str:
        """The place on the page that went; "" where the page did."""
        return self.old.partition("#")[2]

    @model_validator(mode="after")
    def _a_place_stays_on_its_page(self) -> Self:
        page = self.old.partition("#")[0]
        if self.anchor and (self.to != page or not page.startswith("case-studies/")):
            raise ValueError(f"a place that went (#{self.anchor}) leads to the top of its own case study: to: {page}")
        return self


class FiguresWanted(Record):
    """Which figures a reader looks for first: those of a label with one of the words, or of one of the units."""

    words: tuple[Line, ...] = ()
    units: tuple[Line, ...] = ()
    most: Annotated[int, Field(ge=1, le=40)] = 12


class Reader(Record):
    """A group of readers with a page to start from: what they bring, and what they look for first."""

    slug: Slug
    label: Line
    lead: Line
    problems: Annotated[tuple[FigureFreeLine, ...], Field(min_length=1, max_length=12)]
    figures: FiguresWanted
