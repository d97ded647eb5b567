"""Ablations rank as if what they leave out were not there."""

from __future__ import annotations

from indexer.content.lists import Term
from indexer.evaluation.systems import ranker_over, without_asked_as, without_synonyms
from indexer.retrieval.layout import Page, texts_to_embed
from indexer.retrieval.ranking import Ranker
from indexer.retrieval.vector_index import VectorIndex
from tests.doubles import CountingEncoder

EMBEDDING = CountingEncoder().encode(["school plan"])[0]


def page(slug: str, text: str, *asked_as: str) -> Page:
    return Page(slug, "", "", asked_as, (("", text),))


def test_without_the_own_problems() -> None:
    """Without own problems a ranker ranks as if the pages had none."""
    ranker = ranker_over([page("a", "plan"), page("b", "money", "school")], CountingEncoder())
    plain = ranker_over([page("a", "plan"), page("b", "money")], CountingEncoder()).rank(EMBEDDING, "school plan")
    ablated = without_asked_as(ranker).rank(EMBEDDING, "school plan")
    assert ablated.similarity.tolist() == plain.similarity.tolist()
    assert ranker.rank(EMBEDDING, "school plan").similarity.tolist() != plain.similarity.tolist()


def test_without_synonyms() -> None:
    """Without the glossary no query is expanded."""
    pages = [page("a", "resource base"), page("b", "money")]
    encoder = CountingEncoder()
    glossary = [Term(abbreviation="RB", expansion="resource base", also=())]
    ranker = Ranker(pages, VectorIndex.build(encoder.encode(texts_to_embed(pages, ()))), encoder, (), glossary)
    assert ranker.rank(EMBEDDING, "RB").relative_bm25.tolist() == [1.0, 0.0]
    assert without_synonyms(ranker).rank(EMBEDDING, "RB").relative_bm25.tolist() == [0.0, 0.0]
