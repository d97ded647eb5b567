"""indexer.ways_in: every case study can be reached by browsing, and honest failures are easy to find."""

from __future__ import annotations

import pytest

from indexer.content.corpus import Corpus
from indexer.site.browse import ways_in


@pytest.mark.parametrize("name", ["councils", "regions", "evidence", "newest"])
def test_a_way_in_leads_to_every_case_study_once(corpus: Corpus, name: str) -> None:
    """By council, region, evidence and date, each case study stands once."""
    _, _, groups = ways_in(corpus)[name]
    found = sorted(study.slug for group in groups for study in group.studies)
    assert found == sorted(study.slug for study in corpus.case_studies)


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
        anchors = [group.anchor for group in groups]
        assert len(set(anchors)) == len(anchors)
