"""A figure in words: with its unit, its dates and what kind of figure it is, as pages, papers and charts say it."""

from __future__ import annotations

from indexer.content.records import NOT_STATED, Figure
from indexer.content.rules import written
from indexer.paper.records import PaperFigure
from indexer.paper.wording import FIGURE_KINDS


def with_unit(value: float | None, unit: str) -> str:
    """A number with its unit: £2.7 million, 35%, 4,000 children; "not stated" for None."""
    if value is None:
        return NOT_STATED
    if unit.startswith("£"):
        return f"£{written(value)}{unit[1:]}"
    return f"{written(value)}%" if unit == "%" else f"{written(value)} {unit}"


def description(figure: Figure) -> str | None:
    """What a figure's chart shows, in words, or None where it has not both a before and an after."""
    if figure.before is None or figure.after is None:
        return None
    dates = [f" ({date})" if date != NOT_STATED else "" for date in (figure.before_date, figure.date)]
    values = [with_unit(value, figure.unit) for value in (figure.before, figure.after)]
    later = "Projected" if figure.kind == "projection" else "After"
    return f"Before{dates[0]}: {values[0]}. {later}{dates[1]}: {values[1]}."


def figure_in_words(figure: Figure) -> PaperFigure:
    """A figure as pages and papers write it; "–" for a value that there is not."""
    both = (figure.before, figure.after) if figure.before is not None and figure.after is not None else None
    from_date = "" if figure.before_date == NOT_STATED else f"{figure.before_date} to "
    return PaperFigure(
        label=figure.label,
        before="–" if figure.before is None else with_unit(figure.before, figure.unit),
        after="–" if figure.after is None else with_unit(figure.after, figure.unit),
        when=f"{from_date}{figure.date}",
        kind=FIGURE_KINDS[figure.kind],
        source=figure.source,
        values=both if figure.kind == "measure" else None,
        description=description(figure),
    )
