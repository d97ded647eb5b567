"""A page and what is taken from it hold the same words: of every case study, and of odd bodies, in every form."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.content.corpus import Corpus
from indexer.content.records import SECTIONS
from indexer.paper.paper import paper_of
from indexer.paper.word import as_word
from tests.paper.said import said_by, said_by_markdown, said_by_page, said_by_word

GROWN = ("The problem", "What to check in your own area", "The law")
"""Sections below which pages list figures, or page and papers list questions and duties."""


def differences(corpus: Corpus, slug: str, page: Path) -> list[str]:
    """Where the forms of a case study differ in their words."""
    paper = paper_of(corpus.case_study(slug), corpus)
    html, file = page.read_text(encoding="utf-8"), as_word([paper], "https://casebook.council.example/")
    found = []
    for heading in SECTIONS:
        expected = said_by(paper, heading)
        forms = {
            "page": said_by_page(html, heading),
            "Markdown": said_by_markdown(paper, heading),
            "Word": said_by_word(file, heading),
        }
        for form, said in forms.items():
            same = said.startswith(expected) if heading in GROWN else said == expected
            if not expected or not same:
                found.append(f"{slug}, {heading}, {form}: {said!r} is not {expected!r}")
    return found


@pytest.mark.slow
@pytest.mark.model
def test_page_and_papers_of_every_case_study_hold_the_same_words(corpus: Corpus, build_folder: Path) -> None:
    """Section by section, word for word: the built page, the paper, its Markdown read again, its Word document."""
    pages = build_folder / "site" / "case-studies"
    found = [
        line for study in corpus.case_studies for line in differences(corpus, study.slug, pages / study.slug / "index.html")
    ]
    assert found == []
