"""The site's files, and its pages that ask this server for something."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from indexer.artefact.site_contract import OPENSEARCH, opensearch
from indexer.errors import message_of
from search_api.answer import MAX_LIMIT, SearchRequest
from search_api.http.files import SiteFiles
from search_api.http.queue import BusyError
from search_api.http.search_endpoints import QueuedSearch
from search_api.pages import results_page
from search_api.serving import Serving, SitePages

_PAGES = {"/": "home", "/embed/": "embed", "/shortlist/": "shortlist"}
"""Addresses that answer with a page kept in `SitePages`, by the page's name there."""


@dataclass(frozen=True)
class ResultsPage:
    """The search page with its results filled in, for a browser without scripts."""

    search: QueuedSearch

    async def response(self, problem: str, request: Request, as_typed: bool = False) -> HTMLResponse:
        """The page with the answer to a problem, or with a sentence that says why there is none."""
        page = _pages_of(self.search.serving, request).search
        try:
            query = SearchRequest(q=problem, limit=MAX_LIMIT, focus_area=[], as_typed=as_typed)
        except ValidationError as error:
            return HTMLResponse(results_page(page, problem, None, _sentence(error)), 422)
        try:
            return HTMLResponse(results_page(page, problem, await self.search.answer(query, request)))
        except BusyError as error:
            sentence = f"Too many are searching just now. Try again in {error.retry_after_s} seconds."
            headers = {"Retry-After": str(error.retry_after_s)}
            return HTMLResponse(results_page(page, problem, None, sentence), 503, headers)


def _sentence(error: ValidationError) -> str:
    message = message_of(error.errors()[0])
    return f"The problem {message}." if message.startswith(("must", "has")) else f"The problem is not right: {message}."


def _pages_of(serving: Serving, request: Request) -> SitePages:
    """The pages of the version that a request goes by."""
    pages = serving.taken(request.scope).pages
    assert pages
    return pages


def add_results_page(app: FastAPI, search: QueuedSearch) -> None:
    """Adds /search/, by GET and by POST."""
    results = ResultsPage(search)

    @app.api_route("/search/", methods=["GET", "HEAD"], include_in_schema=False)
    async def results_by_get(request: Request, q: str | None = None) -> HTMLResponse:
        return HTMLResponse(_pages_of(search.serving, request).search) if q is None else await results.response(q, request)

    @app.post("/search/", include_in_schema=False)
    async def results_by_post(request: Request) -> HTMLResponse:
        form = parse_qs((await request.body()).decode("utf-8", errors="replace"), keep_blank_values=True)
        return await results.response(form.get("q", [""])[0], request, as_typed="as_typed" in form)


def add_site(app: FastAPI, serving: Serving) -> None:
    """Adds the site's pages and files. It takes every address that is left, so it is added last."""

    def page(name: str) -> Callable[[Request], Awaitable[HTMLResponse]]:
        async def read_page(request: Request) -> HTMLResponse:
            return HTMLResponse(getattr(_pages_of(serving, request), name))

        return read_page

    for path, name in _PAGES.items():
        app.api_route(path, methods=["GET", "HEAD"], include_in_schema=False)(page(name))

    @app.get("/opensearch.xml", include_in_schema=False)
    async def opensearch_description(request: Request) -> Response:
        return Response(opensearch(str(request.base_url)), media_type=OPENSEARCH)

    app.mount("/", SiteFiles(serving), name="site")
