"""All published content as one value, its hash, and what of it is due for review."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from indexer.content.lists import (
    AlsoSeen,
    Change,
    Council,
    Councils,
    Duty,
    Event,
    FocusArea,
    Moved,
    Question,
    Reader,
    Term,
    Theme,
    Topic,
)
from indexer.content.records import CaseStudy, GuidancePage


@dataclass(frozen=True)
class Corpus:
    """All published content, checked, in a fixed order (case studies by slug, guidance by its order)."""

    focus_areas: tuple[FocusArea, ...]
    themes: tuple[Theme, ...]
    councils: Councils
    duties: tuple[Duty, ...]
    changes: tuple[Change, ...]
    events: tuple[Event, ...]
    also_seen: tuple[AlsoSeen, ...]
    glossary: tuple[Term, ...]
    not_covered: tuple[Topic, ...]
    moved: tuple[Moved, ...]
    readers: tuple[Reader, ...]
    case_studies: tuple[CaseStudy, ...]
    guidance: tuple[GuidancePage, ...]

    @property
    def pages(self) -> tuple[CaseStudy | GuidancePage, ...]:
        """Every page that search knows: case studies, then guidance."""
        return (*self.case_studies, *self.guidance)

    @property
    def moved_pages(self) -> tuple[Moved, ...]:
        """What was published and is no longer a page; the places that went from pages that stay are left out."""
        return tuple(moved for moved in self.moved if not moved.anchor)

    def focus_area(self, slug: str) -> FocusArea:
        """The focus area of a slug that the check has found known."""
        return next(area for area in self.focus_areas if area.slug == slug)

    def case_study(self, slug: str) -> CaseStudy:
        """The case study of a slug that the check has found known."""
        return next(study for study in self.case_studies if study.slug == slug)

    def councils_of(self, study: CaseStudy) -> tuple[Council, ...]:
        """The councils whose story it is, as the table has them; none for a story of another body."""
        names = (study.matter.organisation,) if study.matter.councils is None else study.matter.councils
        return tuple(council for name in names if (council := self.councils.named(name)))

    def regions_of(self, study: CaseStudy) -> tuple[str, ...]:
        """The English regions of its councils, each once."""
        return tuple(dict.fromkeys(council.region for council in self.councils_of(study)))

    def question(self, question_id: str) -> Question:
        """The question of an id that the check has found known."""
        return next(q for area in self.focus_areas for q in area.questions if q.id == question_id)

    def questions_of(self, area: FocusArea) -> tuple[Question, ...]:
        """The guidance's questions for an area, or where it asks none of its own, those that bear on it."""
        return area.questions or tuple(self.question(question_id) for question_id in area.related_questions)


def overdue(corpus: Corpus, today: date) -> list[CaseStudy]:
    """The case studies whose review was due before `today`, longest overdue first."""
    late = [study for study in corpus.case_studies if study.matter.review_due < today]
    return sorted(late, key=lambda study: (study.matter.review_due, study.slug))


def corpus_hash(corpus: Corpus) -> str:
    """The sha256 of all that search reads, as "sha256:" and hexadecimal digits; equal content gives an equal hash."""
    content = {
        "focus_areas": [area.model_dump(mode="json") for area in corpus.focus_areas],
        "duties": [duty.model_dump(mode="json") for duty in corpus.duties],
        "glossary": [term.model_dump(mode="json") for term in corpus.glossary],
        "not_covered": [topic.model_dump(mode="json") for topic in corpus.not_covered],
        "councils": corpus.councils.model_dump(mode="json"),
        "also_seen": [seen.model_dump(mode="json") for seen in corpus.also_seen],
        "changes": [change.model_dump(mode="json") for change in corpus.changes],
        "pages": [[page.slug, page.matter.model_dump(mode="json"), page.body] for page in corpus.pages],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
