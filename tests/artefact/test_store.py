"""The artefact: same content, same bytes; whatever is damaged is refused by its name; an old one outlives a failed write."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.artefact.store import (
    ENCODER_FILES,
    FORMAT,
    Manifest,
    current_version,
    load_artefact,
    read_manifest,
    write_artefact,
)
from indexer.content.corpus import Corpus, corpus_hash
from indexer.content.loading import load_corpus
from indexer.errors import ArtefactError
from indexer.retrieval.layout import pages_of, texts_to_embed
from indexer.retrieval.passages import documents, passages
from indexer.retrieval.records import SearchFocusArea
from indexer.retrieval.vector_index import dequantise, quantise
from tests.doubles import CountingEncoder, CountingModel
from tests.small_corpus import CASE_STUDY, write_small_corpus

CURE = "Run `python -m indexer build`."
FILES = (
    "documents.json",
    "passages.json",
    "focus-areas.json",
    "topics.json",
    "glossary.json",
    "embeddings.npy",
    "index.faiss",
    *ENCODER_FILES,
)
Write = Callable[[Path, Corpus], Manifest]
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def exported(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The counting model's export: the real encoder's files, and an info of four places."""
    folder = tmp_path_factory.mktemp("exported") / "encoder"
    CountingModel(encoder_folder).export(folder)
    return folder


@pytest.fixture(scope="module")
def write(exported: Path) -> Write:
    """Writes the artefact of a corpus, embedded by counting."""

    def write_it(folder: Path, corpus: Corpus) -> Manifest:
        found = passages(corpus, lambda text: len(text.split()), 256)
        areas = [
            SearchFocusArea(slug=area.slug, label=area.label, definition=area.definition, questions=(), duties=())
            for area in corpus.focus_areas
        ]
        return write_artefact(
            folder,
            documents=documents(corpus),
            passages=found,
            focus_areas=areas,
            topics=corpus.not_covered,
            glossary=corpus.glossary,
            embeddings=CountingEncoder().encode(
                texts_to_embed(pages_of(documents(corpus), found), corpus.not_covered, areas)
            ),
            corpus_hash=corpus_hash(corpus),
            encoder_folder=exported,
        )

    return write_it


@pytest.fixture
def small(tmp_path: Path) -> Corpus:
    """The small corpus, loaded."""
    return load_corpus(write_small_corpus(tmp_path / "small"))


@pytest.fixture
def changed(tmp_path: Path) -> Corpus:
    """The small corpus with another wording in one case study."""
    root = write_small_corpus(tmp_path / "changed")
    text = CASE_STUDY.replace("Fewer children left", "Far fewer children left")
    (root / "casestudies" / "ashby-units.md").write_text(text, encoding="utf-8")
    return load_corpus(root)


@pytest.fixture
def folder(write: Write, small: Corpus, tmp_path: Path) -> Path:
    """An artefact of the small corpus."""
    write(tmp_path / "artefact", small)
    return tmp_path / "artefact"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def forge(folder: Path, **claims: Any) -> None:
    """Changes claims of the manifest, and gives its version the name that fits the changed manifest."""
    version = current_version(folder)
    manifest = {**json.loads((version / "manifest.json").read_text(encoding="utf-8")), **claims}
    data = json.dumps(manifest).encode()
    (version / "manifest.json").write_bytes(data)
    name = hashlib.sha256(data).hexdigest()[:16]
    version.rename(folder / name)
    (folder / "CURRENT").write_text(name, encoding="utf-8")


def test_what_is_written_is_what_is_loaded(folder: Path, small: Corpus) -> None:
    """A loaded artefact has the content's pages and passages, row i of its index is text i, and it says what it is."""
    artefact = load_artefact(folder)
    assert [found.id for found in artefact.documents] == [
        "ashby-units", "assessment-test", "bronte-headteachers", "code-of-practice", "goals", "naming-a-school", "new-law",
        "places",
    ]  # fmt: skip
    assert list(artefact.passages) == passages(small, lambda text: len(text.split()), 256)
    assert [area.slug for area in artefact.focus_areas] == ["provision", "culture"]
    rows = np.load(current_version(folder) / "embeddings.npy")
    texts = texts_to_embed(pages_of(artefact.documents, artefact.passages), artefact.topics, artefact.focus_areas)
    assert rows.tolist() == quantise(CountingEncoder().encode(texts)).tolist()
    assert artefact.index.rows().tolist() == dequantise(rows).tolist()
    assert texts[: len(artefact.passages)] == [passage.embedded_text for passage in artefact.passages]
    assert artefact.topics == small.not_covered and artefact.glossary == small.glossary
    assert artefact.manifest == read_manifest(folder)
    assert (artefact.manifest.format, artefact.manifest.model, artefact.manifest.dimension) == (FORMAT, "counting", 4)
    assert (artefact.manifest.documents, artefact.manifest.rows) == (8, len(rows))
    assert artefact.manifest.corpus == corpus_hash(small)


def test_the_manifest_holds_the_hash_of_each_file(folder: Path) -> None:
    """Each file but the manifest stands in it with its sha256, and the version is named by the manifest's own."""
    version = current_version(folder)
    stored = {name: hashlib.sha256(data).hexdigest() for name, data in tree(version).items() if name != "manifest.json"}
    assert sorted(stored) == sorted(FILES)
    assert read_manifest(folder).files == stored
    assert version.name == hashlib.sha256((version / "manifest.json").read_bytes()).hexdigest()[:16]


