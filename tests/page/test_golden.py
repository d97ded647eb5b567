"""One answer from two engines: the golden cases, the real library, and the stemmer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from indexer.artefact.page_index import codes_of, data_of
from indexer.artefact.store import Artefact
from indexer.model.encoder import Embeddings
from indexer.retrieval.lexical import Analyser
from search_api.answer import SearchRequest
from search_api.search import Searcher
from tests.conftest import ROOT
from tests.golden_cases import CASES, LONG, made
from tests.node import ask_engine


def differences(found: Any, expected: Any, place: str = "") -> list[str]:
    """Where two answers differ, numbers by more than one in their sixth and last decimal (a CPU may round the other way)."""
    if isinstance(found, float | int) and isinstance(expected, float | int):
        return [] if abs(found - expected) < 1.001e-6 else [f"{place}: {found} is not {expected}"]
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = sorted(set(found) | set(expected))
        return [fault for key in keys for fault in differences(found.get(key), expected.get(key), f"{place}.{key}")]
    if isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        pairs = enumerate(zip(found, expected, strict=True))
        return [fault for at, (one, other) in pairs for fault in differences(one, other, f"{place}[{at}]")]
    return [] if found == expected else [f"{place}: {found!r} is not {expected!r}"]


def test_a_difference_is_found() -> None:
    """Answers that differ in a number, a word, an order or a length are told apart; a millionth is nothing."""
    assert differences({"a": [0.788462, 2.0]}, {"a": [0.788463, 2.0]}) == []
    for other in ({"a": [1.000002, 2.0]}, {"a": [2.0, 1.0]}, {"a": [1.0]}, {"b": [1.0, 2.0]}, {"a": "1, 2"}):
        assert differences({"a": [1.0, 2.0]}, other) != []


def test_the_server_gives_the_golden_answers() -> None:
    """The server answers each golden case as tests/golden/cases.json has it; the page's own tests read the same file."""
    stored = json.loads(CASES.read_text(encoding="utf-8"))
    assert differences(json.loads(json.dumps(made())), stored) == []
    assert {answer["answered"] for answer in stored["answers"]} == {True, False}
    assert any(answer["parts"] for answer in stored["answers"])
    assert any(hit["why"]["synonyms"] for answer in stored["answers"] for hit in answer["hits"])


@pytest.mark.model
def test_both_engines_answer_the_judged_problems_alike(artefact: Artefact) -> None:
    """Over the real library and all judged problems, with the same embeddings, page and server give the same answers."""
    lines = (ROOT / "tests" / "relevance" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    requests: list[dict[str, Any]] = [{"q": json.loads(line)["text"], "limit": 50} for line in lines]
    requests += [{"q": "INMSS"}, {"q": "EHCP SEMH", "kind": "guidance"}, {"q": LONG, "focus_area": ["provision"]}]
    encoder = Recorder(artefact)
    searcher = Searcher.from_artefact(artefact)
    searcher._ranker.encoder = encoder
    served = [
        searcher.search(SearchRequest(**{"focus_area": [], **request})).model_dump(mode="json") for request in requests
    ]
    question = {
        "data": data_of(artefact),
        "codes": codes_of(artefact).tolist(),
        "embeddings": encoder.known,
        "words": sorted(encoder.words),
        "requests": requests,
    }
    paged = ask_engine(question)
    assert len(paged) > 200
    for one, other in zip(paged, served, strict=True):
        assert differences({**one, "took_ms": 0}, {**other, "took_ms": 0}) == []


class Recorder:
    """The artefact's encoder, which remembers each text's embedding."""

    def __init__(self, artefact: Artefact) -> None:
        self.known: dict[str, list[float]] = {}
        self._encoder = artefact.encoder
        self.words = artefact.encoder.words

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """As the real one does."""
        rows = self._encoder.encode(texts)
        self.known.update({text: row.tolist() for text, row in zip(texts, rows, strict=True)})
        return rows


@pytest.mark.model
def test_the_same_stems(artefact: Artefact) -> None:
    """Every word of the model's vocabulary and of the library, with usual endings, has the same stem in both engines."""
    pieces = json.loads((ROOT / "tests" / "golden" / "cases.json").read_text(encoding="utf-8"))["data"]
    tokenizer = artefact.encoder._tokenizer
    words = {word for word in tokenizer.get_vocab() if word.isalpha() and word.isascii()}
    words |= {word.surface.lower() for passage in artefact.passages for word in Analyser().words(passage.text)}
    words |= {f"{word}{ending}" for word in sorted(words)[::7] for ending in ("ing", "ed", "'s", "ogist", "edly", "ies")}
    tried = sorted(words)
    expected = Analyser()._stemmer.stemWords(tried)
    found = ask_engine({"data": pieces, "stems": tried})
    assert len(tried) > 30_000
    assert [word for word, one, other in zip(tried, found, expected, strict=True) if one != other] == []
