"""What the tests of this room share: the artefact of a small corpus, embedded by counting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.artefact.store import Manifest, write_artefact
from indexer.content.corpus import Corpus, corpus_hash
from indexer.content.loading import load_corpus
from indexer.retrieval.layout import pages_of, texts_to_embed
from indexer.retrieval.naming import names_of
from indexer.retrieval.passages import documents, passages
from indexer.retrieval.records import SearchFocusArea
from tests.doubles import CountingEncoder, CountingModel
from tests.small_corpus import CASE_STUDY, write_small_corpus

Write = Callable[[Path, Corpus], Manifest]


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
            names=names_of(corpus),
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


DAMAGES = ["removed", "emptied", "cut short", "one byte changed"]


def damage_file(path: Path, damage: str) -> None:
    """Does one of `DAMAGES` to a file."""
    data = path.read_bytes()
    path.unlink()
    if damage != "removed":
        middle = len(data) // 2
        changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        path.write_bytes({"emptied": b"", "cut short": data[:-1], "one byte changed": changed}[damage])
