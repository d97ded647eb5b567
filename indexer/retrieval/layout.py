"""Which texts are embedded, and in which rows: passages, their sentences, the problems of each page, topics, focus areas.

Builder, artefact and ranking all ask here, so that a row means the same to each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.content.lists import Topic
from indexer.retrieval.records import Document, Passage, SearchFocusArea
from indexer.retrieval.sentences import sentence_spans


@dataclass(frozen=True)
class Page:
    """What ranking needs of a page: its id, words that stand for all of it, and its passages as (context, text)."""

    id: str
    title: str
    summary: str
    asked_as: tuple[str, ...]
    passages: tuple[tuple[str, str], ...]


def pages_of(documents: Iterable[Document], passages: Iterable[Passage]) -> list[Page]:
    """The pages in the order of the passages, which are sorted by id; a document without a passage is left out."""
    grouped: dict[str, list[tuple[str, str]]] = {}
    for passage in passages:
        grouped.setdefault(passage.document, []).append((passage.context, passage.text))
    known = {document.id: document for document in documents}
    return [
        Page(slug, known[slug].title, known[slug].summary, known[slug].asked_as, tuple(page_passages))
        for slug, page_passages in grouped.items()
        if slug in known
    ]


def texts_to_embed(pages: Sequence[Page], topics: Sequence[Topic], focus_areas: Sequence[SearchFocusArea] = ()) -> list[str]:
    """Every text to embed, in the order of its row."""
    passages = [f"{context}\n{text}" for page in pages for context, text in page.passages]
    sentences = [text[start:end] for page in pages for _, text in page.passages for start, end in sentence_spans(text)]
    asked_as = [problem for page in pages for problem in page.asked_as]
    phrases = [phrase for topic in topics for phrase in topic.said_as]
    return [*passages, *sentences, *asked_as, *phrases, *(f"{area.label}. {area.definition}" for area in focus_areas)]
