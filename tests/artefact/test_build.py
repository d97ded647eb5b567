"""A build embeds only what is new, mends a damaged cache, and tells of its long steps."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.artefact.build import ENCODER_FORM, Report, build_artefact
from indexer.artefact.store import ENCODER_FILES, load_artefact
from indexer.content.loading import load_corpus
from indexer.retrieval.layout import pages_of, texts_to_embed
from indexer.retrieval.vector_index import quantise
from tests.doubles import CountingEncoder, CountingModel, QuietSteps
from tests.small_corpus import write_small_corpus

PREPARING, EMBEDDING = "Preparing the language model (once)", "Embedding texts"
ASHBY = "casestudies/ashby-units.md"
CACHE = "embeddings-c0c0c0c0c0c0c0c0.npz"
EXPORT = f"encoder-{ENCODER_FORM}-c0c0c0c0c0c0c0c0"
pytestmark = pytest.mark.model


class Builder:
    """Builds a project's folder again and again, each time with a fresh counting model."""

    def __init__(self, root: Path, encoder_folder: Path) -> None:
        self.root = root
        self.cache = root / "build" / "cache"
        self.artefact = root / "build" / "artefact"
        self.encoder_folder = encoder_folder

    def build(self, weights: str = CountingModel.weights_sha256) -> tuple[Report, list[str], list[str]]:
        """The build's report, the texts that it embedded and the steps that it told of."""
        model, steps = CountingModel(self.encoder_folder), QuietSteps()
        model.weights_sha256 = weights
        report = build_artefact(load_corpus(self.root), model, self.artefact, self.cache, steps)
        return report, model.embedded, steps.steps

    def edit(self, name: str, old: str, new: str) -> None:
        """Changes a file of the content."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        (self.root / name).write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def builder(tmp_path: Path, encoder_folder: Path) -> Builder:
    """A builder of the small corpus; nothing is built yet."""
    return Builder(write_small_corpus(tmp_path), encoder_folder)


def test_a_first_build_embeds_every_text(builder: Builder) -> None:
    """The first build exports the model, embeds each text to embed once, and row i is text i."""
    report, embedded, steps = builder.build()
    artefact = load_artefact(builder.artefact)
    texts = texts_to_embed(pages_of(artefact.documents, artefact.passages), artefact.topics, artefact.focus_areas)
    assert texts[0] == artefact.passages[0].embedded_text and texts[-3] == "recycling"
    assert "no room in special schools" in texts
    assert sorted(embedded) == sorted(set(texts))
    assert (report.embedded, report.reused) == (len(set(texts)), 0)
    assert steps == [PREPARING, EMBEDDING]
    rows = np.load(builder.artefact / "embeddings.npy")
    assert rows.tolist() == quantise(CountingEncoder().encode(texts)).tolist()
    assert report.manifest == artefact.manifest


def test_the_focus_areas_carry_the_questions_that_the_site_shows(builder: Builder) -> None:
    """Each focus area has its own questions, or those that bear on it."""
    builder.build()
    areas = load_artefact(builder.artefact).focus_areas
    assert [(area.slug, area.questions) for area in areas] == [
        ("provision", ("Do we have enough places?",)),
        ("culture", ("Do we have enough places?",)),
    ]


def test_a_second_build_embeds_nothing(builder: Builder) -> None:
    """Without a change nothing is exported or embedded, and the artefact is the same."""
    first, _, _ = builder.build()
    second, embedded, steps = builder.build()
    assert (embedded, steps) == ([], [])
    assert (second.embedded, second.reused) == (0, first.embedded)
    assert second.manifest == first.manifest


def test_one_changed_passage_is_embedded_alone(builder: Builder) -> None:
    """A change in one section embeds that section alone."""
    first, _, _ = builder.build()
    builder.edit(ASHBY, "Fewer children left the area.", "Fewer children left.")
    report, embedded, steps = builder.build()
    assert embedded == ["Units beside schools (Ashby). What changed\nFewer children left.", "Fewer children left."]
    assert steps == [EMBEDDING]
    assert (report.embedded, report.reused) == (2, first.embedded - 2)


def test_a_new_title_embeds_the_passages_of_its_page_only(builder: Builder) -> None:
    """A title stands in each passage's context, so that a new one embeds its own page's passages and no other's."""
    builder.build()
    builder.edit(ASHBY, "title: Units beside schools", "title: Units near schools")
    _, embedded, _ = builder.build()
    found = [passage for passage in load_artefact(builder.artefact).passages if passage.document == "ashby-units"]
    assert sorted(embedded) == sorted(passage.embedded_text for passage in found)
    assert {text.partition(" (")[0] for text in embedded} == {"Units near schools"}


