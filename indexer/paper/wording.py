"""The words that pages and papers use for what front matter says."""

from __future__ import annotations

from datetime import date

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


def citations(title: str, checked: date, address: str) -> tuple[str, str]:
    """How to cite a case study: for a list of sources, and for a footnote."""
    return (
        f"High Needs Casebook ({checked.year}) “{title}”, checked {day(checked)}, at {address}",
        f"“{title}” (High Needs Casebook, {day(checked)}) <{address}>",
    )


def day(value: date) -> str:
    """A date as people write it: 23 November 2026."""
    return f"{value.day} {value:%B %Y}"
