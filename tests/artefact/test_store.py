"""The artefact: same content, same bytes; whatever is damaged is refused by its name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.artefact.store import (
    ENCODER_FILES,
    FORMAT,
    load_artefact,
    read_manifest,
)
from indexer.content.corpus import Corpus, corpus_hash
from indexer.errors import ArtefactError
from indexer.retrieval.layout import pages_of, texts_to_embed
from indexer.retrieval.passages import passages
from indexer.retrieval.vector_index import dequantise, quantise
from tests.artefact.conftest import DAMAGES, Write, damage_file
from tests.doubles import CountingEncoder

CURE = "Run `python -m indexer build`."
FILES = (
    "documents.json",
    "passages.json",
    "focus-areas.json",
    "names.json",
    "topics.json",
    "glossary.json",
    "embeddings.npy",
    "index.faiss",
    *ENCODER_FILES,
)
pytestmark = pytest.mark.model


@pytest.fixture
def folder(write: Write, small: Corpus, tmp_path: Path) -> Path:
    """An artefact of the small corpus."""
    write(tmp_path / "artefact", small)
    return tmp_path / "artefact"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def forge(folder: Path, **claims: Any) -> None:
    """Changes claims of the manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **claims}), encoding="utf-8")


def test_what_is_written_is_what_is_loaded(folder: Path, small: Corpus) -> None:
    """A loaded artefact has the content's pages and passages, row i of its index is text i, and it says what it is."""
    artefact = load_artefact(folder)
    assert [found.id for found in artefact.documents] == [
        "ashby-units", "assessment-test", "bronte-headteachers", "code-of-practice", "goals", "naming-a-school", "new-law",
        "places", "seen-carrow",
    ]  # fmt: skip
    assert list(artefact.passages) == passages(small, lambda text: len(text.split()), 256)
    assert [area.slug for area in artefact.focus_areas] == ["provision", "culture"]
    rows = np.load(folder / "embeddings.npy")
    texts = texts_to_embed(pages_of(artefact.documents, artefact.passages), artefact.topics, artefact.focus_areas)
    assert rows.tolist() == quantise(CountingEncoder().encode(texts)).tolist()
    assert artefact.index.rows().tolist() == dequantise(rows).tolist()
    assert texts[: len(artefact.passages)] == [passage.embedded_text for passage in artefact.passages]
    assert artefact.topics == small.not_covered and artefact.glossary == small.glossary
    assert artefact.manifest == read_manifest(folder)
    assert (artefact.manifest.format, artefact.manifest.model, artefact.manifest.dimension) == (FORMAT, "counting", 4)
    assert (artefact.manifest.documents, artefact.manifest.rows) == (9, len(rows))
    assert artefact.manifest.corpus == corpus_hash(small)


def test_the_manifest_holds_the_hash_of_each_file(folder: Path) -> None:
    """Each file but the manifest stands in it with its sha256."""
    stored = {name: hashlib.sha256(data).hexdigest() for name, data in tree(folder).items() if name != "manifest.json"}
    assert sorted(stored) == sorted(FILES)
    assert read_manifest(folder).files == stored


def test_same_content_and_model_give_the_same_bytes(write: Write, small: Corpus, folder: Path, tmp_path: Path) -> None:
    """Two artefacts of the same inputs have the same files with the same bytes, and writing one again changes nothing."""
    write(tmp_path / "other", small)
    before = tree(folder)
    assert tree(tmp_path / "other") == before
    write(folder, small)
    assert tree(folder) == before


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_is_not_as_written_is_refused_by_its_name(folder: Path, name: str, damage: str) -> None:
    """Each file removed, emptied, cut short or changed is named, with the command that mends it."""
    path = folder / name
    damage_file(path, damage)
    with pytest.raises(ArtefactError) as refused:
        load_artefact(folder)
    assert str(path) in str(refused.value)
    assert str(refused.value).endswith(CURE)


def test_no_artefact_at_all_is_refused(tmp_path: Path) -> None:
    """A folder that does not exist is named."""
    with pytest.raises(ArtefactError, match="There is no artefact in") as refused:
        load_artefact(tmp_path / "nowhere")
    assert str(refused.value) == f"There is no artefact in {tmp_path / 'nowhere'}. {CURE}"


@pytest.mark.parametrize("format_", [FORMAT + 1, FORMAT - 1, "1", None])
def test_another_format_is_refused_by_its_number(folder: Path, format_: object) -> None:
    """An artefact of another format is told with both formats, before anything else is looked at."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({"format": format_}), encoding="utf-8")
    with pytest.raises(ArtefactError) as refused:
        load_artefact(folder)
    assert str(refused.value) == f"{path} has format {format_}, this program reads format {FORMAT}. {CURE}"


@pytest.mark.parametrize(
    ("claim", "value", "named"),
    [
        ("documents", 5, "documents (5) and what is there (9)"),
        ("passages", 1, "passages (1) and what is there"),
        ("dimension", 384, "dimension of the index (384) and what is there (4)"),
        ("model", "another", "model (another) and what is there (counting)"),
        ("weights_sha256", "00", "model's weights (00) and what is there"),
    ],
)
def test_a_claim_that_does_not_hold_is_refused_by_its_name(folder: Path, claim: str, value: object, named: str) -> None:
    """Even in a manifest with a fitting hash, a claim that what is there does not bear out is named with both values."""
    forge(folder, **{claim: value})
    with pytest.raises(ArtefactError) as refused:
        load_artefact(folder)
    assert f"the manifest's {named}" in str(refused.value)
    assert str(refused.value).endswith(f"differ. {CURE}")


@pytest.mark.parametrize("name", ["passages.json", "index.faiss"])
def test_a_manifest_that_leaves_a_file_out_is_refused(folder: Path, name: str) -> None:
    """A manifest with a fitting hash that does not name a needed file is refused."""
    forge(folder, files={file: sha for file, sha in read_manifest(folder).files.items() if file != name})
    with pytest.raises(ArtefactError, match=f"does not hold what format {FORMAT} asks for"):
        load_artefact(folder)