def test_a_passage_that_comes_back_is_embedded_again_or_not_at_all(builder: Builder) -> None:
    """The cache follows the text and not the id: taking a page out embeds nothing, and its rows are gone."""
    first, _, _ = builder.build()
    (builder.root / "casestudies/bronte-headteachers.md").unlink()
    report, embedded, _ = builder.build()
    assert embedded == []
    assert report.manifest.documents == first.manifest.documents - 1
    notes = {"assessment-test", "naming-a-school", "code-of-practice", "new-law", "seen-carrow"}
    found = {passage.document for passage in load_artefact(builder.artefact).passages}
    assert found == {"ashby-units", "goals", "places"} | notes


def test_equal_texts_are_embedded_once(builder: Builder) -> None:
    """Two passages of equal text and context share one embedding."""
    builder.edit(
        "docs/guidance/goals.md",
        "Every council has",
        "## Same\n\nSame words.\n\n## Same\n\nSame words.\n\nEvery council has",
    )
    builder.edit("docs/guidance/goals.md", "\n\nEvery council has the same focus.", "")
    _, embedded, _ = builder.build()
    assert embedded.count("The goals. Same\nSame words.") == 1
    assert sum(passage.text == "Same words." for passage in load_artefact(builder.artefact).passages) == 2


def test_a_draft_that_is_published_is_embedded(builder: Builder) -> None:
    """A draft is in no artefact until it is published, and then its passages alone are embedded."""
    builder.build()
    assert "secret-draft" not in {found.id for found in load_artefact(builder.artefact).documents}
    builder.edit("casestudies/secret-draft.md", "status: draft", "status: published")
    _, embedded, _ = builder.build()
    assert {text.partition(" (")[0] for text in embedded} == {"A story that is not out yet"}


def test_another_model_embeds_everything_again(builder: Builder) -> None:
    """Embeddings are kept by the model's weights, so that another model takes none of the first's."""
    first, _, _ = builder.build()
    report, embedded, steps = builder.build(weights="d1" * 32)
    assert (len(embedded), steps) == (first.embedded, [PREPARING, EMBEDDING])
    assert report.manifest.weights_sha256 == "d1" * 32


@pytest.mark.parametrize("damage", ["removed", "emptied", "cut short", "changed inside", "other bytes", "other arrays"])
def test_a_damaged_cache_is_made_anew(builder: Builder, damage: str) -> None:
    """Where the cache is damaged in whatever way, everything is embedded again and the artefact is the same."""
    first, _, _ = builder.build()
    path = builder.cache / CACHE
    data = path.read_bytes()
    path.unlink()
    if damage == "other arrays":
        np.savez(path, something=np.zeros(3))
    elif damage != "removed":
        inside = data[:600] + bytes(byte ^ 255 for byte in data[600:640]) + data[640:]
        damaged = {
            "emptied": b"",
            "cut short": data[: len(data) // 2],
            "changed inside": inside,
            "other bytes": b"not a cache",
        }
        path.write_bytes(damaged[damage])
    report, embedded, steps = builder.build()
    assert len(embedded) == first.embedded
    assert steps == [EMBEDDING]
    assert report.manifest == first.manifest
    assert builder.build()[1] == []


@pytest.mark.parametrize("name", ENCODER_FILES)
@pytest.mark.parametrize("damage", ["removed", "damaged"])
def test_a_damaged_export_is_made_anew(builder: Builder, name: str, damage: str) -> None:
    """Where a file of the kept export is missing or changed, the model is exported again and nothing is embedded."""
    first, _, _ = builder.build()
    path = builder.cache / EXPORT / name
    if damage == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b" ")
    report, embedded, steps = builder.build()
    assert (embedded, steps) == ([], [PREPARING])
    assert report.manifest == first.manifest


def test_without_a_cache_the_artefact_has_the_same_bytes(builder: Builder) -> None:
    """A build from nothing gives the version that a build from a cache gives."""
    builder.build()
    builder.edit(ASHBY, "Fewer children left the area.", "Fewer children left.")
    kept, _, _ = builder.build()
    shutil.rmtree(builder.root / "build")
    assert builder.build()[0].manifest == kept.manifest


def test_a_corpus_without_pages_builds(builder: Builder) -> None:
    """No pages and no notes give an artefact of the two phrases of its topic and the two focus areas alone, which loads."""
    corpus = replace(load_corpus(builder.root), case_studies=(), guidance=(), duties=(), changes=(), also_seen=())
    model = CountingModel(builder.encoder_folder)
    report = build_artefact(corpus, model, builder.artefact, builder.cache, QuietSteps())
    assert (report.embedded, report.reused, report.manifest.passages) == (4, 0, 0)
    assert load_artefact(builder.artefact).index.shape == (4, 4)
