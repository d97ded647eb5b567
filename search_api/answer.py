"""The question and the answer, as the endpoint takes and gives them. Later versions add fields and rename none."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from indexer.records import Kind, Weight

MAX_QUERY_CHARACTERS = 2_000
MAX_LIMIT = 50


class SearchRequest(BaseModel):
    """A problem to answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: Annotated[str, Field(max_length=MAX_QUERY_CHARACTERS, description="The problem, in your own words.")]
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="The most hits to return.")] = 10
    focus_area: Annotated[
        list[str], Field(default_factory=list, description="Only pages of these focus areas (slugs); may repeat.")
    ]
    kind: Annotated[Kind | None, Field(description="Only case studies, or only guidance pages.")] = None

    @field_validator("q")
    @classmethod
    def _not_blank(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("must hold some words")
        return text.strip()


class MatchedPassage(BaseModel):
    """The passage of a page that matches best."""

    heading: str
    text: str
    highlights: list[tuple[int, int]] = Field(
        description="Where shared words stand: pairs of start and end (exclusive), counted in characters (code points)."
    )


class Why(BaseModel):
    """Why a hit matched."""

    meaning: float = Field(description="Cosine of the problem and the passage, 0 to 1; larger is nearer.")
    keywords: float = Field(description="The passage's BM25 score as a share of the best one for this problem, 0 to 1.")
    terms: list[str] = Field(description="The words that problem and passage share, as the passage writes them.")


class Hit(BaseModel):
    """A case study or guidance page that speaks to the problem."""

    id: str
    kind: Kind
    title: str
    summary: str
    organisation: str
    url: str = Field(description="Address from the site's root, with the anchor of the passage.")
    focus_areas: list[str]
    evidence: Weight | None = Field(description="How strong a case study's evidence is; null for guidance.")
    score: float = Field(description="Fused score, 0 to 1, by which hits are ordered; it compares hits of one answer only.")
    passage: MatchedPassage
    why: Why


class FocusAreaCount(BaseModel):
    """A focus area of the hits, with the guidance's questions for it."""

    slug: str
    label: str
    count: int = Field(description="How many of the hits carry it.")
    questions: list[str]


class IndexInfo(BaseModel):
    """What was searched."""

    format: int
    model: str
    corpus: str


class Answer(BaseModel):
    """The answer to a problem. `answered` is false where no hit clears the relevance floor; then there are no hits."""

    answered: bool
    hits: list[Hit]
    focus_areas: list[FocusAreaCount] = Field(description="Of the hits, the most fitting first.")
    took_ms: float
    index: IndexInfo
