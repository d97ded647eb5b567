"""What the page searches over when no server answers: the artefact's own content, as a few compressed files for the browser.

    FOLDER/manifest.json         what belongs together: name, size and sha256 of each file; always fetched fresh
           data.<hash>.bin       pages, passages, focus areas, topics, glossary and settings, as JSON
           rows.<hash>.bin       the embeddings' codes (`retrieval.vector_index.quantise`), one byte a number, row after row
           header.<hash>.bin, weights.<hash>.bin   the model (`page_model`)

Each .bin is gzip, which the page unpacks by itself, so that it is as small on a server that compresses nothing, and its own
checksum tells a damaged copy. The hash in a name is of the file's bytes: a name never means two things.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from indexer.artefact.store import Artefact
from indexer.content.lists import Term, Topic
from indexer.model.page_model import HEADER_FILE, WEIGHTS_FILE
from indexer.retrieval.layout import CAVEATS
from indexer.retrieval.lexical import EMPTY_WORDS, K1, B, stop_words
from indexer.retrieval.names import ALSO_A_WORD, FILLERS, Name
from indexer.retrieval.probability import CALIBRATION, FLOOR, PART_FLOOR, Calibration
from indexer.retrieval.problems import LONG_WORDS, SHORTEST_WORDS, WHOLE_WORDS
from indexer.retrieval.ranking import (
    CLOSE_SHARE,
    DENSE_WEIGHT,
    LEAST_SHARE,
    LOOKS_LIKE,
    NEAREST_ASKED,
    NEAREST_TOPIC_PHRASES,
    TITLE_WEIGHT,
    TRULY_NEAR,
)
from indexer.retrieval.records import Document, Passage, SearchFocusArea
from indexer.retrieval.sentences import SHORTEST_SENTENCE
from indexer.retrieval.spelling import BRITISH, LONGEST_QUERY, SHORTEST_WORD, TWO_SLIPS
from indexer.retrieval.vector_index import QUANTISATION_STEP, Codes, quantise

FORMAT = 2


def page_data(
    *,
    identity: Mapping[str, Any],
    documents: Sequence[Document],
    passages: Sequence[Passage],
    focus_areas: Sequence[SearchFocusArea],
    topics: Sequence[Topic],
    glossary: Sequence[Term],
    names: Sequence[Name] = (),
    floor: float = FLOOR,
    calibration: Calibration = CALIBRATION,
) -> dict[str, Any]:
    """All that the page's engine needs beside the embeddings.

    Args:
        identity: What was searched, as an answer's `index` gives it: format, model, corpus.
        documents: Those with no passage are left out, as in `retrieval.layout.pages_of`.
        passages: Sorted by id; pages come in their order.
        focus_areas: In the guidance's order.
        topics: What is not covered; the embeddings of their phrases are among the rows.
        glossary: The abbreviations.
        names: What leads to pages by its name.
        floor: As for the server's search.
        calibration: Likewise.
    """
    known = {document.id: document for document in documents}
    pages: dict[str, dict[str, Any]] = {}
    for passage in passages:
        if passage.document in known:
            page = pages.setdefault(passage.document, {**known[passage.document].model_dump(mode="json"), "passages": []})
            page["passages"].append({"anchor": passage.anchor, **passage.model_dump(include={"heading", "text", "context"})})
    return {
        "format": FORMAT,
        "index": dict(identity),
        "settings": {
            "step": QUANTISATION_STEP,
            "k1": K1,
            "b": B,
            "title_weight": TITLE_WEIGHT,
            "dense_weight": DENSE_WEIGHT,
            "floor": floor,
            "part_floor": PART_FLOOR,
            "least_share": LEAST_SHARE,
            "close_share": CLOSE_SHARE,
            "looks_like": LOOKS_LIKE,
            "nearest_asked": NEAREST_ASKED,
            "nearest_topic_phrases": NEAREST_TOPIC_PHRASES,
            "shortest_sentence": SHORTEST_SENTENCE,
            "long_words": LONG_WORDS,
            "shortest_words": SHORTEST_WORDS,
            "whole_words": WHOLE_WORDS,
            "truly_near": TRULY_NEAR,
            "caveats": CAVEATS,
            "empty_words": sorted(EMPTY_WORDS),
            "longest_query": LONGEST_QUERY,
            "shortest_word": SHORTEST_WORD,
            "two_slips": TWO_SLIPS,
            "british": [list(pair) for pair in BRITISH],
            "also_a_word": sorted(ALSO_A_WORD),
            "fillers": sorted(FILLERS),
            "calibration": {"intercept": calibration.intercept, "weights": vars(calibration.weights)},
        },
        "stop_words": sorted(stop_words()),
        "pages": list(pages.values()),
        "focus_areas": [area.model_dump(mode="json") for area in focus_areas],
        "topics": [topic.model_dump(include={"label", "said_as"}) for topic in topics],
        "names": [name.model_dump(mode="json") for name in names],
        "glossary": [term.model_dump(include={"abbreviation", "expansion", "also"}) for term in glossary],
    }


def data_of(artefact: Artefact) -> dict[str, Any]:
    """What the page's engine answers from, of an artefact."""
    manifest = artefact.manifest
    return page_data(
        identity={"format": manifest.format, "model": manifest.model, "corpus": manifest.corpus},
        documents=artefact.documents,
        passages=artefact.passages,
        focus_areas=artefact.focus_areas,
        topics=artefact.topics,
        glossary=artefact.glossary,
        names=artefact.names,
    )


def write_page_index(folder: Path, artefact: Artefact, model: Path) -> None:
    """Writes the page's files; an old folder is replaced whole.

    Args:
        folder: Where to, in the site's assets.
        artefact: What the server would answer from.
        model: Where `page_model.write_page_model` wrote.
    """
    manifest, data = artefact.manifest, data_of(artefact)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    parts = {
        "data": _zipped(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()),
        "rows": _zipped(codes_of(artefact).tobytes()),
        "header": _zipped((model / HEADER_FILE).read_bytes()),
        "weights": (model / WEIGHTS_FILE).read_bytes(),
    }
    files = {part: _write(folder, part, written) for part, written in parts.items()}
    listing = {"format": FORMAT, "corpus": manifest.corpus, "dimension": manifest.dimension, "files": files}
    (folder / "manifest.json").write_text(json.dumps(listing, indent=1) + "\n", encoding="utf-8")


def codes_of(artefact: Artefact) -> Codes:
    """The rows of an artefact as they were stored, shape (rows, dimension)."""
    return quantise(artefact.index.rows())


def _zipped(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _write(folder: Path, part: str, data: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(data).hexdigest()
    name = f"{part}.{sha256[:16]}.bin"
    (folder / name).write_bytes(data)
    return {"name": name, "bytes": len(data), "sha256": sha256}
