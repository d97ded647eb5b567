"""The one use case: a problem in, an answer out. Knows nothing of HTTP or files."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.artefact import Artefact, Manifest
from indexer.encoder import Embeddings, Encoder
from indexer.records import Document, Passage, SearchFocusArea
from indexer.vector_index import VectorIndex
from search_api.answer import Answer, FocusAreaCount, Hit, IndexInfo, MatchedPassage, SearchRequest, Why
from search_api.dense import DenseRetriever
from search_api.fusion import DENSE_WEIGHT, weighted_sum
from search_api.lexical import LexicalRetriever, Terms, Word

FLOOR = 0.35
"""The least cosine of a page's best passage for the page to be shown (measured in docs/how-search-works.md)."""


class UnknownFocusAreaError(ValueError):
    """A focus area that there is not; `unknown` and `allowed` say which and what there is."""

    def __init__(self, unknown: Sequence[str], allowed: Sequence[str]) -> None:
        self.unknown, self.allowed = tuple(unknown), tuple(allowed)
        super().__init__(f"There is no focus area {', '.join(unknown)}; there are: {', '.join(allowed)}.")


@dataclass(frozen=True)
class _Candidate:
    """A passage with its scores: `fused` 0 to 1, `cosine` -1 to 1, `keywords` 0 to 1."""

    row: int
    fused: float
    cosine: float
    keywords: float


class Searcher:
    """Answers problems over one artefact."""

    def __init__(
        self,
        *,
        manifest: Manifest,
        documents: Sequence[Document],
        passages: Sequence[Passage],
        focus_areas: Sequence[SearchFocusArea],
        index: VectorIndex,
        encoder: Encoder,
        floor: float = FLOOR,
    ) -> None:
        self.manifest = manifest
        self.focus_areas = tuple(focus_areas)
        self._documents = {document.id: document for document in documents}
        self._passages = tuple(passages)
        self._terms = Terms()
        self._lexical = LexicalRetriever([passage.embedded_text for passage in passages], self._terms)
        self._encoder = encoder
        self._dense = DenseRetriever(index)
        definitions = [f"{area.label}. {area.definition}" for area in self.focus_areas]
        self._nearest_areas = DenseRetriever(VectorIndex.build(encoder.encode(definitions)))
        self._floor = floor

    @classmethod
    def of(cls, artefact: Artefact, floor: float = FLOOR) -> Searcher:
        """A searcher over a loaded artefact, warmed by one query."""
        searcher = cls(
            manifest=artefact.manifest,
            documents=artefact.documents,
            passages=artefact.passages,
            focus_areas=artefact.focus_areas,
            index=artefact.index,
            encoder=artefact.encoder,
            floor=floor,
        )
        searcher.search(SearchRequest(q="warm up", focus_area=[]))
        return searcher

    def search(self, request: SearchRequest) -> Answer:
        """Answers a problem.

        Raises:
            UnknownFocusAreaError: Where the request names a focus area that there is not.
        """
        started = time.perf_counter()
        allowed = [area.slug for area in self.focus_areas]
        if unknown := [slug for slug in request.focus_area if slug not in allowed]:
            raise UnknownFocusAreaError(unknown, allowed)
        query_words = self._terms.words(request.q)
        embedding = self._encoder.encode([request.q])[0]
        best = self._best_by_document(self._candidates(request, embedding, query_words))
        relevant = [candidate for candidate in best if candidate.cosine >= self._floor][: request.limit]
        query_terms = {word.term for word in query_words}
        hits = [self._hit(candidate, query_terms) for candidate in relevant]
        return Answer(
            answered=bool(hits),
            hits=hits,
            focus_areas=self._count(hits, embedding),
            took_ms=round((time.perf_counter() - started) * 1000, 2),
            index=IndexInfo(format=self.manifest.format, model=self.manifest.model, corpus=self.manifest.corpus),
        )

    def _candidates(self, request: SearchRequest, embedding: Embeddings, query_words: Sequence[Word]) -> list[_Candidate]:
        rows = [row for row, passage in enumerate(self._passages) if _matches(request, self._documents[passage.document])]
        cosines = self._dense.run(embedding, rows)
        scores = self._lexical.scores([word.term for word in query_words])
        lexical = {row: float(scores[row]) for row in rows}
        most = max(lexical.values(), default=0.0) or 1.0
        fused = weighted_sum(cosines, lexical, DENSE_WEIGHT)
        return [_Candidate(row, fused[row], cosines[row], lexical[row] / most) for row in rows]

    def _best_by_document(self, candidates: Iterable[_Candidate]) -> list[_Candidate]:
        """Each page's best passage, best page first; ties by passage id, in which order the rows stand."""
        best: dict[str, _Candidate] = {}
        for candidate in sorted(candidates, key=lambda found: (-found.fused, found.row)):
            best.setdefault(self._passages[candidate.row].document, candidate)
        return list(best.values())

    def _hit(self, candidate: _Candidate, query_terms: set[str]) -> Hit:
        passage = self._passages[candidate.row]
        document = self._documents[passage.document]
        shared = [word for word in self._terms.words(passage.text) if word.term in query_terms]
        return Hit(
            id=document.id,
            kind=document.kind,
            title=document.title,
            summary=document.summary,
            organisation=document.organisation,
            url=f"{document.url}#{passage.anchor}",
            focus_areas=list(document.focus_areas),
            evidence=document.evidence,
            score=round(candidate.fused, 4),
            passage=MatchedPassage(
                heading=passage.heading, text=passage.text, highlights=[(word.start, word.end) for word in shared]
            ),
            why=Why(
                meaning=round(min(max(candidate.cosine, 0.0), 1.0), 4),
                keywords=round(candidate.keywords, 4),
                terms=list(dict.fromkeys(word.written.lower() for word in shared)),
            ),
        )

    def _count(self, hits: Sequence[Hit], embedding: Embeddings) -> list[FocusAreaCount]:
        """The focus areas of the hits, the most fitting first.

        A hit gives its score over its rank to its areas: to its main area whole, to the others half. To this comes the
        cosine of the problem and the area's own definition.
        """
        nearness = self._nearest_areas.run(embedding, range(len(self.focus_areas)))
        weights: dict[str, float] = defaultdict(float)
        for rank, hit in enumerate(hits, 1):
            for place, slug in enumerate(hit.focus_areas):
                weights[slug] += hit.score / rank * (1.0 if place == 0 else 0.5)
        for row, area in enumerate(self.focus_areas):
            if area.slug in weights:
                weights[area.slug] += nearness[row]
        found = [area for area in self.focus_areas if area.slug in weights]
        return [
            FocusAreaCount(
                slug=area.slug,
                label=area.label,
                count=sum(area.slug in hit.focus_areas for hit in hits),
                questions=list(area.questions),
            )
            for area in sorted(found, key=lambda area: -weights[area.slug])
        ]


def _matches(request: SearchRequest, document: Document) -> bool:
    kind_fits = request.kind is None or document.kind == request.kind
    return kind_fits and (not request.focus_area or bool(set(request.focus_area) & set(document.focus_areas)))
