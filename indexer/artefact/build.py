"""Builds the artefact from the content: passages, embeddings (only new ones), index. The site is another room's."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from indexer.artefact.page_index import write_page_index
from indexer.artefact.store import ENCODER_FILES, Artefact, Manifest, write_artefact
from indexer.content.corpus import Corpus, corpus_hash
from indexer.errors import ArtefactError
from indexer.model import page_model
from indexer.model.encoder import Embeddings, EncoderInfo, TokenCounter, count_pieces, read_info
from indexer.retrieval.layout import pages_of, texts_to_embed
from indexer.retrieval.naming import names_of
from indexer.retrieval.passages import documents, passages
from indexer.retrieval.records import Passage, SearchFocusArea

ENCODER_FORM = 2
"""Goes up when an export comes to hold something else, so that a kept one of the old form is not used."""


class BuildModel(Protocol):
    """What a build asks of a model; `indexer.model.sentence_model.SentenceModel` is the real one."""

    name: str
    weights_sha256: str

    def encode(self, texts: Sequence[str], progress: Callable[[], None] = ...) -> Embeddings:
        """Embeds each text by itself; calls `progress` after each."""
        ...

    def export(self, folder: Path) -> EncoderInfo:
        """Writes the serving form to a new folder."""
        ...


class PageModel(Protocol):
    """What a build asks of a model that the page is to run."""

    weights_sha256: str

    def bert(self) -> page_model.BertModel:
        """Its weights.

        Raises:
            ModelError: Where the page cannot run it.
        """
        ...


class Progress(Protocol):
    """How a build tells of its steps."""

    def step(self, name: str, total: int | None = None) -> Callable[[], None]:
        """Begins a step of `total` parts (None: not known); the function that comes back counts one part done."""
        ...


@dataclass(frozen=True)
class Report:
    """What a build did; `embedded` and `reused` count different texts."""

    manifest: Manifest
    embedded: int
    reused: int
    passages: tuple[Passage, ...]
    embeddings: Embeddings
    """Row i embeds passage i, shape (passages, dimension)."""


def build_artefact(corpus: Corpus, model: BuildModel, folder: Path, cache: Path, progress: Progress) -> Report:
    """Brings the artefact in step with the content; embeds only what is new and loads the model only for that.

    Args:
        corpus: The checked content.
        model: The model to embed and export with.
        folder: The artefact's folder.
        cache: Where exported encoders and embeddings are kept between builds.
        progress: Told of each long step.

    Returns:
        The manifest, and how many passages were embedded now and how many came from the cache.
    """
    found_hash = corpus_hash(corpus)
    encoder_folder = cache / f"encoder-{ENCODER_FORM}-{model.weights_sha256[:16]}"
    if not _is_exported(encoder_folder, model):
        done = progress.step("Preparing the language model (once)")
        shutil.rmtree(encoder_folder, ignore_errors=True)
        model.export(encoder_folder)
        _stamp_file(encoder_folder).write_text(_stamp(encoder_folder), encoding="utf-8")
        done()
    found = passages(corpus, TokenCounter(encoder_folder), read_info(encoder_folder).max_tokens)
    known = documents(corpus)
    focus_areas = [
        SearchFocusArea(
            slug=area.slug,
            label=area.label,
            definition=area.definition,
            questions=tuple(question.text for question in corpus.questions_of(area)),
            duties=tuple(duty.stated() for duty in corpus.duties if duty.id in area.duties),
        )
        for area in corpus.focus_areas
    ]
    texts = texts_to_embed(pages_of(known, found), corpus.not_covered, focus_areas)
    embeddings, embedded = _embed(texts, model, cache / f"embeddings-{model.weights_sha256[:16]}.npz", progress)
    manifest = write_artefact(
        folder,
        documents=known,
        passages=found,
        focus_areas=focus_areas,
        topics=corpus.not_covered,
        glossary=corpus.glossary,
        names=names_of(corpus),
        embeddings=embeddings,
        corpus_hash=found_hash,
        encoder_folder=encoder_folder,
    )
    return Report(manifest, embedded, len(set(texts)) - embedded, tuple(found), embeddings[: len(found)])


def build_page_index(
    folder: Path, artefact: Artefact, encoder_folder: Path, model: PageModel, cache: Path, progress: Progress
) -> None:
    """Writes what the page searches over; packs the model only where that was not done before.

    The packed model depends on the guidance alone, and not on the case studies, so that readers need not get it again after
    each edit.

    Args:
        folder: Where to, among the site's assets; replaced whole.
        artefact: What the server would answer from.
        encoder_folder: Its encoder's.
        model: Its model.
        cache: As for `build_artefact`.
        progress: Likewise.

    Raises:
        ModelError: Where the page cannot run the model.
    """
    guidance = {document.id for document in artefact.documents if document.kind == "guidance"}
    texts = [passage.embedded_text for passage in artefact.passages if passage.document in guidance]
    counts = count_pieces(encoder_folder, texts)
    recipe = repr((page_model.RECIPE, model.weights_sha256, sorted(counts.items())))
    packed = cache / f"browser-model-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
    if not packed.is_dir():
        done = progress.step("Packing the language model for the page (once)")
        beside = packed.with_name(packed.name + ".new")
        shutil.rmtree(beside, ignore_errors=True)
        page_model.write_page_model(beside, model.bert(), counts)
        beside.replace(packed)
        done()
    write_page_index(folder, artefact, packed)


def _is_exported(folder: Path, model: BuildModel) -> bool:
    try:
        info, stamp = read_info(folder), _stamp_file(folder).read_text(encoding="utf-8")
        return info.weights_sha256 == model.weights_sha256 and info.name == model.name and stamp == _stamp(folder)
    except (ArtefactError, OSError, ValueError):  # not exported yet, or damaged since: export again
        return False


def _stamp_file(folder: Path) -> Path:
    return folder.with_name(folder.name + ".sha256")


def _stamp(folder: Path) -> str:
    digests = [hashlib.sha256((folder / name).read_bytes()).digest() for name in ENCODER_FILES]
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _embed(texts: Sequence[str], model: BuildModel, cache_file: Path, progress: Progress) -> tuple[Embeddings, int]:
    """The embeddings of texts, shape (texts, dimension), and how many of them were not in the cache."""
    kept = _read_cache(cache_file)
    keyed = {_key(text): text for text in texts}
    missing = {key: text for key, text in keyed.items() if key not in kept}
    if missing:
        done = progress.step("Embedding texts", len(missing))
        kept.update(zip(missing, model.encode(list(missing.values()), done), strict=True))
        _write_cache(cache_file, {key: kept[key] for key in keyed})
    rows = [kept[_key(text)] for text in texts]
    return np.stack(rows) if rows else model.encode([]), len(missing)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read_cache(path: Path) -> dict[str, Embeddings]:
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return dict(zip(stored["keys"].tolist(), stored["rows"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # no cache, or one that was damaged: embed again
        return {}


def _write_cache(path: Path, rows: dict[str, Embeddings]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, keys=np.array(list(rows)), rows=np.stack(list(rows.values())))
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(buffer.getvalue())
    beside.replace(path)
