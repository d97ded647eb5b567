"""Doubles that a reader can compute by hand. They are tested in test_doubles.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from indexer.model.encoder import Embeddings, EncoderInfo

VOCABULARY = ("school", "plan", "parent", "money")


class CountingEncoder:
    """Counts each word of `VOCABULARY` in a text, and scales the counts to length 1.

    "school school plan" gives (2, 1, 0, 0) / √5. A text with none of the words gives (1, 1, 1, 1) / 2.
    """

    words = frozenset({"full", "late", "help", "potholes"})

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """Shape (texts, 4)."""
        rows = np.array([[text.lower().count(word) for word in VOCABULARY] for text in texts], dtype=np.float32)
        rows = rows.reshape(len(texts), len(VOCABULARY))
        rows[~rows.any(axis=1)] = 1.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


class CountingModel:
    """A build model over `CountingEncoder`; it remembers every text it was asked to embed in `embedded`."""

    name = "counting"
    weights_sha256 = "c0" * 32

    def __init__(self, encoder_folder: Path) -> None:
        """`encoder_folder` holds a real exported encoder, whose tokenizer the passages are cut with."""
        self._encoder_folder = encoder_folder
        self.embedded: list[str] = []

    def encode(self, texts: Sequence[str], progress: Callable[[], None] = lambda: None) -> Embeddings:
        """As the encoder does, and remembers the texts."""
        self.embedded.extend(texts)
        for _ in texts:
            progress()
        return CountingEncoder().encode(texts)

    def export(self, folder: Path) -> EncoderInfo:
        """Copies the real encoder's files and says that its dimension is 4."""
        folder.mkdir(parents=True)
        for name in ("model.onnx", "tokenizer.json"):
            (folder / name).write_bytes((self._encoder_folder / name).read_bytes())
        info = EncoderInfo(
            name=self.name,
            revision="hand-made",
            weights_sha256=self.weights_sha256,
            dimension=len(VOCABULARY),
            max_tokens=256,
            agreement=1.0,
        )
        (folder / "encoder.json").write_text(info.model_dump_json(), encoding="utf-8")
        return info


class QuietSteps:
    """Progress that shows nothing and remembers the steps' names in `steps`."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def step(self, name: str, total: int | None = None) -> Callable[[], None]:
        """Remembers the step."""
        self.steps.append(name)
        return lambda: None
