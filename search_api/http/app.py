"""HTTP only: the endpoint, its errors as problem details (RFC 9457), the site's files, and what watches over them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import date
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from indexer.artefact.site_contract import OPENSEARCH, opensearch
from indexer.errors import message_of
from search_api.answer import MAX_LIMIT, Answer, SearchRequest
from search_api.http.errors import FieldProblem, Problem, problem, responses
from search_api.http.files import SiteFiles
from search_api.http.guard import Guard, client_of
from search_api.http.metrics import CONTENT_TYPE, Metrics
from search_api.http.queue import BusyError, WorkQueue
from search_api.pages import results_page
from search_api.papers import MEDIA_TYPES, Form, PapersRequest, UnknownPaperError, composed, read_papers
from search_api.search import Searcher, UnknownFocusAreaError
from search_api.serving import Serving, SitePages
from search_api.settings import Settings

log = logging.getLogger("search_api")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
_SEARCH_ERRORS = responses(400, 405, 408, 413, 415, 421, 422, 429, 431, 500, 503)
_OTHER_ERRORS = responses(405, 421, 500)
_PAGES = {"/": "home", "/embed/": "embed", "/shortlist/": "shortlist"}
"""Addresses that answer with a page kept in `SitePages`, by the page's name there."""


class Alive(BaseModel):
    """The process is alive."""

    status: str = Field(description="Always `alive`.")


class Ready(BaseModel):
    """What is loaded and checked."""

    status: str = Field(description="Always `ready`.")
    passages: int = Field(description="How many passages are searched.")
    version: str = Field(description="The name of the version in use, as in the build's CURRENT.")
    corpus: str = Field(description="A hash of all the content; it changes when the content does.")
    refused: str | None = Field(description="Why a newer build is not in use while an older one serves; else null.")


def create_app(serving: Serving, settings: Settings | None = None) -> FastAPI:
    """The application.

    Args:
        serving: Opened and checked by whoever calls; its site is served on the same origin.
        settings: What may be asked, by whom and how much; None for what holds without any.
    """
    settings = settings or Settings()
    queue = WorkQueue(settings.workers, settings.queue, settings.queue_wait_s)
    metrics = Metrics(lambda: queue.waiting, lambda: serving.refused is not None)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        looking = asyncio.create_task(_keep_looking(serving, settings.reload_s))
        yield
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking

    app = FastAPI(
        title="High Needs Casebook",
        summary="Real, sourced examples for a problem in a high needs system.",
        description="Nothing that is asked is stored or logged. Every error is a problem details object (RFC 9457).",
        version=str(serving.now.searcher.manifest.format),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )

    async def answer(asked: SearchRequest, request: Request) -> Answer:
        searcher = serving.taken(request.scope).searcher
        found = await queue.run(client_of(request.scope), lambda: searcher.search(asked))
        named = found.focus_areas[0].slug if found.focus_areas else found.suggestion.slug if found.suggestion else "none"
        metrics.answer(found.answered, named)
        return found

    async def answer_as_json(asked: SearchRequest, request: Request) -> Response:
        return Response((await answer(asked, request)).model_dump_json(), media_type="application/json")

    @app.get("/api/search", response_model=Answer, responses=_SEARCH_ERRORS, summary="Answer a problem", tags=["search"])
    async def search_by_get(asked: Annotated[SearchRequest, Query()], request: Request) -> Response:
        """The problem stands in the address, which browsers and proxies keep: use POST for anything about a person."""
        return await answer_as_json(asked, request)

    @app.post("/api/search", response_model=Answer, responses=_SEARCH_ERRORS, summary="Answer a problem", tags=["search"])
    async def search_by_post(asked: SearchRequest, request: Request) -> Response:
        """The problem stands in the body, and in no address."""
        return await answer_as_json(asked, request)

    @app.get("/healthz", summary="Whether the process is alive", responses=_OTHER_ERRORS, tags=["operation"])
    async def healthz() -> Alive:
        """Answers under any host name."""
        return Alive(status="alive")

    @app.get("/readyz", summary="What is loaded and checked", responses=_OTHER_ERRORS, tags=["operation"])
    async def readyz() -> Ready:
        """Answers under any host name."""
        now, refused = serving.now, serving.refused
        manifest = now.searcher.manifest
        return Ready(status="ready", passages=manifest.passages, version=now.name, corpus=manifest.corpus, refused=refused)

    if settings.metrics:

        @app.get(
            "/metrics",
            summary="Counts and times, for Prometheus",
            response_class=Response,
            responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **_OTHER_ERRORS},
            tags=["operation"],
        )
        async def read_metrics() -> Response:
            """In Prometheus' text format. It holds no text of any problem and no client's address."""
            return Response(metrics.text(), media_type=CONTENT_TYPE)

    @app.get("/api/openapi.json", include_in_schema=False)
    async def described() -> dict[str, Any]:
        return description(app, serving.now.searcher)

    if serving.now.pages:
        _add_papers(app, serving, queue)

    # /api/ itself is the page that describes the endpoint, so it is left to the site.
    @app.api_route("/api/{first}", methods=METHODS, include_in_schema=False)
    @app.api_route("/api/{first}/{rest:path}", methods=METHODS, include_in_schema=False)
    async def unknown_address(first: str, request: Request, rest: str = "") -> None:
        if request.url.path == "/api/search":
            raise HTTPException(405, headers={"Allow": "GET, POST"})
        if request.url.path == "/api/papers" and serving.now.pages:
            raise HTTPException(405, headers={"Allow": "POST"})
        raise HTTPException(404)

    if serving.now.pages:
        _add_site(app, serving, answer)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(UnknownFocusAreaError, _unknown_focus_area)
    app.add_exception_handler(UnknownPaperError, _unknown_paper)
    app.add_exception_handler(BusyError, _busy)
    app.add_exception_handler(HTTPException, _http_error)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type"],
            expose_headers=["Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID"],
        )
    app.add_middleware(Guard, settings=settings, metrics=metrics, policy=lambda scope: serving.taken(scope).policy)
    return app


