"""A before-and-after chart, two bars from zero, as inline SVG: readable without colour, in the dark and in print."""

from __future__ import annotations

from html import escape

from indexer.content.records import Figure
from indexer.content.rules import written
from indexer.paper.figures import description, later, with_unit

_WIDTH, _BAR, _LEFT, _VALUES = 480, 26, 96, 130
"""User units of the drawing: its width, a bar's height, the room for labels on the left and for values on the right."""


def before_after_chart(figure: Figure, name: str) -> str | None:
    """The chart of a figure, as one line of SVG, or None where it has not both a before and an after.

    Args:
        figure: What was measured; both values are 0 or more.
        name: Unique on the page; the title's and description's ids are made from it.
    """
    if figure.before is None or figure.after is None:
        return None
    most = max(figure.before, figure.after) or 1
    words = escape(description(figure) or "")
    second = (later(figure), figure.after, "projected" if figure.projected else "after")
    bars = "".join(
        _bar(label, value, most, figure.unit, 8 + index * (_BAR + 10), kind)
        for index, (label, value, kind) in enumerate((("Before", figure.before, "before"), second))
    )
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {_WIDTH} {2 * _BAR + 26}" aria-labelledby="{name}-title {name}-text">'
        f'<title id="{name}-title">{escape(figure.label)}</title><desc id="{name}-text">{words}</desc>{bars}</svg>'
    )


def _bar(label: str, value: float, most: float, unit: str, top: int, kind: str) -> str:
    length = round((_WIDTH - _LEFT - _VALUES) * value / most, 1)
    middle = top + _BAR / 2 + 5
    return (
        f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{label}</text>'
        f'<rect class="chart-{kind}" x="{_LEFT}" y="{top}" width="{length}" height="{_BAR}"/>'
        f'<text x="{_LEFT + length + 6}" y="{middle}">{escape(_short(value, unit))}</text>'
    )


def _short(value: float, unit: str) -> str:
    """The value beside a bar: its unit only where it is a sign or short."""
    return with_unit(value, unit) if unit.startswith("£") or len(unit) <= 8 else written(value)
