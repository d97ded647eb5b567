"""The model as the page takes it: its weights in two or four bits each.

Two files: browser-model.bin, the numbers, and browser-model.json, the header that says where each of them stands, which word
pieces there are and what all of it was made from. docs/assets/search/encoder/ reads them. Same model, same choice of word
pieces: same bytes.

A matrix is cut into groups of neighbours in a row. A group has one scale, and each of its weights is that scale times one of
a few levels: 16 levels in four bits, 4 in two. The layers take four bits and groups of 64. The word pieces take one scale a
row, and four bits for those of the corpus and the commonest of English, two for the others: a piece in two bits is a little
blurred, while a piece left out is spelt in fragments that mean something else. All the rest (biases, layer norms, scales) is
float16. Numbers are little-endian.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import ModelError

FORMAT = 1
WEIGHTS_FILE, HEADER_FILE = "browser-model.bin", "browser-model.json"
GROUP = 64
"""Weights of a layer that share a scale."""

BUDGET_BYTES = 8_900_000
"""The most that the file of weights may take before compression; every word piece of the default model fits."""

FINE_PIECES = 2_500
"""Word pieces in four bits: those of the corpus, then the commonest of English."""

MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Pieces with a meaning of their own; the tokenizer knows them by name."""

_LEVELS_OF_A_NORMAL = {2: (0.4528, 1.510), 4: (0.1284, 0.3881, 0.6568, 0.9424, 1.2562, 1.6181, 2.0690, 2.7326)}
LEVELS = {
    bits: tuple(round(level / above_zero[-1], 6) for level in (*(-level for level in above_zero[::-1]), *above_zero))
    for bits, above_zero in _LEVELS_OF_A_NORMAL.items()
}
"""By bits, the levels that lose least on normally distributed weights (J. Max, Quantizing for minimum distortion, 1960,
table I), put between -1 and 1."""

_SHARES = tuple(step / 100 for step in range(100, 28, -4))
"""What a scale is tried at, as a share of the largest weight of its group: the largest is cut, and all others are finer."""

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
    """A matrix in a few bits a weight."""

    bits: int
    """2 or 4."""
    codes: npt.NDArray[np.uint8]
    """Shape (rows, columns * bits / 8): which level, the first column's in the lowest bits of the first byte."""
    scales: npt.NDArray[np.float16]
    """Shape (rows, columns / group), never negative."""


