"""A hand-made Casebook of a few one-line passages, over `CountingEncoder`: every score of it can be worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from starlette.testclient import TestClient

from indexer.artefact.site_contract import POLICY_FILE
from indexer.artefact.store import Manifest
from indexer.content.lists import Term, Topic
from indexer.retrieval.layout import pages_of, texts_to_embed
from indexer.retrieval.probability import Calibration, Features
from indexer.retrieval.ranking import Ranker
from indexer.retrieval.records import Document, Kind, Passage, SearchFocusArea
from indexer.retrieval.vector_index import VectorIndex
from search_api.answer import SearchRequest
from search_api.http.app import create_app
from search_api.search import Searcher
from search_api.serving import Serving, SitePages
from search_api.settings import Settings
from tests.doubles import VOCABULARY, CountingEncoder

FOCUS_AREAS = tuple(
    SearchFocusArea(slug=slug, label=slug.capitalize(), definition="", questions=(f"What of {slug}?",), duties=())
    for slug in ("one", "two", "three")
)


BY_COSINE = Calibration(intercept=-0.35, weights=Features(0, 1, 0, 0, 0, 0))
"""At floor 0.5 a problem is answered where its nearest passage has a cosine of at least 0.35."""


@dataclass(frozen=True)
class Page:
    """A page to search: its texts become the passages `slug#part-1`, `slug#part-2` and so on."""

    slug: str
    texts: tuple[str, ...]
    areas: tuple[str, ...] = ("one",)
    kind: Kind = "case-study"
    asked_as: tuple[str, ...] = ()

    @property
    def document(self) -> Document:
        """What search knows of the page."""
        return Document(
            id=self.slug,
            kind=self.kind,
            title=f"Title of {self.slug}",
            summary=f"Summary of {self.slug}",
            organisation=f"Council of {self.slug}",
            url=f"/pages/{self.slug}/",
            focus_areas=self.areas,
            asked_as=self.asked_as,
        )

    @property
    def passages(self) -> tuple[Passage, ...]:
        """The page's passages, without any context, so that only the text counts."""
        return tuple(
            Passage(id=f"{self.slug}#part-{number}", document=self.slug, heading=f"Part {number}", text=text, context="")
            for number, text in enumerate(self.texts, 1)
        )


def manifest(pages: int, passages: int) -> Manifest:
    """What a hand-made artefact would say it is."""
    return Manifest(
        format=1,
        model="counting",
        model_revision="hand-made",
        weights_sha256="c0" * 32,
        dimension=len(VOCABULARY),
        documents=pages,
        passages=passages,
        rows=passages,
        corpus="hand-made",
        files={},
    )


def searcher_over(
    *pages: Page,
    floor: float = 0.5,
    topics: tuple[Topic, ...] = (),
    glossary: tuple[Term, ...] = (),
    make: type[Searcher] = Searcher,
) -> Searcher:
    """A searcher over hand-made pages, their passages in the order of their ids as in a real artefact."""
    passages = sorted((passage for page in pages for passage in page.passages), key=lambda passage: passage.id)
    documents = [page.document for page in pages]
    encoder, searched = CountingEncoder(), pages_of(documents, passages)
    texts = texts_to_embed(searched, topics, FOCUS_AREAS)
    return make(
        manifest=manifest(len(pages), len(passages)),
        documents=documents,
        passages=passages,
        focus_areas=FOCUS_AREAS,
        ranker=Ranker(searched, VectorIndex.build(encoder.encode(texts)), encoder, topics, glossary),
        floor=floor,
        calibration=BY_COSINE,
    )


def bare_site(folder: Path) -> Path:
    """A site of the pages that a server keeps, each no more than a heading of its name; the folder, made if missing."""
    for name in (field.name for field in fields(SitePages) if field.name != "policy"):
        page = folder if name == "home" else folder / name
        page.mkdir(parents=True, exist_ok=True)
        (page / "index.html").write_text(f"<h1>{name.capitalize()}</h1>", encoding="utf-8")
    (folder / "404.html").write_text("<h1>No such page</h1>", encoding="utf-8")
    (folder / POLICY_FILE).write_text("default-src 'self'; frame-ancestors 'none'\n", encoding="utf-8")
    return folder


def request(q: str, *, limit: int = 10, focus_area: tuple[str, ...] = (), kind: Kind | None = None) -> SearchRequest:
    """A request, as the endpoint would make it."""
    return SearchRequest(q=q, limit=limit, focus_area=list(focus_area), kind=kind)


def client_over(
    searcher: Searcher, site: Path | None = None, *, raise_server_exceptions: bool = True, **settings: object
) -> TestClient:
    """A client of an application over a searcher; it asks for it by a name that is always allowed."""
    app = create_app(Serving(searcher, site), Settings(**settings))  # type: ignore[arg-type]
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=raise_server_exceptions)
