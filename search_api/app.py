"""HTTP only: the endpoint, its errors as problem details (RFC 9457), the site's files, and logs without any query text."""

from __future__ import annotations

import logging
import time
import traceback
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.answer import MAX_LIMIT, Answer, SearchRequest
from search_api.results_page import results_page
from search_api.search import Searcher, UnknownFocusAreaError
from search_api.site_files import SiteFiles, with_endpoint

MAX_BODY_BYTES = 64_000
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
log = logging.getLogger("search_api")

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'"
"""The content security policy where there is no site; a site brings its own (`indexer.hosting`)."""
POLICY_FILE = "content-security-policy.txt"


class Problem(BaseModel):
    """Problem details (RFC 9457). `errors` names each field at fault, never what stood in it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="What is wrong and how to mend it.")
    errors: list[dict[str, str]] = Field(default_factory=list)


def create_app(searcher: Searcher, site: Path | None = None) -> FastAPI:
    """The application.

    Args:
        searcher: Opened and checked by whoever calls; handed over, not found.
        site: The built site's folder, served on the same origin, or None for the endpoint alone.
    """
    app = FastAPI(
        title="High Needs Casebook",
        summary="Real, sourced examples for a problem in a high needs system.",
        version=str(searcher.manifest.format),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    responses: dict[int | str, dict[str, Any]] = {
        status: {"model": Problem, "description": title, "content": {"application/problem+json": {}}}
        for status, title in ((400, "Malformed JSON"), (413, "Too large"), (415, "Not JSON"), (422, "Not valid"))
    }

    def answer(request: SearchRequest) -> Answer:
        return searcher.search(request)

    @app.get("/api/search", responses=responses, summary="Answer a problem")
    def search_by_get(request: Annotated[SearchRequest, Query()]) -> Answer:
        return answer(request)

    @app.post("/api/search", responses=responses, summary="Answer a problem without its text standing in an address")
    def search_by_post(request: SearchRequest) -> Answer:
        return answer(request)

    @app.get("/healthz", summary="Whether the process is alive")
    def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz", summary="Whether the index is loaded and checked")
    def readyz() -> dict[str, str | int]:
        return {"status": "ready", "passages": searcher.manifest.passages, "corpus": searcher.manifest.corpus}

    # /api/ itself is the page that describes the endpoint, so it is left to the site.
    @app.api_route("/api/{first}", methods=METHODS, include_in_schema=False)
    @app.api_route("/api/{first}/{rest:path}", methods=METHODS, include_in_schema=False)
    def unknown_address(first: str, rest: str = "") -> None:
        raise HTTPException(404)

    if site is not None:
        _add_site(app, searcher, site)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(UnknownFocusAreaError, _unknown_focus_area)
    app.add_exception_handler(HTTPException, _http_error)
    policy = (site / POLICY_FILE).read_text(encoding="utf-8").strip() if site is not None else NOTHING_ALLOWED
    app.add_middleware(Guard, policy=policy)
    return app


def _add_site(app: FastAPI, searcher: Searcher, site: Path) -> None:
    """The site's files, and the two pages with the search form, which here is sent to this server."""
    home, search_page = (
        with_endpoint((site / path).read_text(encoding="utf-8")) for path in ("index.html", "search/index.html")
    )

    def results(problem: str) -> HTMLResponse:
        try:
            request = SearchRequest(q=problem, limit=MAX_LIMIT, focus_area=[])
        except ValidationError as error:
            return HTMLResponse(results_page(search_page, problem, None, _sentence(error)), 422)
        return HTMLResponse(results_page(search_page, problem, searcher.search(request)))

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def home_page() -> HTMLResponse:
        return HTMLResponse(home)

    @app.api_route("/search/", methods=["GET", "HEAD"], include_in_schema=False)
    def results_by_get(q: str | None = None) -> HTMLResponse:
        return HTMLResponse(search_page) if q is None else results(q)

    @app.post("/search/", include_in_schema=False)
    async def results_by_post(request: Request) -> HTMLResponse:
        form = parse_qs((await request.body()).decode("utf-8", errors="replace"), keep_blank_values=True)
        return await run_in_threadpool(results, form.get("q", [""])[0])

    app.mount("/", SiteFiles(directory=site, html=True), name="site")


