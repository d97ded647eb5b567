"""A page is cut into passages: nothing is lost, each anchor is unique, and each piece fits the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.content.corpus import Corpus
from indexer.content.lists import Change
from indexer.content.loading import load_corpus
from indexer.content.reading import plain_text, slugify
from indexer.model.encoder import TokenCounter, read_info
from indexer.retrieval.passages import UNSEARCHED_SECTIONS, Part, cut, documents, parts_of, passages
from tests.small_corpus import write_small_corpus

BODY = """\
Before any heading.

## The problem

One two three. Four five six.

### Smaller

- seven
- eight

## The problem

Nine.

## Brontë's “plan”
"""


def words(text: str) -> int:
    """A token counter that a reader can do by hand."""
    return len(text.split())


def whole(parts: list[Part]) -> str:
    """The parts with their headings, put together again."""
    headings = [f"{'#' * part.level} {part.heading}\n" if part.first and part.heading else "" for part in parts]
    return "".join(heading + part.markdown for heading, part in zip(headings, parts, strict=True))


@pytest.fixture
def small(tmp_path: Path) -> Corpus:
    """The small corpus, loaded."""
    return load_corpus(write_small_corpus(tmp_path))


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
@pytest.mark.parametrize(
    "body",
    [
        BODY,
        "One. Two. Three.\n",
        "## Only a heading\n",
        "a b c d e f g h i j k l m n o p.\n",
        "Unbroken" * 50 + "\n",
        "One.[^a] “Two.” Three!\n\nFour? Five\n",
        "Un.\u2028Deux.\u2029\n## Trois\n\nQuatre.\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted words here\n",
    ],
)
def test_a_cut_loses_nothing(body: str, limit: int) -> None:
    """The parts with their headings are the body again, whatever the limit."""
    assert whole(cut(body, words, limit)) == body


@pytest.mark.model
def test_the_cut_of_every_real_page_loses_nothing(corpus: Corpus, encoder_folder: Path) -> None:
    """Every page of the project, cut with the real tokenizer, is whole again from its parts."""
    count = TokenCounter(encoder_folder)
    different = [page.slug for page in corpus.pages if whole(parts_of(page, corpus, count, 256)) != page.body.lstrip()]
    assert different == []


def test_the_parts_know_their_headings_and_anchors() -> None:
    """A part has its heading, its level and its anchor; text before any heading is the overview."""
    found = [(part.heading, part.level, part.anchor, part.first) for part in cut(BODY, words, 100)]
    assert found == [
        ("", 0, "overview", True),
        ("The problem", 2, "the-problem", True),
        ("Smaller", 3, "smaller", True),
        ("The problem", 2, "the-problem-2", True),
        ("Brontë's “plan”", 2, "bronte-s-plan", True),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_anchors_are_unique(limit: int) -> None:
    """No two parts of a page share an anchor, though a heading is repeated or looks like another's second part."""
    body = BODY + "\n## The problem 2\n\nTen eleven. Twelve thirteen.\n\n## Overview\n\nLast.\n"
    anchors = [part.anchor for part in cut(body, words, limit)]
    assert len(set(anchors)) == len(anchors)
    assert {"overview", "the-problem", "the-problem-2", "the-problem-2-2", "overview-2"} <= set(anchors)


def test_a_repeated_heading_gets_a_number() -> None:
    """The second section of a name gets -2, the third -3."""
    assert [part.anchor for part in cut("## A\n\nx\n\n## A\n\ny\n\n## A\n\nz\n", words, 9)] == ["a", "a-2", "a-3"]


def test_a_long_section_is_cut_at_sentence_ends() -> None:
    """A section over the limit is cut after sentences, as late as the limit allows, with its footnotes kept on."""
    body = "## A\n\nOne two three.[^a] Four five. “Six,” seven.\nEight nine ten eleven.\n"
    parts = cut(body, words, 5)
    assert [part.markdown for part in parts] == [
        "\nOne two three.[^a] Four five. ",
        "“Six,” seven.\n",
        "Eight nine ten eleven.\n",
    ]
    assert [(part.anchor, part.first) for part in parts] == [("a", True), ("a-2", False), ("a-3", False)]


@pytest.mark.parametrize("text", ["Costs fell by approx. five per cent of it.", "See s.9 of it, e.g. there, i.e. here."])
def test_a_full_stop_inside_a_sentence_ends_none(text: str) -> None:
    """A full stop before a small letter or inside a number ends no sentence."""
    first = cut(f"One two three four five. {text}", words, 12)[0]
    assert first.markdown == "One two three four five. "


@pytest.mark.parametrize("limit", [3, 5, 16, 64])
def test_one_giant_sentence_is_cut_until_each_piece_fits(limit: int) -> None:
    """A sentence far beyond the limit is halved at spaces until every piece is within it."""
    body = "word " * 1000 + "end.\n"
    parts = cut(body, words, limit)
    assert max(words(part.markdown) for part in parts) <= limit
    assert whole(parts) == body
    assert {word for part in parts for word in part.markdown.split()} == {"word", "end."}


def test_a_giant_word_is_cut_in_its_middle() -> None:
    """A word beyond the limit is halved where it stands."""
    parts = cut("x" * 40, lambda text: len(text), 16)
    assert [part.markdown for part in parts] == ["x" * 10] * 4


