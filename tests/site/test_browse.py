"""indexer.ways_in: every case study can be reached by browsing, and honest failures are easy to find."""

from __future__ import annotations

import pytest

from indexer.content.corpus import Corpus
from indexer.site.browse import ways_in


@pytest.mark.parametrize("name", ["evidence", "newest"])
def test_a_way_in_leads_to_every_case_study_once(corpus: Corpus, name: str) -> None:
    """By result and date, each case study stands once."""
    _, _, groups = ways_in(corpus)[name]
    found = sorted(study.slug for group in groups for study in group.studies)
    assert found == sorted(study.slug for study in corpus.case_studies)


@pytest.mark.parametrize("name", ["councils", "regions", "kinds", "sizes"])
def test_a_way_in_by_council_leads_to_every_case_study(corpus: Corpus, name: str) -> None:
    """By council and what it is compared by, each case study stands under each of its councils, once in a group."""
    _, _, groups = ways_in(corpus)[name]
    for group in groups:
        assert len({study.slug for study in group.studies}) == len(group.studies)
    assert {study.slug for group in groups for study in group.studies} == {study.slug for study in corpus.case_studies}
    under = [
        group.label for group in groups if "cornwall-wirral-neurodiversity-profiling" in {s.slug for s in group.studies}
    ]
    assert (
        under
        == {
            "councils": ["Cornwall", "Wirral"],
            "regions": ["North West", "South West"],
            "kinds": ["Metropolitan boroughs", "Unitary authorities"],
            "sizes": ["3,000 to 4,999 plans"],
        }[name]
    )


def test_sizes_stand_in_order(corpus: Corpus) -> None:
    """The groups by size run from the smallest to the largest, and Rutland and Kent stand at the two ends."""
    groups = ways_in(corpus)["sizes"][2]
    assert [group.label for group in groups] == [
        "Under 2,000 plans",
        "2,000 to 2,999 plans",
        "3,000 to 4,999 plans",
        "5,000 to 9,999 plans",
        "10,000 plans and more",
    ]
    assert "Rutland" in {study.matter.organisation for study in groups[0].studies}
    assert "Kent" in {study.matter.organisation for study in groups[-1].studies}


def test_a_council_is_reached_by_its_other_names(corpus: Corpus) -> None:
    """What a council was called in an address before, or is called for short, still leads to it."""
    anchors = {anchor: group.label for group in ways_in(corpus)["councils"][2] for anchor in group.more_anchors}
    assert anchors["bcp"] == "Bournemouth, Christchurch and Poole"
    assert anchors["cornwall-and-wirral"] == "Cornwall"


def test_what_did_not_work_holds_the_failures_and_the_reversals(corpus: Corpus) -> None:
    """The page of failures holds exactly the case studies marked so, under the right heading."""
    _, _, groups = ways_in(corpus)["what-did-not-work"]
    found = {group.anchor: {study.slug for study in group.studies} for group in groups}
    assert found == {
        "did-not-work-as-hoped": {study.slug for study in corpus.case_studies if study.matter.did_not_work},
        "did-not-last": {study.slug for study in corpus.case_studies if study.matter.later_reversed},
    }
    assert "middlesbrough-outreach-while-exclusions-rose" in found["did-not-work-as-hoped"]
    assert "torbay-ceasing-plans-and-drift" in found["did-not-last"]


def test_anchors_of_a_page_are_unique(corpus: Corpus) -> None:
    """No two groups of a page share an anchor."""
    for _, _, groups in ways_in(corpus).values():
        anchors = [anchor for group in groups for anchor in (group.anchor, *group.more_anchors)]
        assert len(set(anchors)) == len(anchors)
