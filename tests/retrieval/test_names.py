"""Names in a query, and which names a corpus has."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.content.corpus import Corpus
from indexer.content.loading import load_corpus
from indexer.retrieval.names import Name, NameKind, Names
from indexer.retrieval.naming import names_of
from tests.small_corpus import write_small_corpus


def name(label: str, kind: NameKind, *forms: str, pages: tuple[str, ...] = ("one",)) -> Name:
    return Name(label=label, kind=kind, forms=forms or (label.lower(),), pages=pages, url="")


NAMES = Names(
    (
        name("Croydon", "council"),
        name("Hammersmith and Fulham", "council", "hammersmith and fulham", "lbhf"),
        name("Reading", "council"),
        name("Kent", "council", "kent", "kcc"),
        name("South West", "region"),
        name("Ofsted", "source"),
        name("2019", "year"),
        name("Case study 7", "guidance-case-study", "case study 7"),
    )
)


@pytest.mark.parametrize(
    ("query", "labels", "rest"),
    [
        ("Croydon", ["Croydon"], ""),
        ("croydon council", ["Croydon"], ""),
        ("what has Croydon done?", ["Croydon"], ""),
        ("Hammersmith & Fulham", ["Hammersmith and Fulham"], ""),
        ("London Borough of Hammersmith and Fulham", ["Hammersmith and Fulham"], ""),
        ("LBHF", ["Hammersmith and Fulham"], ""),
        ("Croydon clusters", ["Croydon"], "clusters"),
        ("Kent vs Croydon on transport", ["Kent", "Croydon"], "vs on transport"),
        ("KCC transport", ["Kent"], "transport"),
        ("Reading", ["Reading"], ""),
        ("reading", ["Reading"], ""),
        ("reading borough council", ["Reading"], ""),
        ("phonics and reading", [], "phonics and reading"),
        ("Reading interventions", [], "Reading interventions"),
        ("bases in Reading", ["Reading"], "bases in"),
        ("South West", ["South West"], ""),
        ("south west travel", [], "south west travel"),
        ("Ofsted 2019", ["Ofsted", "2019"], ""),
        ("Ofsted said we are slow", [], "Ofsted said we are slow"),
        ("case study 7", ["Case study 7"], ""),
        ("the guidance's case study no. 13", ["Case study 13"], "the guidance's"),
        ("potholes", [], "potholes"),
        ("", [], ""),
    ],
)
def test_names_are_found(query: str, labels: list[str], rest: str) -> None:
    """The longest form counts; a word spelt like a name is none; other names count only where nothing else is asked for."""
    found = NAMES.found_in(query)
    assert ([each.label for each in found.names], found.rest) == (labels, rest)


def test_a_number_that_there_is_not_leads_to_no_page() -> None:
    """The guidance has twelve case studies."""
    assert NAMES.found_in("case study 13").names[0].pages == ()
    assert NAMES.found_in("case study 7").names[0].pages == ("one",)


def test_the_names_of_a_corpus(tmp_path: Path) -> None:
    """Councils with their other names and initials, regions, numbers, sources and years, and the pages of each."""
    found = {made.label: made for made in names_of(load_corpus(write_small_corpus(tmp_path)))}
    assert found["Ashby"].forms == ("ashby",)
    assert found["Ashby"].pages == ("ashby-units",)
    assert found["Llŷn and Brontë"].forms == ("llŷn and brontë", "brontë", "lbcc", "l and b")
    assert found["East Midlands"].pages == ("ashby-units",)
    assert found["Case study 12"].pages == ("ashby-units",)
    assert found["2022"].pages == ("ashby-units", "bronte-headteachers")


def test_every_council_is_found_by_each_of_its_names(corpus: Corpus) -> None:
    """Each of the 153, as it is written, with "council", with "&", and in capitals; a form never means two councils."""
    made = names_of(corpus)
    names = Names(made)
    councils = [each for each in made if each.kind == "council"]
    assert len(councils) == 153
    for council in councils:
        for form in council.forms:
            for written in (
                form,
                f"{form} council",
                form.replace(" and ", " & "),
                form.upper(),
                f"what has {form.title()} done",
            ):
                found = names.found_in(written)
                assert ([each.label for each in found.names], found.rest) == ([council.label], ""), written
    held = {study.slug for study in corpus.case_studies}
    assert held == {page for each in councils for page in each.pages} & held
