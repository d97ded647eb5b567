"""Turns exceptions into problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from indexer.errors import message_of
from search_api.answer import SearchRequest
from search_api.http.errors import FieldProblem, problem
from search_api.http.queue import BusyError
from search_api.papers import PapersRequest, UnknownPaperError
from search_api.search import UnknownFocusAreaError


def add_error_handlers(app: FastAPI) -> None:
    """Each exception that an endpoint may raise gets its response."""
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(UnknownFocusAreaError, _unknown_focus_area)
    app.add_exception_handler(UnknownPaperError, _unknown_paper)
    app.add_exception_handler(BusyError, _busy)
    app.add_exception_handler(HTTPException, _http_exception)


async def _invalid_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem(400, "The body is not valid JSON.", title="Malformed JSON")
    return _invalid_fields(422, [(_field_of(fault), message_of(fault)) for fault in faults])


def _field_of(fault: dict[str, Any]) -> str:
    """The field as `ids.0`, or `request` for a field that is not ours: its name may be what somebody typed."""
    path = [str(place) for place in fault["loc"] if place not in ("query", "body")]
    known = SearchRequest.model_fields | PapersRequest.model_fields
    return ".".join(path) if path and path[0] in known else "request"


def _invalid_fields(status: int, messages: Iterable[tuple[str, str]]) -> Response:
    """A problem that names each field at fault, from pairs of field and message."""
    errors = [FieldProblem(field=field, message=message) for field, message in messages]
    return problem(status, "; ".join(f"{error.field}: {error.message}" for error in errors), errors=errors)


async def _unknown_focus_area(_: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownFocusAreaError)
    return _invalid_fields(422, [("focus_area", "unknown; allowed are: " + ", ".join(error.allowed))])


async def _unknown_paper(_: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownPaperError)
    message = "there is no such case study; /catalogue.json lists all there are"
    return _invalid_fields(404, [(f"ids.{place}", message) for place in error.places])


async def _busy(_: Request, error: Exception) -> Response:
    assert isinstance(error, BusyError)
    return problem(503, headers={"Retry-After": str(error.retry_after_s)})


async def _http_exception(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    detail = {"GET, POST": "Use GET or POST.", "POST": "Use POST."}.get(headers.get("Allow", ""))
    return problem(error.status_code, detail, headers=headers)
