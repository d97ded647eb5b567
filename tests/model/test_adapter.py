"""The adapter: what its card says is checked, it changes the model, and training is repeatable."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import ModelError
from indexer.model.adapter import CARD, CASEBOOK_ADAPTER, WEIGHTS, Example, Positive, Training, read_card, train, write_card
from indexer.model.sentence_model import DEFAULT_MODEL, DEFAULT_WEIGHTS_SHA256, SentenceModel, chosen_model


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the Casebook's adapter."""
    return Path(shutil.copytree(CASEBOOK_ADAPTER, tmp_path / "adapter"))


def test_the_casebooks_adapter_is_small_and_has_a_card() -> None:
    """It takes less than 2 MB, stands on the default weights, and says what it was trained on and what was measured."""
    assert sum(path.stat().st_size for path in CASEBOOK_ADAPTER.iterdir()) < 2_000_000
    card = read_card(CASEBOOK_ADAPTER)
    assert (card.base, card.base_sha256) == (DEFAULT_MODEL, DEFAULT_WEIGHTS_SHA256)
    assert int(card.trained_on["problems"]) >= 900
    assert card.measures


def test_weights_that_the_card_does_not_name_are_refused(copy: Path) -> None:
    """One byte more, and the adapter is refused with what to do."""
    (copy / WEIGHTS).write_bytes((copy / WEIGHTS).read_bytes() + b"0")
    with pytest.raises(
        ModelError, match=r"are not those that its card names\. Get the folder again, or set CASEBOOK_ADAPTER"
    ):
        SentenceModel(DEFAULT_MODEL, copy)


@pytest.mark.parametrize("file", [WEIGHTS, CARD])
def test_a_missing_file_is_refused(copy: Path, file: str) -> None:
    """Without its card or its weights there is no adapter."""
    (copy / file).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        SentenceModel(DEFAULT_MODEL, copy)


def test_an_adapter_of_another_base_is_refused(copy: Path) -> None:
    """An adapter stands on the weights that it was trained on, and on no others."""
    card = json.loads((copy / CARD).read_text(encoding="utf-8"))
    (copy / CARD).write_text(json.dumps({**card, "base_sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"stands on other weights than the model's \(000000000000…"):
        SentenceModel(DEFAULT_MODEL, copy)


def test_which_model_the_settings_choose(tmp_path: Path) -> None:
    """The default model has the Casebook's adapter unless "none" is said; another model has none unless one is named."""
    assert chosen_model(DEFAULT_MODEL, "none").weights_sha256 == DEFAULT_WEIGHTS_SHA256
    assert chosen_model(DEFAULT_MODEL, "").weights_sha256 != DEFAULT_WEIGHTS_SHA256
    assert (
        chosen_model(DEFAULT_MODEL, str(CASEBOOK_ADAPTER)).weights_sha256 == chosen_model(DEFAULT_MODEL, "").weights_sha256
    )
    (tmp_path / "model.safetensors").write_bytes(b"other")
    assert chosen_model(str(tmp_path), "").weights_sha256 == chosen_model(str(tmp_path), "none").weights_sha256
    with pytest.raises(ModelError, match="stands on other weights"):
        chosen_model(str(tmp_path), str(CASEBOOK_ADAPTER))


@pytest.mark.model
def test_the_adapter_brings_what_the_field_calls_alike_together() -> None:
    """Merged, the model puts a complaint nearer to its name in the field than to another one, which it did not before."""
    texts = [
        "nobody at the council ever rings me back",
        "casework and communication with families",
        "banding of top-up funding",
    ]
    gaps = []
    for adapter in ("none", ""):
        said, named, other = chosen_model(DEFAULT_MODEL, adapter).encode(texts)
        gaps.append(float(said @ named - said @ other))
    assert gaps[1] > gaps[0] + 0.05


@pytest.mark.slow
@pytest.mark.model
def test_training_is_repeatable_and_learns(tmp_path: Path) -> None:
    """The same examples and seed give the same bytes, the loss falls, and what is written can be read and merged."""
    pages = {
        "a": "Buses to school cost more each year.",
        "b": "Appeals to the tribunal rose.",
        "c": "Speech therapists left.",
    }
    examples = [
        Example(problem, [Positive(page, 1.0, [text], [1.0])], frozenset({page}), ["A park was opened."])
        for page, text in pages.items()
        for problem in (f"about {page}", text.split()[0], text.upper())
    ]
    training, losses = Training(epochs=6, batch=9, warm_up=1), list[float]()
    for name in ("one", "two"):
        base = SentenceModel()
        train(base.model(), examples, training, tmp_path / name, lambda step, loss: losses.append(loss))
    assert str(Path.cwd()) not in (tmp_path / "one" / "adapter_config.json").read_text(encoding="utf-8")
    assert (tmp_path / "one" / WEIGHTS).read_bytes() == (tmp_path / "two" / WEIGHTS).read_bytes()
    assert losses[:6] == losses[6:]
    assert losses[5] < losses[0] / 2
    write_card(tmp_path / "one", DEFAULT_MODEL, DEFAULT_WEIGHTS_SHA256, {"problems": 9}, training)
    found = SentenceModel(DEFAULT_MODEL, tmp_path / "one").encode(["BUSES TO SCHOOL COST MORE EACH YEAR."])
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
