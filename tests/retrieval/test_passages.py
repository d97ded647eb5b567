"""A page is cut into passages: nothing is lost, each anchor is unique, and each piece fits the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.content.corpus import Corpus
from indexer.content.lists import Change
from indexer.content.loading import load_corpus
from indexer.content.reading import read
from indexer.content.tree import Body, Heading, words_of
from indexer.model.encoder import TokenCounter, read_info
from indexer.retrieval.passages import UNSEARCHED_SECTIONS, cut, documents, parts_of, parts_of_note, passages
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


def said(body: Body) -> str:
    """All words of a body but its headings' of the levels at which it is cut."""
    kept = [b for b in body.blocks if not (isinstance(b, Heading) and b.level in (2, 3))]
    return " ".join(words.plain for block in kept for words in words_of(block) if words.plain)


def letters(text: str) -> str:
    """A text without signs and spaces."""
    return "".join(sign for sign in text if sign.isalnum())


@pytest.fixture
def small(tmp_path: Path) -> Corpus:
    """The small corpus, loaded."""
    return load_corpus(write_small_corpus(tmp_path))


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "One. Two. Three.\n",
        "## Only a heading\n",
        "a b c d e f g h i j k l m n o p.\n",
        "One.[^a] “Two.” Three!\n\nFour? Five\n",
        "Un.\u2028Deux.\u2029\n## Trois\n\nQuatre.\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n> quoted words here\n",
        "See [the *long* plan](https://example.org/a) now, `some code here` and **so on**. A\\*B &amp; C.\n",
        "1. one two\n    - three four\n2. five\n",
    ],
)
def test_a_cut_loses_nothing_and_knows_where_its_parts_begin(text: str, limit: int) -> None:
    """The parts' texts are the body's words in order, and each part begins in the body where its own first word stands."""
    body = read(text)
    parts = cut(body, words, limit)
    assert " ".join(part.text for part in parts if part.text) == said(body)
    starts = [part.start for part in parts]
    assert starts == sorted(starts) and len(set(starts)) == len(starts)
    for part in parts:
        first = (part.heading if part.first and part.heading else part.text).split()[0]
        assert letters(body.markdown[part.start :]).startswith(letters(first))


@pytest.mark.model
def test_the_cut_of_every_real_page_loses_nothing(corpus: Corpus, encoder_folder: Path) -> None:
    """Every page of the project, cut with the real tokenizer, has all its words in its parts."""
    count = TokenCounter(encoder_folder)
    different = []
    for page in corpus.pages:
        shown = " ".join(part.text for part in parts_of(page, corpus, count, 256))
        if [word for word in said(read(page.body)).split() if word not in shown.split()]:
            different.append(page.slug)
    assert different == []


