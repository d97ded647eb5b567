"""The records of the Casebook: what a case study, a guidance page and a passage are. Frozen, and checked on entry.

The front matter models are the one place that says what a file may carry; `casestudies/schema.json` is written from them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, HttpUrl, model_validator

Kind = Literal["case-study", "guidance"]
Region = Literal[
    "North East",
    "North West",
    "Yorkshire and the Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
]

NOT_STATED = "not stated"
LICENCE = (
    "Text: MIT, the Casebook's own restatement. Facts: see each source's licence. "
    "Contains public sector information licensed under the Open Government Licence v3.0."
)
SECTIONS = (
    "The problem",
    "What they did",
    "What changed",
    "What to check in your own area",
    "The law",
    "Caveats and what happened later",
)
"""The headings of a case study's body, in order."""
UNSEARCHED_SECTIONS = ("What to check in your own area", "The law")
"""Lead-ins to the guidance's questions and the duties: they tell nothing of what happened, so search leaves them out."""


def _no_figures(text: str) -> str:
    if re.search(r"\d", text):
        raise ValueError("carries a figure; figures stand in the body, beside their source")
    return text


Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Line = Annotated[str, Field(min_length=1, max_length=400, pattern=r"^[^\n]*\S[^\n]*$")]
FigureFreeLine = Annotated[Line, AfterValidator(_no_figures)]
AskedAs = Annotated[
    tuple[Line, ...],
    Field(max_length=20, description="Problems that the page speaks to, as people would put them; for search."),
]
Licence = Literal["OGL-3.0", "OPL-3.0", "not-stated"]


class Record(BaseModel):
    """A frozen record that refuses fields it does not know; its checks are built on first use, for a short start."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


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


class Duty(Record):
    """A duty in law that limits an idea."""

    id: Slug
    label: Line
    law: Line
    url: HttpUrl
    text: Annotated[str, Field(min_length=1, max_length=600)]

    def stated(self) -> SearchDuty:
        """The duty as answers and papers state it."""
        return SearchDuty(label=self.label, law=self.law, url=str(self.url), text=self.text)


class Link(Record):
    """A titled web address."""

    title: Line
    url: HttpUrl


class Change(Record):
    """A fact that overtakes or qualifies the guidance of July 2021."""

    id: Slug
    label: Line
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    sources: Annotated[tuple[Link, ...], Field(min_length=1)]


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


class Source(Record):
    """Where a fact was read."""

    id: Slug
    title: Line = Field(description="The page's title, or a description of it in [square brackets] where that is not known.")
    publisher: Line
    url: HttpUrl
    read: date = Field(description="The day on which we read it.")
    read_as: Literal["stored-excerpt", "full-page"]
    licence: Licence


class Figure(Record):
    """One measured or planned quantity, before and after, in one unit."""

    label: Line
    before: FiniteFloat | None = None
    after: FiniteFloat | None = None
    unit: Line
    before_date: Line = NOT_STATED
    date: Line = NOT_STATED
    projected: bool = Field(default=False, description="True for a forecast, a model or a plan.")
    source: Slug

    @model_validator(mode="after")
    def _has_a_value(self) -> Figure:
        if self.before is None and self.after is None:
            raise ValueError("needs a number in before or after")
        return self


class Evidence(Record):
    """How strong the evidence is, and who reported it."""

    kind: Literal["reported-outcome", "projection", "plan-only"]
    reported_by: Literal["self-reported", "independent"]


class CaseStudyMatter(Record):
    """The front matter of a case study."""

    title: FigureFreeLine
    summary: FigureFreeLine = Field(description="One sentence, without figures.")
    organisation: Line
    region: Region
    focus_areas: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=3)]
    asked_as: AskedAs = ()
    guidance_case_study: Annotated[int, Field(ge=1, le=12)] | None = None
    period: Line
    evidence: Evidence
    outcome_date: Line = NOT_STATED
    cost: Line = NOT_STATED
    cost_source: Slug | None = None
    later_reversed: bool = Field(default=False, description="True where a reported result did not last.")
    did_not_work: bool = Field(default=False, description="True where the example is mainly of something that failed.")
    figures: tuple[Figure, ...]
    questions: tuple[Slug, ...] = Field(description="Ids of the guidance's questions that fit.")
    duties: tuple[Slug, ...] = Field(description="Ids of the duties that limit the idea.")
    see_also: tuple[Slug, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    published: date
    checked: date
    review_due: date
    status: Literal["published", "draft"]

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> CaseStudyMatter:
        if (self.cost == NOT_STATED) != (self.cost_source is None):
            raise ValueError('cost and cost_source go together: state both, or cost "not stated" and cost_source null')
        if not self.published <= self.checked <= self.review_due:
            raise ValueError("the dates must run published, checked, review_due, in that order")
        return self


class GuidanceSource(Record):
    """The official text that a guidance page restates."""

    title: Line
    section: Line
    publisher: Line
    url: HttpUrl
    published: date
    licence: Licence


class GuidanceMatter(Record):
    """The front matter of a guidance page."""

    title: FigureFreeLine
    summary: FigureFreeLine
    focus_areas: Annotated[tuple[Slug, ...], Field(min_length=1)]
    asked_as: AskedAs = ()
    order: Annotated[int, Field(ge=1)]
    source: GuidanceSource
    checked: date
    overtaken_by: tuple[Slug, ...] = ()


@dataclass(frozen=True)
class CaseStudy:
    """A case study: its slug, its front matter and its Markdown body."""

    slug: str
    matter: CaseStudyMatter
    body: str


@dataclass(frozen=True)
class GuidancePage:
    """A guidance page: its slug, its front matter and its Markdown body."""

    slug: str
    matter: GuidanceMatter
    body: str


class Moved(Record):
    """An address that was published and is no longer a page."""

    old: str = Field(alias="from", pattern=r"^([a-z0-9-]+/)+$", description="The old address, from the site's root.")
    to: str | None = Field(pattern=r"^([a-z0-9-]+/)+$", description="The new one; null for a page that was withdrawn.")
    why: str = Field(min_length=1, description="A sentence for the reader.")


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


@dataclass(frozen=True)
class Corpus:
    """All published content, checked, in a fixed order (case studies by slug, guidance by its order)."""

    focus_areas: tuple[FocusArea, ...]
    duties: tuple[Duty, ...]
    changes: tuple[Change, ...]
    glossary: tuple[Term, ...]
    not_covered: tuple[Topic, ...]
    moved: tuple[Moved, ...]
    readers: tuple[Reader, ...]
    case_studies: tuple[CaseStudy, ...]
    guidance: tuple[GuidancePage, ...]

    @property
    def pages(self) -> tuple[CaseStudy | GuidancePage, ...]:
        """Every page that search knows: case studies, then guidance."""
        return (*self.case_studies, *self.guidance)

    def focus_area(self, slug: str) -> FocusArea:
        """The focus area of a slug that the check has found known."""
        return next(area for area in self.focus_areas if area.slug == slug)

    def case_study(self, slug: str) -> CaseStudy:
        """The case study of a slug that the check has found known."""
        return next(study for study in self.case_studies if study.slug == slug)

    def question(self, question_id: str) -> Question:
        """The question of an id that the check has found known."""
        return next(q for area in self.focus_areas for q in area.questions if q.id == question_id)

    def questions_of(self, area: FocusArea) -> tuple[Question, ...]:
        """The guidance's questions for an area, or where it asks none of its own, those that bear on it."""
        return area.questions or tuple(self.question(question_id) for question_id in area.related_questions)


