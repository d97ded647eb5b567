"""The one use case: a problem in, an answer out. Knows nothing of HTTP or files."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from indexer.artefact.store import Artefact, Manifest
from indexer.retrieval.probability import CALIBRATION, FLOOR, PART_FLOOR, Calibration
from indexer.retrieval.problems import WHOLE_WORDS, problems_in
from indexer.retrieval.ranking import LEAST_SHARE, LOOKS_LIKE, Ranker, Ranking
from indexer.retrieval.records import Document, Passage, SearchFocusArea
from search_api.answer import Answer, IndexInfo, SearchRequest

WEIGHED_HITS = 10
"""How many hits settle the order of the focus areas; a longer list has the same order."""
DIGITS = 7
"""Numbers are given to so many places: more than the page's engine and this one could agree on."""


class UnknownFocusAreaError(ValueError):
    """A focus area that there is not; `unknown` and `allowed` say which and what there is."""

    def __init__(self, unknown: Sequence[str], allowed: Sequence[str]) -> None:
        self.unknown, self.allowed = tuple(unknown), tuple(allowed)
        super().__init__(f"There is no focus area {', '.join(unknown)}; there are: {', '.join(allowed)}.")


@dataclass(frozen=True)
class _Ranked:
    """The ranking of a whole text (`part` is None) or of one part of it, and whether it is answered."""

    part: int | None
    ranking: Ranking
    probability: float
    answered: bool


@dataclass(frozen=True)
class _Candidate:
    """A page, its score (0 to 1) and the ranking that it comes from."""

    page: int
    score: float
    ranked: _Ranked