def _add_papers(app: FastAPI, serving: Serving, queue: WorkQueue) -> None:
    """Case studies as documents: any of them by POST, and each beside its page."""

    async def papers(asked: PapersRequest, name: str, request: Request) -> Response:
        root, sites = str(request.base_url), serving.taken(request.scope).sites

        def make() -> bytes:
            return composed(read_papers(sites, asked.ids), asked.format, root, date.today())

        headers = {"Content-Disposition": f'attachment; filename="{name}.{asked.format}"'}
        file = await queue.run(client_of(request.scope), make)
        return Response(file, media_type=MEDIA_TYPES[asked.format], headers=headers)

    @app.post(
        "/api/papers",
        response_class=Response,
        responses={
            200: {"content": {kind.partition(";")[0]: {} for kind in MEDIA_TYPES.values()}},
            **_SEARCH_ERRORS,
            **responses(404),
        },
        summary="Take case studies away as one document",
        tags=["papers"],
    )
    async def papers_by_post(asked: PapersRequest, request: Request) -> Response:
        """With citations, sources, the address and the licence. Nothing is kept of what was asked for."""
        return await papers(asked, f"casebook-{date.today()}", request)

    def one_paper(form: Form) -> Callable[[str, str, Request], Awaitable[Response]]:
        async def read(slug: str, name: str, request: Request) -> Response:
            try:
                if slug != name:
                    raise HTTPException(404)
                return await papers(PapersRequest(ids=[slug], format=form), slug, request)
            except (UnknownPaperError, ValidationError) as error:
                raise HTTPException(404) from error

        return read

    for form in MEDIA_TYPES:
        app.get(f"/case-studies/{{slug}}/{{name}}.{form}", include_in_schema=False)(one_paper(form))


