"""The lexical retriever: which terms a text has, where they stand, and how BM25 scores them."""

from __future__ import annotations

import logging
from math import log

import pytest

from indexer.retrieval.lexical import K1, Analyser, B, LexicalRetriever, tidied

ANALYSE = Analyser()


def retriever(*texts: str) -> LexicalRetriever:
    return LexicalRetriever(texts, ANALYSE)


def test_stop_words() -> None:
    """Words that carry no topic are left out, whatever their case."""
    assert ANALYSE("The school and THE plan of it") == ["school", "plan"]


@pytest.mark.parametrize("apostrophe", ["'", "’"])
def test_stop_words_with_an_apostrophe(apostrophe: str) -> None:
    """A stop word is left out whether its apostrophe is straight or curly."""
    assert ANALYSE(f"schools don{apostrophe}t share") == ["school", "share"]


def test_stems() -> None:
    """Forms of one word share one term, and repeats are kept in order."""
    assert ANALYSE("plan planning plans planned placement") == ["plan", "plan", "plan", "plan", "placement"]


@pytest.mark.parametrize("written", ["child's", "child’s", "Child’s", "child"])
def test_apostrophes(written: str) -> None:
    """A possessive has the term of its word, with a straight or a curly apostrophe."""
    assert ANALYSE(written) == ["child"]


def test_letters_outside_ascii() -> None:
    """Letters outside ASCII are letters: they neither split a word nor are dropped."""
    assert ANALYSE("CAFÉ Łódź 学校") == ["café", "łódź", "学校"]


def test_what_is_no_word() -> None:
    """Punctuation, underscores, emoji and a lone apostrophe are no words."""
    assert ANALYSE("— _ 🎓 ' ’ …!") == []


def test_numbers_are_words() -> None:
    """A number is a term, and a hyphen stands between two terms that are also one."""
    assert ANALYSE("20-week deadline") == ["20", "week", "20week", "deadlin"]


def test_positions() -> None:
    """A word's start and end count characters, so that they cut the word as written out of the text."""
    text = "🎓 The École’s plans"
    words = ANALYSE.words(text)
    assert [(word.start, word.end) for word in words] == [(6, 13), (14, 19)]
    assert [text[word.start : word.end] for word in words] == [word.surface for word in words] == ["École’s", "plans"]


def test_no_text() -> None:
    """An empty text has no words."""
    assert ANALYSE.words("") == []


def test_a_shared_term_scores_above_none() -> None:
    """A text that shares a term scores above 0, and one that shares none scores 0."""
    shares, none = retriever("school places", "money").scores(["school"])
    assert shares > 0
    assert none == 0


def test_score_by_hand() -> None:
    """The score is Lucene's BM25: ln(1 + (N - n + 0.5) / (n + 0.5)) x tf / (tf + k1 (1 - b + b length / mean length))."""
    # Three texts of 3, 1 and 2 terms, 2 on average. "school" stands in two of them, twice in the first.
    assert (K1, B) == (1.2, 0.75)
    idf = log(1 + (3 - 2 + 0.5) / (2 + 0.5))  # ln 1.6 = 0.470
    twice_of_three_terms = 2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2))
    once_of_one_term = 1 / (1 + 1.2 * (0.25 + 0.75 * 1 / 2))
    expected = [idf * twice_of_three_terms, idf * once_of_one_term, 0.0]
    assert expected == pytest.approx([0.2575, 0.2686, 0.0], abs=5e-5)
    scores = retriever("school school plan", "school", "money parent").scores(["school"])
    assert scores.tolist() == pytest.approx(expected, abs=1e-6)


def test_scores_of_terms_add_up() -> None:
    """The score of two terms is the sum of their scores."""
    over = retriever("school plan", "school", "money plan")
    together = over.scores(["school", "plan"])
    assert together.tolist() == pytest.approx((over.scores(["school"]) + over.scores(["plan"])).tolist(), abs=1e-6)


def test_a_rare_term_scores_above_a_common_one() -> None:
    """In one text, a term that few texts have scores above a term that all have."""
    over = retriever("school hydrotherapy", "school plan", "school money")
    assert over.scores(["hydrotherapi"])[0] > over.scores(["school"])[0] > 0


def test_unknown_terms() -> None:
    """A term that no text has scores 0 everywhere, and does not change what known terms score."""
    over = retriever("school", "plan")
    assert over.scores(["pothol"]).tolist() == [0.0, 0.0]
    assert over.scores(["pothol", "school"]).tolist() == over.scores(["school"]).tolist()


def test_no_terms() -> None:
    """No terms score 0 everywhere."""
    assert retriever("school", "plan").scores([]).tolist() == [0.0, 0.0]


def test_empty_corpus() -> None:
    """Over no texts there are no scores."""
    assert retriever().scores(["school"]).tolist() == []


def test_texts_without_terms() -> None:
    """Texts that hold only stop words are no fault; they score 0."""
    assert retriever("the", "and of").scores(["school"]).tolist() == [0.0, 0.0]


def test_the_library_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """However much is listened to, an index is made without a word: a build's steps are all that a reader should see."""
    caplog.set_level(logging.DEBUG)
    LexicalRetriever(["no room in the school"], Analyser())
    assert caplog.records == []


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("co-production", ["co", "product", "coproduct"]),
        ("coproduction", ["coproduct"]),
        ("post-16 or post‑16", ["post", "16", "post16", "post", "16", "post16"]),
        ("ages 16-25", ["age", "16", "25"]),
        ("£12.7m", ["12.7m"]),
        ("£12.7 million", ["12.7m"]),
        ("5.3 %, 5.3% and 5.3 per cent", ["5.3%", "5.3%", "5.3%"]),
        ("1,600 pupils", ["1600", "pupil"]),
        ("2024/25", ["2024", "25"]),
        ("KS2", ["ks2"]),
    ],
)
def test_figures_and_compounds(text: str, terms: list[str]) -> None:
    """A figure is one word with its unit; a compound is its parts and one word more."""
    assert ANALYSE(text) == terms


def test_a_compound_stands_where_its_parts_do() -> None:
    """The words of a compound have their own places, and the compound spans them."""
    assert [(word.start, word.end, word.surface) for word in ANALYSE.words("a pre-school unit")] == [
        (2, 5, "pre"),
        (6, 12, "school"),
        (2, 12, "pre-school"),
        (13, 17, "unit"),
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("E.H.C.P. and S.E.N. support", "EHCP and SEN support"),
        ("spe\u00adcial school pla\u00adces", "special school places"),
        ("su\ufb03ciency and \ufb01nd", "sufficiency and find"),
        ("a child\u2019s \u201cplan\u201d \u2013 now", 'a child\'s "plan" - now'),
        ("The end. A new line", "The end. A new line"),
    ],
)
def test_what_is_searched_for_is_tidied(text: str, plain: str) -> None:
    """Hidden signs, ligatures, quotes, dashes and dotted abbreviations come to one plain form."""
    assert tidied(text) == plain