def test_same_content_and_model_give_the_same_bytes(write: Write, small: Corpus, folder: Path, tmp_path: Path) -> None:
    """Two artefacts of the same inputs have the same files with the same bytes, and writing one again changes nothing."""
    write(tmp_path / "other", small)
    before = tree(folder)
    assert tree(tmp_path / "other") == before
    write(folder, small)
    assert tree(folder) == before


def test_a_new_version_takes_the_place_of_the_old(write: Write, changed: Corpus, folder: Path) -> None:
    """After a change only the new version is there, and it holds the change."""
    old = current_version(folder)
    write(folder, changed)
    new = current_version(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(["CURRENT", new.name])
    assert new != old
    assert "Far fewer children left the area." in {passage.text for passage in load_artefact(folder).passages}


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
@pytest.mark.parametrize("damage", ["removed", "emptied", "cut short", "one byte changed"])
def test_a_file_that_is_not_as_written_is_refused_by_its_name(folder: Path, name: str, damage: str) -> None:
    """Each file removed, emptied, cut short or changed is named, with the command that mends it."""
    path = current_version(folder) / name
    data = path.read_bytes()
    path.unlink()
    if damage != "removed":
        middle = len(data) // 2
        changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        path.write_bytes({"emptied": b"", "cut short": data[:-1], "one byte changed": changed}[damage])
    with pytest.raises(ArtefactError) as refused:
        load_artefact(folder)
    assert str(path) in str(refused.value)
    assert str(refused.value).endswith(CURE)


@pytest.mark.parametrize("content", [None, b"", b"nowhere\n", b"\xff\xfe", b"\x00"])
def test_a_pointer_to_nothing_is_refused(folder: Path, content: bytes | None) -> None:
    """CURRENT missing, empty, damaged or naming what is not there is refused with the command that mends it."""
    (folder / "CURRENT").unlink()
    if content is not None:
        (folder / "CURRENT").write_bytes(content)
    with pytest.raises(ArtefactError, match=r"Run `python -m indexer build`\.$") as refused:
        load_artefact(folder)
    assert str(folder) in str(refused.value)


def test_no_artefact_at_all_is_refused(tmp_path: Path) -> None:
    """A folder that does not exist is named."""
    with pytest.raises(ArtefactError, match="There is no artefact in") as refused:
        load_artefact(tmp_path / "nowhere")
    assert str(refused.value) == f"There is no artefact in {tmp_path / 'nowhere'}. {CURE}"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("model", "another"),
        ("model_revision", "another"),
        ("weights_sha256", "0" * 64),
        ("dimension", 384),
        ("documents", 5),
        ("passages", 1),
        ("corpus", "sha256:0"),
        ("files", {}),
        ("colour", "red"),
    ],
)
def test_a_manifest_that_was_changed_is_refused(folder: Path, claim: str, value: object) -> None:
    """Any claim of the manifest that is changed is noticed, because the version is named by the manifest's hash."""
    path = current_version(folder) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), claim: value}), encoding="utf-8")
    with pytest.raises(ArtefactError) as refused:
        load_artefact(folder)
    assert str(refused.value) == f"{path} is not the manifest of its version (its hash differs). {CURE}"


@pytest.mark.parametrize("format_", [FORMAT + 1, FORMAT - 1, "1", None])
def test_another_format_is_refused_by_its_number(folder: Path, format_: object) -> None:
    """An artefact of another format is told with both formats, before anything else is looked at."""
    path = current_version(folder) / "manifest.json"
    path.write_text(json.dumps({"format": format_}), encoding="utf-8")
    with pytest.raises(ArtefactError) as refused:
        load_artefact(folder)
    assert str(refused.value) == f"{path} has format {format_}, this program reads format {FORMAT}. {CURE}"


@pytest.mark.parametrize(
    ("claim", "value", "named"),
    [
        ("documents", 5, "documents (5) and what is there (8)"),
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


@pytest.mark.parametrize("name", ["documents.json", "model.onnx", "manifest.json", "CURRENT.new"])
@pytest.mark.parametrize(
    "stop", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=["full", "stopped"]
)
def test_a_write_that_stops_leaves_the_old_artefact(
    write: Write, changed: Corpus, folder: Path, name: str, stop: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever file the disk is full at, or the writer is stopped at, the old artefact loads, and a second try succeeds."""
    old = read_manifest(folder)

    def failing(original: Callable[..., int]) -> Callable[..., int]:
        def write_or_stop(path: Path, data: Any, **options: Any) -> int:
            if path.name == name:
                original(path, data[: len(data) // 2], **options)
                raise stop
            return original(path, data, **options)

        return write_or_stop

    with monkeypatch.context() as patched, pytest.raises(type(stop)):
        patched.setattr(Path, "write_bytes", failing(Path.write_bytes))
        patched.setattr(Path, "write_text", failing(Path.write_text))
        write(folder, changed)
    assert load_artefact(folder).manifest == old
    new = write(folder, changed)
    assert load_artefact(folder).manifest == new
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [current_version(folder).name]


def test_a_full_disk_leaves_nothing_half_written(
    write: Write, changed: Corpus, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk is full the half-written version is taken away again, so that it takes no space."""
    before = tree(folder)

    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space left on device"):
        patched.setattr(Path, "write_bytes", full)
        write(folder, changed)
    assert tree(folder) == before


def test_a_damaged_version_is_mended_by_writing_it_again(write: Write, small: Corpus, folder: Path) -> None:
    """Writing the same content again replaces a version that was damaged since."""
    (current_version(folder) / "passages.json").write_bytes(b"[]")
    write(folder, small)
    assert load_artefact(folder).manifest.passages == len(load_artefact(folder).passages)
