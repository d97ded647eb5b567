"""indexer.chart: numbers with units, and two bars that a reader can measure."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from indexer.content.records import Figure, FigureKind
from indexer.paper.figures import description, with_unit
from indexer.site.chart import before_after_chart

SVG = "{http://www.w3.org/2000/svg}"


def figure(before: float | None, after: float | None, *, unit: str = "%", kind: FigureKind = "measure") -> Figure:
    return Figure(label="Plans < due", before=before, after=after, unit=unit, date="2024", kind=kind, source="s")


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (35, "%", "35%"),
        (4000, "children", "4,000 children"),
        (2.7, "£ million", "£2.7 million"),
        (479000, "£", "£479,000"),
        (None, "%", "not stated"),
    ],
)
def test_with_unit(value: float | None, unit: str, words: str) -> None:
    """A number is written with its unit as people write it."""
    assert with_unit(value, unit) == words


@pytest.mark.parametrize(("before", "after"), [(None, 5), (5, None), (1, 5)])
@pytest.mark.parametrize("kind", ["outcome", "background", "input", "projection"])
def test_only_measures_are_drawn(before: float | None, after: float | None, kind: FigureKind) -> None:
    """What is background, input, outcome alone or projection is not drawn as before and after."""
    assert before_after_chart(figure(before, after, kind=kind), "c") is None


def test_charts_of_one_series_share_a_scale() -> None:
    """With a largest value given, a bar's length is its share of that."""
    svg = before_after_chart(figure(20, 40), "c", 80)
    assert svg
    alone = before_after_chart(figure(20, 80), "c")
    assert alone
    lengths = [[float(bar.get("width", "")) for bar in parsed(one).iter(f"{SVG}rect")] for one in (svg, alone)]
    assert lengths[0][1] == pytest.approx(lengths[1][1] / 2, abs=0.1) and lengths[0][0] == lengths[1][0]


def test_bars_carry_their_dates() -> None:
    """The words above a bar say what it is, when, and how much; where no date is stated, none stands."""
    svg = before_after_chart(figure(20, 80), "c")
    assert svg
    assert [text.text for text in parsed(svg).iter(f"{SVG}text")] == ["Before: 20%", "After (2024): 80%"]


def test_bars_stand_to_each_other_as_the_values() -> None:
    """The bars' lengths are in the ratio of the values, from zero."""
    svg = before_after_chart(figure(20, 80), "c")
    assert svg
    before, after = (float(bar.get("width", "")) for bar in parsed(svg).iter(f"{SVG}rect"))
    assert before / after == pytest.approx(0.25, abs=0.001)


def test_two_zeros_are_drawn() -> None:
    """Two zeros give two bars of no length and no error."""
    svg = before_after_chart(figure(0, 0), "c")
    assert svg
    assert [bar.get("width") for bar in parsed(svg).iter(f"{SVG}rect")] == ["0.0", "0.0"]


def test_title_and_description_say_all_that_is_drawn() -> None:
    """A screen reader hears what was measured, both values and their dates; markup in a label stays text."""
    svg = before_after_chart(figure(20, 80), "c")
    assert svg
    root = parsed(svg)
    assert root.get("aria-labelledby") == "c-title c-text"
    assert root.findtext(f"{SVG}title") == "Plans < due"
    assert root.findtext(f"{SVG}desc") == "Before: 20%. After (2024): 80%."


def test_a_projection_is_called_so() -> None:
    """A projected value is called Projected in words, and never After."""
    assert description(figure(20, 80, kind="projection")) == "Before: 20%. Projected (2024): 80%."
