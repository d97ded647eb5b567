"""The ways in to the case studies beside search and focus areas: by council, region, result, failure and date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.content.corpus import Corpus
from indexer.content.reading import slugify
from indexer.content.records import CaseStudy
from indexer.paper.wording import RESULTS, day


@dataclass(frozen=True)
class Group:
    """A heading of a list of case studies, with its anchor."""

    label: str
    anchor: str
    studies: tuple[CaseStudy, ...]


def ways_in(corpus: Corpus) -> dict[str, tuple[str, str, list[Group]]]:
    """The ways in beside the focus areas: title, a sentence and groups, by the page's name."""
    studies = corpus.case_studies
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
            "By result",
            "Every case study, by what came of it, as far as that was found. A result is not proof of its cause.",
            [
                Group(f"{label}: {meaning}", result, found)
                for result, (label, meaning) in RESULTS.items()
                if (found := tuple(study for study in studies if study.matter.result == result))
            ],
        ),
        "what-did-not-work": (
            "What did not work",
            "What stayed as it was or got worse, and what did not last. Knowing what did not work is half the value.",
            [
                Group(label, slugify(label), found)
                for label, found in (
                    ("Did not work as hoped", tuple(study for study in studies if study.matter.did_not_work)),
                    ("Did not last", tuple(study for study in studies if study.matter.later_reversed)),
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
