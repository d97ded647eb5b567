"""What whoever runs the server asks: whether it is alive, what it has loaded, its counts, and its description."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response
from pydantic import BaseModel, Field

from search_api.http.errors import OTHER_ERRORS
from search_api.http.metrics import CONTENT_TYPE, Metrics
from search_api.http.openapi import openapi_document
from search_api.serving import Serving


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


def add_operation_endpoints(app: FastAPI, serving: Serving) -> None:
    """Adds /healthz, /readyz and /api/openapi.json."""

    @app.get("/healthz", summary="Whether the process is alive", responses=OTHER_ERRORS, tags=["operation"])
    async def healthz() -> Alive:
        """Answers under any host name."""
        return Alive(status="alive")

    @app.get("/readyz", summary="What is loaded and checked", responses=OTHER_ERRORS, tags=["operation"])
    async def readyz() -> Ready:
        """Answers under any host name."""
        now, refused = serving.now, serving.refused
        manifest = now.searcher.manifest
        return Ready(status="ready", passages=manifest.passages, version=now.name, corpus=manifest.corpus, refused=refused)

    @app.get("/api/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        return openapi_document(app, serving.now.searcher)


def add_metrics_endpoint(app: FastAPI, metrics: Metrics) -> None:
    """Adds /metrics."""

    @app.get(
        "/metrics",
        summary="Counts and times, for Prometheus",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **OTHER_ERRORS},
        tags=["operation"],
    )
    async def read_metrics() -> Response:
        """In Prometheus' text format. It holds no text of any problem and no client's address."""
        return Response(metrics.text(), media_type=CONTENT_TYPE)