def quantise(matrix: Floats, bits: int, group: int) -> Quantised:
    """Gives each weight the nearest level, and each group the scale, of those tried, with the least squared error.

    Args:
        matrix: Shape (rows, columns).
        bits: Of a weight, 2 or 4.
        group: How many neighbours in a row share a scale; divides the columns.
    """
    rows, columns = matrix.shape
    groups = matrix.reshape(-1, group)
    levels = np.array(LEVELS[bits], dtype=np.float32)
    largest = np.abs(groups).max(axis=1)
    least_error = np.full(len(groups), np.inf, dtype=np.float32)
    scales = np.zeros(len(groups), dtype=np.float16)
    codes = np.zeros(groups.shape, dtype=np.uint8)
    for share in _SHARES:
        tried = (largest * np.float32(share)).astype(np.float16)
        found = _nearest_level(groups, tried, levels)
        error = ((levels[found] * tried[:, None].astype(np.float32) - groups) ** 2).sum(axis=1)
        better = error < least_error
        least_error[better], scales[better], codes[better] = error[better], tried[better], found[better]
    return Quantised(bits, _packed(codes.reshape(rows, columns), bits), scales.reshape(rows, columns // group))


def restore(packed: Quantised) -> Floats:
    """The matrix that the packed one stands for, shape (rows, columns)."""
    shifts = np.arange(0, 8, packed.bits, dtype=np.uint8)
    codes = (packed.codes[:, :, None] >> shifts & (1 << packed.bits) - 1).reshape(len(packed.codes), -1)
    group = codes.shape[1] // packed.scales.shape[1]
    levels = np.array(LEVELS[packed.bits], dtype=np.float32)
    restored: Floats = levels[codes] * np.repeat(packed.scales.astype(np.float32), group, axis=1)
    return restored


def _nearest_level(groups: Floats, scales: npt.NDArray[np.float16], levels: Floats) -> npt.NDArray[np.uint8]:
    divisor = np.where(scales > 0, scales, 1).astype(np.float32)
    return np.searchsorted((levels[1:] + levels[:-1]) / 2, groups / divisor[:, None]).astype(np.uint8)


def _packed(codes: npt.NDArray[np.uint8], bits: int) -> npt.NDArray[np.uint8]:
    rows, columns = codes.shape
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    shifted = codes.reshape(rows, columns * bits // 8, 8 // bits) << shifts
    packed: npt.NDArray[np.uint8] = np.bitwise_or.reduce(shifted, axis=2)
    return packed


@dataclass(frozen=True)
class Kept:
    """The word pieces that are kept, as ids in the model's vocabulary, lowest first."""

    fine: tuple[int, ...]
    """In four bits."""
    coarse: tuple[int, ...]
    """In two."""


def choose_pieces(pieces: Sequence[str], counts: Mapping[int, int], fine: int, coarse: int) -> Kept:
    """Which word pieces to keep.

    In four bits: the marks, then the corpus's own pieces, then those of general English; BERT's vocabulary has its commoner
    pieces first, so the lowest ids are general English. In two bits: every single character, without which words could not
    be spelt, then what follows in general English. A piece left out is spelt by smaller ones.

    Args:
        pieces: The model's vocabulary.
        counts: How often each id stands in the corpus.
        fine: How many to keep in four bits.
        coarse: How many to keep in two.

    Raises:
        ModelError: Where the marks or the single characters find no room.
    """
    best_first = sorted(
        (id for id, piece in enumerate(pieces) if not piece.startswith("[unused")),
        key=lambda id: (pieces[id] not in MARKS, -counts.get(id, 0), _is_character(pieces[id]), id),
    )
    rest = sorted(best_first[fine:], key=lambda id: (not _is_character(pieces[id]), -counts.get(id, 0), id))
    characters = sum(_is_character(pieces[id]) for id in rest)
    if fine < len(MARKS) or coarse < characters:
        raise ModelError(
            f"There is room for {fine} word pieces in four bits and {coarse} in two; to spell every word at least "
            f"{len(MARKS)} and {characters} are needed. Raise the budget of the browser's model."
        )
    return Kept(tuple(sorted(best_first[:fine])), tuple(sorted(rest[:coarse])))


def _is_character(piece: str) -> bool:
    return len(piece.removeprefix("##")) == 1


def coarse_pieces_that_fit(model: BertModel, budget_bytes: int, fine: int) -> int:
    """How many word pieces in two bits a file of weights has room for, beside `fine` ones in four."""
    scale_bytes = 2
    a_fine_one, a_coarse_one = (model.dimension * bits // 8 + scale_bytes for bits in (4, 2))
    without = len(pack(model, Kept((), ()))[1])
    return max(0, (budget_bytes - without - fine * a_fine_one) // a_coarse_one)


def pack(model: BertModel, kept: Kept, group: int = GROUP) -> tuple[dict[str, Any], bytes]:
    """The header and the file of weights, with the word pieces given: the fine ones first, then the coarse ones."""
    weights = bytearray()
    places = {
        name: _put_matrix(weights, matrix, bits, shared) for name, matrix, bits, shared in _matrices(model, kept, group)
    }
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
        "levels": {str(bits): levels for bits, levels in LEVELS.items()},
        "tensors": places,
        "pieces": [model.pieces[id] for id in (*kept.fine, *kept.coarse)],
    }
    return header, bytes(weights)


def write_browser_model(
    folder: Path,
    model: BertModel,
    counts: Mapping[int, int],
    budget_bytes: int = BUDGET_BYTES,
    fine: int = FINE_PIECES,
) -> None:
    """Writes both files, with as many word pieces as the budget has room for.

    Args:
        folder: Where to.
        model: The model.
        counts: How often each word piece's id stands in the corpus.
        budget_bytes: The most that the file of weights may take.
        fine: How many word pieces have four bits.

    Raises:
        ModelError: Where the budget is too small to spell every word.
    """
    kept = choose_pieces(model.pieces, counts, fine, coarse_pieces_that_fit(model, budget_bytes, fine))
    header, weights = pack(model, kept)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS_FILE).write_bytes(weights)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    (folder / HEADER_FILE).write_text(text + "\n", encoding="utf-8")


def _matrices(model: BertModel, kept: Kept, group: int) -> Iterator[tuple[str, Floats, int, int]]:
    """Each matrix in the order of the file: our name, its weights, bits of a weight, weights that share a scale."""
    of, row = model.tensors, model.dimension
    pieces = of["embeddings.word_embeddings.weight"]
    yield "pieces.fine", pieces[np.asarray(kept.fine, dtype=np.intp)], 4, row
    yield "pieces.coarse", pieces[np.asarray(kept.coarse, dtype=np.intp)], 2, row
    # Every query is one segment, so the first segment's row can be added to each position's once and for all.
    positions = (
        of["embeddings.position_embeddings.weight"][: model.longest] + of["embeddings.token_type_embeddings.weight"][0]
    )
    yield "positions", positions, 4, row
    for layer in range(model.layers):
        for ours, theirs in _LAYER_MATRICES.items():
            yield f"{layer}.{ours}.weight", of[f"encoder.layer.{layer}.{theirs}.weight"], 4, group


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


def _put_matrix(weights: bytearray, matrix: Floats, bits: int, group: int) -> dict[str, Any]:
    """Adds a matrix to the file; returns what it is and at which byte its parts start."""
    packed = quantise(matrix, bits, group)
    codes, scales = _append(weights, packed.codes), _append(weights, packed.scales.astype("<f2"))
    return {"shape": list(matrix.shape), "bits": bits, "group": group, "codes": codes, "scales": scales}


def _put_vector(weights: bytearray, vector: Floats) -> dict[str, Any]:
    """Adds a vector to the file; returns what it is and at which byte it starts."""
    return {"shape": list(vector.shape), "values": _append(weights, vector.astype("<f2"))}


def _append(weights: bytearray, part: npt.NDArray[Any]) -> int:
    weights.extend(bytes(len(weights) % 2))  # float16 starts at an even byte
    start = len(weights)
    weights.extend(part.tobytes())
    return start
