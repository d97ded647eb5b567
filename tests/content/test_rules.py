"""Each rule of a body, with cases that must fail and cases that must pass."""

from __future__ import annotations

import pytest
import yaml

from indexer.content import rules
from indexer.content.reading import read
from indexer.content.records import SECTIONS, CaseStudyMatter, Figure
from tests.small_corpus import CASE_STUDY

GOOD = "".join(f"## {heading}\n\nText.\n\n" for heading in SECTIONS)


def figure(before: float | None, after: float | None = None) -> Figure:
    """A figure of which only the numbers matter."""
    return Figure(label="Places", before=before, after=after, unit="places", kind="background", source="committee")


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("It opened 40 places.", ["40"]),
        ("Plans rose from 1,500 to 3,000.", ["1,500", "3,000"]),
        ("Spending was £14.5m.", ["14.5"]),
        ("It saved £2000 a week.", ["2000"]),
        ("Requests fell by 35%.", ["35"]),
        ("In 2021 it opened 40 places.", ["40"]),
        ("In three years 90 places were added.", ["90"]),
        ("Over two years 7 schools joined.", ["7"]),
        ("Year 7 lost 20 pupils.", ["20"]),
        ("Of children aged 5 to 7, 12 moved.", ["12"]),
        ("Of 3-year-olds, 54% were on track.", ["54"]),
        ("At key stage 2 it helped 61 pupils.", ["61"]),
        ("Under section 36 it refused 9 requests.", ["9"]),
        ("On 29 April 2021 it had 280 places.", ["280"]),
        ("Llŷn has 40 ysgolion.", ["40"]),
        ("Plazas: ４０.", ["４０"]),
        ("The 2,014 plans were reviewed.", ["2,014"]),
        ("The figure is 2020%.", ["2020"]),
    ],
)
def test_a_figure_is_found(text: str, figures: list[str]) -> None:
    """A number that says how much or how many is a figure, whatever numbers that are none stand beside it."""
    assert rules.figures_in(text) == figures


@pytest.mark.parametrize(
    "text",
    [
        "No numbers at all, naïvely or not.",
        "In 2021 it began.",
        "From 2019 to 2025 it ran.",
        "In 2019/20 and 2020-21 and 2022–23 it ran.",
        "In 2019/2020 it ran.",
        "On 29 April 2021 it was agreed.",
        "On 1 May it was agreed.",
        "It is for ages 5 to 11 and for those aged 16.",
        "It is for children aged 0-5 and aged 3 and 4.",
        "It is for 16-year-olds and for 19 to 25 year olds.",
        "It is for young people of 0 to 25.",
        "It is for key stage 2, key stages 3 and 4, and KS1.",
        "It is for Year 7, years 5 and 6, Y9 and year groups 10 to 11.",
        "Sections 36 and 37 and section 42 say so, as do regulation 5 and part 3.",
        "Chapter 9 says so.",
        "Phase 2 followed round 1 and stage 3.",
    ],
)
def test_a_number_that_is_no_figure_is_let_be(text: str) -> None:
    """Dates, school and financial years, ages, key stages, year groups and sections of acts are no figures."""
    assert rules.figures_in(text) == []


@pytest.mark.parametrize(
    ("body", "unsourced"),
    [
        ("It opened 40 places.", [(1, ["40"])]),
        ("It opened 40 places.[^committee]", []),
        ("It opened 40 places.\nIt paid £3m for them.[^committee]", []),
        ("It opened 40 places.[^committee]\n\nIt paid £3m for them.", [(3, ["3"])]),
        ("- It opened 40 places.\n- It paid £3m.[^committee]", [(1, ["40"])]),
        ("It did this:\n\n1. opened 40 places\n2. paid £3m[^committee]", [(3, ["40"])]),
        ("It did this:\n\n* opened 40 places,\n  of which 5 are small[^committee]", []),
        ("## In 40 schools\n\nIt began.", []),
        ("<!-- questions: provision -->\n\nIt began in 2021.", []),
        ("In Llŷn 40 began.", [(1, ["40"])]),
        ("A source stands here.[^report-40]", []),
        ("See [the plan](https://example.org/40).", []),
        ("Some.\n\n| Year | Places |\n|---|---|\n| 2023 | 40[^committee] |\n| 2024 | 50 |", [(6, ["50"])]),
    ],
)
def test_a_block_with_a_figure_has_a_footnote(body: str, unsourced: list[tuple[int, list[str]]]) -> None:
    """A paragraph, list item or row that states a figure without a footnote is found, by its line and its figures."""
    assert list(rules.unsourced_figures(read(body))) == unsourced


