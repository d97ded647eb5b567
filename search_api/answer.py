"""The question and the answer, as the endpoint takes and gives them. Later versions add fields and rename none."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from indexer.retrieval.names import NameKind
from indexer.retrieval.records import Kind, SearchDuty, Weight

MAX_QUERY_WORDS = 2_000
MAX_QUERY_CHARACTERS = 20_000
MAX_LIMIT = 50


class SearchRequest(BaseModel):
    """A problem to answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: Annotated[
        str,
        Field(
            max_length=MAX_QUERY_CHARACTERS,
            description=f"The problem, in your own words; at most {MAX_QUERY_WORDS:,} of them.",
            # Only described: below it is refused in plainer words.
            json_schema_extra={"minLength": 1, "pattern": r"\S"},
        ),
    ]
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="The most hits to return.")] = 10
    focus_area: Annotated[
        list[str], Field(default_factory=list, description="Only pages of these focus areas (slugs); may repeat.")
    ]
    kind: Annotated[Kind | None, Field(description="Only pages of this kind.")] = None
    as_typed: Annotated[bool, Field(description="Search for the words exactly as typed, slips and all.")] = False

    @field_validator("as_typed", mode="before")
    @classmethod
    def _true_or_false(cls, value: object) -> object:
        if not isinstance(value, bool) and value not in ("true", "false"):
            raise ValueError("must be true or false")
        return value

    @field_validator("q")
    @classmethod
    def _not_blank(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("must hold some words")
        if (words := len(text.split())) > MAX_QUERY_WORDS:
            raise ValueError(f"has {words:,} words; at most {MAX_QUERY_WORDS:,} are taken")
        return text.strip()


class MatchedPassage(BaseModel):
    """The passage of a page that matches best."""

    heading: str = Field(description="The heading that it stands under.")
    text: str = Field(description="Its text, without any markup.")
    nearest: tuple[int, int] = Field(
        description="Where the sentence nearest in meaning stands: start and end (exclusive), in characters (code points)."
    )
    highlights: list[tuple[int, int]] = Field(
        description="Where matched words stand: pairs of start and end (exclusive), counted in characters (code points)."
    )


class UsedSynonym(BaseModel):
    """Words of the problem, and other words for the same thing that the passage holds."""

    wrote: str = Field(description="Your words.")
    matched: str = Field(description="The other words.")


class Why(BaseModel):
    """Why a hit matched."""

    share: Literal["mostly meaning", "meaning and words", "mostly words"] = Field(
        description="What of the score came from meaning, and what from words."
    )
    meaning: float = Field(description="Cosine of the problem and the page, 0 to 1; larger is nearer.")
    keywords: float = Field(description="The page's BM25 score as a share of the best one for this problem, 0 to 1.")
    asked_as: str | None = Field(
        description="The page's own wording of a problem, where that is nearer to yours than the passage is; else null."
    )
    synonyms: list[UsedSynonym] = Field(description="Other words for yours, from the glossary, that the passage holds.")
    terms: list[str] = Field(description="The words that problem and passage share, as the passage writes them.")


class ProblemPart(BaseModel):
    """One of the separate problems in a long text."""

    start: int = Field(description="Where it starts in the text sent, in characters (code points).")
    end: int = Field(description="Where it ends, exclusive.")
    answered: bool = Field(description="Whether something here covers it.")


class Hit(BaseModel):
    """A case study or guidance page that speaks to the problem."""

    id: str = Field(description="The page's slug.")
    kind: Kind = Field(
        description="A case study, guidance, a duty in law, what has changed since the guidance, or one sentence also seen."
    )
    title: str = Field(description="The page's title.")
    summary: str = Field(description="The page in one sentence.")
    organisation: str = Field(description="Whose example it is, or who publishes the guidance.")
    url: str = Field(description="Address from the site's root, with the anchor of the passage.")
    focus_areas: list[str] = Field(description="The page's focus areas, its main one first.")
    evidence: Weight | None = Field(description="How strong a case study's evidence is; null for guidance.")
    score: float = Field(description="Fused score, 0 to 1, by which hits are ordered; it compares hits of one answer only.")
    close: bool = Field(description="Whether it is likely to help; false for what is less close, and shown behind the rest.")
    part: int | None = Field(description="Which of `parts` the hit speaks to, from 0; null for the text as a whole.")
    passage: MatchedPassage
    why: Why


class FocusAreaCount(BaseModel):
    """A focus area of the hits, with the guidance's questions for it."""

    slug: str = Field(description="The focus area's name in addresses.")
    label: str = Field(description="Its name for readers.")
    count: int = Field(description="How many of the hits carry it.")
    questions: list[str] = Field(description="The guidance's questions to ask in your own area.")
    duties: list[SearchDuty] = Field(description="The duties in law that limit ideas in this area.")


class Count(BaseModel):
    """How many of the hits have a value."""

    value: str = Field(description="The value.")
    count: int = Field(description="How many of the hits have it.")


class Counts(BaseModel):
    """Counts over exactly the hits shown, the largest first."""

    organisations: list[Count] = Field(description="Whose examples the hits are.")
    evidence: list[Count] = Field(description="Kinds of evidence; guidance pages have none and are not counted.")


class Suggestion(BaseModel):
    """The focus area nearest to a problem that nothing here covers. It is no answer."""

    slug: str = Field(description="Its name in addresses.")
    label: str = Field(description="Its name for readers.")


class NamedPages(BaseModel):
    """A name in the problem, such as a council's, and what is here under it."""

    label: str = Field(description="The name.")
    kind: NameKind = Field(description="What it is the name of.")
    pages: int = Field(description="How many pages are here under it; 0 where nothing is.")
    url: str = Field(description='Where the site lists them, from its root; "" where it does not.')


class IndexInfo(BaseModel):
    """What was searched."""

    format: int = Field(description="The version of the index's format.")
    model: str = Field(description="The language model's name.")
    corpus: str = Field(description="A hash of all the content; it changes when the content does.")


class Answer(BaseModel):
    """The answer to a problem. `answered` is false where nothing here covers it; then there are no hits."""

    answered: bool = Field(description="False where nothing here covers the problem; then there are no hits.")
    probability: float = Field(description="How probable it is that the best page answers the problem, 0 to 1.")
    hits: list[Hit] = Field(description="The pages that speak to the problem, the best first, each page once.")
    parts: list[ProblemPart] = Field(description="The separate problems in a long text; empty for a short one.")
    focus_areas: list[FocusAreaCount] = Field(description="Of the hits, the most fitting first.")
    counts: Counts
    suggestion: Suggestion | None = Field(description="Only where nothing covers the problem: the nearest focus area.")
    not_covered: str | None = Field(description="Only there: the topic, known not to be covered, that it looks like.")
    named: list[NamedPages] = Field(description="The names in the problem; pages under a council's name come first.")
    corrected: str | None = Field(description="The problem as it was searched for, where a word was spelt anew; else null.")
    took_ms: float = Field(description="How long the search took, in milliseconds.")
    index: IndexInfo
