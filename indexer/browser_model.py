"""The model as the page takes it: its weights in four bits each, and only the word pieces that a problem is likely to need.

Two files: browser-model.bin, the numbers, and browser-model.json, the header that says where each of them stands, which word
pieces there are and what all of it was made from. docs/assets/search/encoder/ reads them. Same model, same choice of word
pieces: same bytes.

A matrix is cut into groups of 32 neighbours in a row. A group has one scale, and each of its weights is one of 16 levels times
that scale, so that a weight takes 4 bits and its share of the scale half a bit. All else (biases, layer norms, scales) is
float16. Numbers are little-endian.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import ModelError

FORMAT = 1
WEIGHTS_FILE, HEADER_FILE = "browser-model.bin", "browser-model.json"
GROUP = 32
"""Weights that share a scale."""

BUDGET_BYTES = 8_400_000
"""The most that the file of weights may take, before compression: about 8 MB with the header when compressed."""

MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Pieces with a meaning of their own; the tokenizer knows them by name."""

_POSITIVE_LEVELS = (0.1284, 0.3881, 0.6568, 0.9424, 1.2562, 1.6181, 2.0690, 2.7326)
LEVELS = tuple(round(x / _POSITIVE_LEVELS[-1], 6) for x in (*(-x for x in _POSITIVE_LEVELS[::-1]), *_POSITIVE_LEVELS))
"""The 16 levels that lose least on normally distributed weights (J. Max, Quantizing for minimum distortion, 1960, table I),
put between -1 and 1. On this model they lose about a tenth less than 16 equal steps."""

_CLIPPING = tuple(step / 100 for step in range(100, 58, -4))
"""What the largest weight of a group may be cut to, as a share of it: a smaller scale is finer for all the others."""

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
    """A matrix in four bits a weight."""

    codes: npt.NDArray[np.uint8]
    """Shape (rows, columns / 2): the level (0 to 15) of an even column in the high four bits, of the next one in the low four."""
    scales: npt.NDArray[np.float16]
    """Shape (rows, columns / group), never negative."""