@pytest.mark.parametrize(
    ("body", "line", "shown", "cure"),
    [
        ("One.\n\n<div>Two.</div>", 3, "<div>Two.</div>", "no HTML"),
        ("One.\n\nTwo<br>three.", 3, "<br>", "no HTML"),
        ("One.\n\nTwo <!-- questions: a --> three.", 3, "<!-- questions: a -->", "a marker on a line of its own"),
        ("One.\n\n#BetterTogether was its name.", 3, "#BetterTogether was its name.", "## and a space"),
        ("One.\n\nIt did this:\n- two", 4, "- two", "an empty line before a list"),
        ("One.\n\nIt did this:\n•\ttwo", 4, "•   two", "an empty line before a list"),
        ("One.\n\nIt did this:\n1. two", 4, "1. two", "an empty line before a list"),
        ("One ![a chart](chart.png).", 1, "chart.png", "no pictures"),
        ("One.[^a]\n\n[^a]: A source.", 1, "[^a]:", "sources stand in the front matter"),
    ],
)
def test_what_the_page_would_not_show_as_it_was_meant_is_told(body: str, line: int, shown: str, cure: str) -> None:
    """HTML, a heading of the first level, items run together, pictures, footnotes' texts: line, what stands there, cure."""
    (fault,) = rules.form_faults(read(body))
    assert (fault[0], fault[1]) == (line, shown)
    assert cure in fault[2]


@pytest.mark.parametrize(
    "body",
    [
        "One &pound;5, A\\*B, *two* and **three**.\n\n- four\n    - five\n\n1. six\n2. seven",
        "<!-- a note to ourselves\n\nof two paragraphs -->\n\nOne <!-- hidden --> two.",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted\n\n### Smaller\n\nIt ran 2019-20 - a year.",
    ],
)
def test_ordinary_markdown_is_let_be(body: str) -> None:
    """Entities, escapes, emphasis, lists with an empty line before, tables, quotes, comments and dashes have no fault."""
    assert list(rules.form_faults(read(body))) == []


def test_the_sections_in_order_have_no_fault() -> None:
    """Six headings in order, with text under each and smaller headings between, are as they should be."""
    assert rules.section_faults(read(GOOD)) is None
    assert rules.section_faults(read(GOOD.replace("Text.", "### Smaller\n\nText.", 1))) is None


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "the headings are missing"),
        ("Text.", "the headings are missing"),
        (GOOD.replace("## The law\n\nText.\n\n", ""), f"the headings are {[h for h in SECTIONS if h != 'The law']}"),
        (
            GOOD.replace("## The law", "## La loi à part"),
            f"the headings are {[*SECTIONS[:4], 'La loi à part', SECTIONS[5]]}",
        ),
        (GOOD + "## The law\n\nText.\n", f"the headings are {[*SECTIONS, 'The law']}"),
        (GOOD.replace("## The law", "### The law"), f"the headings are {[h for h in SECTIONS if h != 'The law']}"),
        (GOOD.replace("## The law\n\nText.", "## The law"), "nothing stands under ['The law']"),
        ("Before.\n\n" + GOOD, "text stands before the first heading"),
    ],
)
def test_a_fault_in_the_sections_is_told(body: str, fault: str) -> None:
    """A heading missing, wrong, repeated or too small, an empty section and text before the first are each told."""
    assert rules.section_faults(read(body)) == fault


@pytest.mark.parametrize(
    ("period", "before", "after", "astray"),
    [
        ("2019 to 2022", "2018", "2023", False),
        ("2019 to 2022", "2019", "2022", False),
        ("2019 to 2022", "2023", "2024", True),
        ("2019 to 2022", "2015", "2018", True),
        ("2019 to 2022", "2022", "2019", True),
        ("2019 to 2022", "not stated", "not stated", False),
        ("undated", "March 2021", "2020", True),
    ],
)
def test_a_measure_straddles_the_action(period: str, before: str, after: str, astray: bool) -> None:
    """The dates of a measure lie around the period, in their order, as far as years are stated; those of others anywhere."""
    measure = Figure(
        label="Places", before=1, after=2, unit="places", before_date=before, date=after, kind="measure", source="s"
    )
    assert list(rules.measures_astray(period, [measure])) == ([(0, f"{before} to {after}")] if astray else [])
    assert list(rules.measures_astray(period, [measure.model_copy(update={"kind": "background"})])) == []


