"""Ranking over hand-made pages: how a page's meaning comes together, what the probability is told from, and ties."""

from __future__ import annotations

from math import exp, log, sqrt

import pytest

from indexer.content.lists import Topic
from indexer.retrieval.layout import Page, texts_to_embed
from indexer.retrieval.probability import Calibration, Features
from indexer.retrieval.ranking import Ranker, Ranking
from indexer.retrieval.vector_index import VectorIndex
from tests.doubles import CountingEncoder


def page(slug: str, *texts: str, asked_as: tuple[str, ...] = ()) -> Page:
    return Page(slug, "", "", asked_as, tuple(("", text) for text in texts))


def ranked(problem: str, *pages: Page, topics: tuple[Topic, ...] = ()) -> tuple[Ranker, Ranking]:
    encoder = CountingEncoder()
    ranker = Ranker(pages, VectorIndex.build(encoder.encode(texts_to_embed(pages, topics))), encoder, topics)
    return ranker, ranker.rank(encoder.encode([problem])[0], problem)


def test_meaning_without_own_problems() -> None:
    """A page's meaning is the mean of its best passage and its best sentence where it has no problems of its own."""
    _, ranking = ranked("school", page("a", "School rules apply. Parent plan money talk."))
    # The passage counts each of the four words once, cosine 1/2; its first sentence is "school" alone, cosine 1.
    assert ranking.similarity.tolist() == pytest.approx([(0.5 + 1) / 2])


def test_meaning_with_own_problems() -> None:
    """A page's two nearest own problems weigh as much as its text."""
    _, ranking = ranked("school", page("a", "money", asked_as=("school", "school plan", "money")))
    # The text: passage and sentence 0. The problems: cosines 1, 1/sqrt(2) and 0, of which the first two count.
    assert ranking.similarity.tolist() == pytest.approx([(0 + (1 + 1 / sqrt(2)) / 2) / 2])
    assert (ranking.nearest_asked_as.tolist(), ranking.asked_as_cosine.tolist()) == ([0], pytest.approx([1.0]))


def test_a_page_without_own_problems_beside_one_with() -> None:
    """A page that has none stands for itself, and its place among own problems is -1."""
    _, ranking = ranked("school", page("a", "school"), page("b", "money", asked_as=("school",)))
    assert ranking.similarity.tolist() == pytest.approx([1.0, 0.5])
    assert ranking.nearest_asked_as.tolist() == [-1, 0]


def test_features_by_hand() -> None:
    """The features are the largest cosines, the shares of the problem's terms that are held, and nearness to topics."""
    topics = (Topic(id="t", label="t", said_as=("money", "school", "money", "money")),)
    _, ranking = ranked(
        "school potholes xyzzy", page("a", "school plan"), page("b", "parent", asked_as=("school",)), topics=topics
    )
    # Of two pages one text holds "school", and so does b's own problem: n = 2, N = 2; "potholes" is in none,
    # and known to the model; "xyzzy" is known to nobody and counts for nothing.
    known, unknown = log(1 + 0.5 / 2.5), log(1 + 2.5 / 0.5)
    assert vars(ranking.features) == pytest.approx(
        {
            "asked": 1.0,
            "passage": 1 / sqrt(2),
            "sentence": 1 / sqrt(2),
            "covered": known / (known + unknown),
            "known": 0.5,
            "topics": 1 / 3,
        }
    )
    assert ranking.nearest_topic == 0


def test_the_probability_is_logistic() -> None:
    """The intercept and the weighted features are summed, and e raised to it; the far ends stay within 0 and 1."""
    features = Features(0.5, 0.25, 0, 1, 0, 0.2)
    model = Calibration(intercept=-1.0, weights=Features(2, 4, 9, 0.5, 9, -5))
    assert model.probability(features) == pytest.approx(1 / (1 + exp(-(-1 + 1 + 1 + 0.5 - 1))))
    far = Calibration(intercept=-1e6, weights=Features(0, 0, 0, 0, 0, 0))
    assert 0 <= far.probability(features) < 1e-20


def test_ties_go_by_id() -> None:
    """Pages of equal scores keep the order in which they stand."""
    _, ranking = ranked("school", page("a", "money"), page("b", "school"), page("c", "school"))
    assert ranking.order() == [1, 2, 0]


def test_the_nearest_sentence_of_the_best_passage() -> None:
    """The sentence is looked for in the page's best passage, and its place is counted there."""
    ranker, ranking = ranked("school", page("a", "Money comes first.", "A plan for all. The school for all."))
    assert ranking.matched_passage.tolist() == [1]
    start, end = ranker.nearest_sentence(ranking, 0)
    assert "A plan for all. The school for all."[start:end] == "The school for all."
