"""The years since 2014 as a picture: a lane for each kind of event, a mark for each event, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from indexer.content.lists import Event
from indexer.paper.wording import day

LANES = {"law": "The law", "guidance": "Guidance", "money": "Money", "agreements": "Agreements", "evidence": "Reports"}
"""The lanes from top to bottom, by an event's kind, and what they are called."""
_WIDTH, _LEFT, _LANE, _TOP, _MARK = 480, 96, 40, 28, 7
"""User units of the drawing: its width, room for labels at the left, a lane's height, room for years, a mark's radius."""


def when(event: Event) -> str:
    """An event's date in words: 2014, March 2024, 19 July 2021."""
    year, _, rest = event.date.partition("-")
    if not rest:
        return year
    return day(date.fromisoformat(event.date)) if "-" in rest else f"{date(int(year), int(rest), 1):%B %Y}"


def timeline(events: Sequence[Event]) -> str:
    """The picture, as one line of SVG; the page lists the same events below it.

    Years without an event are left out, and a broken line stands where they would be.

    Args:
        events: In order of their dates, at least one.
    """
    years = sorted({int(event.date[:4]) for event in events})
    bottom = _TOP + _LANE * len(LANES)
    columns = "".join(
        f'<line class="{"gap" if place and year > years[place - 1] + 1 else "year"}" x1="{_x(place, years)}" '
        f'x2="{_x(place, years)}" y1="{_TOP}" y2="{bottom}"/>'
        f'<text x="{_x(place + 0.5, years)}" y="{_TOP - 10}" text-anchor="middle">{year}</text>'
        for place, year in enumerate(years)
    )
    lanes = "".join(
        f'<text x="0" y="{_middle(kind) + 5}">{label}</text>'
        f'<line x1="{_LEFT}" y1="{_middle(kind)}" x2="{_WIDTH}" y2="{_middle(kind)}"/>'
        for kind, label in LANES.items()
    )
    marks = "".join(
        f'<circle cx="{_x(years.index(int(event.date[:4])) + _share_of_year(event), years)}" cy="{_middle(event.kind)}" '
        f'r="{_MARK}"><title>{escape(f"{when(event)}: {event.label}")}</title></circle>'
        for event in events
    )
    return (
        f'<svg class="timeline" role="img" viewBox="0 0 {_WIDTH} {bottom + 8}" aria-labelledby="timeline-title">'
        f'<title id="timeline-title">{len(events)} events from {years[0]} to {years[-1]}, in five lanes</title>'
        f"{columns}{lanes}{marks}</svg>"
    )


def _share_of_year(event: Event) -> float:
    """Where in its year an event stands, 0 to 1: one without a month in the middle, one without a day in its month's."""
    parts = [int(part) for part in event.date.split("-")]
    if len(parts) == 1:
        return 0.5
    return (parts[1] - 1 + ((parts[2] - 1) / 31 if len(parts) == 3 else 0.5)) / 12


def _x(place: float, years: Sequence[int]) -> float:
    return round(_LEFT + (_WIDTH - _LEFT) * place / len(years), 1)


def _middle(kind: str) -> float:
    return _TOP + _LANE * (list(LANES).index(kind) + 0.5)