@pytest.mark.parametrize(
    ("result", "body", "missing"),
    [
        ("improved", GOOD, "a measure in figures, or a sentence with a footnote under What changed"),
        ("plan-only", GOOD, "a measure in figures, or a sentence with a footnote under What they did"),
        ("improved", GOOD.replace("## What changed\n\nText.", "## What changed\n\nText.[^a]"), None),
        ("plan-only", GOOD.replace("## What they did\n\nText.", "## What they did\n\nText.[^a]"), None),
        ("not-known", GOOD, None),
        ("too-early", GOOD, None),
    ],
)
def test_a_result_has_its_evidence(result: str, body: str, missing: str | None) -> None:
    """Any result but not known and too early rests on a measure, or on a cited sentence where it is told."""
    data = {**yaml.safe_load(CASE_STUDY.split("---")[1]), "result": result}
    assert rules.result_fault(CaseStudyMatter.model_validate(data), read(body)) == missing


@pytest.mark.parametrize(
    ("body", "unknown", "unused"),
    [
        ("One.[^a] Two.[^b]", [], []),
        ("One.[^a][^b]", [], []),
        ("One.[^a]", [], ["b"]),
        ("One.[^a] Two.[^b] Three.[^c] Four.[^c]", ["c"], []),
        ("One.[^é]", ["é"], ["a", "b"]),
        ("[^a", [], ["a", "b"]),
    ],
)
def test_footnotes_and_sources_fit_each_other(body: str, unknown: list[str], unused: list[str]) -> None:
    """A footnote that names no source and a source that no footnote names are found, each once."""
    assert rules.footnote_faults(read(body), ["a", "b"]) == (unknown, unused)


@pytest.mark.parametrize(("value", "text"), [(4000, "4,000"), (35.0, "35"), (5.3, "5.3"), (1234.5, "1,234.5"), (0, "0")])
def test_a_figure_is_written_as_people_write_it(value: float, text: str) -> None:
    """Thousands are parted by commas, and no empty decimals stand."""
    assert rules.written(value) == text


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (40, "It opened 40 places."),
        (4000, "It has 4,000 plans."),
        (4000, "It has 4000 plans."),
        (2.7, "It cost £2.7m."),
        (2.5, "It cost £2.50 each."),
        (35, "It rose by 35.0%."),
        (-5, "It fell by 5%."),
        (0, "It had 0 places."),
        (40, "Agorwyd 40 o leoedd yn Llŷn."),
    ],
)
def test_a_figure_that_the_body_states_passes(value: float, body: str) -> None:
    """A figure is stated where its number stands in the body, with or without commas, sign and empty decimals."""
    assert list(rules.figures_not_in_body([figure(value)], read(body))) == []


@pytest.mark.parametrize(
    ("value", "body", "shown"),
    [
        (40, "It opened forty places.", "40"),
        (40, "It opened 400 places and 140 more.", "40"),
        (2.75, "It cost £2.8m.", "2.75"),
        (35.04, "It rose by 35.0%.", "35.04"),
        (4000, "It opened 40 places.[^report-4000]", "4,000"),
        (4, "It has 4,000 plans.", "4"),
    ],
)
def test_a_figure_that_the_body_does_not_state_is_found(value: float, body: str, shown: str) -> None:
    """Words, other numbers, rounded numbers and footnotes do not state a figure."""
    assert list(rules.figures_not_in_body([figure(7), figure(None, value)], read("There are 7. " + body))) == [(1, shown)]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ("See [it](other-page.md).", ["other-page.md"]),
        ("See [it](other-page.md#the-law).", ["other-page.md"]),
        ('See [it](other-page.md "A title").', ["other-page.md"]),
        ("See [Llŷn](../docs/llŷn.md) and [b](b.md).", ["../docs/llŷn.md", "b.md"]),
        ("See [it](https://example.org/a.md), [mail](mailto:a@example.org) and [below](#below).", []),
        ("A picture ![of it](picture.png) and a note.[^a](b)", []),
        ("No links (at all).", []),
    ],
)
def test_links_between_files_are_found(body: str, paths: list[str]) -> None:
    """Links to files of the project are found without their anchors; web addresses, mail and pictures are let be."""
    assert list(rules.project_links(read(body))) == paths


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("<!-- questions: sen-support -->", ["sen-support"]),
        ("<!--questions:a-->\n\ntext\n\n<!--  questions:  b  -->", ["a", "b"]),
        ("text <!-- questions: a -->", []),
        ("<!-- overtaken: a -->", []),
        ("<!-- a comment -->", []),
        ("questions: a", []),
        ("<!-- questions: é -->", []),
    ],
)
def test_markers_are_found_by_their_name(body: str, found: list[str]) -> None:
    """A marker is a comment of a name and an id; only those of the name asked for are given, in order."""
    assert rules.markers(read(body), "questions") == found