def test_the_parts_know_their_headings_and_anchors() -> None:
    """A part has its heading and the parser's anchor; text before any heading is the overview."""
    found = [(part.heading, part.anchor, part.first) for part in cut(read(BODY), words, 100)]
    assert found == [
        ("", "overview", True),
        ("The problem", "the-problem", True),
        ("Smaller", "smaller", True),
        ("The problem", "the-problem_1", True),
        ("Brontë's “plan”", "brontes-plan", True),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_anchors_are_unique(limit: int) -> None:
    """No two parts of a page share an anchor, though a heading is repeated or looks like another's second part."""
    body = BODY + "\n## The problem 2\n\nTen eleven. Twelve thirteen.\n\n## Overview\n\nLast.\n"
    anchors = [part.anchor for part in cut(read(body), words, limit)]
    assert len(set(anchors)) == len(anchors)
    assert {"overview", "the-problem", "the-problem_1", "the-problem-2", "overview-2"} <= set(anchors)


def test_a_long_section_is_cut_at_sentence_ends() -> None:
    """A section over the limit is cut after sentences, as late as the limit allows."""
    body = read("## A\n\nOne two three.[^a] Four five. “Six,” seven.\nEight nine ten eleven.\n")
    parts = cut(body, words, 5)
    assert [part.text for part in parts] == ["One two three. Four five.", "“Six,” seven.", "Eight nine ten eleven."]
    assert [(part.anchor, part.first) for part in parts] == [("a", True), ("a-2", False), ("a-3", False)]
    assert [body.markdown[part.start :].split()[0] for part in parts] == ["A", "“Six,”", "Eight"]


@pytest.mark.parametrize("text", ["Costs fell by approx. five per cent of it.", "See s.9 of it, e.g. there, i.e. here."])
def test_a_full_stop_inside_a_sentence_ends_none(text: str) -> None:
    """A full stop before a small letter or inside a number ends no sentence."""
    first = cut(read(f"One two three four five. {text}"), words, 12)[0]
    assert first.text == "One two three four five."


@pytest.mark.parametrize("limit", [3, 5, 16, 64])
def test_one_giant_sentence_is_cut_until_each_piece_fits(limit: int) -> None:
    """A sentence far beyond the limit is halved at spaces until every piece is within it."""
    body = read("word " * 1000 + "end.\n")
    parts = cut(body, words, limit)
    assert max(words(part.text) for part in parts) <= limit
    assert " ".join(part.text for part in parts) == said(body)
    assert {word for part in parts for word in part.text.split()} == {"word", "end."}


def test_a_giant_word_is_cut_in_its_middle() -> None:
    """A word beyond the limit is halved where it stands."""
    parts = cut(read("x" * 40), lambda text: len(text), 16)
    assert [(part.text, part.start) for part in parts] == [("x" * 10, at) for at in (0, 10, 20, 30)]


def test_a_marker_is_never_cut() -> None:
    """A marker stays whole even where what it stands for is beyond the limit, and text beside it is cut off from it."""
    body = read("one two three\n\n<!-- questions: provision -->\n\nfour five six")
    parts = cut(body, words, 2, lambda marker: "long " * 50)
    assert [words(part.text) for part in parts if "long" in part.text] == [50]
    assert " ".join(part.text for part in parts if "long" not in part.text) == "one two three four five six"


def test_an_empty_body_has_no_parts() -> None:
    """Nothing but white space or comments gives no part."""
    assert cut(read(" \n\n"), words, 5) == cut(read("<!-- a\n\nb -->"), words, 5) == []


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
    notes = {note.id for notes in (corpus.duties, corpus.changes, corpus.also_seen) for note in notes}
    assert {passage.document for passage in found} == {page.slug for page in corpus.pages} | notes


def test_documents_are_what_search_knows_of_a_page(small: Corpus) -> None:
    """Each page, duty and change, and what was also seen, is a document, sorted by id, with its kind and its address."""
    assert [(found.id, found.kind, found.url, found.organisation) for found in documents(small)] == [
        ("ashby-units", "case-study", "/case-studies/ashby-units/", "Ashby"),
        ("assessment-test", "duty", "/law/", "The law"),
        ("bronte-headteachers", "case-study", "/case-studies/bronte-headteachers/", "Llŷn and Brontë"),
        ("code-of-practice", "duty", "/law/", "The law"),
        ("goals", "guidance", "/guidance/goals/", "Department for Education"),
        ("naming-a-school", "duty", "/law/", "The law"),
        ("new-law", "change", "/changed-since/", "What has changed"),
        ("places", "guidance", "/guidance/places/", "Department for Education"),
        ("seen-carrow", "also-seen", "/focus-areas/provision/", "Carrow Council"),
    ]


def test_duties_and_changes_have_the_focus_areas_that_name_them(small: Corpus) -> None:
    """A duty has those whose lists hold it; a change those of the guidance pages that it overtakes."""
    areas = {found.id: found.focus_areas for found in documents(small)}
    assert (areas["naming-a-school"], areas["code-of-practice"], areas["new-law"]) == (("provision",), (), ("culture",))


@pytest.mark.parametrize(("limit", "anchors"), [(100, ["new-law"]), (20, ["new-law", "new-law-2"])])
def test_a_long_note_is_cut_with_anchors_of_its_own(small: Corpus, limit: int, anchors: list[str]) -> None:
    """What has changed is cut as pages are; its first part has its id for an anchor, the others that with -2 and so on."""
    change = small.changes[0].model_copy(update={"text": "A White Paper came out then. " * 4})
    assert [part.anchor for part in parts_of_note(change, words, limit)] == anchors


def test_a_change_that_is_not_marked_is_not_searched(small: Corpus) -> None:
    """Only the change whose marker stands in a page reaches its passages; each has one of its own."""
    other = Change.model_validate({**small.changes[0].model_dump(), "id": "other", "text": "Nothing to do with it."})
    found = passages(replace(small, changes=(*small.changes, other)), words, 100)
    assert [passage.id for passage in found if "Nothing to do" in passage.text] == ["other#other"]
