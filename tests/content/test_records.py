"""The records refuse what a file may not carry, and the schema for editors says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from indexer.__main__ import schema_text
from indexer.content.corpus import Corpus
from indexer.content.loading import load_corpus
from indexer.content.records import CaseStudyMatter, Figure
from indexer.retrieval.records import Passage
from tests.conftest import ROOT
from tests.small_corpus import CASE_STUDY, write_small_corpus


def matter(**changes: object) -> dict[str, Any]:
    """The small corpus's front matter with some fields changed; a change to None takes the field out."""
    data: dict[str, Any] = {**yaml.safe_load(CASE_STUDY.split("---")[1]), **changes}
    return {field: value for field, value in data.items() if value is not None}


@pytest.fixture
def small(tmp_path: Path) -> Corpus:
    """The small corpus, loaded."""
    return load_corpus(write_small_corpus(tmp_path))


def test_the_schema_is_in_step_with_the_model() -> None:
    """casestudies/schema.json is what `python -m indexer schema` would write now."""
    stored = (ROOT / "casestudies" / "schema.json").read_text(encoding="utf-8")
    assert json.loads(stored) == CaseStudyMatter.model_json_schema()
    assert stored == schema_text()


def test_good_front_matter_is_taken() -> None:
    """The front matter that the faults below are made from has no fault itself."""
    assert CaseStudyMatter.model_validate(matter()).organisation == "Ashby"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"title": None}, "title", "Field required"),
        ({"title": ""}, "title", "at least 1 character"),
        ({"title": "   "}, "title", "at least 1 character"),
        ({"title": "x" * 401}, "title", "at most 400 characters"),
        ({"title": "Two\nlines"}, "title", "match pattern"),
        ({"title": "How 3 schools agreed"}, "title", "carries a figure"),
        ({"summary": "Requests fell by 20%."}, "summary", "carries a figure"),
        ({"summary": "Requests fell by ٢٠ in a hundred."}, "summary", "carries a figure"),
        ({"councils": "Ashby"}, "councils", "valid tuple"),
        ({"themes": ["Big"]}, "themes.0", "match pattern"),
        ({"organisation": False}, "organisation", "valid string"),
        ({"period": 2021}, "period", "valid string"),
        ({"focus_areas": []}, "focus_areas", "at least 1 item"),
        ({"focus_areas": ["a", "b", "c", "d"]}, "focus_areas", "at most 3 items"),
        ({"focus_areas": ["Éducation"]}, "focus_areas.0", "match pattern"),
        ({"focus_areas": ["two--hyphens"]}, "focus_areas.0", "match pattern"),
        ({"guidance_case_study": 13}, "guidance_case_study", "less than or equal to 12"),
        ({"guidance_case_study": 0}, "guidance_case_study", "greater than or equal to 1"),
        ({"result": "proof"}, "result", "'plan-only'"),
        ({"said_by": "a friend"}, "said_by", "'press'"),
        ({"sources": []}, "sources", "at least 1 item"),
        ({"published": "2026-02-30"}, "published", "valid date"),
        ({"status": "ready"}, "status", "'draft'"),
        ({"colour": "red"}, "colour", "not permitted"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(changes: dict[str, object], field: str, message: str) -> None:
    """A wrong value gives a fault that names the field and what is allowed, and no fault of another field."""
    with pytest.raises(ValidationError) as refused:
        CaseStudyMatter.model_validate(matter(**changes))
    faults = {".".join(map(str, fault["loc"])): fault["msg"] for fault in refused.value.errors()}
    assert message in faults[field]
    assert [place for place in faults if not field.startswith(place)] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"cost": "about £10m"},
        {"cost_source": "committee"},
        {"cost": "not stated", "cost_source": "committee"},
    ],
)
def test_a_cost_and_its_source_go_together(changes: dict[str, object]) -> None:
    """A cost without its source is refused, and so is a source without its cost."""
    with pytest.raises(ValidationError, match="cost and cost_source go together"):
        CaseStudyMatter.model_validate(matter(**changes))


def test_a_cost_with_its_source_is_taken() -> None:
    """A cost with its source is taken, and neither is too."""
    stated = CaseStudyMatter.model_validate(matter(cost="about £10m", cost_source="committee"))
    assert (stated.cost, stated.cost_source) == ("about £10m", "committee")
    neither = CaseStudyMatter.model_validate(matter())
    assert (neither.cost, neither.cost_source) == ("not stated", None)


