"""The doubles do what a reader can compute by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from indexer.model.encoder import read_info
from tests.doubles import VOCABULARY, CountingEncoder, CountingModel, QuietSteps


@pytest.fixture
def model(tmp_path: Path) -> CountingModel:
    """A model over an encoder folder of two stand-in files."""
    folder = tmp_path / "encoder"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"a model")
    (folder / "tokenizer.json").write_bytes(b"a tokenizer")
    return CountingModel(folder)


def test_a_text_becomes_its_counts_scaled_to_length_one() -> None:
    """Two schools and one plan give (2, 1, 0, 0) over the root of five."""
    row = CountingEncoder().encode(["school school plan"])[0]
    assert row.tolist() == pytest.approx([2 / math.sqrt(5), 1 / math.sqrt(5), 0, 0])


def test_capitals_count() -> None:
    """A word counts in capitals too."""
    assert CountingEncoder().encode(["PARENT"]).tolist() == [[0, 0, 1, 0]]


@pytest.mark.parametrize("text", ["", "nothing of it", "Llŷn"])
def test_a_text_without_the_words_points_everywhere(text: str) -> None:
    """A text with none of the words gives a half in each place."""
    assert CountingEncoder().encode([text]).tolist() == [[0.5, 0.5, 0.5, 0.5]]


def test_no_texts_give_no_rows() -> None:
    """No texts give an array of no rows that keeps its dimension and its type."""
    rows = CountingEncoder().encode([])
    assert rows.shape == (0, len(VOCABULARY))
    assert rows.dtype == np.float32


def test_the_model_remembers_what_it_embedded(model: CountingModel) -> None:
    """The model gives the encoder's rows, calls the progress once a text, and remembers the texts in order."""
    calls: list[int] = []
    rows = model.encode(["plan", "money"], lambda: calls.append(1))
    assert rows.tolist() == [[0, 1, 0, 0], [0, 0, 0, 1]]
    assert model.embedded == ["plan", "money"]
    assert len(calls) == 2


def test_the_model_exports_a_folder_that_says_what_it_is(model: CountingModel, tmp_path: Path) -> None:
    """An export holds the encoder's own files, and its info names the double and its four places."""
    info = model.export(tmp_path / "exported")
    assert info == read_info(tmp_path / "exported")
    assert (info.name, info.dimension, info.weights_sha256) == ("counting", 4, model.weights_sha256)
    assert (tmp_path / "exported" / "tokenizer.json").read_bytes() == b"a tokenizer"
    assert (tmp_path / "exported" / "model.onnx").read_bytes() == b"a model"


def test_quiet_steps_remember_their_names() -> None:
    """Each step is remembered by its name, and counting a part done says nothing."""
    steps = QuietSteps()
    steps.step("one")()
    steps.step("two", 2)()
    assert steps.steps == ["one", "two"]