class Weight(Record):
    """What a reader weighs a case study by at a glance."""

    kind: Literal["reported-outcome", "projection", "plan-only"] = Field(description="How strong the evidence is.")
    reported_by: Literal["self-reported", "independent"] = Field(description="Who reported it.")
    outcome_date: str = Field(description='The date of the outcome, or "not stated".')
    cost: str = Field(description='What it cost, or "not stated".')
    later_reversed: bool = Field(description="True where a reported result did not last.")
    did_not_work: bool = Field(description="True where it is mainly of something that failed or stalled.")


class Document(Record):
    """What search knows of a case study or guidance page; `id` is its slug."""

    id: Slug
    kind: Kind
    title: str
    summary: str
    organisation: str
    url: str = Field(description="Address of the page from the site's root, with a slash at both ends.")
    focus_areas: tuple[Slug, ...]
    asked_as: tuple[str, ...] = Field(default=(), description="Problems that the page speaks to, as people would put them.")
    evidence: Weight | None = Field(default=None, description="Of a case study; guidance has none.")


class Passage(Record):
    """A stretch of one page that is embedded and matched as one.

    `id` is `slug#anchor`, and the anchor is real on the page; `text` is plain text; `context` goes before it when embedding.
    """

    id: str
    document: Slug
    heading: str
    text: str
    context: str

    @property
    def anchor(self) -> str:
        """The part of the address after the #."""
        return self.id.partition("#")[2]

    @property
    def embedded_text(self) -> str:
        """The words that are embedded and indexed: title and heading as context, then the text."""
        return f"{self.context}\n{self.text}"


class SearchDuty(Record):
    """A duty in law as an answer states it, with the address of the law."""

    label: str = Field(description="Its name.")
    law: str = Field(description="Where the law says it.")
    url: str = Field(description="Where the law can be read.")
    text: str = Field(description="What it asks, restated.")


class SearchFocusArea(Record):
    """A focus area of the guidance, as answers and assistants are told of it."""

    slug: Slug = Field(description="Its name, for narrowing a search.")
    label: str = Field(description="Its title.")
    definition: str = Field(description="What it is about.")
    questions: tuple[str, ...] = Field(description="The guidance's questions for a council to ask itself.")
    duties: tuple[SearchDuty, ...] = Field(description="The duties in law that limit ideas here.")


class Run(Record):
    """A stretch of a paragraph with the sources that its footnote names; `text` begins with a space where one belongs."""

    model_config = ConfigDict(str_strip_whitespace=False)
    text: str
    sources: tuple[Slug, ...] = ()


class Block(Record):
    """A paragraph, or an item of a list."""

    item: bool
    runs: tuple[Run, ...]


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


ROOT = "%CASEBOOK%"
"""Stands in a paper for the address of the site, with the slash at its end."""