def _add_site(app: FastAPI, serving: Serving, answer: Callable[[SearchRequest, Request], Awaitable[Answer]]) -> None:
    """The site's files, and its pages that ask this server for something."""

    def pages(request: Request) -> SitePages:
        found = serving.taken(request.scope).pages
        assert found
        return found

    async def results(text: str, request: Request) -> HTMLResponse:
        page = pages(request).search
        try:
            asked = SearchRequest(q=text, limit=MAX_LIMIT, focus_area=[])
        except ValidationError as error:
            return HTMLResponse(results_page(page, text, None, _sentence(error)), 422)
        try:
            return HTMLResponse(results_page(page, text, await answer(asked, request)))
        except BusyError as error:
            sentence = f"Too many are searching just now. Try again in {error.retry_after_s} seconds."
            headers = {"Retry-After": str(error.retry_after_s)}
            return HTMLResponse(results_page(page, text, None, sentence), 503, headers)

    @app.api_route("/search/", methods=["GET", "HEAD"], include_in_schema=False)
    async def results_by_get(request: Request, q: str | None = None) -> HTMLResponse:
        return HTMLResponse(pages(request).search) if q is None else await results(q, request)

    @app.post("/search/", include_in_schema=False)
    async def results_by_post(request: Request) -> HTMLResponse:
        form = parse_qs((await request.body()).decode("utf-8", errors="replace"), keep_blank_values=True)
        return await results(form.get("q", [""])[0], request)

    def page(name: str) -> Callable[[Request], Awaitable[HTMLResponse]]:
        async def read(request: Request) -> HTMLResponse:
            return HTMLResponse(getattr(pages(request), name))

        return read

    for path, name in _PAGES.items():
        app.api_route(path, methods=["GET", "HEAD"], include_in_schema=False)(page(name))

    @app.get("/opensearch.xml", include_in_schema=False)
    async def searchdescription(request: Request) -> Response:
        return Response(opensearch(str(request.base_url)), media_type=OPENSEARCH)

    app.mount("/", SiteFiles(serving), name="site")


async def _keep_looking(serving: Serving, every_s: float) -> None:
    while every_s:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(serving.look)
        except Exception as error:  # whatever it is, what is loaded goes on serving, and the next look may go well
            log.error("could not look for a new build", extra={"error": type(error).__name__})


def description(app: FastAPI, searcher: Searcher) -> dict[str, Any]:
    """The OpenAPI document, with the focus areas that there are and a case study for example."""
    app.openapi_schema = None
    found = app.openapi()
    schemas = found["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    focus_areas = [area.slug for area in searcher.focus_areas]
    fields = schemas["SearchRequest"]["properties"]
    for parameter in found["paths"]["/api/search"]["get"]["parameters"]:
        fields[parameter["name"]].setdefault("description", parameter.get("description", ""))
        if parameter["name"] == "focus_area":
            parameter["schema"]["items"]["enum"] = focus_areas
    fields["focus_area"]["items"]["enum"] = focus_areas
    if "PapersRequest" in schemas:
        schemas["PapersRequest"]["example"] = {"ids": list(searcher.case_studies[:2]), "format": "docx"}
    return found


def _sentence(error: ValidationError) -> str:
    message = message_of(error.errors()[0])
    return f"The problem {message}." if message.startswith(("must", "has")) else f"The problem is not right: {message}."


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem(400, "The body is not valid JSON.", title="Malformed JSON")
    return _at_fault(422, [(_field(fault), message_of(fault)) for fault in faults])


def _at_fault(status: int, faults: Iterable[tuple[str, str]]) -> Response:
    """A problem that names each field at fault, with what is wrong with it."""
    errors = [FieldProblem(field=field, message=message) for field, message in faults]
    return problem(status, "; ".join(f"{error.field}: {error.message}" for error in errors), errors=errors)


def _field(fault: dict[str, Any]) -> str:
    places = [str(place) for place in fault["loc"] if place not in ("query", "body")]
    known = SearchRequest.model_fields | PapersRequest.model_fields
    return ".".join(places) if places and places[0] in known else "request"


async def _unknown_focus_area(_: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownFocusAreaError)
    return _at_fault(422, [("focus_area", "unknown; allowed are: " + ", ".join(error.allowed))])


async def _unknown_paper(_: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownPaperError)
    message = "there is no such case study; /catalogue.json lists all there are"
    return _at_fault(404, [(f"ids.{place}", message) for place in error.places])


async def _busy(_: Request, error: Exception) -> Response:
    assert isinstance(error, BusyError)
    return problem(503, headers={"Retry-After": str(error.retry_after_s)})


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = {"GET, POST": "Use GET or POST.", "POST": "Use POST."}.get((error.headers or {}).get("Allow", ""))
    return problem(error.status_code, detail, headers=dict(error.headers or {}))