def _sentence(error: ValidationError) -> str:
    message = error.errors()[0]["msg"].removeprefix("Value error, ")
    return f"The problem {message}." if message.startswith(("must", "has")) else f"The problem is not right: {message}."


class Guard:
    """The outermost layer: limits the body, adds headers, logs one line a request, and keeps every failure's text in.

    A line holds method, path (never the part after ?), status and time. An unforeseen error is logged by its type and its
    place in our code, because its message might hold the problem's text.
    """

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._headers = {**HEADERS, "Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                added = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        try:
            if refusal := _refusal(scope):
                await refusal(scope, receive, send_with_headers)
            else:
                await self._app(scope, _limited(receive), send_with_headers)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error("%s in %s, line %s", type(error).__name__, place.name, place.lineno)
            if not status:
                detail = "Something failed here that we did not foresee. Nothing of your problem was kept."
                await _problem(500, "Internal error", detail)(scope, receive, send_with_headers)
        finally:
            took_ms = (time.perf_counter() - started) * 1000
            log.info("%s %s %s %.1f ms", scope["method"], _path_for_log(scope["path"]), status, took_ms)


def _path_for_log(path: str) -> str:
    """The path with all but plain address characters taken out, so that no line can be forged."""
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in path[:200])


class _BodyTooLargeError(HTTPException):
    """The body went past the limit while it was read. Of this kind because FastAPI turns any other into a 400."""

    def __init__(self) -> None:
        super().__init__(413)


def _limited(receive: Receive) -> Receive:
    read = 0

    async def receive_limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY_BYTES:
            raise _BodyTooLargeError
        return message

    return receive_limited


def _refusal(scope: Scope) -> JSONResponse | None:
    """Refuses what can be told from the headers alone: a wrong method, content type or declared size."""
    if scope["path"] != "/api/search":
        return None
    headers = {name.lower(): value for name, value in scope["headers"]}
    if scope["method"] not in ("GET", "POST"):
        return _problem(405, "Method not allowed", "Use GET or POST.", headers={"Allow": "GET, POST"})
    if scope["method"] == "POST":
        kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if kind != b"application/json":
            return _problem(415, "Not JSON", "Send the fields as JSON, with Content-Type: application/json.")
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > MAX_BODY_BYTES:
            return _too_large()
    return None


def _too_large() -> JSONResponse:
    return _problem(413, "Too large", f"The request may hold at most {MAX_BODY_BYTES:,} bytes.")


def _problem(
    status: int, title: str, detail: str, errors: list[dict[str, str]] | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    problem = Problem(title=title, status=status, detail=detail, errors=errors or [])
    return JSONResponse(problem.model_dump(), status, headers, media_type="application/problem+json")


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return _problem(400, "Malformed JSON", "The body is not valid JSON.")
    errors = [{"field": _field(fault), "message": fault["msg"].removeprefix("Value error, ")} for fault in faults]
    detail = "; ".join(f"{fault['field']}: {fault['message']}" for fault in errors)
    return _problem(422, "Not valid", detail, errors)


def _field(fault: dict[str, Any]) -> str:
    places = [str(place) for place in fault["loc"] if place not in ("query", "body")]
    known = SearchRequest.model_fields
    return ".".join(places) if places and places[0] in known else "request"


async def _unknown_focus_area(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, UnknownFocusAreaError)
    message = "unknown; allowed are: " + ", ".join(error.allowed)
    return _problem(422, "Not valid", f"focus_area: {message}", [{"field": "focus_area", "message": message}])


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 413:
        return _too_large()
    titles: dict[int, tuple[str, str]] = {
        404: ("Not found", "There is nothing at this address."),
        405: ("Method not allowed", "This address does not take that method."),
    }
    title, detail = titles.get(error.status_code, ("Refused", "The request was refused."))
    return _problem(error.status_code, title, detail, headers=dict(error.headers or {}))
