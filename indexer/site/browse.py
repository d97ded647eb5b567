"""The ways in to the case studies beside search and focus areas: by theme, council, place, size, result, failure, date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.content.corpus import Corpus
from indexer.content.lists import Council
from indexer.content.reading import slugify
from indexer.content.records import CaseStudy
from indexer.paper.wording import COUNCIL_KINDS, RESULTS, compared, day


@dataclass(frozen=True)
class Group:
    """A heading of a list of case studies, with its anchor, other anchors that lead to it, and a sentence."""

    label: str
    anchor: str
    studies: tuple[CaseStudy, ...]
    more_anchors: tuple[str, ...] = ()
    lead: str = ""


def ways_in(corpus: Corpus) -> dict[str, tuple[str, str, list[Group]]]:
    """The ways in beside the focus areas: title, a sentence and groups, by the page's name."""
    studies = corpus.case_studies
    newest = sorted(studies, key=lambda study: (-study.matter.checked.toordinal(), study.matter.title))
    return {
        "themes": (
            "By theme",
            "Case studies by what they are about, finer than the guidance's focus areas; many stand under several.",
            [
                Group(theme.label, theme.id, found, lead=theme.meaning)
                for theme in corpus.themes
                if (found := tuple(study for study in studies if theme.id in study.matter.themes))
            ],
        ),
        "councils": (
            "By council",
            "Every case study, by the council that it is about; one of several councils stands under each of them.",
            _by_council(corpus),
        ),
        "regions": (
            "By region",
            "Every case study of a council, by English region.",
            _by_council_fact(corpus, lambda council: council.region),
        ),
        "kinds": (
            "By kind of council",
            "Every case study of a council, by the kind of authority that it is.",
            _by_council_fact(corpus, lambda council: COUNCIL_KINDS[council.kind][1]),
        ),
        "sizes": (
            "By size of council",
            "Every case study of a council, by how many children and young people have a plan there, "
            f"as counted in {corpus.councils.plans_counted}.",
            _by_size(corpus),
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
            _grouped(newest, lambda study: day(study.matter.checked)),
        ),
    }


SIZES = {
    "Under 2,000 plans": range(2000),
    "2,000 to 2,999 plans": range(2000, 3000),
    "3,000 to 4,999 plans": range(3000, 5000),
    "5,000 to 9,999 plans": range(5000, 10_000),
    "10,000 plans and more": range(10_000, 1_000_000),
}
"""How many children and young people with plans the councils of a group have."""


def _by_council(corpus: Corpus) -> list[Group]:
    """A group for each council, and one for each other body; other names lead to them too, each to the first that has it."""
    found: dict[str, list[CaseStudy]] = {}
    names: dict[str, list[str]] = {}
    for study in corpus.case_studies:
        councils = corpus.councils_of(study)
        for council in councils:
            found.setdefault(council.name, []).append(study)
            names.setdefault(council.name, [*council.also_called]).append(study.matter.organisation)
        if not councils:
            found.setdefault(study.matter.organisation, []).append(study)
    taken, groups = {slugify(label) for label in found}, []
    for label in sorted(found):
        others = tuple(dict.fromkeys(slugify(name) for name in names.get(label, ()) if slugify(name) not in taken))
        taken.update(others)
        its = corpus.councils.named(label)
        lead = f"{its.region}. {compared([its], corpus.councils.plans_counted)[0]}." if its else ""
        groups.append(Group(label, slugify(label), tuple(found[label]), others, lead))
    return groups


def _by_council_fact(corpus: Corpus, fact: Callable[[Council], str]) -> list[Group]:
    facts = {study: {fact(council) for council in corpus.councils_of(study)} for study in corpus.case_studies}
    return [
        Group(label, slugify(label), tuple(study for study, its in facts.items() if label in its))
        for label in sorted(set().union(*facts.values()))
    ]


def _by_size(corpus: Corpus) -> list[Group]:
    return [
        Group(label, slugify(label), found)
        for label, size in SIZES.items()
        if (found := tuple(s for s in corpus.case_studies if any(c.plans in size for c in corpus.councils_of(s))))
    ]


def _grouped(studies: Sequence[CaseStudy], label_of: Callable[[CaseStudy], str]) -> list[Group]:
    """The case studies by label, the labels in the order in which they come."""
    labels = dict.fromkeys(label_of(study) for study in studies)
    return [Group(label, slugify(label), tuple(study for study in studies if label_of(study) == label)) for label in labels]
