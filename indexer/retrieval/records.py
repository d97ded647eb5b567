"""What search knows of the content: documents, their passages, and the focus areas that answers tell of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from indexer.content.lists import SearchDuty as SearchDuty
from indexer.content.records import Record, Result, SaidBy, Slug

Kind = Literal["case-study", "guidance", "duty", "change", "also-seen"]
"""A duty is of the law, a change of what has changed since the guidance; what is also seen has no page of its own."""


class Weight(Record):
    """What a reader weighs a case study by at a glance."""

    result: Result = Field(description="What came of it.")
    said_by: SaidBy = Field(description="Who says so.")
    kind: Literal["reported-outcome", "projection", "plan-only"] = Field(
        description="Of `result`: outcome, forecast or plan."
    )
    reported_by: Literal["self-reported", "independent", "press"] = Field(description="`said_by`, in older words.")
    outcome_date: str = Field(description='The date of the outcome, or "not stated".')
    cost: str = Field(description='What it cost, or "not stated".')
    later_reversed: bool = Field(description="True where a reported result did not last.")
    did_not_work: bool = Field(description="True where what was aimed at stayed as it was or got worse.")


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


class SearchFocusArea(Record):
    """A focus area of the guidance, as answers and assistants are told of it."""

    slug: Slug = Field(description="Its name, for narrowing a search.")
    label: str = Field(description="Its title.")
    definition: str = Field(description="What it is about.")
    questions: tuple[str, ...] = Field(description="The guidance's questions for a council to ask itself.")
    duties: tuple[SearchDuty, ...] = Field(description="The duties in law that limit ideas here.")
