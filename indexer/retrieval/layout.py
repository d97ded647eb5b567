"""Which texts are embedded, and in which rows: passages, their sentences, the problems of each page, topics, focus areas.

Builder, artefact and ranking all ask here, so that a row means the same to each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from indexer.content.lists import Topic
from indexer.content.records import SECTIONS
from indexer.retrieval.fusion import Scores
from indexer.retrieval.ragged import RaggedShape
from indexer.retrieval.records import Document, Passage, SearchFocusArea
from indexer.retrieval.sentences import sentence_spans, tells

CAVEATS = SECTIONS[-1]
"""The heading under which a case study's caveats stand."""


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


@dataclass(frozen=True)
class Cosines:
    """A query's cosines, -1 to 1, by what the rows embed."""

    passages: Scores
    sentences: Scores
    asked_as: Scores
    topic_phrases: Scores
    focus_areas: Scores


class RowLayout:
    """Which rows embed what, in the order of `texts_to_embed`.

    Attributes:
        passages_of_page: The shape of the passages, a row a page.
        sentences_of_passage: The shape of the sentences, a row a passage.
        sentence_spans: Each passage's sentences, as spans in its text.
        tells: Whether each sentence tells something (`sentences.tells`), over all passages.
        is_caveat: Whether each passage stands under a page's caveats.
        asked_as_of_page: The shape of the pages' own problems, a row a page.
        phrases_of_topic: The shape of the topics' phrases, a row a topic.
    """

    def __init__(self, pages: Sequence[Page], topics: Sequence[Topic]) -> None:
        self.sentence_spans = [sentence_spans(text) for page in pages for _, text in page.passages]
        texts = [text for page in pages for _, text in page.passages]
        self.tells = np.array(
            [tells(text[start:end]) for text, spans in zip(texts, self.sentence_spans, strict=True) for start, end in spans],
            dtype=bool,
        )
        self.is_caveat = np.array([context.endswith(CAVEATS) for page in pages for context, _ in page.passages], dtype=bool)
        self.passages_of_page = RaggedShape([len(page.passages) for page in pages])
        self.sentences_of_passage = RaggedShape([len(spans) for spans in self.sentence_spans])
        self.asked_as_of_page = RaggedShape([len(page.asked_as) for page in pages])
        self.phrases_of_topic = RaggedShape([len(topic.said_as) for topic in topics])
        shapes = (self.passages_of_page, self.sentences_of_passage, self.asked_as_of_page, self.phrases_of_topic)
        ends = np.cumsum([0, *map(len, shapes)]).tolist()
        self._slices = [slice(*pair) for pair in pairwise([*ends, None])]

    @property
    def asked_as_rows(self) -> slice:
        """The rows of the pages' own problems."""
        return self._slices[2]

    def split(self, cosines: Scores) -> Cosines:
        """The cosines with all rows, shape (rows,), by what they embed."""
        return Cosines(*(cosines[rows] for rows in self._slices))
