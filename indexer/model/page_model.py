"""The model as the page takes it: its weights as small whole numbers that compress well.

Two files: browser-model.bin, the numbers, compressed with gzip, and browser-model.json, the header that says where each of
them stands, which word pieces there are and what all of it was made from. docs/assets/search/encoder/ reads them. Same
model, same choice of word pieces: same bytes.

A weight is rounded to whole steps, and a matrix has one step. A smaller step is nearer to the model and gives more different
numbers, so a larger file: gzip's Huffman code brings each weight down to about its entropy. For a given size this loses less
than a fixed number of bits a weight (uniform quantisation with entropy coding: Gish and Pierce, Asymptotically efficient
quantizing, 1968). The word pieces of the corpus and the commonest of English have a finer step than the others: a piece in
coarse steps is a little blurred, while a piece left out is spelt in fragments that mean something else. All the rest
(biases, layer norms, each word piece's own scale) is float16. Numbers are little-endian.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import ModelError

FORMAT = 2
WEIGHTS_FILE, HEADER_FILE = "browser-model.bin", "browser-model.json"

FINE_PIECES = 2_500
"""Word pieces in fine steps: those of the corpus, then the commonest of English."""

FINE_STEP, COARSE_STEP, LAYER_STEP = 0.5, 1.5, 0.26
"""Steps as shares of a matrix's root mean square (docs/decisions/0006 says what others cost)."""

RECIPE = (FORMAT, FINE_PIECES, FINE_STEP, COARSE_STEP, LAYER_STEP)
"""What the packed bytes depend on, beside the model and the counts."""

MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Pieces with a meaning of their own; the tokenizer knows them by name."""

Floats = npt.NDArray[np.float32]

_LAYER_MATRICES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attended": "attention.output.dense",
    "widened": "intermediate.dense",
    "narrowed": "output.dense",
}
_LAYER_NORMS = {"attended_norm": "attention.output.LayerNorm", "narrowed_norm": "output.LayerNorm"}
"""Our names for the parts of a layer, and BERT's."""


@dataclass(frozen=True)
class BertModel:
    """A BERT model with all that the page needs of it. `SentenceModel.bert` gives the real one."""

    name: str
    sha256: str
    """Of the file of weights that it was read from."""
    tensors: Mapping[str, Floats]
    """Weights by their names in the model, such as `encoder.layer.0.output.dense.weight`."""
    pieces: tuple[str, ...]
    """The vocabulary: a piece's id is its place. Lower ids are more frequent in general English."""
    layers: int
    heads: int
    norm_epsilon: float
    longest: int
    """The most word pieces that the model reads, with [CLS] and [SEP]."""

    @property
    def dimension(self) -> int:
        """The numbers in an embedding."""
        return int(self.tensors["embeddings.word_embeddings.weight"].shape[1])


@dataclass(frozen=True)
class Quantised:
    """A matrix in whole steps."""

    codes: npt.NDArray[np.int8]
    """Shape (rows, columns)."""
    scales: npt.NDArray[np.float16]
    """What a code is multiplied with to give a weight, shape (rows,)."""


def quantise(matrix: Floats, step: float) -> Quantised:
    """Rounds each weight to whole steps, and gives each row the scale that then fits it best (least squares).

    Args:
        matrix: Shape (rows, columns).
        step: As a share of the matrix's root mean square.
    """
    if not matrix.size:
        return Quantised(np.zeros(matrix.shape, dtype=np.int8), np.zeros(len(matrix), dtype=np.float16))
    one_step = step * float(np.sqrt((matrix.astype(np.float64) ** 2).mean()))
    codes = np.clip(np.rint(matrix / one_step), -127, 127)
    squares = (codes**2).sum(axis=1)
    scales = np.divide((codes * matrix).sum(axis=1), squares, out=np.zeros(len(matrix)), where=squares > 0)
    return Quantised(codes.astype(np.int8), scales.astype(np.float16))


def restore(packed: Quantised) -> Floats:
    """The matrix that the packed one stands for, shape (rows, columns)."""
    restored: Floats = packed.codes.astype(np.float32) * packed.scales.astype(np.float32)[:, None]
    return restored


@dataclass(frozen=True)
class Kept:
    """The word pieces, as ids in the model's vocabulary, lowest first."""

    fine: tuple[int, ...]
    """In fine steps."""
    coarse: tuple[int, ...]
    """In coarse ones."""


