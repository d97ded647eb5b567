"""What a case study and a guidance page are. Frozen, and checked on entry.

The front matter models are the one place that says what a file may carry; `casestudies/schema.json` is written from them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, HttpUrl, model_validator

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
SECTIONS = (
    "The problem",
    "What they did",
    "What changed",
    "What to check in your own area",
    "The law",
    "Caveats and what happened later",
)
"""The headings of a case study's body, in order."""


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
Result = Literal[
    "improved", "mixed", "no-change", "got-worse", "did-not-last", "too-early", "projection", "plan-only", "not-known"
]
"""What came of it; `projection` and `plan-only` are kinds of not yet known."""
SaidBy = Literal["council", "independent", "press"]
FigureKind = Literal["measure", "outcome", "background", "input", "projection"]
Series = Literal["plans-on-time", "place-cost", "in-year-position"]
Licence = Literal["OGL-3.0", "OPL-3.0", "not-stated"]


class Record(BaseModel):
    """A frozen record that refuses fields it does not know; its checks are built on first use, for a short start."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


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
    kind: FigureKind = Field(
        description="measure: before and after the action; outcome: after it alone; background: of the "
        "problem; input: what was put in; projection: a forecast, a model or a target."
    )
    series: Series | None = Field(default=None, description="Where several case studies have the same measure.")
    source: Slug

    @model_validator(mode="before")
    @classmethod
    def _reads_the_old_form(cls, data: Any) -> Any:
        """Before November 2026 a figure said only whether it was projected."""
        if not isinstance(data, dict) or "kind" in data:
            return data
        both = data.get("before") is not None and data.get("after") is not None
        old = {key: value for key, value in data.items() if key != "projected"}
        return {**old, "kind": "projection" if data.get("projected") else "measure" if both else "outcome"}

    @model_validator(mode="after")
    def _has_its_values(self) -> Figure:
        if self.before is None and self.after is None:
            raise ValueError("needs a number in before or after")
        if self.kind == "measure" and None in (self.before, self.after):
            raise ValueError("a measure has a number before and one after; a number after alone is an outcome")
        return self


class CaseStudyMatter(Record):
    """The front matter of a case study."""

    title: FigureFreeLine
    summary: FigureFreeLine = Field(description="One sentence, without figures.")
    organisation: Line
    councils: tuple[Line, ...] | None = Field(
        default=None, description="Whose story it is, as councils.yml names them; left out where organisation is that name."
    )
    themes: Annotated[tuple[Slug, ...], Field(max_length=5)] = ()
    focus_areas: Annotated[tuple[Slug, ...], Field(min_length=1, max_length=3)]
    asked_as: AskedAs = ()
    guidance_case_study: Annotated[int, Field(ge=1, le=12)] | None = None
    period: Line
    result: Result = Field(description="What came of it.")
    said_by: SaidBy = Field(description="Who says so.")
    outcome_date: Line = NOT_STATED
    cost: Line = NOT_STATED
    cost_source: Slug | None = None
    figures: tuple[Figure, ...]
    questions: tuple[Slug, ...] = Field(description="Ids of the guidance's questions that fit.")
    duties: tuple[Slug, ...] = Field(description="Ids of the duties that limit the idea.")
    see_also: tuple[Slug, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    published: date
    checked: date
    review_due: date
    status: Literal["published", "draft"]

    @property
    def later_reversed(self) -> bool:
        """Whether a reported result did not last."""
        return self.result == "did-not-last"

    @property
    def did_not_work(self) -> bool:
        """Whether what was aimed at stayed as it was, or got worse."""
        return self.result in ("no-change", "got-worse")

    @model_validator(mode="before")
    @classmethod
    def _reads_the_old_form(cls, data: Any) -> Any:
        """Before December 2026: a region, which the council has, and three fields for what are `result` and `said_by`."""
        if isinstance(data, dict):
            data = {key: value for key, value in data.items() if key != "region"}
        if not isinstance(data, dict) or "result" in data or not isinstance(data.get("evidence"), dict):
            return data
        old = {key: value for key, value in data.items() if key not in ("evidence", "later_reversed", "did_not_work")}
        kind, by = data["evidence"].get("kind"), data["evidence"].get("reported_by")
        result = "did-not-last" if data.get("later_reversed") else "no-change" if data.get("did_not_work") else kind
        return {
            **old,
            "result": "not-known" if result == "reported-outcome" else result,
            "said_by": {"self-reported": "council"}.get(by, by),
        }

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
    replaced: date | None = Field(default=None, description="The day on which the publisher put another text in its place.")
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
