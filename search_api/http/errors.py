"""Problem details (RFC 9457): the one shape of every error, from every layer of the server."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
MAX_BODY_BYTES = 64_000
MAX_HEAD_BYTES = 64_000
"""Of a request's first line and headers together."""


class FieldProblem(BaseModel):
    """A field at fault."""

    field: str = Field(description="Its name, or `request` where the request as a whole is at fault.")
    message: str = Field(description="What is wrong with it, and what is allowed.")


class Problem(BaseModel):
    """Problem details (RFC 9457). `errors` names each field at fault, never what stood in it."""

    type: str = Field("about:blank", description="Always about:blank: the status says which error it is.")
    title: str = Field(description="The sort of error, in a word or two.")
    status: int = Field(description="The status of the response.")
    detail: str = Field(description="What is wrong and how to mend it.")
    errors: list[FieldProblem] = Field(default_factory=list, description="Each field at fault; empty where no field is.")


PROBLEMS = {
    400: ("Malformed request", "The request is not valid HTTP, or its body is not valid JSON."),
    404: ("Not found", "There is nothing at this address."),
    405: ("Method not allowed", "This address does not take that method."),
    408: ("Too slow", "The request did not arrive in time."),
    413: ("Too large", f"The request may hold at most {MAX_BODY_BYTES:,} bytes."),
    415: ("Not JSON", "Send the fields as JSON, with Content-Type: application/json."),
    421: ("Unknown host", "This server does not answer under that name. Who runs it can allow it: CASEBOOK_HOSTS."),
    422: ("Not valid", "A field is not valid; errors names it."),
    429: ("Too many requests", "You have asked more often than this server allows. Retry-After says when to ask again."),
    431: ("Head too large", f"Address and headers may hold at most {MAX_HEAD_BYTES:,} bytes. Send a long problem by POST."),
    500: ("Internal error", "Something failed here that we did not foresee. Nothing of your problem was kept."),
    503: ("Busy", "More is being asked than can be answered now. Retry-After says when to ask again."),
}
"""Title and usual detail of each status that the server gives."""


def problem(
    status: int,
    detail: str | None = None,
    *,
    title: str | None = None,
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A response; title and detail are the status's own where they are not given."""
    usual_title, usual_detail = PROBLEMS.get(status, ("Refused", "The request was refused."))
    body = Problem(title=title or usual_title, status=status, detail=detail or usual_detail, errors=errors or [])
    return JSONResponse(body.model_dump(), status, headers, media_type=MEDIA_TYPE)


def raw_problem(status: int, headers: dict[str, str] | None = None) -> bytes:
    """The same as the bytes of a whole response that ends its connection, for where there is no application to ask."""
    response = problem(status, headers={**(headers or {}), "Connection": "close"})
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(), *(b": ".join(pair) for pair in response.raw_headers)]
    return b"\r\n".join([*lines, b"", bytes(response.body)])


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The description of errors for the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    described: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        described[status] = {"description": ": ".join(PROBLEMS[status]), "content": content}
        if status in (429, 503):
            text = "Seconds after which to ask again."
            described[status]["headers"] = {"Retry-After": {"description": text, "schema": {"type": "integer"}}}
    return described


SEARCH_ERRORS = responses(400, 405, 408, 413, 415, 421, 422, 429, 431, 500, 503)
OTHER_ERRORS = responses(405, 421, 500)
"""What any address may answer."""
