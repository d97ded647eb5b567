"""The packed model: that it says what the model says, in fewer bits, and that the page's code reads it right."""

from __future__ import annotations

import gzip
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from indexer.artefact.store import Artefact
from indexer.errors import ModelError
from indexer.model.encoder import Embeddings, count_pieces
from indexer.model.page_model import (
    HEADER_FILE,
    WEIGHTS_FILE,
    BertModel,
    Kept,
    Quantised,
    choose_pieces,
    compressed,
    pack,
    quantise,
    restore,
    write_page_model,
)
from indexer.model.sentence_model import DEFAULT_MODEL, SentenceModel, chosen_model
from tests.conftest import ROOT
from tests.everyday_texts import EVERYDAY_TEXTS
from tests.node import ask_page_code, node

PIECES = (
    "[PAD]",
    "[unused0]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "the",
    "plan",
    "##ning",
    "a",
    "##a",
    "school",
    "volcano",
)
A, IN_A, THE, PLAN, NING, SCHOOL, VOLCANO = (
    PIECES.index(piece) for piece in ("a", "##a", "the", "plan", "##ning", "school", "volcano")
)


def test_the_page_code_passes_its_own_tests() -> None:
    """The tests of the page's encoder in Node, on numbers that can be reckoned by hand, pass."""
    tests = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "page" / "search").glob("*.test.mjs"))
    assert len(tests) == 4
    done = node("--test", *tests)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_weight_is_rounded_to_whole_steps() -> None:
    """With a root mean square of 2 and steps of half of it, weights become whole numbers; a row's scale gives them back."""
    packed = quantise(np.array([[2, 4, -2, 0], [0, 2, 2, 0]], dtype=np.float32), step=1 / 2)
    assert packed.codes.tolist() == [[2, 4, -2, 0], [0, 2, 2, 0]]
    assert packed.scales.tolist() == [1, 1]
    assert restore(packed).tolist() == [[2, 4, -2, 0], [0, 2, 2, 0]]


def test_the_scale_of_a_row_fits_it_best() -> None:
    """Weights of 1.2 steps become 1 and their row's scale 1.2 steps, so that nothing of them is lost; zeros stay zeros."""
    packed = quantise(np.array([[1.2, -1.2], [0.0, 0.0], [1.0, 1.0]], dtype=np.float32), step=1.0)
    assert packed.codes.tolist() == [[1, -1], [0, 0], [1, 1]]
    assert restore(packed).tolist() == pytest.approx(np.array([[1.2, -1.2], [0, 0], [1, 1]]), abs=1e-3)


def test_a_finer_step_is_nearer_and_larger() -> None:
    """On normally distributed weights half the step gives about a quarter of the squared error, and a larger file."""
    matrix = np.random.default_rng(1).normal(size=(200, 384)).astype(np.float32)
    errors, sizes = [], []
    for step in (0.25, 0.5):
        packed = quantise(matrix, step)
        errors.append(float(((restore(packed) - matrix) ** 2).mean()))
        sizes.append(len(compressed(packed.codes.tobytes())))
    assert errors[0] == pytest.approx(0.25**2 / 12, rel=0.05)
    assert errors[1] == pytest.approx(0.5**2 / 12, rel=0.05)
    assert sizes[0] > sizes[1]


def test_the_file_is_about_as_small_as_its_entropy() -> None:
    """The compressed codes take at most 2 % more than their entropy, and unpack to what they were."""
    codes = quantise(np.random.default_rng(1).normal(size=(1000, 384)).astype(np.float32), 0.3).codes
    shares = np.unique(codes, return_counts=True)[1] / codes.size
    entropy_bytes = float(-(shares * np.log2(shares)).sum()) * codes.size / 8
    packed = compressed(codes.tobytes())
    assert gzip.decompress(packed) == codes.tobytes()
    assert entropy_bytes < len(packed) < 1.02 * entropy_bytes


def test_pieces_of_the_corpus_come_first_then_the_commonest() -> None:
    """Fine steps go to the marks, then to the corpus's pieces, then to the lowest ids; all others have coarse ones."""
    marks = (0, 2, 3, 4, 5)
    assert choose_pieces(PIECES, {VOLCANO: 1}, fine=6) == Kept((*marks, VOLCANO), (THE, PLAN, NING, A, IN_A, SCHOOL))
    assert choose_pieces(PIECES, {VOLCANO: 1, NING: 2}, fine=6).fine == (*marks, NING)
    assert choose_pieces(PIECES, {}, fine=6).fine == (*marks, THE)
    assert choose_pieces(PIECES, {}, fine=99) == Kept((0, *range(2, 13)), ())


