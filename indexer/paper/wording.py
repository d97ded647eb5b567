"""The words that pages and papers use for what front matter says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from indexer.content.lists import Council

LICENCE = (
    "Text: MIT, the Casebook's own restatement. Facts: see each source's licence. "
    "Contains public sector information licensed under the Open Government Licence v3.0."
)
RESULTS = {
    "improved": ("Improved", "what was aimed at got better"),
    "mixed": ("Mixed", "some of what was aimed at got better, and some did not"),
    "no-change": ("No change", "what was aimed at stayed as it was"),
    "got-worse": ("Got worse", "what was aimed at got worse"),
    "did-not-last": ("Did not last", "it got better at first, and that was lost again"),
    "too-early": ("Too early to tell", "it was under way, and its effects were not due yet"),
    "projection": ("Not yet known: a projection", "only a forecast of the effect was found"),
    "plan-only": ("Not yet known: a plan", "only a plan or a decision was found"),
    "not-known": ("Not known", "it was done, and what came of it was not found"),
}
"""What came of it: its tag, and what the tag means."""
SAID_BY = {
    "council": "the council says so",
    "independent": "an inspector or other independent says so",
    "press": "the press says so",
}
COUNCIL_KINDS = {
    "county": ("County council", "County councils"),
    "unitary": ("Unitary authority", "Unitary authorities"),
    "metropolitan": ("Metropolitan borough", "Metropolitan boroughs"),
    "london": ("London borough", "London boroughs"),
}
"""The kinds of authority: one, and several."""
FIGURE_KINDS = {
    "measure": "measured before and after",
    "outcome": "measured after",
    "background": "background",
    "input": "put in",
    "projection": "projected or planned",
}
LICENCES = {
    "OGL-3.0": "Open Government Licence v3.0",
    "OPL-3.0": "Open Parliament Licence v3.0",
    "not-stated": "none stated, so facts only",
}
READ_AS = {"stored-excerpt": "as a stored excerpt, not the live page", "full-page": "in full"}


KNOWN = ("improved", "mixed", "no-change", "got-worse", "did-not-last")
"""The results of which somebody says that they are so."""


def told(result: str, said_by: str) -> str:
    """What came of it and, where that is known, who says so, in a line: "Mixed, the council says so"."""
    return f"{RESULTS[result][0]}, {SAID_BY[said_by]}" if result in KNOWN else RESULTS[result][0]


def compared(councils: Sequence[Council], counted: str) -> tuple[str, ...]:
    """What a reader compares councils by, in lines: "County council; 20,635 children and young people with plans in ...".

    More than three councils are told in one line.
    """
    plans = "children and young people with plans"
    if len(councils) > 3:
        kinds = dict.fromkeys(COUNCIL_KINDS[council.kind][1].lower() for council in councils)
        every = sum(council.plans for council in councils)
        return (f"{len(councils)} {' and '.join(kinds)}; {every:,} {plans} in all of them in {counted}",)
    lines = [f"{COUNCIL_KINDS[council.kind][0]}; {council.plans:,} {plans} in {counted}" for council in councils]
    if len(lines) > 1:
        lines = [f"{council.name}: {line[0].lower()}{line[1:]}" for council, line in zip(councils, lines, strict=True)]
    return tuple(lines)


def citations(title: str, checked: date, address: str) -> tuple[str, str]:
    """How to cite a case study: for a list of sources, and for a footnote."""
    return (
        f"High Needs Casebook ({checked.year}) “{title}”, checked {day(checked)}, at {address}",
        f"“{title}” (High Needs Casebook, {day(checked)}) <{address}>",
    )


def day(value: date) -> str:
    """A date as people write it: 23 November 2026."""
    return f"{value.day} {value:%B %Y}"