def test_a_marker_is_never_cut() -> None:
    """A marker stays whole even where what it stands for is beyond the limit, and text beside it is cut off from it."""
    marker = "<!-- questions: provision -->"
    parts = cut(f"one two three {marker} four five six", words, 2, lambda text: text.replace(marker, "long " * 50))
    assert [part.markdown for part in parts if "<!--" in part.markdown] == [f"{marker}"]
    assert whole(parts) == f"one two three {marker} four five six"


def test_an_empty_body_has_no_parts() -> None:
    """Nothing but white space gives no part."""
    assert cut(" \n\n", words, 5) == []


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What they did", "what-they-did"),
        ("Brontë & Llŷn", "bronte-llyn"),
        ("  “Quoted”?  ", "quoted"),
        ("0 to 25", "0-to-25"),
        ("日本", "section"),
    ],
)
def test_a_heading_becomes_an_anchor(heading: str, anchor: str) -> None:
    """An anchor is of small ASCII letters, digits and hyphens; where nothing is left it is "section"."""
    assert slugify(heading) == anchor


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("One.[^a] Two.[^b][^c]", "One. Two."),
        ("See [the *law*](https://example.org/a) now.", "See the law now."),
        ("![A map](map.png)", "A map"),
        ("**Strong**, _soft_ and `code`", "Strong, soft and code"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("- one\n* two\n1. three\n> four", "one two three four"),
        ("A <!-- hidden\nwords --> B", "A B"),
        ("Line one\nline two\n\nNaïve Llŷn", "Line one line two Naïve Llŷn"),
        ("", ""),
    ],
)
def test_plain_text_is_what_a_reader_would_say(markdown: str, text: str) -> None:
    """Footnotes, addresses, emphasis, list marks and comments are gone; the words and their letters stay."""
    assert plain_text(markdown) == text


def test_the_sections_that_tell_nothing_are_not_searched(small: Corpus) -> None:
    """Each searched section gives a passage; the lead-ins to questions and duties give none."""
    found = passages(small, words, 100)
    assert [passage.id for passage in found if passage.document == "ashby-units"] == [
        "ashby-units#caveats-and-what-happened-later",
        "ashby-units#the-problem",
        "ashby-units#what-changed",
        "ashby-units#what-they-did",
    ]
    assert {passage.heading for passage in found} & set(UNSEARCHED_SECTIONS) == set()


def test_passages_stand_in_the_order_of_their_ids(small: Corpus) -> None:
    """Passages are sorted by id and ids are unique."""
    ids = [passage.id for passage in passages(small, words, 100)]
    assert ids == sorted(set(ids))


def test_a_passage_says_what_page_it_is_of(small: Corpus) -> None:
    """The context is title, organisation and heading; text before any heading is called the overview."""
    found = {passage.id: passage for passage in passages(small, words, 100)}
    study, page = found["ashby-units#what-they-did"], found["goals#overview"]
    assert study.context == "Units beside schools (Ashby). What they did"
    assert study.text == "The council opened 40 places beside its schools."
    assert (page.context, page.heading, page.text) == ("The goals.", "Overview", "The chair introduces the goals.")


def test_markers_are_searched_as_what_the_site_shows(small: Corpus) -> None:
    """A marker's passage holds the questions, or what has changed since."""
    found = {passage.id: passage.text for passage in passages(small, words, 100)}
    assert found["places#questions-to-consider"] == "Do we have enough places?"
    assert found["goals#one-mission"] == (
        "Leaders share one mission. Since then: A White Paper came out. Every council has the same focus."
    )


def test_what_is_embedded_fits_the_model_context_included(small: Corpus) -> None:
    """However long a page is, a passage with its context and the model's two marks is within the model's limit."""
    page = replace(small.guidance[0], body="## One mission\n\n" + "Leaders share it. " * 200)
    found = passages(replace(small, guidance=(page,)), words, 40)
    lengths = [words(passage.embedded_text) + 2 for passage in found if passage.document == page.slug]
    assert len(lengths) > 10
    assert max(lengths) <= 40


@pytest.mark.model
def test_every_real_passage_is_read_whole_by_the_model(corpus: Corpus, encoder_folder: Path) -> None:
    """With the real tokenizer every passage of the project, context and marks included, is within the model's limit."""
    count, limit = TokenCounter(encoder_folder), read_info(encoder_folder).max_tokens
    found = passages(corpus, count, limit)
    assert [passage.id for passage in found if count(passage.embedded_text) + 2 > limit] == []
    assert {passage.document for passage in found} == {page.slug for page in corpus.pages}


def test_documents_are_what_search_knows_of_a_page(small: Corpus) -> None:
    """Each page is a document, sorted by id, with its kind and its address."""
    assert [(found.id, found.kind, found.url, found.organisation) for found in documents(small)] == [
        ("ashby-units", "case-study", "/case-studies/ashby-units/", "Ashby"),
        ("bronte-headteachers", "case-study", "/case-studies/bronte-headteachers/", "Llŷn and Brontë"),
        ("goals", "guidance", "/guidance/goals/", "Department for Education"),
        ("places", "guidance", "/guidance/places/", "Department for Education"),
    ]


def test_a_change_that_is_not_marked_is_not_searched(small: Corpus) -> None:
    """Only the change whose marker stands in a page reaches its passages."""
    other = Change.model_validate({**small.changes[0].model_dump(), "id": "other", "text": "Nothing to do with it."})
    found = passages(replace(small, changes=(*small.changes, other)), words, 100)
    assert [passage.id for passage in found if "Nothing to do" in passage.text] == []
