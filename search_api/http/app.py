"""Puts the application together: endpoints, error handlers, middleware, and the look for new builds while it runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.types import Scope

from search_api.http.error_handlers import add_error_handlers
from search_api.http.guard import Guard
from search_api.http.metrics import Metrics
from search_api.http.operation_endpoints import add_metrics_endpoint, add_operation_endpoints
from search_api.http.paper_endpoints import QueuedPapers, add_paper_endpoints
from search_api.http.queue import WorkQueue
from search_api.http.search_endpoints import QueuedSearch, add_search_endpoints
from search_api.http.site_pages import add_results_page, add_site
from search_api.serving import Serving
from search_api.settings import Settings

log = logging.getLogger("search_api")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def create_app(serving: Serving, settings: Settings | None = None) -> FastAPI:
    """The application.

    Args:
        serving: Opened and checked by whoever calls; its site is served on the same origin.
        settings: What may be asked, by whom and how much; None for what holds without any.
    """
    settings = settings or Settings()
    queue = WorkQueue(settings.workers, settings.queue, settings.queue_wait_s)
    metrics = Metrics(lambda: queue.waiting, lambda: serving.refused is not None)
    search = QueuedSearch(serving, queue, metrics)
    app = FastAPI(
        title="High Needs Casebook",
        summary="Real, sourced examples for a problem in a high needs system.",
        description="Nothing that is asked is stored or logged. Every error is a problem details object (RFC 9457).",
        version=str(serving.now.searcher.manifest.format),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=_looks_for_builds(serving, settings.reload_s),
    )
    add_search_endpoints(app, search)
    add_operation_endpoints(app, serving)
    if settings.metrics:
        add_metrics_endpoint(app, metrics)
    has_site = serving.now.pages is not None
    if has_site:
        add_paper_endpoints(app, QueuedPapers(serving, queue))
    _refuse_other_api_addresses(app, has_papers=has_site)
    if has_site:
        add_results_page(app, search)
        add_site(app, serving)
    add_error_handlers(app)
    _add_middleware(app, settings, metrics, lambda scope: serving.taken(scope).policy)
    return app


def _refuse_other_api_addresses(app: FastAPI, *, has_papers: bool) -> None:
    """Errors under /api/ are problem details, and no page of the site; /api/ itself is the page that describes it."""
    allowed = {"/api/search": "GET, POST", **({"/api/papers": "POST"} if has_papers else {})}

    @app.api_route("/api/{first}", methods=METHODS, include_in_schema=False)
    @app.api_route("/api/{first}/{rest:path}", methods=METHODS, include_in_schema=False)
    async def other_address(request: Request) -> None:
        if request.url.path in allowed:
            raise HTTPException(405, headers={"Allow": allowed[request.url.path]})
        raise HTTPException(404)


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics, policy: Callable[[Scope], str]) -> None:
    """The guard, outermost, and within it the answers to other origins' browsers."""
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type"],
            expose_headers=["Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-ID"],
        )
    app.add_middleware(Guard, settings=settings, metrics=metrics, policy=policy)


def _looks_for_builds(serving: Serving, interval_s: float) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """A lifespan that looks for a new build every `interval_s` seconds; 0 never looks."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(_look_repeatedly(serving, interval_s))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return lifespan


async def _look_repeatedly(serving: Serving, interval_s: float) -> None:
    while interval_s:
        await asyncio.sleep(interval_s)
        try:
            await asyncio.to_thread(serving.look)
        except Exception as error:  # whatever it is, what is loaded goes on serving, and the next look may go well
            log.error("could not look for a new build", extra={"error": type(error).__name__})