def quantise(matrix: Floats, group: int = GROUP) -> Quantised:
    """Gives each weight the nearest level, and each group the scale, of those tried, with the least squared error.

    Args:
        matrix: Shape (rows, columns).
        group: How many neighbours in a row share a scale; divides the columns.
    """
    rows, columns = matrix.shape
    groups = matrix.reshape(-1, group)
    largest = np.abs(groups).max(axis=1)
    least_error = np.full(len(groups), np.inf, dtype=np.float32)
    scales = np.zeros(len(groups), dtype=np.float16)
    codes = np.zeros(groups.shape, dtype=np.uint8)
    for share in _CLIPPING:
        tried = (largest * np.float32(share)).astype(np.float16)
        found = _nearest_level(groups, tried)
        error = ((_LEVEL[found] * tried[:, None].astype(np.float32) - groups) ** 2).sum(axis=1)
        better = error < least_error
        least_error[better], scales[better], codes[better] = error[better], tried[better], found[better]
    codes = codes.reshape(rows, columns)
    return Quantised(codes[:, 0::2] << 4 | codes[:, 1::2], scales.reshape(rows, columns // group))


def restore(packed: Quantised) -> Floats:
    """The matrix that four bits a weight stand for, shape (rows, columns)."""
    codes = np.stack([packed.codes >> 4, packed.codes & 15], axis=2).reshape(len(packed.codes), -1)
    group = codes.shape[1] // packed.scales.shape[1]
    return np.asarray(_LEVEL[codes] * np.repeat(packed.scales.astype(np.float32), group, axis=1), dtype=np.float32)


_LEVEL = np.array(LEVELS, dtype=np.float32)
_BETWEEN_LEVELS = (_LEVEL[1:] + _LEVEL[:-1]) / 2


def _nearest_level(groups: Floats, scales: npt.NDArray[np.float16]) -> npt.NDArray[np.uint8]:
    divisor = np.where(scales > 0, scales, 1).astype(np.float32)
    return np.searchsorted(_BETWEEN_LEVELS, groups / divisor[:, None]).astype(np.uint8)


def choose_pieces(pieces: Sequence[str], counts: Mapping[int, int], number: int) -> list[int]:
    """Which word pieces to keep, as ids in the order that they have in the model.

    First those without which words cannot be spelt at all (the marks and every single character), then those of the corpus,
    then those of general English. BERT's vocabulary has its commoner pieces first, so the lowest ids are general English.
    A piece left out is spelt by smaller ones.

    Args:
        pieces: The model's vocabulary.
        counts: How often each id stands in the corpus.
        number: How many to keep.

    Raises:
        ModelError: Where not even the marks and the single characters find room.
    """
    needed = {id for id, piece in enumerate(pieces) if piece in MARKS or len(piece.removeprefix("##")) == 1}
    if number < len(needed):
        raise ModelError(f"{number} word pieces are too few: the single characters alone are {len(needed)}. Raise the budget.")
    usable = (id for id, piece in enumerate(pieces) if id not in needed and not piece.startswith("[unused"))
    best_first = sorted(usable, key=lambda id: (-counts.get(id, 0), id))
    return sorted(needed | set(best_first[: number - len(needed)]))


def pieces_that_fit(model: BertModel, budget_bytes: int = BUDGET_BYTES) -> int:
    """How many word pieces a file of weights has room for."""
    bytes_a_piece = model.dimension // 2 + 2 * (model.dimension // GROUP)
    without = len(pack(model, [])[1])
    return max(0, min(len(model.pieces), (budget_bytes - without) // bytes_a_piece))


def pack(model: BertModel, kept: Sequence[int], group: int = GROUP) -> tuple[dict[str, Any], bytes]:
    """The header and the file of weights, with the word pieces of the ids given."""
    weights = bytearray()
    places = {name: _put(weights, tensor, group) for name, tensor in _tensors(model, kept).items()}
    header = {
        "format": FORMAT,
        "model": model.name,
        "source_sha256": model.sha256,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "weights_bytes": len(weights),
        "dimension": model.dimension,
        "inner": int(model.tensors["encoder.layer.0.intermediate.dense.weight"].shape[0]),
        "layers": model.layers,
        "heads": model.heads,
        "longest": model.longest,
        "norm_epsilon": model.norm_epsilon,
        "group": group,
        "levels": list(LEVELS),
        "tensors": places,
        "pieces": [model.pieces[id] for id in kept],
    }
    return header, bytes(weights)


def write_browser_model(folder: Path, model: BertModel, counts: Mapping[int, int], budget_bytes: int = BUDGET_BYTES) -> None:
    """Writes both files, with as many word pieces as the budget has room for.

    Args:
        folder: Where to.
        model: The model.
        counts: How often each word piece's id stands in the corpus.
        budget_bytes: The most that the file of weights may take.
    """
    kept = choose_pieces(model.pieces, counts, pieces_that_fit(model, budget_bytes))
    header, weights = pack(model, kept)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS_FILE).write_bytes(weights)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    (folder / HEADER_FILE).write_text(text + "\n", encoding="utf-8")


def _tensors(model: BertModel, kept: Sequence[int]) -> dict[str, Floats]:
    """All that goes into the file, by our names and in order."""
    of = model.tensors
    # Every query is one segment, so the first segment's row can be added to each position's once and for all.
    positions = of["embeddings.position_embeddings.weight"][: model.longest] + of["embeddings.token_type_embeddings.weight"][0]
    found = {
        "pieces": of["embeddings.word_embeddings.weight"][np.asarray(kept, dtype=np.intp)],
        "positions": positions,
        "embedded_norm.weight": of["embeddings.LayerNorm.weight"],
        "embedded_norm.bias": of["embeddings.LayerNorm.bias"],
    }
    for layer in range(model.layers):
        for ours, theirs in (_LAYER_MATRICES | _LAYER_NORMS).items():
            for part in ("weight", "bias"):
                found[f"{layer}.{ours}.{part}"] = of[f"encoder.layer.{layer}.{theirs}.{part}"]
    return found


def _put(weights: bytearray, tensor: Floats, group: int) -> dict[str, Any]:
    """Adds a tensor to the file; returns its shape and at which byte its parts start."""
    if tensor.ndim == 1:
        return {"shape": list(tensor.shape), "values": _append(weights, tensor.astype("<f2"))}
    packed = quantise(tensor, group)
    return {
        "shape": list(tensor.shape),
        "codes": _append(weights, packed.codes),
        "scales": _append(weights, packed.scales.astype("<f2")),
    }


def _append(weights: bytearray, part: npt.NDArray[Any]) -> int:
    weights.extend(bytes(len(weights) % 2))  # float16 starts at an even byte
    start = len(weights)
    weights.extend(part.tobytes())
    return start
