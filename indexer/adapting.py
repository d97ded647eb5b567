"""Trains the model's adapter on the training problems and the pages that help with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from indexer.artefact.store import Artefact
from indexer.artefact.versions import load_current
from indexer.evaluation.judged import read_judgements, read_queries
from indexer.model.adapter import AdapterCard, Example, Positive, Training, sha256_of, train, write_card
from indexer.model.encoder import Embeddings
from indexer.model.sentence_model import SentenceModel
from indexer.retrieval.ranking import Ranker

TEXTS_OF_A_PAGE = (0.5, 0.25, 0.1)
"""How often the passages nearest to a problem are drawn, of a page that helps; title and other problems are the rest."""
NEGATIVES = 8
"""How many pages that do not help are kept for a problem, the best-ranked ones."""
LOOKED_AT = 30
PART = "adapter"
"""The part of the training problems that the adapter is trained on; the others are for what is fitted on its rankings."""
OWN_PROBLEMS_EVERY = 2
"""One in so many of the pages' own problems is a training problem too; each page helps with its own."""


def adapt(folder: Path, build: Path, out: Path, say: Callable[[str], None]) -> AdapterCard:
    """Trains an adapter on the default model.

    Args:
        folder: Holds problems.jsonl and qrels.tsv.
        build: A current build, whose pages are trained on.
        out: The adapter's folder, replaced.
        say: Told of the way.
    """
    artefact, training = load_current(build), Training()
    queries = read_queries(folder / "problems.jsonl", lambda metadata: metadata.get("part") == PART)
    qrels = {key: grades for key, grades in read_judgements(folder / "qrels.tsv").items() if key in queries}
    examples = examples_of(artefact, queries, qrels)
    say(f"{len(examples)} examples, from {len(queries)} problems and the pages' own.")
    base = SentenceModel()

    def told(step: int, loss: float) -> None:
        if step % 20 == 0:
            say(f"batch {step}: loss {loss:.3f}")

    train(base.model(), examples, training, out, told)
    trained_on: dict[str, str | int] = {
        "problems": len(queries),
        "judged helpful pairs": sum(grade > 0 for grades in qrels.values() for grade in grades.values()),
        "examples": len(examples),
        "problems_sha256": sha256_of(folder / "problems.jsonl"),
        "qrels_sha256": sha256_of(folder / "qrels.tsv"),
        "corpus": artefact.manifest.corpus,
    }
    return write_card(out, base.name, base.base_sha256, trained_on, training)


def examples_of(artefact: Artefact, queries: Mapping[str, str], qrels: Mapping[str, Mapping[str, int]]) -> list[Example]:
    """The training examples: judged problems, with near pages that do not help, and the pages' own problems without."""
    ranker = artefact.ranker()
    texts = _Texts(artefact, ranker)
    own = [(problem, {document.id: 2}) for document in artefact.documents for problem in document.asked_as]
    found = [texts.example(problem, grades) for problem, grades in own[::OWN_PROBLEMS_EVERY]]
    examples = [replace(example, negatives=()) for example in found if example]
    for key, grades in qrels.items():
        if judged := texts.example(queries[key], {page: grade for page, grade in grades.items() if grade}):
            examples.append(judged)
    return examples


class _Texts:
    def __init__(self, artefact: Artefact, ranker: Ranker) -> None:
        self._ranker = ranker
        self._documents = {document.id: document for document in artefact.documents}
        self._passages = [passage.embedded_text for passage in artefact.passages]
        self._rows_of: dict[str, list[int]] = {}
        for row, passage in enumerate(artefact.passages):
            self._rows_of.setdefault(passage.document, []).append(row)
        self._embeddings = artefact.index.rows()

    def example(self, problem: str, grades: Mapping[str, int]) -> Example | None:
        """A problem with its pages; those of grade 1 stand for one page together, or alone where none is better."""
        known = {page: grade for page, grade in grades.items() if page in self._rows_of}
        best = [page for page, grade in known.items() if grade > 1]
        partly = [page for page, grade in known.items() if grade == 1]
        if not known:
            return None
        embedding = self._ranker.embed([problem])[0]
        weights = dict.fromkeys(best, 1.0) | {page: 0.5 / len(partly) for page in partly}
        positives = [self._positive(problem, embedding, page, weight) for page, weight in weights.items()]
        ranking = self._ranker.rank(embedding, problem)
        others = [page for page in ranking.order()[:LOOKED_AT] if self._ranker.pages[page].id not in grades]
        negatives = [self._passages[int(ranking.matched_passage[page])] for page in others[:NEGATIVES]]
        return Example(problem, positives, frozenset(known), negatives)

    def _positive(self, problem: str, embedding: Embeddings, page: str, weight: float) -> Positive:
        rows, document = self._rows_of[page], self._documents[page]
        nearest = np.argsort(-(self._embeddings[rows] @ embedding), kind="stable")[: len(TEXTS_OF_A_PAGE)]
        texts = [self._passages[rows[place]] for place in nearest]
        weights = list(TEXTS_OF_A_PAGE[: len(texts)])
        rest = 1 - sum(TEXTS_OF_A_PAGE)
        others = [own for own in document.asked_as if own != problem]
        texts += [f"{document.title}. {document.summary}", *others]
        weights += [rest, *(rest / len(others) for _ in others)]
        return Positive(page, weight, texts, weights)
