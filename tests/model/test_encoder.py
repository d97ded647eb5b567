"""The real serving encoder: how closely it agrees with Sentence Transformers, and that a text's row is its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from indexer.artefact.store import Artefact
from indexer.errors import ArtefactError
from indexer.model.encoder import Embeddings, OnnxEncoder, TokenCounter, load_tokenizer, read_info
from indexer.model.sentence_model import DEFAULT_MODEL, chosen_model

PROBLEMS = (
    "over-reliance on independent placements",
    "headteachers say they cannot cope and keep asking for plans",
    "parents do not trust the council",
    "EHCP",
    "naïve Llŷn",
    "children out of school because of anxiety",
    "annual reviews are late",
    "we have no educational psychologists",
)


@pytest.fixture(scope="module")
def encoder(encoder_folder: Path) -> OnnxEncoder:
    """The real serving encoder."""
    return OnnxEncoder(encoder_folder)


def cosines(one: Embeddings, other: Embeddings) -> list[float]:
    """The cosine of each row of the one with the same row of the other."""
    return [float(cosine) for cosine in (one * other).sum(axis=1)]


@pytest.mark.slow
@pytest.mark.model
def test_the_int8_form_agrees_on_every_real_passage(artefact: Artefact, encoder_folder: Path) -> None:
    """On the project's passages the cosine with Sentence Transformers is at least 0.97, and 0.985 on the mean.

    Measured over 322 passages: least 0.979, mean 0.991.
    """
    built = artefact.index.rows()[: len(artefact.passages)]
    agreement = cosines(artefact.encoder.encode([passage.embedded_text for passage in artefact.passages]), built)
    assert min(agreement) >= 0.97
    assert sum(agreement) / len(agreement) >= 0.985


@pytest.mark.model
def test_the_int8_form_agrees_on_problems(encoder: OnnxEncoder, artefact: Artefact, encoder_folder: Path) -> None:
    """On problems the cosine is at least 0.98, no passage's score moves by over 0.06, and the best one stays in the top 3.

    Measured over 14 problems: least 0.987, mean 0.991, largest move of a score 0.036.
    """
    passages = artefact.index.rows()[: len(artefact.passages)]
    full, served = chosen_model(DEFAULT_MODEL, "").encode(PROBLEMS), encoder.encode(PROBLEMS)
    assert min(cosines(served, full)) >= 0.98
    assert float(np.abs((full - served) @ passages.T).max()) <= 0.06
    ranks = [(row_served > row_served[row_full.argmax()]).sum() for row_full, row_served in _scores(full, served, passages)]
    assert [int(rank) for rank in ranks if rank >= 3] == []


def _scores(full: Embeddings, served: Embeddings, passages: Embeddings) -> list[tuple[Embeddings, Embeddings]]:
    return list(zip(full @ passages.T, served @ passages.T, strict=True))


@pytest.mark.model
def test_a_text_has_the_same_row_whatever_stands_beside_it(encoder: OnnxEncoder) -> None:
    """A text alone, among longer and shorter ones, and twice gives the same bytes."""
    texts = ["EHCP", "annual reviews are late " * 40, "", "EHCP"]
    together = encoder.encode(texts)
    alone = [encoder.encode([text])[0] for text in texts]
    assert [row.tobytes() for row in together] == [row.tobytes() for row in alone]
    assert together[0].tobytes() == together[3].tobytes()


@pytest.mark.model
def test_every_row_has_length_one(encoder: OnnxEncoder) -> None:
    """Any text, empty or of strange letters, gives a finite row of length 1, in float32."""
    rows = encoder.encode(["", " ", "日本語", "👩‍🏫", "\x00", "x" * 5000, *PROBLEMS])
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1.0] * len(rows), abs=1e-5)


@pytest.mark.model
def test_no_texts_give_no_rows(encoder: OnnxEncoder) -> None:
    """No texts give no rows, and the dimension is kept."""
    assert encoder.encode([]).shape == (0, encoder.info.dimension)


@pytest.mark.model
def test_a_text_over_the_limit_is_cut_there(encoder: OnnxEncoder, encoder_folder: Path) -> None:
    """What stands beyond the model's limit, its two marks included, changes nothing; the last word within it does."""
    room = encoder.info.max_tokens - 2
    assert TokenCounter(encoder_folder)("school " * room) == room
    exactly, over, other_end = "school " * room, "school " * room + "money " * 99, "school " * (room - 1) + "money"
    rows = encoder.encode([exactly, over, other_end])
    assert rows[0].tobytes() == rows[1].tobytes()
    assert rows[0].tobytes() != rows[2].tobytes()


@pytest.mark.model
@pytest.mark.parametrize(("text", "pieces"), [("", 0), ("school", 1), ("School plan", 2), ("EHCP", 2)])
def test_word_pieces_are_counted_without_the_models_marks(encoder_folder: Path, text: str, pieces: int) -> None:
    """An empty text has no pieces; a known word has one, whatever its capitals; an unknown one has several."""
    assert TokenCounter(encoder_folder)(text) == pieces


@pytest.mark.model
def test_the_tokenizer_cuts_only_where_it_is_told(encoder_folder: Path) -> None:
    """With a limit the pieces end there, the two marks included; without one they do not."""
    text = "school " * 300
    assert len(load_tokenizer(encoder_folder, 256).encode(text).ids) == 256
    assert len(load_tokenizer(encoder_folder, None).encode(text).ids) == 302


@pytest.mark.model
@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "encoder.json"])
@pytest.mark.parametrize("damage", ["removed", "damaged"])
def test_a_folder_that_is_not_whole_is_refused(encoder_folder: Path, tmp_path: Path, name: str, damage: str) -> None:
    """Each file missing or damaged is named, with the command that mends it."""
    folder = tmp_path / "encoder"
    folder.mkdir()
    for file in ("model.onnx", "tokenizer.json", "encoder.json"):
        shutil.copy(encoder_folder / file, folder / file)
    if damage == "removed":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(b"\xffnot what it was")
    with pytest.raises(ArtefactError, match=rf"{name} cannot be (read|loaded)\. Run `python -m indexer build`\.") as refused:
        OnnxEncoder(folder)
    assert str(folder / name) in str(refused.value)


def test_the_encoders_info_is_refused_where_it_says_too_much(tmp_path: Path) -> None:
    """An encoder.json with a field that nobody knows is refused."""
    (tmp_path / "encoder.json").write_text('{"name": "a", "colour": "red"}', encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"encoder\.json cannot be read"):
        read_info(tmp_path)
