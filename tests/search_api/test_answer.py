"""The request's rules: what a problem may be and what stands where a field is left out."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from search_api.answer import MAX_LIMIT, MAX_QUERY_CHARACTERS, SearchRequest


def faults(fields: dict[str, Any]) -> list[tuple[str, str]]:
    """The field and kind of each fault of a request."""
    with pytest.raises(ValidationError) as caught:
        SearchRequest.model_validate(fields)
    return [(".".join(map(str, fault["loc"])), fault["type"]) for fault in caught.value.errors()]


def test_defaults() -> None:
    """A problem alone asks for ten hits of any focus area and kind."""
    asked = SearchRequest.model_validate({"q": "school places"})
    assert asked.model_dump() == {"q": "school places", "limit": 10, "focus_area": [], "kind": None, "as_typed": False}


def test_each_request_has_its_own_focus_areas() -> None:
    """Two requests share no list."""
    first, second = (SearchRequest.model_validate({"q": "x"}) for _ in range(2))
    assert first.focus_area is not second.focus_area


@pytest.mark.parametrize("text", ["  school places ", "\tschool places\n", "\u00a0school places\u2003"])
def test_space_around_the_problem(text: str) -> None:
    """Space around the problem is taken off."""
    assert SearchRequest.model_validate({"q": text}).q == "school places"


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u00a0\u2003"])
def test_a_problem_holds_something(text: str) -> None:
    """A problem that is empty, or only space of any kind, is refused."""
    assert faults({"q": text}) == [("q", "value_error")]


def test_a_problem_is_asked_for() -> None:
    """A request without a problem is refused."""
    assert faults({}) == [("q", "missing")]


@pytest.mark.parametrize("letter", ["x", "é", "🎓"])
def test_the_longest_problem(letter: str) -> None:
    """A problem may have exactly 20,000 characters, each letter outside ASCII and each emoji counting as one."""
    assert MAX_QUERY_CHARACTERS == 20_000
    assert len(SearchRequest.model_validate({"q": letter * 20_000}).q) == 20_000
    assert faults({"q": letter * 20_001}) == [("q", "string_too_long")]


@pytest.mark.parametrize(
    ("limit", "fault"),
    [
        (0, "greater_than_equal"),
        (-1, "greater_than_equal"),
        (51, "less_than_equal"),
        ("abc", "int_parsing"),
        (1.5, "int_from_float"),
    ],
)
def test_limits_refused(limit: object, fault: str) -> None:
    """A limit is a whole number from 1 to 50."""
    assert faults({"q": "x", "limit": limit}) == [("limit", fault)]


@pytest.mark.parametrize("limit", [1, 50, "7"])
def test_limits_taken(limit: int | str) -> None:
    """Both ends of the limit are taken, and so is a number in text, as an address holds it."""
    assert MAX_LIMIT == 50
    assert SearchRequest.model_validate({"q": "x", "limit": limit}).limit == int(limit)


@pytest.mark.parametrize("kind", ["case-study", "guidance", None])
def test_kinds_taken(kind: str | None) -> None:
    """The kind is one of the two kinds of page, or none."""
    assert SearchRequest.model_validate({"q": "x", "kind": kind}).kind == kind


def test_kinds_refused() -> None:
    """Another kind is refused."""
    assert faults({"q": "x", "kind": "Guidance"}) == [("kind", "literal_error")]


def test_unknown_field() -> None:
    """A field that there is not is refused and not passed over."""
    assert faults({"q": "x", "query": "x"}) == [("query", "extra_forbidden")]


def test_every_fault_at_once() -> None:
    """All faults of a request come in one report."""
    named = faults({"q": " ", "limit": 0, "kind": "book"})
    assert named == [("q", "value_error"), ("limit", "greater_than_equal"), ("kind", "literal_error")]


def test_frozen() -> None:
    """A request cannot be changed once it was checked."""
    asked = SearchRequest.model_validate({"q": "x"})
    with pytest.raises(ValidationError, match="frozen"):
        asked.__setattr__("limit", 99)