class Searcher:
    """Answers problems over one artefact."""

    def __init__(
        self,
        *,
        manifest: Manifest,
        documents: Sequence[Document],
        passages: Sequence[Passage],
        focus_areas: Sequence[SearchFocusArea],
        ranker: Ranker,
        floor: float = FLOOR,
        calibration: Calibration = CALIBRATION,
    ) -> None:
        self.manifest = manifest
        self.focus_areas = tuple(focus_areas)
        self.case_studies = tuple(document.id for document in documents if document.kind == "case-study")
        self._documents = {document.id: document for document in documents}
        self._passages = tuple(passages)
        self._ranker = ranker
        self._floor = floor
        self._calibration = calibration
        self._slugs = [area.slug for area in focus_areas]
        self._index_info = IndexInfo(format=manifest.format, model=manifest.model, corpus=manifest.corpus)

    @classmethod
    def of(cls, artefact: Artefact, floor: float = FLOOR) -> Searcher:
        """A searcher over a loaded artefact, warmed by one query."""
        searcher = cls(
            manifest=artefact.manifest,
            documents=artefact.documents,
            passages=artefact.passages,
            focus_areas=artefact.focus_areas,
            ranker=artefact.ranker(),
            floor=floor,
        )
        searcher.search(SearchRequest(q="warm up", focus_area=[]))
        return searcher

    def search(self, request: SearchRequest) -> Answer:
        """Answers a problem.

        What is shown is settled over all pages before the filters are looked at, so that a filter narrows and never brings
        in what was left out.

        Raises:
            UnknownFocusAreaError: Where the request names a focus area that there is not.
        """
        started = time.perf_counter()
        if unknown := [slug for slug in request.focus_area if slug not in self._slugs]:
            raise UnknownFocusAreaError(unknown, self._slugs)
        spans = problems_in(request.q)
        ranked = self._rank(request.q, spans)
        candidates = [found for found in self._shown(ranked) if _matches(request, self._document(found))]
        hits = [self._hit(found) for found in candidates[: request.limit]]
        nearness = ranked[0].ranking.focus_area_cosines
        nearest_area = self.focus_areas[int(nearness.argmax())] if len(nearness) else None
        covered = any(found.answered for found in ranked)
        return Answer.model_validate(
            {
                "answered": bool(hits),
                "probability": round(max(found.probability for found in ranked), DIGITS),
                "hits": hits,
                "parts": [
                    {"start": start, "end": end, "answered": any(found.part == part and found.answered for found in ranked)}
                    for part, (start, end) in enumerate(spans)
                ],
                "focus_areas": self._count(hits, nearness.tolist()),
                "counts": {
                    "organisations": _counted(hit["organisation"] for hit in hits),
                    "evidence": _counted(hit["evidence"].kind for hit in hits if hit["evidence"]),
                },
                "suggestion": None
                if covered or not nearest_area
                else {"slug": nearest_area.slug, "label": nearest_area.label},
                "not_covered": None if covered else self._topic(ranked[0].ranking),
                "took_ms": round((time.perf_counter() - started) * 1000, 2),
                "index": self._index_info,
            }
        )

    def _rank(self, text: str, spans: Sequence[tuple[int, int]]) -> list[_Ranked]:
        """A ranking of the whole text, if it is not too long, and of each part; the first stands for all of it."""
        whole = not spans or len(text.split()) <= WHOLE_WORDS
        texts = [(None, text)] * whole + [(part, text[start:end]) for part, (start, end) in enumerate(spans)]
        embeddings = self._ranker.embed([text for _, text in texts])
        found = []
        for (part, text), embedding in zip(texts, embeddings, strict=True):
            ranking = self._ranker.rank(embedding, text)
            probability = self._calibration.probability(ranking.features)
            floor = self._floor if part is None else max(self._floor, PART_FLOOR)
            found.append(_Ranked(part, ranking, probability, probability >= floor))
        return found

    def _shown(self, ranked: Sequence[_Ranked]) -> list[_Candidate]:
        """The pages worth showing, best first: each by the text or part for which it scores best, weak ones left out.

        In a long text a score counts by the probability that its part is answered.
        """
        best: dict[int, _Candidate] = {}
        for found in ranked:
            if not found.answered:
                continue
            weight = found.probability if len(ranked) > 1 else 1.0
            least = LEAST_SHARE * found.ranking.scores.max(initial=0.0) if self._floor >= 0 else -1.0
            scores = found.ranking.scores
            for page in (scores >= least).nonzero()[0].tolist():
                score = weight * float(scores[page])
                if page not in best or score > best[page].score:
                    best[page] = _Candidate(page, score, found)
        return sorted(best.values(), key=lambda candidate: (-round(candidate.score, 9), candidate.page))

    def _document(self, candidate: _Candidate) -> Document:
        return self._documents[self._ranker.pages[candidate.page].id]

    def _hit(self, candidate: _Candidate) -> dict[str, Any]:
        page, ranking = candidate.page, candidate.ranked.ranking
        row = int(ranking.matched_passage[page])
        passage = self._passages[row]
        words, held = self._ranker.passage_words(row)
        document = self._document(candidate)
        used = [synonym for synonym in ranking.synonyms if held.issuperset(synonym.expansion_terms)]
        sought = ranking.query_terms.union(*(synonym.expansion_terms for synonym in used))
        shared = [word for word in words if word.term in sought]
        asked = ranking.asked_as_cosine[page] > ranking.passage_cosine[page]
        return {
            "id": document.id,
            "kind": document.kind,
            "title": document.title,
            "summary": document.summary,
            "organisation": document.organisation,
            "url": f"{document.url}#{passage.anchor}",
            "focus_areas": list(document.focus_areas),
            "evidence": document.evidence,
            "score": round(candidate.score, DIGITS),
            "part": candidate.ranked.part,
            "passage": {
                "heading": passage.heading,
                "text": passage.text,
                "nearest": self._ranker.nearest_sentence(ranking, page),
                "highlights": [(word.start, word.end) for word in shared],
            },
            "why": {
                "share": _share(ranking, page),
                "meaning": round(min(max(float(ranking.similarity[page]), 0.0), 1.0), DIGITS),
                "keywords": round(float(ranking.relative_bm25[page]), DIGITS),
                "asked_as": document.asked_as[int(ranking.nearest_asked_as[page])] if asked and document.asked_as else None,
                "synonyms": [{"wrote": synonym.phrase, "matched": synonym.expansion} for synonym in used],
                "terms": list(dict.fromkeys(word.surface.lower() for word in shared)),
            },
        }

    def _topic(self, ranking: Ranking) -> str | None:
        near = ranking.nearest_topic is not None and ranking.features.topics >= LOOKS_LIKE
        return self._ranker.topics[ranking.nearest_topic].label if near and ranking.nearest_topic is not None else None

    def _count(self, hits: Sequence[Mapping[str, Any]], nearness: Sequence[float]) -> list[dict[str, Any]]:
        """The focus areas of the hits, the most fitting first.

        Each of the first hits gives its score over its rank to its areas: to its main area whole, to the others half. To
        this comes the cosine of the problem and the area's own definition.
        """
        weights: dict[str, float] = defaultdict(float)
        for rank, hit in enumerate(hits, 1):
            for place, slug in enumerate(hit["focus_areas"]):
                weights[slug] += hit["score"] / rank * (1.0 if place == 0 else 0.5) if rank <= WEIGHED_HITS else 0.0
        for row, area in enumerate(self.focus_areas):
            if area.slug in weights:
                weights[area.slug] += nearness[row]
        found = [area for area in self.focus_areas if area.slug in weights]
        return [
            {
                "slug": area.slug,
                "label": area.label,
                "count": sum(area.slug in hit["focus_areas"] for hit in hits),
                "questions": list(area.questions),
                "duties": list(area.duties),
            }
            for area in sorted(found, key=lambda area: -weights[area.slug])
        ]


def _share(ranking: Ranking, page: int) -> Literal["mostly meaning", "meaning and words", "mostly words"]:
    score = float(ranking.scores[page])
    share = float(ranking.dense_contribution[page]) / score if score else 1.0
    return "mostly meaning" if share >= 0.75 else "mostly words" if share <= 0.4 else "meaning and words"


def _counted(values: Iterable[str]) -> list[dict[str, Any]]:
    found = Counter(values)
    return [{"value": value, "count": count} for value, count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))]


def _matches(request: SearchRequest, document: Document) -> bool:
    kind_fits = request.kind is None or document.kind == request.kind
    return kind_fits and (not request.focus_area or bool(set(request.focus_area) & set(document.focus_areas)))
