"""A before-and-after chart, two bars from zero, as inline SVG: readable without colour, in the dark and in print."""

from __future__ import annotations

from html import escape

from indexer.content.records import NOT_STATED, Figure
from indexer.paper.figures import description, with_unit

_WIDTH, _WORDS, _BAR, _GAP = 400, 22, 22, 12
"""User units of the drawing: its width, the height of a line of words, of a bar, and of the space below it."""


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
        _bar(label, value, scale, figure.unit, when, index * (_WORDS + _BAR + _GAP), kind)
        for index, (label, value, when, kind) in enumerate(values)
    )
    height = 2 * (_WORDS + _BAR + _GAP)
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {_WIDTH} {height}" aria-labelledby="{name}-title {name}-text">'
        f'<title id="{name}-title">{escape(figure.label)}</title><desc id="{name}-text">{words}</desc>{bars}</svg>'
    )


def _bar(label: str, value: float, most: float, unit: str, when: str, top: int, kind: str) -> str:
    """A bar below its words, which say what it is, when, and how much."""
    length = round((_WIDTH - 2) * value / most, 1)
    dated = "" if when == NOT_STATED else f" ({when})"
    return (
        f'<text x="0" y="{top + _WORDS - 6}">{escape(f"{label}{dated}: {with_unit(value, unit)}")}</text>'
        f'<rect class="chart-{kind}" x="1" y="{top + _WORDS}" width="{length}" height="{_BAR}"/>'
    )
