"""A before-and-after chart, two bars from zero, as inline SVG: readable without colour, in the dark and in print."""

from __future__ import annotations

from html import escape

from indexer.content.records import NOT_STATED, Figure
from indexer.content.rules import written
from indexer.paper.figures import description, with_unit

_WIDTH, _BAR, _LEFT, _VALUES = 560, 26, 60, 290
"""User units of the drawing: its width, a bar's height, the room for labels on the left and for values on the right."""


def before_after_chart(figure: Figure, name: str, most: float = 0) -> str | None:
    """The chart of a measure, as one line of SVG, or None for a figure that is none.

    Args:
        figure: What was measured; both values are 0 or more.
        name: Unique on the page; the title's and description's ids are made from it.
        most: The value that the longest bar stands for, where several charts share a scale; 0 for this chart's own.
    """
    if figure.kind != "measure" or figure.before is None or figure.after is None:
        return None
    scale = max(figure.before, figure.after, most) or 1
    words = escape(description(figure) or "")
    values = (("Before", figure.before, figure.before_date, "before"), ("After", figure.after, figure.date, "after"))
    bars = "".join(
        _bar(label, value, scale, figure.unit, when, 8 + index * (_BAR + 10), kind)
        for index, (label, value, when, kind) in enumerate(values)
    )
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {_WIDTH} {2 * _BAR + 26}" aria-labelledby="{name}-title {name}-text">'
        f'<title id="{name}-title">{escape(figure.label)}</title><desc id="{name}-text">{words}</desc>{bars}</svg>'
    )


def _bar(label: str, value: float, most: float, unit: str, when: str, top: int, kind: str) -> str:
    length = round((_WIDTH - _LEFT - _VALUES) * value / most, 1)
    middle = top + _BAR / 2 + 5
    dated = "" if when == NOT_STATED else f" ({when})"
    return (
        f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{label}</text>'
        f'<rect class="chart-{kind}" x="{_LEFT}" y="{top}" width="{length}" height="{_BAR}"/>'
        f'<text x="{_LEFT + length + 6}" y="{middle}">{escape(_short(value, unit) + dated)}</text>'
    )


def _short(value: float, unit: str) -> str:
    """The value beside a bar: its unit only where it is a sign or short."""
    return with_unit(value, unit) if unit.startswith("£") or len(unit) <= 8 else written(value)
