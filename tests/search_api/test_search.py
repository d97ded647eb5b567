"""The one use case, over hand-made pages: which pages are hits, in which order and why, and what is said of each."""

from __future__ import annotations

from math import exp, sqrt

import pytest
from pytest import approx

from indexer.content.lists import Term, Topic
from search_api.answer import Answer, SearchRequest
from search_api.search import UnknownFocusAreaError
from tests.small_casebook import FOCUS_AREAS, Page, request, searcher_over

SCHOOLS_AND_PLANS = (
    Page("both", ("school plan",), areas=("two", "one")),
    Page("one-word", ("school",), areas=("three",), kind="guidance"),
    Page("other", ("money",)),
)
"""For "school plan": cosines 1, 1/√2 and 0; "both" shares two words, "one-word" one, "other" none."""


def slugs(answer: Answer) -> list[str]:
    return [hit.id for hit in answer.hits]


def test_order_with_its_reasons() -> None:
    """Pages come by their fused score, and each score is what its cosine and its keywords give by hand."""
    answer = searcher_over(*SCHOOLS_AND_PLANS, floor=-1).search(request("school plan"))
    assert slugs(answer) == ["both", "one-word", "other"]
    # BM25 over title, summary (each twice) and text: "both" 0.7346, "one-word" 0.1521 (its title is a compound
    # too), "other" 0. So keywords 1, 0.2070, 0.
    assert [hit.why.meaning for hit in answer.hits] == approx([1.0, 1 / sqrt(2), 0.0], abs=1e-6)
    assert [hit.why.keywords for hit in answer.hits] == approx([1.0, 0.2070, 0.0], abs=1e-4)
    assert [hit.why.terms for hit in answer.hits] == [["school", "plan"], ["school"], []]
    # The least is 0 and the largest 1 already, so normalising changes nothing: 0.7 x 0.7071 + 0.3 x 0.2070 = 0.5571.
    assert [hit.score for hit in answer.hits] == approx([1.0, 0.5571, 0.0], abs=1e-4)


def test_keywords_part_pages_of_equal_meaning() -> None:
    """Of two pages equally near in meaning, the one that shares a rare word comes first."""
    pages = (Page("a-plain", ("school",)), Page("b-exact", ("school hydrotherapy",)), Page("c-other", ("money",)))
    answer = searcher_over(*pages).search(request("school hydrotherapy"))
    assert slugs(answer) == ["b-exact", "a-plain"]
    assert [hit.why.meaning for hit in answer.hits] == [1.0, 1.0]


def test_what_is_said_of_a_hit() -> None:
    """A hit carries its page's particulars, and its address ends in the anchor of the passage shown."""
    hit = searcher_over(*SCHOOLS_AND_PLANS).search(request("school plan")).hits[0]
    assert hit.model_dump(exclude={"score", "why"}) == {
        "id": "both",
        "kind": "case-study",
        "title": "Title of both",
        "summary": "Summary of both",
        "organisation": "Council of both",
        "url": "/pages/both/#part-1",
        "focus_areas": ["two", "one"],
        "evidence": None,
        "passage": {"heading": "Part 1", "text": "school plan", "nearest": (0, 11), "highlights": [(0, 6), (7, 11)]},
        "close": True,
        "part": None,
    }


def test_what_was_searched() -> None:
    """The answer says which artefact it comes from, and how long it took."""
    answer = searcher_over(*SCHOOLS_AND_PLANS).search(request("school"))
    assert answer.index.model_dump() == {"format": 1, "model": "counting", "corpus": "hand-made"}
    assert 0 <= answer.took_ms < 60_000


def test_one_hit_a_page() -> None:
    """A page of several matching passages is one hit, shown by its best passage."""
    pages = (Page("many", ("school", "school plan", "plan")), Page("other", ("money",)))
    answer = searcher_over(*pages).search(request("school plan"))
    assert slugs(answer) == ["many"]
    assert answer.hits[0].url == "/pages/many/#part-2"
    assert answer.hits[0].passage.heading == "Part 2"


def test_limit() -> None:
    """No more hits come than were asked for, and those are the best."""
    searcher = searcher_over(*SCHOOLS_AND_PLANS, floor=-1)
    assert slugs(searcher.search(request("school plan", limit=2))) == ["both", "one-word"]