def test_too_little_room_is_refused() -> None:
    """Without room for the marks there is no vocabulary, and the message says what is needed."""
    with pytest.raises(ModelError, match=r"room for 4 word pieces in fine steps; at least 5 are needed"):
        choose_pieces(PIECES, {}, fine=4)


def small_model(seed: int = 3) -> BertModel:
    """A BERT of two layers, two heads and 64 dimensions with made-up weights."""
    random = np.random.default_rng(seed)

    def made_up(*shape: int) -> Embeddings:
        return random.normal(scale=0.3, size=shape).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": made_up(len(PIECES), 64),
        "embeddings.position_embeddings.weight": made_up(12, 64),
        "embeddings.token_type_embeddings.weight": made_up(2, 64),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in ("encoder.layer.0", "encoder.layer.1"):
        inner = {"intermediate.dense": (128, 64), "output.dense": (64, 128)}
        square = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
        for name, shape in {**dict.fromkeys(square, (64, 64)), **inner}.items():
            tensors[f"{layer}.{name}.weight"], tensors[f"{layer}.{name}.bias"] = made_up(*shape), made_up(shape[0])
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for norm in norms:
        tensors[f"{norm}.weight"], tensors[f"{norm}.bias"] = 1 + made_up(64), made_up(64)
    return BertModel("small", "0" * 64, tensors, PIECES, layers=2, heads=2, norm_epsilon=1e-12, longest=8)


def unpacked(header: dict[str, Any], weights: bytes, name: str) -> npt.NDArray[np.float64]:
    """A tensor of the packed model."""
    place = header["tensors"][name]
    if "values" in place:
        return np.frombuffer(weights, "<f2", place["shape"][0], place["values"]).astype(np.float64)
    rows, columns = place["shape"]
    codes = np.frombuffer(weights, np.int8, rows * columns, place["codes"]).reshape(rows, columns)
    return restore(Quantised(codes, np.frombuffer(weights, "<f2", rows, place["scales"]))).astype(np.float64)


def embedding(header: dict[str, Any], weights: bytes, ids: list[int]) -> list[float]:
    """The embedding that BERT's published formulas give for the packed model, as a matrix sum in double precision."""

    def of(name: str) -> npt.NDArray[np.float64]:
        return unpacked(header, weights, name)

    def linear(x: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
        return np.asarray(x @ of(f"{name}.weight").T + of(f"{name}.bias"))

    def norm(x: npt.NDArray[np.float64], name: str) -> npt.NDArray[np.float64]:
        unit = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + header["norm_epsilon"])
        return np.asarray(unit * of(f"{name}.weight") + of(f"{name}.bias"))

    pieces = np.concatenate([of("pieces.fine"), of("pieces.coarse")])
    x = norm(pieces[ids] + of("positions")[: len(ids)], "embedded_norm")
    for layer in range(header["layers"]):
        heads = (len(ids), header["heads"], -1)
        query, key, value = (linear(x, f"{layer}.{name}").reshape(heads) for name in ("query", "key", "value"))
        scores = np.exp(np.einsum("ihs,jhs->hij", query, key) / math.sqrt(query.shape[2]))
        seen = np.einsum("hij,jhs->ihs", scores / scores.sum(2, keepdims=True), value).reshape(x.shape)
        x = norm(x + linear(seen, f"{layer}.attended"), f"{layer}.attended_norm")
        inner = linear(x, f"{layer}.widened")
        inner *= 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = norm(x + linear(inner, f"{layer}.narrowed"), f"{layer}.narrowed_norm")
    mean = x.mean(0)
    return [float(number) for number in mean / np.linalg.norm(mean)]