def choose_pieces(pieces: Sequence[str], counts: Mapping[int, int], fine: int) -> Kept:
    """Which word pieces have fine steps: the marks, then the corpus's own, then those of general English.

    BERT's vocabulary has its commoner pieces first, so the lowest ids are general English. Its unused places are left out.

    Args:
        pieces: The model's vocabulary.
        counts: How often each id stands in the corpus.
        fine: How many.

    Raises:
        ModelError: Where the marks find no room.
    """
    if fine < len(MARKS):
        raise ModelError(f"There is room for {fine} word pieces in fine steps; at least {len(MARKS)} are needed.")
    best_first = sorted(
        (id for id, piece in enumerate(pieces) if not piece.startswith("[unused")),
        key=lambda id: (pieces[id] not in MARKS, -counts.get(id, 0), id),
    )
    return Kept(tuple(sorted(best_first[:fine])), tuple(sorted(best_first[fine:])))


def pack(model: BertModel, kept: Kept) -> tuple[dict[str, Any], bytes]:
    """The header and the weights before they are compressed, the fine word pieces before the coarse ones."""
    weights = bytearray()
    places = {name: _put_matrix(weights, matrix, step) for name, matrix, step in _matrices(model, kept)}
    places |= {name: _put_vector(weights, vector) for name, vector in _vectors(model)}
    header = {
        "format": FORMAT,
        "model": model.name,
        "source_sha256": model.sha256,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "weights_bytes": len(weights),
        "dimension": model.dimension,
        "layers": model.layers,
        "heads": model.heads,
        "longest": model.longest,
        "norm_epsilon": model.norm_epsilon,
        "tensors": places,
        "pieces": [model.pieces[id] for id in (*kept.fine, *kept.coarse)],
    }
    return header, bytes(weights)


def write_page_model(folder: Path, model: BertModel, counts: Mapping[int, int], fine: int = FINE_PIECES) -> None:
    """Writes both files.

    Args:
        folder: Where to.
        model: The model.
        counts: How often each word piece's id stands in texts of the field.
        fine: How many word pieces have fine steps.

    Raises:
        ModelError: Where those are too few.
    """
    header, weights = pack(model, choose_pieces(model.pieces, counts, fine))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS_FILE).write_bytes(compressed(weights))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    (folder / HEADER_FILE).write_text(text + "\n", encoding="utf-8")


def compressed(weights: bytes) -> bytes:
    """A gzip file of the weights. Only its Huffman code finds anything to save; looking for repeats costs time and bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16, 9, zlib.Z_HUFFMAN_ONLY)
    data = packer.compress(weights) + packer.flush()
    assert gzip.decompress(data) == weights
    return data


def _matrices(model: BertModel, kept: Kept) -> Iterator[tuple[str, Floats, float]]:
    """Each matrix in the order of the file: our name, its weights, its step."""
    of = model.tensors
    pieces = of["embeddings.word_embeddings.weight"]
    yield "pieces.fine", pieces[np.asarray(kept.fine, dtype=np.intp)], FINE_STEP
    yield "pieces.coarse", pieces[np.asarray(kept.coarse, dtype=np.intp)], COARSE_STEP
    # Every query is one segment, so the first segment's row can be added to each position's once and for all.
    positions = (
        of["embeddings.position_embeddings.weight"][: model.longest] + of["embeddings.token_type_embeddings.weight"][0]
    )
    yield "positions", positions, LAYER_STEP
    for layer in range(model.layers):
        for ours, theirs in _LAYER_MATRICES.items():
            yield f"{layer}.{ours}.weight", of[f"encoder.layer.{layer}.{theirs}.weight"], LAYER_STEP


def _vectors(model: BertModel) -> Iterator[tuple[str, Floats]]:
    """Each bias and norm in the order of the file: our name and its numbers."""
    of = model.tensors
    for part in ("weight", "bias"):
        yield f"embedded_norm.{part}", of[f"embeddings.LayerNorm.{part}"]
    for layer in range(model.layers):
        for ours, theirs in _LAYER_MATRICES.items():
            yield f"{layer}.{ours}.bias", of[f"encoder.layer.{layer}.{theirs}.bias"]
        for ours, theirs in _LAYER_NORMS.items():
            for part in ("weight", "bias"):
                yield f"{layer}.{ours}.{part}", of[f"encoder.layer.{layer}.{theirs}.{part}"]


def _put_matrix(weights: bytearray, matrix: Floats, step: float) -> dict[str, Any]:
    """Adds a matrix to the file; returns its shape and at which byte its parts start."""
    packed = quantise(matrix, step)
    codes, scales = _append(weights, packed.codes), _append(weights, packed.scales.astype("<f2"))
    return {"shape": list(matrix.shape), "codes": codes, "scales": scales}


def _put_vector(weights: bytearray, vector: Floats) -> dict[str, Any]:
    """Adds a vector to the file; returns its shape and at which byte it starts."""
    return {"shape": list(vector.shape), "values": _append(weights, vector.astype("<f2"))}


def _append(weights: bytearray, part: npt.NDArray[Any]) -> int:
    weights.extend(bytes(len(weights) % 2))  # float16 starts at an even byte
    start = len(weights)
    weights.extend(part.tobytes())
    return start