def test_limit_counts_pages() -> None:
    """The limit counts pages and not passages: a page of many good passages does not crowd others out."""
    pages = (Page("many", ("school plan", "school plan", "school plan")), Page("second", ("school",)), Page("z", ("money",)))
    assert slugs(searcher_over(*pages).search(request("school plan", limit=2))) == ["many", "second"]


def test_limit_larger_than_the_corpus() -> None:
    """Asking for more than there is gives all there is, once."""
    searcher = searcher_over(*SCHOOLS_AND_PLANS, floor=-1)
    assert slugs(searcher.search(request("school plan", limit=50))) == ["both", "one-word", "other"]


def test_one_passage() -> None:
    """A corpus of one passage answers with it."""
    answer = searcher_over(Page("only", ("school",))).search(request("school"))
    assert [(hit.id, hit.why.meaning, hit.why.keywords) for hit in answer.hits] == [("only", 1.0, 1.0)]


@pytest.mark.parametrize(("areas", "expected"), [(("one",), ["both", "other"]), (("three", "two"), ["both", "one-word"])])
def test_filter_by_focus_area(areas: tuple[str, ...], expected: list[str]) -> None:
    """Only pages that carry one of the focus areas asked for, as first or later area, are hits."""
    searcher = searcher_over(*SCHOOLS_AND_PLANS, floor=-1)
    assert slugs(searcher.search(request("school plan", focus_area=areas))) == expected


def test_filter_by_kind() -> None:
    """Only pages of the kind asked for are hits."""
    searcher = searcher_over(*SCHOOLS_AND_PLANS, floor=-1)
    assert slugs(searcher.search(request("school plan", kind="guidance"))) == ["one-word"]
    assert slugs(searcher.search(request("school plan", kind="case-study"))) == ["both", "other"]


def test_filters_narrow_together() -> None:
    """A focus area and a kind must both fit; where no page has both, nothing is found and nothing fails."""
    searcher = searcher_over(*SCHOOLS_AND_PLANS, floor=-1)
    assert slugs(searcher.search(request("school plan", focus_area=("three",), kind="guidance"))) == ["one-word"]
    empty = searcher.search(request("school plan", focus_area=("two",), kind="guidance"))
    assert (empty.answered, empty.hits, empty.focus_areas) == (False, [], [])


@pytest.mark.parametrize(
    "narrowed", [request("school plan", limit=1, focus_area=("three",)), request("school plan", limit=1, kind="guidance")]
)
def test_filters_work_inside_the_search(narrowed: SearchRequest) -> None:
    """A filter brings up a page that the limit had cut off an unfiltered search."""
    searcher = searcher_over(*SCHOOLS_AND_PLANS)
    assert slugs(searcher.search(request("school plan", limit=1))) == ["both"]
    assert slugs(searcher.search(narrowed)) == ["one-word"]


def test_floor() -> None:
    """A problem is answered where its probability is on the floor or above it, and else nothing is shown."""
    # For "school": "even" holds none of the encoder's words, so it is (1, 1, 1, 1) / 2 and its cosine is 0.5.
    pages = (Page("even", ("a text of no topic",)), Page("money", ("money in a text of no topic",)))
    probability = 1 / (1 + exp(-(0.5 - 0.35)))
    answers = [
        searcher_over(*pages, floor=floor).search(request("school")) for floor in (probability - 0.001, probability + 0.001)
    ]
    assert [slugs(answer) for answer in answers] == [["even"], []]
    assert {answer.probability for answer in answers} == {round(probability, 7)}


def test_a_filter_brings_in_nothing_that_was_left_out() -> None:
    """A page far below the best one is not shown, and no filter shows it either."""
    searcher = searcher_over(*SCHOOLS_AND_PLANS)
    assert slugs(searcher.search(request("school plan"))) == ["both", "one-word"]
    filtered = searcher.search(request("school plan", kind="case-study"))
    assert slugs(filtered) == ["both"]