@pytest.mark.parametrize(
    ("published", "checked", "review_due", "fits"),
    [
        ("2026-01-01", "2026-01-01", "2026-01-01", True),
        ("2026-01-01", "2026-02-01", "2027-01-01", True),
        ("2026-02-01", "2026-01-01", "2027-01-01", False),
        ("2026-01-01", "2027-02-01", "2027-01-01", False),
    ],
)
def test_the_dates_run_in_order(published: str, checked: str, review_due: str, fits: bool) -> None:
    """Published, checked and review due may fall on one day, but never run backwards."""
    data = matter(published=published, checked=checked, review_due=review_due)
    if fits:
        assert CaseStudyMatter.model_validate(data).review_due.isoformat() == review_due
    else:
        with pytest.raises(ValidationError, match="in that order"):
            CaseStudyMatter.model_validate(data)


@pytest.mark.parametrize(
    ("before", "after", "fits"),
    [
        (1, None, True),
        (None, 0, True),
        (-2.5, 3, True),
        (None, None, False),
        (float("nan"), 1, False),
        (1, float("inf"), False),
    ],
)
def test_a_figure_has_a_finite_number(before: float | None, after: float | None, fits: bool) -> None:
    """A figure has a number before or after (0 is one), and no number that nobody could write down."""
    data = {"label": "Places", "before": before, "after": after, "unit": "places", "source": "committee"}
    if fits:
        assert (Figure.model_validate(data).before, Figure.model_validate(data).after) == (before, after)
    else:
        with pytest.raises(ValidationError):
            Figure.model_validate(data)


def test_letters_outside_ascii_are_taken(small: Corpus) -> None:
    """A name keeps its letters."""
    assert small.case_studies[1].matter.organisation == "Llŷn and Brontë"


def test_a_record_cannot_be_changed(small: Corpus) -> None:
    """A record is frozen."""
    with pytest.raises(ValidationError, match="frozen"):
        setattr(small.duties[0], "label", "Another")  # noqa: B010


def test_the_questions_of_an_area_are_its_own_or_those_that_bear_on_it(small: Corpus) -> None:
    """An area without questions of its own shows the related ones."""
    own, related = (small.questions_of(small.focus_area(slug)) for slug in ("provision", "culture"))
    assert [question.id for question in own] == ["places-enough"]
    assert related == own


def test_a_passage_knows_its_anchor_and_what_is_embedded() -> None:
    """A passage's anchor is what stands after the # of its id; what is embedded is the context, then the text."""
    passage = Passage(id="a-page#the-law", document="a-page", heading="The law", text="A text.", context="A page. The law")
    assert passage.anchor == "the-law"
    assert passage.embedded_text == "A page. The law\nA text."


@pytest.mark.parametrize(
    ("kind", "by", "more", "result", "said_by"),
    [
        ("plan-only", "self-reported", {}, "plan-only", "council"),
        ("projection", "independent", {}, "projection", "independent"),
        ("reported-outcome", "self-reported", {}, "not-known", "council"),
        ("reported-outcome", "self-reported", {"later_reversed": True}, "did-not-last", "council"),
        ("reported-outcome", "independent", {"did_not_work": True}, "no-change", "independent"),
    ],
)
def test_the_form_of_the_first_version_is_read(
    kind: str, by: str, more: dict[str, object], result: str, said_by: str
) -> None:
    """Evidence, reversal and failure become a result and who says so; what came of it is never guessed to be good."""
    data = matter(evidence={"kind": kind, "reported_by": by}, result=None, said_by=None, **more)
    read = CaseStudyMatter.model_validate(data)
    assert (read.result, read.said_by) == (result, said_by)


@pytest.mark.parametrize(
    ("figure", "kind"),
    [
        ({"before": 1, "after": 2, "projected": False}, "measure"),
        ({"before": 1, "after": 2, "projected": True}, "projection"),
        ({"before": None, "after": 2}, "outcome"),
    ],
)
def test_a_figure_of_the_first_version_is_read(figure: dict[str, object], kind: str) -> None:
    """What was projected is a projection, two values a measure, one an outcome."""
    assert Figure.model_validate({"label": "Places", "unit": "places", "source": "s", **figure}).kind == kind


def test_a_measure_has_both_values() -> None:
    """A number after the action alone is no measure."""
    with pytest.raises(ValidationError, match="a measure has a number before and one after"):
        Figure(label="Places", after=2, unit="places", kind="measure", source="s")
