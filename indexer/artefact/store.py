"""The artefact: all that serving needs, in one folder that knows what it is.

    FOLDER/manifest.json   what it is, and the sha256 of each file
           documents.json, passages.json, focus-areas.json, topics.json, glossary.json, names.json
           embeddings.npy (quantised, `vector_index.quantise`), index.faiss
           model.onnx, tokenizer.json, encoder.json

It is a part of a version (`versions`), which is published whole and never changed. Same content and model, same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter

from indexer.content.lists import Term, Topic
from indexer.errors import ArtefactError
from indexer.model.encoder import Embeddings, EncoderInfo, OnnxEncoder, read_info
from indexer.retrieval.layout import pages_of, texts_to_embed
from indexer.retrieval.names import Name
from indexer.retrieval.ranking import Ranker
from indexer.retrieval.records import Document, Passage, SearchFocusArea
from indexer.retrieval.vector_index import Codes, VectorIndex, dequantise, quantise

FORMAT = 4
MANIFEST = "manifest.json"
CURE = "Run `python -m indexer build`."
ENCODER_FILES = ("model.onnx", "tokenizer.json", "encoder.json")
_DOCUMENTS = TypeAdapter(tuple[Document, ...])
_PASSAGES = TypeAdapter(tuple[Passage, ...])
_TOPICS = TypeAdapter(tuple[Topic, ...])
_GLOSSARY = TypeAdapter(tuple[Term, ...])
_NAMES = TypeAdapter(tuple[Name, ...])
_FOCUS_AREAS = TypeAdapter(tuple[SearchFocusArea, ...])


class Manifest(BaseModel):
    """What an artefact says it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    model: str
    model_revision: str
    weights_sha256: str
    dimension: int
    documents: int
    passages: int
    rows: int
    corpus: str
    files: dict[str, str]
    """The sha256 of each file, by name."""


@dataclass(frozen=True)
class Artefact:
    """A loaded and checked artefact. Row i of the index is text i of `layout.texts_to_embed`."""

    manifest: Manifest
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    focus_areas: tuple[SearchFocusArea, ...]
    topics: tuple[Topic, ...]
    glossary: tuple[Term, ...]
    names: tuple[Name, ...]
    index: VectorIndex
    encoder: OnnxEncoder

    def ranker(self) -> Ranker:
        """A ranker over its pages, in the order of the index's rows."""
        pages = pages_of(self.documents, self.passages)
        return Ranker(pages, self.index, self.encoder, self.topics, self.glossary, self.names)