def test_the_page_reckons_what_the_formulas_say(tmp_path: Path) -> None:
    """On a small model, whose page code and formulas read the same packed weights, both give one embedding."""
    model, folder = small_model(), tmp_path / "made"
    write_page_model(folder, model, {SCHOOL: 2}, fine=6)
    header = json.loads((folder / HEADER_FILE).read_text(encoding="utf-8"))
    weights = gzip.decompress((folder / WEIGHTS_FILE).read_bytes())
    ids = {piece: id for id, piece in enumerate(header["pieces"])}
    texts = {
        "": [],
        "The planning": ["the", "plan", "##ning"],
        "a volcano, a school aa": ["a", "volcano", "[UNK]", "a", "school", "a"],
    }
    found = ask_page_code({"embeddings": list(texts), "folder": str(folder)})
    for embedded, pieces in zip(found, texts.values(), strict=True):
        expected = embedding(header, weights, [ids[piece] for piece in ("[CLS]", *pieces, "[SEP]")])
        assert embedded == pytest.approx(expected, abs=1e-6)


def test_the_header_says_what_the_file_is() -> None:
    """The header names format, model, sizes and hashes; the file ends where its last part does; packed twice, same bytes."""
    model = small_model()
    kept = choose_pieces(PIECES, {}, fine=6)
    header, weights = pack(model, kept)
    assert pack(small_model(), kept) == (header, weights)
    sizes = {name: header[name] for name in ("format", "model", "dimension", "layers", "heads", "longest")}
    assert sizes == {"format": 2, "model": "small", "dimension": 64, "layers": 2, "heads": 2, "longest": 8}
    assert header["source_sha256"] == "0" * 64
    assert header["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    assert header["weights_bytes"] == len(weights)
    assert header["pieces"] == [piece for piece in PIECES if piece != "[unused0]"]
    last = max((place for place in header["tensors"].values() if "values" in place), key=lambda place: int(place["values"]))
    assert last["values"] + 2 * last["shape"][0] == len(weights)


def test_positions_hold_the_first_segment_too() -> None:
    """A position's row is its own plus the first segment's, for as many positions as the model reads."""
    model = small_model()
    header, weights = pack(model, Kept((0,), ()))
    of = model.tensors
    expected = of["embeddings.position_embeddings.weight"][:8] + of["embeddings.token_type_embeddings.weight"][0]
    lost = unpacked(header, weights, "positions") - expected
    assert float((lost**2).sum()) < 0.02 * float((expected**2).sum())


@pytest.fixture(scope="module")
def folder(artefact: Artefact, encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real model, packed for the project's own passages."""
    made = tmp_path_factory.mktemp("browser-model")
    counts = count_pieces(encoder_folder, (passage.embedded_text for passage in artefact.passages))
    write_page_model(made, chosen_model(DEFAULT_MODEL, "").bert(), counts)
    return made


@pytest.mark.slow
@pytest.mark.model
def test_the_real_model_is_small_and_has_every_piece(folder: Path) -> None:
    """The real file takes at most 8.2 MB, knows its source, and holds every word piece but the unused ones."""
    header = json.loads((folder / HEADER_FILE).read_text(encoding="utf-8"))
    served = (folder / WEIGHTS_FILE).read_bytes()
    weights = gzip.decompress(served)
    assert len(served) <= 8_200_000
    assert header["source_sha256"] == chosen_model(DEFAULT_MODEL, "").weights_sha256
    assert header["weights_sha256"] == hashlib.sha256(weights).hexdigest()
    assert len(header["pieces"]) == 30_522 - 994


def corpus_texts() -> list[str]:
    """Fifty problems in the field's own words."""
    lines = (ROOT / "tests" / "relevance" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines[:50]]


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize("texts", [corpus_texts(), EVERYDAY_TEXTS], ids=["the field's words", "everyday words"])
def test_the_page_agrees_with_the_server(folder: Path, artefact: Artefact, texts: list[str]) -> None:
    """The cosine with the server's embedding is at least 0.9, and 0.945 on the mean, also for words that the corpus lacks.

    The floor is well above what leaving word pieces out costs (down to 0.45): a lost piece or a wrong step cannot pass.
    """
    found = np.array(ask_page_code({"embeddings": texts, "folder": str(folder)}))
    cosines = (found * artefact.encoder.encode(texts)).sum(axis=1)
    assert len(texts) == 50
    assert cosines.min() >= 0.9
    assert cosines.mean() >= 0.945


@pytest.mark.model
def test_a_model_that_the_page_cannot_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of another kind is refused with all that it lacks."""
    model = SentenceModel()
    loaded = model._model()
    monkeypatch.setattr(loaded[0].auto_model.config, "hidden_act", "relu")
    with pytest.raises(
        ModelError, match=r"cannot run sentence-transformers/\S+ \(it lacks: activation gelu\)\. Leave CASEBOOK"
    ):
        model.bert()
