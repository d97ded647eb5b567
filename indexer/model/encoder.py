"""The serving encoder: ONNX Runtime and tokenizers, and the only door to both. It never imports torch.

An encoder folder holds model.onnx (word piece ids in, one unit-length vector a text out), tokenizer.json and encoder.json.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from indexer.errors import ArtefactError

Embeddings = npt.NDArray[np.float32]
"""Shape (texts, dimension), float32, each row of length 1: an inner product is a cosine (-1 to 1, larger is nearer)."""


class Encoder(Protocol):
    """Turns texts into embeddings."""

    @property
    def words(self) -> frozenset[str]:
        """The words that the model knows whole, in small letters."""
        ...

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """Embeds each text on its own: the same text gives the same row whatever stands beside it."""
        ...


class EncoderInfo(BaseModel):
    """What an encoder is: which model, at which revision, and what it reads and gives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    revision: str
    weights_sha256: str
    dimension: int
    max_tokens: int
    agreement: float
    """The least cosine between this form and Sentence Transformers over the probe texts of the export."""


class OnnxEncoder:
    """The int8 ONNX form of the model, on one thread."""

    def __init__(self, folder: Path) -> None:
        """Loads an encoder folder.

        Raises:
            ArtefactError: Where a file of it is missing or cannot be loaded.
        """
        onnxruntime = onnx_runtime()
        self.info = read_info(folder)
        self._tokenizer = load_tokenizer(folder, self.info.max_tokens)
        self.words = frozenset(piece for piece in self._tokenizer.get_vocab() if piece.isalpha())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime has no common base for its errors
            raise ArtefactError(f"{folder / 'model.onnx'} cannot be loaded. Run `python -m indexer build`.") from error

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """Embeds each text by itself; texts beyond `info.max_tokens` word pieces are cut there."""
        rows = np.empty((len(texts), self.info.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
            rows[row] = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return rows


def onnx_runtime() -> Any:
    """ONNX Runtime with its telemetry shut: from 1.29 on it would write a device's id and report to its maker.

    The variable is what its documentation names for a full opt-out; it must be set before the library is loaded.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # for Windows, which does not read the variable
    return onnxruntime


def read_info(folder: Path) -> EncoderInfo:
    """Reads encoder.json of an encoder folder."""
    try:
        return EncoderInfo.model_validate(json.loads((folder / "encoder.json").read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ArtefactError(f"{folder / 'encoder.json'} cannot be read. Run `python -m indexer build`.") from error


def load_tokenizer(folder: Path, max_tokens: int | None) -> Any:
    """The folder's tokenizer, without padding, cut at `max_tokens` word pieces, or not at all for None."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises a bare Exception
        raise ArtefactError(f"{folder / 'tokenizer.json'} cannot be loaded. Run `python -m indexer build`.") from error
    tokenizer.no_padding()
    if max_tokens is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer


class TokenCounter:
    """Counts a text's word pieces with a folder's tokenizer, without the model's own marks."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = load_tokenizer(folder, None)

    def __call__(self, text: str) -> int:
        """The number of word pieces of a text."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


def count_pieces(folder: Path, texts: Iterable[str]) -> Counter[int]:
    """How often each word piece's id stands in texts, without the model's own marks."""
    tokenizer = load_tokenizer(folder, None)
    return Counter(id for text in texts for id in tokenizer.encode(text, add_special_tokens=False).ids)
