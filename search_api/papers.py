"""Case studies to take away, made when they are asked for, so that they carry the address and the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.paper.forms import as_csv, as_markdown
from indexer.paper.records import Paper, Slug
from indexer.paper.word import MEDIA_TYPE, as_word
from search_api.serving import site_of

MAX_PAPERS = 30
Form = Literal["docx", "md", "csv"]
MEDIA_TYPES: dict[Form, str] = {
    "docx": MEDIA_TYPE,
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}


class PapersRequest(BaseModel):
    """Which case studies, and in which form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: list[Slug] = Field(
        min_length=1,
        max_length=MAX_PAPERS,
        description="Their slugs, as in their addresses, in the order wanted; repeats count once.",
    )
    format: Form = Field(description="Word, Markdown or CSV.")


class UnknownPaperError(ValueError):
    """Case studies that there are not; `places` are theirs among those asked for, from 0."""

    def __init__(self, places: Sequence[int]) -> None:
        self.places = tuple(places)
        super().__init__(f"No case study of that name: {', '.join(map(str, places))} of those asked for.")


def read_papers(sites: Sequence[Path], slugs: Sequence[Slug]) -> list[Paper]:
    """Case studies of a version, each once, in the order asked for.

    Args:
        sites: As in `serving.Served`, at least one.
        slugs: Checked: lower-case letters, digits and hyphens only. One that has moved gives the one it became.

    Raises:
        UnknownPaperError: With the places of those that are not there.
    """
    papers: dict[str, Paper] = {}
    unknown = []
    for place, slug in enumerate(slugs):
        try:
            folder = f"case-studies/{slug}"
            paper = Paper.model_validate_json((site_of(sites, folder) / folder / f"{slug}.json").read_bytes())
        except (OSError, ValidationError):
            unknown.append(place)
        else:
            papers[paper.slug] = paper
    if unknown:
        raise UnknownPaperError(unknown)
    return list(papers.values())


def composed(papers: Sequence[Paper], form: Form, root: str, today: date) -> bytes:
    """The papers as one file.

    Args:
        papers: At least one.
        form: Word, Markdown or CSV.
        root: The site's address with the slash at its end.
        today: The day to put on a Word document.
    """
    if form == "docx":
        return as_word(papers, root, today)
    return (as_markdown if form == "md" else as_csv)(papers, root).encode()
