"""/api/search by GET and by POST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from search_api.answer import Answer, SearchRequest
from search_api.http.errors import SEARCH_ERRORS
from search_api.http.guard import client_of
from search_api.http.metrics import Metrics
from search_api.http.queue import WorkQueue
from search_api.serving import Serving


@dataclass(frozen=True)
class QueuedSearch:
    """Search over HTTP: each request waits its turn in the queue, and its answer is counted."""

    serving: Serving
    queue: WorkQueue
    metrics: Metrics

    async def answer(self, query: SearchRequest, request: Request) -> Answer:
        """The answer to a problem.

        Raises:
            BusyError: Where there is no place in the queue.
            UnknownFocusAreaError: Where the query names a focus area that there is not.
        """
        searcher = self.serving.taken(request.scope).searcher
        answer = await self.queue.run(client_of(request.scope), lambda: searcher.search(query))
        self.metrics.answer(answer.answered, _top_focus_area(answer))
        return answer


def _top_focus_area(answer: Answer) -> str:
    if answer.focus_areas:
        return answer.focus_areas[0].slug
    return answer.suggestion.slug if answer.suggestion else "none"


def add_search_endpoints(app: FastAPI, search: QueuedSearch) -> None:
    """Adds both ways to ask."""

    async def answer_as_json(query: SearchRequest, request: Request) -> Response:
        answer = await search.answer(query, request)
        return Response(answer.model_dump_json(), media_type="application/json")

    @app.get("/api/search", response_model=Answer, responses=SEARCH_ERRORS, summary="Answer a problem", tags=["search"])
    async def search_by_get(query: Annotated[SearchRequest, Query()], request: Request) -> Response:
        """The problem stands in the address, which browsers and proxies keep: use POST for anything about a person."""
        return await answer_as_json(query, request)

    @app.post("/api/search", response_model=Answer, responses=SEARCH_ERRORS, summary="Answer a problem", tags=["search"])
    async def search_by_post(query: SearchRequest, request: Request) -> Response:
        """The problem stands in the body, and in no address."""
        return await answer_as_json(query, request)
