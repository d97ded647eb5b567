"""indexer.catalogue: the library as CSV, JSON and a feed."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree

from indexer.content.corpus import Corpus
from indexer.paper.wording import LICENCE
from indexer.site import catalogue

ATOM = "{http://www.w3.org/2005/Atom}"


def test_csv_holds_every_case_study_and_documented_field(corpus: Corpus) -> None:
    """The CSV has one row a case study, each with the documented fields and the licence line."""
    rows = list(csv.DictReader(io.StringIO(catalogue.as_csv(corpus), newline="")))
    assert [row["slug"] for row in rows] == [study.slug for study in corpus.case_studies]
    assert list(rows[0]) == list(catalogue.FIELDS)
    assert {row["licence"] for row in rows} == {LICENCE}


def test_json_says_the_same_as_the_csv(corpus: Corpus) -> None:
    """The JSON carries licence, field meanings and the same titles and sources as the CSV."""
    data = json.loads(catalogue.as_json(corpus))
    rows = list(csv.DictReader(io.StringIO(catalogue.as_csv(corpus), newline="")))
    assert (data["licence"], data["fields"]) == (LICENCE, catalogue.FIELDS)
    assert [record["title"] for record in data["case_studies"]] == [row["title"] for row in rows]
    assert [" ".join(record["sources"]) for record in data["case_studies"]] == [row["sources"] for row in rows]


def test_llms_names_every_page_once(corpus: Corpus) -> None:
    """llms.txt leads to each focus area, guidance page and case study once, and says how a figure may be quoted."""
    text = catalogue.as_llms(corpus)
    links = re.findall(r"^- \[[^]]+\]\(([^)]+)\)", text, re.MULTILINE)
    expected = [f"focus-areas/{area.slug}/" for area in corpus.focus_areas]
    expected += [f"guidance/{page.slug}/" for page in corpus.guidance]
    expected += [f"case-studies/{study.slug}/" for study in corpus.case_studies]
    assert links == [*expected, "catalogue.json", "api/"]
    assert "only with its source" in text


def test_feed_is_atom_with_one_entry_a_case_study(corpus: Corpus) -> None:
    """The feed is well-formed Atom; each entry has an id of its own, a link and a date, last checked first."""
    feed = ElementTree.fromstring(catalogue.as_feed(corpus))
    entries = feed.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries) == len(corpus.case_studies)
    links = {link.get("href") for entry in entries for link in entry.findall(f"{ATOM}link")}
    assert links == {f"case-studies/{study.slug}/" for study in corpus.case_studies}
    dates = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert dates == sorted(dates, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == dates[0]


def test_same_content_same_bytes(corpus: Corpus) -> None:
    """Nothing in the three files depends on when they are written."""
    for write in (catalogue.as_csv, catalogue.as_json, catalogue.as_feed):
        assert write(corpus) == write(corpus)