def test_counts_are_of_the_hits_shown() -> None:
    """Councils are counted over exactly the hits shown, the most frequent first, equal ones by name."""
    counts = searcher_over(*SCHOOLS_AND_PLANS).search(request("school plan")).counts
    assert [(one.value, one.count) for one in counts.organisations] == [("Council of both", 1), ("Council of one-word", 1)]
    assert counts.evidence == []


def test_a_declined_problem_names_its_topic_and_the_nearest_area() -> None:
    """Where nothing covers a problem, the answer names the topic that it looks like, and a focus area as a suggestion."""
    topics = (Topic(id="bins", label="bins", said_as=("school",)),)
    answer = searcher_over(Page("money", ("money",)), Page("plan", ("plan",)), topics=topics).search(request("school"))
    assert (answer.answered, answer.not_covered) == (False, "bins")
    assert answer.suggestion and answer.suggestion.slug in {"one", "two", "three"}
    answered = searcher_over(Page("school", ("school",)), Page("plan", ("plan",)), topics=topics).search(request("school"))
    assert (answered.not_covered, answered.suggestion) == (None, None)


def test_a_page_is_found_by_its_own_problem() -> None:
    """Of two pages of equal text, the one that says it speaks to the problem comes first, and the answer quotes it."""
    pages = (
        Page("a-plain", ("plan",)),
        Page("b-asked", ("plan",), asked_as=("money", "school")),
        Page("c-other", ("parent",)),
    )
    hits = searcher_over(*pages, floor=-1).search(request("school")).hits
    assert (hits[0].id, hits[0].why.asked_as) == ("b-asked", "school")
    assert hits[1].why.asked_as is None


def test_synonyms_are_named() -> None:
    """A page that holds the long form of an abbreviation is found by it, and the answer says which words stood for which."""
    glossary = (Term(abbreviation="RB", expansion="resource base", also=()),)
    pages = (Page("base", ("A resource base in a school.",)), Page("other", ("A library in a school.",)))
    hit = searcher_over(*pages, glossary=glossary).search(request("RB school")).hits[0]
    assert hit.id == "base"
    assert [(one.wrote, one.matched) for one in hit.why.synonyms] == [("RB", "resource base")]
    assert hit.why.terms == ["resource", "base", "school"]


def test_the_nearest_sentence_is_marked() -> None:
    """The sentence marked is the nearest in meaning, though another shares a word."""
    text = "Hydrotherapy helps the parent. The school has a plan."
    hit = searcher_over(Page("only", (text,))).search(request("hydrotherapy school plan")).hits[0]
    start, end = hit.passage.nearest
    assert hit.passage.text[start:end] == "The school has a plan."


def test_a_long_problem_is_answered_part_by_part() -> None:
    """Each hit of a long text names the part that it speaks to, and a part that nothing covers says so."""
    filler = " with many other words that say nothing at all of any topic known here or anywhere else today"
    text = (
        f"Our school is full{filler}. The money has run out{filler}. The parent is cross{filler}. And so it goes on{filler}."
    )
    pages = (Page("school", ("school",)), Page("money", ("money",)), Page("plan", ("plan",)))
    answer = searcher_over(*pages, floor=0.55).search(request(text))
    assert [part.answered for part in answer.parts] == [True, True, False, False]
    assert {hit.id: hit.part for hit in answer.hits} == {"school": 0, "money": 1}
    assert text[answer.parts[1].start : answer.parts[1].end].startswith("The money has run out")


def test_nothing_covers_it() -> None:
    """Where every page is below the floor the answer says so, with no hits and no focus areas."""
    answer = searcher_over(Page("money", ("money",)), Page("plan", ("plan",))).search(request("school"))
    assert (answer.answered, answer.hits, answer.focus_areas) == (False, [], [])


def test_a_problem_of_stop_words() -> None:
    """A problem without any term is answered by its meaning alone."""
    answer = searcher_over(Page("even", ("a text of no topic",)), Page("money", ("money",))).search(request("what of it?"))
    assert [(hit.id, hit.why.keywords, hit.why.terms) for hit in answer.hits] == [("even", 0.0, [])]


