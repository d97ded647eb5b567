"""indexer.related: nearest case studies, and in what they differ."""

from __future__ import annotations

import dataclasses

import numpy as np

from indexer.content.corpus import Corpus
from indexer.content.records import CaseStudy
from indexer.retrieval.records import Passage
from indexer.site.related import difference, related


def study(like: CaseStudy, slug: str, **changes: object) -> CaseStudy:
    return CaseStudy(slug, like.matter.model_copy(update=changes), like.body)


def passage(slug: str) -> Passage:
    return Passage(id=f"{slug}#a", document=slug, heading="A", text="a", context="")


def test_nearest_first_and_never_itself(corpus: Corpus) -> None:
    """Each case study gets its nearest ones by cosine, nearest first, ties by slug, and never itself."""
    like = corpus.case_studies[0]
    small = dataclasses.replace(corpus, case_studies=tuple(study(like, slug) for slug in "abcde"))
    embeddings = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1], [0, 1]], dtype=np.float32)
    found = related(small, [passage(slug) for slug in "abcde"], embeddings)
    assert found["a"] == ("b", "c", "d")
    assert found["d"] == ("e", "c", "b")


def test_two_case_studies_have_one_related_each(corpus: Corpus) -> None:
    """Where there are fewer than four case studies, each names those that there are; where there is one, none."""
    like = corpus.case_studies[0]
    two = dataclasses.replace(corpus, case_studies=(study(like, "a"), study(like, "b")))
    rows = np.array([[1, 0], [0, 1]], dtype=np.float32)
    assert related(two, [passage("a"), passage("b")], rows) == {"a": ("b",), "b": ("a",)}
    one = dataclasses.replace(corpus, case_studies=(study(like, "a"),))
    assert related(one, [passage("a")], rows[:1]) == {"a": ()}


def test_difference_says_council_area_and_result(corpus: Corpus) -> None:
    """The words name council, main focus area and what came of it there."""
    like = corpus.case_studies[0]
    here = study(like, "a", organisation="A", focus_areas=("provision",), result="plan-only")
    there = study(like, "b", organisation="B", focus_areas=("culture", "provision"), result="got-worse")
    assert difference(here, there) == "another council, shares a focus area, result: got worse"
    assert difference(here, here) == "same council, same main focus area, result: not yet known: a plan"
