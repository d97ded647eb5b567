"""A small project that is built whole, with the project's own pages, MkDocs and the real encoder, but without torch."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from indexer.building import Built, build
from indexer.content.loading import load_corpus
from indexer.errors import ModelError
from indexer.model.encoder import Embeddings, EncoderInfo, OnnxEncoder, read_info
from indexer.model.page_model import BertModel
from tests.conftest import ROOT
from tests.doubles import QuietSteps
from tests.small_corpus import FILES, write_small_corpus

TODAY = date(2026, 6, 1)
STUDIES = tuple(name for name in FILES if name.startswith("casestudies/") and name.endswith(".md") and "README" not in name)


class ExportedModel:
    """A build model that embeds with an encoder that was exported before; the page cannot run it."""

    def __init__(self, encoder_folder: Path) -> None:
        """`encoder_folder` holds the real exported encoder."""
        info = read_info(encoder_folder)
        self.name, self.weights_sha256 = info.name, info.weights_sha256
        self._folder, self._encoder = encoder_folder, OnnxEncoder(encoder_folder)

    def encode(self, texts: Sequence[str], progress: Callable[[], None] = lambda: None) -> Embeddings:
        """As the encoder does."""
        return self._encoder.encode(texts)

    def export(self, folder: Path) -> EncoderInfo:
        """Copies the encoder's files."""
        folder.mkdir(parents=True)
        for name in ("model.onnx", "tokenizer.json", "encoder.json"):
            shutil.copyfile(self._folder / name, folder / name)
        return read_info(folder)

    def bert(self) -> BertModel:
        """It has no weights for a page."""
        raise ModelError("The page cannot run an exported model.")


def write_small_project(root: Path) -> Path:
    """The small corpus, with the project's own hand-written pages, page code and settings but for the order of pages."""
    write_small_corpus(root)
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("guidance"), dirs_exist_ok=True)
    for page in (root / "docs").glob("*.md"):  # some lead to the project's own case studies
        text = page.read_text(encoding="utf-8")
        page.write_text(re.sub(r"\[([^]]*)\]\((case-studies|guidance)/[^)]+\)", r"\1", text), encoding="utf-8")
    settings, _, _ = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")
    (root / "mkdocs.yml").write_text(settings, encoding="utf-8")
    return root


def edit(root: Path, name: str, old: str, new: str) -> None:
    """Changes a file of the content."""
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new), encoding="utf-8")


def built(root: Path, encoder_folder: Path) -> Built:
    """A whole build of a project into its folder `build`."""
    model = ExportedModel(encoder_folder)
    return build(root, load_corpus(root), model, root / "build", today=TODAY, progress=QuietSteps())