def test_ties_go_by_passage_id() -> None:
    """Two pages of equal texts score the same and come in the order of their passage ids."""
    pages = (Page("beta", ("school",)), Page("alpha", ("school",)), Page("gamma", ("money",)))
    answer = searcher_over(*pages).search(request("school"))
    assert slugs(answer) == ["alpha", "beta"]
    assert answer.hits[0].score == answer.hits[1].score == 1.0


def test_two_equal_passages_of_a_page() -> None:
    """Of two equal passages of one page, the first is shown."""
    pages = (Page("twice", ("school", "school")), Page("other", ("money",)))
    assert searcher_over(*pages).search(request("school")).hits[0].url == "/pages/twice/#part-1"


@pytest.mark.parametrize(
    ("text", "problem", "marked"),
    [
        ("Schools share plans.", "a plan for every school", ["Schools", "plans"]),
        ("Une école naïve, a school", "NAÏVE École school", ["école", "naïve", "school"]),
        ("🎓🎓 school — 👩‍🏫 plan", "plan the school", ["school", "plan"]),
        ("the child’s school", "a child's school", ["child’s", "school"]),
        ("school school", "school", ["school", "school"]),
        ("school", "plan", []),
    ],
)
def test_highlights(text: str, problem: str, marked: list[str]) -> None:
    """Highlights count characters, so that they cut out of the passage exactly the words that it shares."""
    hit = searcher_over(Page("only", (text,)), floor=-1).search(request(problem)).hits[0]
    assert [hit.passage.text[start:end] for start, end in hit.passage.highlights] == marked
    assert hit.why.terms == list(dict.fromkeys(word.lower() for word in marked))


def test_focus_areas_count_the_hits_shown() -> None:
    """A focus area's count is the number of hits shown that carry it; one that no hit carries is left out."""
    pages = tuple(
        Page(f"page-{number}", ("school",), areas=("one", "two") if number < 3 else ("one",)) for number in range(5)
    )
    answer = searcher_over(*pages).search(request("school", limit=4))
    assert {area.slug: area.count for area in answer.focus_areas} == {"one": 4, "two": 3}
    assert all(area.count == sum(area.slug in hit.focus_areas for hit in answer.hits) for area in answer.focus_areas)


def test_order_of_the_focus_areas() -> None:
    """A hit weighs its score over its rank for its first area and half that for the others; the heaviest comes first."""
    answer = searcher_over(*SCHOOLS_AND_PLANS).search(request("school plan"))
    # "both" gives two 1 and one 0.5; "one-word" gives three 0.5169 / 2 = 0.26.
    assert [area.slug for area in answer.focus_areas] == ["two", "one", "three"]
    assert [area.label for area in answer.focus_areas] == ["Two", "One", "Three"]
    assert answer.focus_areas[0].questions == ["What of two?"]


def test_a_library_without_pages() -> None:
    """A Casebook without a page declines whatever it is asked."""
    answer = searcher_over().search(request("school"))
    assert (answer.answered, answer.hits) == (False, [])


def test_unknown_focus_area() -> None:
    """A focus area that there is not is refused, with its name and those there are, and not passed over."""
    searcher = searcher_over(*SCHOOLS_AND_PLANS)
    with pytest.raises(UnknownFocusAreaError) as caught:
        searcher.search(request("school", focus_area=("one", "onne", "zwei")))
    assert caught.value.unknown == ("onne", "zwei")
    assert caught.value.allowed == tuple(area.slug for area in FOCUS_AREAS) == ("one", "two", "three")
    assert str(caught.value) == "There is no focus area onne, zwei; there are: one, two, three."


def test_same_problem_same_answer() -> None:
    """The same problem gives the same answer, but for the time it took, from the same searcher and from another."""
    searcher, other = searcher_over(*SCHOOLS_AND_PLANS), searcher_over(*reversed(SCHOOLS_AND_PLANS))
    answers = [one.search(request("school plan")).model_dump(exclude={"took_ms"}) for one in (searcher, searcher, other)]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]["hits"]) == 2


def test_a_sentence_without_a_page_stands_below_every_page() -> None:
    """What is also seen comes after the pages, however well it matches."""
    searcher = searcher_over(Page("a", ("school",), kind="also-seen"), Page("b", ("school money",)), floor=-1)
    assert [hit.id for hit in searcher.search(request("school")).hits] == ["b", "a"]
