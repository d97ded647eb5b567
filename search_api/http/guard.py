"""The outermost layer of the application: who may ask and how much, headers, one log line a request, and no text let out."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.http.errors import MAX_BODY_BYTES, problem
from search_api.http.metrics import Metrics
from search_api.settings import Settings

if TYPE_CHECKING:
    from limits.strategies import MovingWindowRateLimiter

log = logging.getLogger("search_api")
OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
ROUTES = ("/api/search", "/api/papers", "/search/", "/mcp", "/healthz", "/readyz", "/metrics", "/api/openapi.json")
SEARCHES = ("/api/search", "/api/papers", "/search/", "/mcp")
TAKE_JSON = ("/api/search", "/api/papers")
FRAMED = "/embed/"
"""The one page that may be shown in a frame, by whom the settings name."""
FOR_ANY_HOST = ("/healthz", "/readyz")
"""Asked by orchestrators, by whatever address they have."""
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Limits, headers, logs and counts.

    A log line holds an id, method, route, status and time. The path of a file of the site is logged too, because it is known
    to be one; any other path may hold what somebody typed, and so may an error's message: that is logged by type and place.
    """

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics, policy: Callable[[Scope], str]) -> None:
        """`policy` gives the content security policy that a request (its ASGI scope) goes by."""
        self._app, self._settings, self._metrics, self._policy = app, settings, metrics, policy
        self._hosts = {*OWN_NAMES, settings.host, *settings.hosts}
        self._rate = settings.rate
        self._limiter = _limiter() if self._rate else None
        self._frames = " ".join(settings.frame_ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, request_id = time.perf_counter(), 0, secrets.token_hex(8)
        extra = self._headers(scope, request_id)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        try:
            if refusal := self._refusal(scope, extra):
                await refusal(scope, receive, send_with_headers)
            else:
                await self._app(scope, self._limited(receive), send_with_headers)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = {"id": request_id, "error": type(error).__name__, "function": place.name, "line": place.lineno}
            log.error("unforeseen error", extra=where)
            if not status:
                await problem(500)(scope, receive, send_with_headers)
        finally:
            took_s = time.perf_counter() - started
            path = scope["path"]
            route = path if path in ROUTES else "site"
            self._metrics.request(route, status, took_s)
            logged_path = path if route != "site" or 200 <= status < 400 else "(unknown)"
            method = scope["method"] if scope["method"].isalpha() and len(scope["method"]) < 10 else "?"
            line = {"id": request_id, "method": method, "path": logged_path, "status": status, "ms": round(took_s * 1000, 1)}
            log.info("request", extra=line)

    def _headers(self, scope: Scope, request_id: str) -> list[tuple[bytes, bytes]]:
        path, policy = scope["path"], self._policy(scope)
        if self._frames and path == FRAMED:
            policy = policy.replace("frame-ancestors 'none'", f"frame-ancestors {self._frames}")
        headers = {**HEADERS, "Content-Security-Policy": policy, "X-Request-ID": request_id}
        if path in ROUTES:
            headers["Cache-Control"] = "no-store"
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    def _refusal(self, scope: Scope, extra: list[tuple[bytes, bytes]]) -> Response | None:
        """Refuses what can be told from the head alone; adds the rate limit's headers to `extra`."""
        headers, path = Headers(scope=scope), scope["path"]
        if path not in FOR_ANY_HOST and "*" not in self._hosts and _name(headers.get("host", "")) not in self._hosts:
            return problem(421)
        if path in SEARCHES and (refusal := self._too_many(scope, extra)):
            return refusal
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > MAX_BODY_BYTES:
            return problem(413)
        if path in TAKE_JSON and scope["method"] == "POST":
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            return None if kind == "application/json" else problem(415)
        return None

    def _too_many(self, scope: Scope, extra: list[tuple[bytes, bytes]]) -> Response | None:
        """Counts a search; the headers are those of draft-ietf-httpapi-ratelimit-headers."""
        if not self._limiter or not self._rate:
            return None
        client = client_of(scope)
        allowed = self._limiter.hit(self._rate, client)
        reset_at, left = self._limiter.get_window_stats(self._rate, client)
        wait_s = max(1, math.ceil(reset_at - time.time()))
        extra.append((b"ratelimit-policy", f'"search";q={self._rate.amount};w={self._rate.get_expiry()}'.encode()))
        extra.append((b"ratelimit", f'"search";r={left};t={wait_s}'.encode()))
        return None if allowed else problem(429, headers={"Retry-After": str(wait_s)})

    def _limited(self, receive: Receive) -> Receive:
        read, ended = 0, False
        until = time.perf_counter() + self._settings.body_s

        async def receive_limited() -> Message:
            nonlocal read, ended
            if ended:
                return await receive()
            try:
                async with asyncio.timeout(max(0.0, until - time.perf_counter())):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            read += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if read > MAX_BODY_BYTES:
                raise HTTPException(413)
            return message

        return receive_limited


def _limiter() -> MovingWindowRateLimiter:
    from limits.storage import MemoryStorage
    from limits.strategies import MovingWindowRateLimiter

    return MovingWindowRateLimiter(MemoryStorage())


def client_of(scope: Scope) -> str:
    """The client's address: what turns and limits go by. It is never written anywhere."""
    return str(scope["client"][0]) if scope.get("client") else ""


def _name(host: str) -> str:
    """The name in a Host header, without its port: "[::1]:8000" gives "[::1]"."""
    end = host.find("]") + 1
    return (host[:end] if end else host.partition(":")[0]).lower()