def write_artefact(
    folder: Path,
    *,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    focus_areas: Sequence[SearchFocusArea],
    topics: Sequence[Topic],
    glossary: Sequence[Term],
    names: Sequence[Name],
    embeddings: Embeddings,
    corpus_hash: str,
    encoder_folder: Path,
) -> Manifest:
    """Writes an artefact.

    Args:
        folder: Made if missing.
        documents: Sorted by id.
        passages: Sorted by id.
        focus_areas: In the guidance's order.
        topics: What is not covered.
        glossary: The abbreviations and their other forms.
        names: What leads to pages by its name.
        embeddings: Row i embeds text i of `layout.texts_to_embed`, shape (texts, dimension).
        corpus_hash: The content's hash.
        encoder_folder: Where the exported encoder is.
    """
    info, codes = read_info(encoder_folder), quantise(embeddings)
    files: dict[str, bytes] = {
        "documents.json": _DOCUMENTS.dump_json(tuple(documents), indent=1),
        "passages.json": _PASSAGES.dump_json(tuple(passages), indent=1),
        "focus-areas.json": _FOCUS_AREAS.dump_json(tuple(focus_areas), indent=1),
        "topics.json": _TOPICS.dump_json(tuple(topics), indent=1),
        "glossary.json": _GLOSSARY.dump_json(tuple(glossary), indent=1),
        "names.json": _NAMES.dump_json(tuple(names), indent=1),
        "embeddings.npy": _npy(codes),
        "index.faiss": VectorIndex.build(dequantise(codes)).to_bytes(),
        **{name: (encoder_folder / name).read_bytes() for name in ENCODER_FILES},
    }
    manifest = Manifest(
        format=FORMAT,
        model=info.name,
        model_revision=info.revision,
        weights_sha256=info.weights_sha256,
        dimension=info.dimension,
        documents=len(documents),
        passages=len(passages),
        rows=len(embeddings),
        corpus=corpus_hash,
        files={name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in {**files, MANIFEST: manifest.model_dump_json(indent=2).encode() + b"\n"}.items():
        (folder / name).write_bytes(data)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an artefact, its format checked and nothing else.

    Raises:
        ArtefactError: Where it is missing, damaged or of another format.
    """
    path = folder / MANIFEST
    if not folder.is_dir():
        raise ArtefactError(f"There is no artefact in {folder}. {CURE}")
    try:
        data = json.loads(path.read_bytes())
        if data.get("format") != FORMAT:
            raise ArtefactError(f"{path} has format {data.get('format')}, this program reads format {FORMAT}. {CURE}")
        return Manifest.model_validate(data)
    except (OSError, ValueError, AttributeError) as error:
        raise ArtefactError(f"{path} cannot be read. {CURE}") from error


def load_artefact(folder: Path) -> Artefact:
    """Loads an artefact and checks every claim of its manifest.

    Raises:
        ArtefactError: Naming the mismatch and the command that mends it.
    """
    manifest = read_manifest(folder)
    data = checked_files(folder, manifest)
    try:
        documents = _DOCUMENTS.validate_json(data["documents.json"])
        passages = _PASSAGES.validate_json(data["passages.json"])
        focus_areas = _FOCUS_AREAS.validate_json(data["focus-areas.json"])
        topics = _TOPICS.validate_json(data["topics.json"])
        glossary = _GLOSSARY.validate_json(data["glossary.json"])
        names = _NAMES.validate_json(data["names.json"])
        index = VectorIndex.from_bytes(data["index.faiss"])
    except (KeyError, ValueError) as error:
        raise ArtefactError(f"{folder} does not hold what format {FORMAT} asks for. {CURE}") from error
    info = read_info(folder)
    texts = len(texts_to_embed(pages_of(documents, passages), topics, focus_areas))
    _check_counts(folder, manifest, documents, passages, texts, index, info)
    return Artefact(manifest, documents, passages, focus_areas, topics, glossary, names, index, OnnxEncoder(folder))


def checked_files(folder: Path, manifest: Manifest) -> dict[str, bytes]:
    """What each file of an artefact holds, by its name.

    Raises:
        ArtefactError: Where one is missing, or is not the file that the manifest names.
    """
    data: dict[str, bytes] = {}
    for name, expected in manifest.files.items():
        try:
            data[name] = (folder / name).read_bytes()
        except OSError as error:
            raise ArtefactError(f"{folder / name} is missing. {CURE}") from error
        if hashlib.sha256(data[name]).hexdigest() != expected:
            raise ArtefactError(f"{folder / name} is not the file that the manifest names (its hash differs). {CURE}")
    return data


def _npy(codes: Codes) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(codes), allow_pickle=False)
    return buffer.getvalue()


def _check_counts(
    folder: Path,
    manifest: Manifest,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    texts: int,
    index: VectorIndex,
    info: EncoderInfo,
) -> None:
    claims = {
        "documents": (manifest.documents, len(documents)),
        "passages": (manifest.passages, len(passages)),
        "texts to embed": (manifest.rows, texts),
        "rows of the index": (manifest.rows, index.shape[0]),
        "dimension of the index": (manifest.dimension, index.shape[1]),
        "dimension of the model": (manifest.dimension, info.dimension),
        "model": (manifest.model, info.name),
        "model's weights": (manifest.weights_sha256, info.weights_sha256),
        "pages of the passages": (set[str](), {passage.document for passage in passages} - {d.id for d in documents}),
    }
    for claim, (expected, found) in claims.items():
        if expected != found:
            raise ArtefactError(f"{folder}: the manifest's {claim} ({expected}) and what is there ({found}) differ. {CURE}")
