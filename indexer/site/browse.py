"""The ways in to the case studies beside search and focus areas: by council, region, evidence, failure and date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.content.corpus import Corpus
from indexer.content.reading import slugify
from indexer.content.records import CaseStudy
from indexer.paper.wording import EVIDENCE, REPORTED_BY, day


@dataclass(frozen=True)
class Group:
    """A heading of a list of case studies, with its anchor."""

    label: str
    anchor: str
    studies: tuple[CaseStudy, ...]


def ways_in(corpus: Corpus) -> dict[str, tuple[str, str, list[Group]]]:
    """The ways in beside the focus areas: title, a sentence and groups, by the page's name."""
    studies = corpus.case_studies
    failed = [study for study in studies if study.matter.did_not_work or study.matter.later_reversed]
    newest = sorted(studies, key=lambda study: (-study.matter.checked.toordinal(), study.matter.title))
    return {
        "councils": (
            "By council",
            "Every case study, by the council that it is about.",
            _grouped(studies, lambda study: study.matter.organisation),
        ),
        "regions": (
            "By region",
            "Every case study, by English region.",
            _grouped(studies, lambda study: study.matter.region),
        ),
        "evidence": (
            "By evidence",
            "Every case study, by how strong its evidence is and who reported it. An outcome is not proof of its cause.",
            [
                Group(f"{EVIDENCE[kind]}, {REPORTED_BY[reporter]}", f"{kind}-{reporter}", found)
                for kind in EVIDENCE
                for reporter in REPORTED_BY
                if (
                    found := tuple(
                        s for s in studies if (s.matter.evidence.kind, s.matter.evidence.reported_by) == (kind, reporter)
                    )
                )
            ],
        ),
        "what-did-not-work": (
            "What did not work",
            "Plans that failed or stalled, and results that did not last. Knowing what did not work is half the value.",
            [
                Group(label, slugify(label), found)
                for label, found in (
                    ("Did not work as hoped", tuple(study for study in failed if study.matter.did_not_work)),
                    ("Later reversed", tuple(study for study in failed if study.matter.later_reversed)),
                )
                if found
            ],
        ),
        "newest": (
            "Newest checked",
            "Every case study, last checked first.",
            _grouped(newest, lambda study: day(study.matter.checked), sort=False),
        ),
    }


def _grouped(studies: Sequence[CaseStudy], label_of: Callable[[CaseStudy], str], sort: bool = True) -> list[Group]:
    labels = dict.fromkeys(label_of(study) for study in studies)
    return [
        Group(label, slugify(label), tuple(study for study in studies if label_of(study) == label))
        for label in (sorted(labels) if sort else labels)
    ]
