"""The timeline: each event has its mark in its lane and year, and its date in words."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from indexer.content.corpus import Corpus
from indexer.content.lists import Event
from indexer.site.timeline import LANES, timeline, when
from tests.site_pages import BuiltPage


def event(date: str, kind: str = "law", label: str = "An Act") -> Event:
    """An event of which only the date matters."""
    return Event.model_validate({"date": date, "kind": kind, "label": label, "told_in": "an-act"})


@pytest.mark.parametrize(
    ("date", "words"),
    [("2014", "2014"), ("2024-03", "March 2024"), ("2021-07-19", "19 July 2021")],
)
def test_a_date_is_said_as_exactly_as_it_is_known(date: str, words: str) -> None:
    """A year, a month or a day in words."""
    assert when(event(date)) == words


@pytest.mark.parametrize("date", ["14", "2014-13", "2014-00-01", "March 2014", "2014-1", "1814"])
def test_a_date_that_is_none_is_refused(date: str) -> None:
    """Only years from 1900 on, months and days in digits."""
    with pytest.raises(ValueError, match="date"):
        event(date)


def test_marks_stand_in_their_year_and_lane() -> None:
    """Two years with a gap between them share the width; a year alone stands in the middle of its own."""
    drawing = ElementTree.fromstring(timeline([event("2014"), event("2020-01-01", "money", "A <grant> & more")]))
    (law, money), (title,) = drawing.findall("circle"), [found.text for found in drawing.findall("circle/title")][1:]
    assert title == "1 January 2020: A <grant> & more"
    assert (law.get("cx"), money.get("cx")) == ("192.0", "288.0")
    assert float(money.get("cy", "")) - float(law.get("cy", "")) == 2 * 40
    assert [line.get("class") for line in drawing.findall("line")][:2] == ["year", "gap"]
    assert [text.text for text in drawing.findall("text")] == ["2014", "2020", *LANES.values()]


@pytest.mark.model
def test_every_event_is_drawn_and_listed_with_the_place_that_tells_it(corpus: Corpus, build_folder: Path) -> None:
    """The page has a mark and a line for each event, in order, each leading to a place that is there."""
    page = BuiltPage(build_folder / "site" / "timeline" / "index.html")
    assert page.html.count("<circle") == len(corpus.events) > 20
    places = {f"../law/#{duty.id}" for duty in corpus.duties} | {
        f"../changed-since/#{change.id}" for change in corpus.changes
    }
    assert len([link for link in page.links if link in places]) == len(corpus.events)
    assert [event.date for event in corpus.events] == sorted(event.date for event in corpus.events)
