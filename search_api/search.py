"""The one use case: a problem in, an answer out. Knows nothing of HTTP or files."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from indexer.artefact.store import Artefact, Manifest
from indexer.retrieval.lexical import EMPTY_WORDS
from indexer.retrieval.names import NamesFound
from indexer.retrieval.probability import CALIBRATION, FLOOR, PART_FLOOR, Calibration
from indexer.retrieval.problems import WHOLE_WORDS, problems_in
from indexer.retrieval.ranking import CLOSE_SHARE, LEAST_SHARE, LOOKS_LIKE, TRULY_NEAR, Ranker, Ranking
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
class _RankedPart:
    """The ranking of a whole text (`part` is None) or of one part of it, and whether it is answered."""

    part: int | None
    ranking: Ranking
    probability: float
    answered: bool


@dataclass(frozen=True)
class _Candidate:
    """A page, its score (0 to 1), the ranking that it comes from, whether the problem names it, and whether it is close."""

    page: int
    score: float
    source: _RankedPart
    named: bool
    close: bool


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
        self._page_of = {page.id: place for place, page in enumerate(ranker.pages)}
        self._floor = floor
        self._calibration = calibration
        self._slugs = [area.slug for area in focus_areas]
        self._index_info = IndexInfo(format=manifest.format, model=manifest.model, corpus=manifest.corpus)

    @classmethod
    def from_artefact(cls, artefact: Artefact, floor: float = FLOOR) -> Searcher:
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
        text = request.q if request.as_typed else self._ranker.speller.corrected(request.q)
        spans = problems_in(text)
        found = NamesFound((), text) if spans else self._ranker.names.found_in(text)
        ranked = self._rank(found.rest or text, spans)
        if not found.rest:
            ranked = [replace(ranked[0], probability=float(self._are_here(found)), answered=self._are_here(found))]
        covered = any(part.answered for part in ranked)
        candidates = [
            candidate for candidate in self._candidates(ranked, found) if _passes(request, self._document(candidate))
        ]
        hits = [self._hit(candidate) for candidate in candidates[: request.limit]]
        whole = ranked[0].ranking
        return Answer.model_validate(
            {
                "answered": bool(hits),
                "probability": round(max(part.probability for part in ranked), DIGITS),
                "hits": hits,
                "parts": _problem_parts(spans, ranked),
                "focus_areas": self._focus_area_counts(hits, whole.focus_area_cosines.tolist()),
                "counts": {
                    "organisations": _value_counts(hit["organisation"] for hit in hits),
                    "evidence": _value_counts(hit["evidence"].kind for hit in hits if hit["evidence"]),
                },
                "suggestion": None if covered or not found.rest else self._suggestion(whole),
                "not_covered": None if covered or not found.rest else self._uncovered_topic(whole),
                "named": [
                    {"label": name.label, "kind": name.kind, "pages": len(name.pages), "url": name.url}
                    for name in found.names
                ],
                "corrected": None if text == request.q else text,
                "took_ms": round((time.perf_counter() - started) * 1000, 2),
                "index": self._index_info,
            }
        )

    def _rank(self, text: str, spans: Sequence[tuple[int, int]]) -> list[_RankedPart]:
        """A ranking of the whole text, if it is not too long, and of each part; the first stands for all of it."""
        whole = not spans or len(text.split()) <= WHOLE_WORDS
        queries = [(None, text)] * whole + [(part, text[start:end]) for part, (start, end) in enumerate(spans)]
        embeddings = self._ranker.embed([query for _, query in queries])
        ranked = []
        for (part, query), embedding in zip(queries, embeddings, strict=True):
            ranking = self._ranker.rank(embedding, query)
            probability = self._calibration.probability(ranking.features)
            floor = self._floor if part is None else max(self._floor, PART_FLOOR)
            ranked.append(_RankedPart(part, ranking, probability, probability >= floor))
        return ranked

    @staticmethod
    def _are_here(found: NamesFound) -> bool:
        return any(name.pages for name in found.names)

    def _candidates(self, ranked: Sequence[_RankedPart], found: NamesFound) -> list[_Candidate]:
        """The pages worth showing, best first: each by the text or part for which it scores best, weak ones left out.

        In a long text a score counts by the probability that its part is answered. Pages that the problem names are all
        shown, and where it asks for nothing else, no others.
        """
        own = {self._page_of[page] for name in found.names for page in name.pages if page in self._page_of}
        best: dict[int, _Candidate] = {}
        for source in ranked:
            if not source.answered:
                continue
            weight = source.probability if len(ranked) > 1 else 1.0
            scores = source.ranking.scores
            least = LEAST_SHARE * scores.max(initial=0.0) if self._floor >= 0 else -1.0
            shown = own.union((scores >= least).nonzero()[0].tolist()) if found.rest else own
            for page in shown:
                score = weight * float(scores[page])
                if page not in best or score > best[page].score:
                    best[page] = _Candidate(page, score, source, page in own, True)
        placed = sorted(best.values(), key=self._place)
        scores_of_pages = [each.score for each in placed if not self._is_sentence(each)] or [each.score for each in placed]
        closest = CLOSE_SHARE * max(scores_of_pages, default=0.0)
        return [replace(each, close=each.named or each.score >= closest) for each in placed]

    def _is_sentence(self, candidate: _Candidate) -> bool:
        """Whether it is what was only also seen, which has no page of its own."""
        return self._document(candidate).kind == "also-seen"

    def _place(self, candidate: _Candidate) -> tuple[bool, bool, float, int]:
        """What the problem names first, then best first, ties by page; a sentence without a page stands below every page."""
        return not candidate.named, self._is_sentence(candidate), -round(candidate.score, 9), candidate.page

    def _document(self, candidate: _Candidate) -> Document:
        return self._documents[self._ranker.pages[candidate.page].id]

    def _hit(self, candidate: _Candidate) -> dict[str, Any]:
        page, ranking = candidate.page, candidate.source.ranking
        row = int(ranking.matched_passage[page])
        passage, document = self._passages[row], self._document(candidate)
        words, passage_terms = self._ranker.passage_words(row)
        synonyms = [synonym for synonym in ranking.synonyms if passage_terms.issuperset(synonym.expansion_terms)]
        matched_terms = ranking.query_terms.union(*(synonym.expansion_terms for synonym in synonyms))
        matched_words = [w for w in words if w.term in matched_terms and w.surface.lower() not in EMPTY_WORDS]
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
            "close": candidate.close,
            "part": candidate.source.part,
            "passage": {
                "heading": passage.heading,
                "text": passage.text,
                "nearest": self._ranker.nearest_sentence(ranking, page),
                "highlights": _outermost([(word.start, word.end) for word in matched_words]),
            },
            "why": {
                "share": _share(ranking, page),
                "meaning": round(min(max(float(ranking.similarity[page]), 0.0), 1.0), DIGITS),
                "keywords": round(float(ranking.relative_bm25[page]), DIGITS),
                "asked_as": _nearer_asked_as(ranking, page, document),
                "synonyms": [{"wrote": synonym.phrase, "matched": synonym.expansion} for synonym in synonyms],
                "terms": list(dict.fromkeys(word.surface.lower() for word in matched_words)),
            },
        }

    def _suggestion(self, ranking: Ranking) -> dict[str, str] | None:
        """The focus area nearest to the query."""
        if not self.focus_areas:
            return None
        nearest = self.focus_areas[int(ranking.focus_area_cosines.argmax())]
        return {"slug": nearest.slug, "label": nearest.label}

    def _uncovered_topic(self, ranking: Ranking) -> str | None:
        """The topic, known not to be covered, that the query looks like."""
        if ranking.nearest_topic is None or ranking.features.topics < LOOKS_LIKE:
            return None
        return self._ranker.topics[ranking.nearest_topic].label

    def _focus_area_counts(self, hits: Sequence[Mapping[str, Any]], cosines: Sequence[float]) -> list[dict[str, Any]]:
        """The focus areas of the hits, the most fitting first.

        Each of the first hits adds its score over its rank to its main focus area, and half of that to its others. To this
        comes the cosine of the query and the area's own definition.
        """
        weights: dict[str, float] = defaultdict(float)
        for rank, hit in enumerate(hits, 1):
            for position, slug in enumerate(hit["focus_areas"]):
                weights[slug] += hit["score"] / rank * (1.0 if position == 0 else 0.5) if rank <= WEIGHED_HITS else 0.0
        for area, cosine in zip(self.focus_areas, cosines, strict=True):
            if area.slug in weights:
                weights[area.slug] += cosine
        areas = [area for area in self.focus_areas if area.slug in weights]
        return [
            {
                "slug": area.slug,
                "label": area.label,
                "count": sum(area.slug in hit["focus_areas"] for hit in hits),
                "questions": list(area.questions),
                "duties": list(area.duties),
            }
            for area in sorted(areas, key=lambda area: -weights[area.slug])
        ]


def _problem_parts(spans: Sequence[tuple[int, int]], ranked: Sequence[_RankedPart]) -> list[dict[str, Any]]:
    answered = {part.part for part in ranked if part.answered}
    return [{"start": start, "end": end, "answered": part in answered} for part, (start, end) in enumerate(spans)]


def _nearer_asked_as(ranking: Ranking, page: int, document: Document) -> str | None:
    """The page's own problem that is nearest to the query, where it is truly near, and nearer than the matched passage."""
    nearer = ranking.asked_as_cosine[page] > max(ranking.passage_cosine[page], TRULY_NEAR)
    return document.asked_as[int(ranking.nearest_asked_as[page])] if nearer and document.asked_as else None


def _outermost(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, without those within another: the parts of a compound that is marked whole."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or end > kept[-1][1]:
            kept.append((start, end))
    return kept


def _share(ranking: Ranking, page: int) -> Literal["mostly meaning", "meaning and words", "mostly words"]:
    score = float(ranking.scores[page])
    dense_share = float(ranking.dense_contribution[page]) / score if score else 1.0
    return "mostly meaning" if dense_share >= 0.75 else "mostly words" if dense_share <= 0.4 else "meaning and words"


def _value_counts(values: Iterable[str]) -> list[dict[str, Any]]:
    """The largest first, of equal ones by value."""
    counts = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"value": value, "count": count} for value, count in counts]


def _passes(request: SearchRequest, document: Document) -> bool:
    """Whether a document passes the request's filters."""
    kind_fits = request.kind is None or document.kind == request.kind
    return kind_fits and (not request.focus_area or bool(set(request.focus_area) & set(document.focus_areas)))
