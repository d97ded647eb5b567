"""The words that pages and papers use for what front matter says."""

from __future__ import annotations

from datetime import date

LICENCE = (
    "Text: MIT, the Casebook's own restatement. Facts: see each source's licence. "
    "Contains public sector information licensed under the Open Government Licence v3.0."
)
EVIDENCE = {"reported-outcome": "Reported outcome", "projection": "Projection", "plan-only": "Plan only"}
STRENGTH = {"reported-outcome": "●●●", "projection": "●●○", "plan-only": "●○○"}
REPORTED_BY = {"self-reported": "self-reported", "independent": "reported independently"}
LICENCES = {
    "OGL-3.0": "Open Government Licence v3.0",
    "OPL-3.0": "Open Parliament Licence v3.0",
    "not-stated": "none stated, so facts only",
}
READ_AS = {"stored-excerpt": "as a stored excerpt, not the live page", "full-page": "in full"}


def reversals(*, later_reversed: bool, did_not_work: bool) -> list[str]:
    """What must be said of a case study wherever its evidence is told."""
    return ["later reversed"] * later_reversed + ["did not work as hoped"] * did_not_work


def citations(title: str, checked: date, address: str) -> tuple[str, str]:
    """How to cite a case study: for a list of sources, and for a footnote."""
    return (
        f"High Needs Casebook ({checked.year}) “{title}”, checked {day(checked)}, at {address}",
        f"“{title}” (High Needs Casebook, {day(checked)}) <{address}>",
    )


def day(value: date) -> str:
    """A date as people write it: 23 November 2026."""
    return f"{value.day} {value:%B %Y}"
