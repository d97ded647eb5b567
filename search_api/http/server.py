"""Runs the application over HTTP: the only door to uvicorn. What it would leave open, it limits: slow and endless heads."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import uvicorn
from pythonjsonlogger.json import JsonFormatter
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from search_api.http.errors import MAX_HEAD_BYTES, raw_problem
from search_api.settings import Settings

SWITCH_INTERVAL_S = 0.0005
"""How long one thread may keep the interpreter from the others: with Python's own 5 ms, a search waits for another's."""
KEEP_ALIVE_S = 30


@dataclass(frozen=True)
class ConnectionLimits:
    """What one connection may take, times in seconds.

    Attributes:
        connections: The most connections at once.
        head_s: Until a request's head is there.
        response_s: From there until its response is sent.
        keep_alive_s: Between a response and the next request's first byte.
        head_bytes: The most bytes of a head.
    """

    connections: int
    head_s: float
    response_s: float
    keep_alive_s: float = KEEP_ALIVE_S
    head_bytes: int = MAX_HEAD_BYTES

    @classmethod
    def from_settings(cls, settings: Settings) -> ConnectionLimits:
        """Those that whoever runs the server sets."""
        return cls(settings.connections, settings.head_s, settings.response_s)


class LimitedProtocol(HttpToolsProtocol):
    """One connection within limits. One timer runs at a time: until the head is there, then until the response is sent."""

    def __init__(self, *args: Any, limits: ConnectionLimits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = limits
        self._timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuses a connection past the most there may be."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self._refuse(503, {"Retry-After": "1"})
        else:
            self._start_timer(self._limits.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Refuses a head that is too large before its end has come."""
        self._head_bytes += len(data) if self._in_head() else 0
        super().data_received(data)
        if self._in_head() and self._head_bytes > self._limits.head_bytes and not self.transport.is_closing():
            self._refuse(431)

    def on_headers_complete(self) -> None:
        """Refuses a head that is too large; else the time for the response begins."""
        head = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        self._head_bytes = 0
        if head > self._limits.head_bytes:
            self._refuse(431)
            return
        super().on_headers_complete()
        self._start_timer(self._limits.response_s)

    def on_response_complete(self) -> None:
        """The time for the next request begins, or for the answer to one that has already come."""
        super().on_response_complete()
        if not self.transport.is_closing():
            next_head_s = self._limits.keep_alive_s + self._limits.head_s
            self._start_timer(self._limits.response_s if self.pipeline else next_head_s)

    def send_400_response(self, msg: str) -> None:
        """Answers with problem details; `msg` may hold what was sent, so it is left out."""
        self._refuse(400)

    def _in_head(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, status: int, headers: dict[str, str] | None = None) -> None:
        self._stop_timer()
        if not self.transport.is_closing():
            self.transport.write(raw_problem(status, headers))
            self.transport.close()

    def _start_timer(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._on_timeout)

    def _on_timeout(self) -> None:
        if self._in_head() and self._head_bytes:
            self._refuse(408)
        else:
            self.transport.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def start_logging(level: str) -> None:
    """Each line is a JSON object, on standard error."""
    handler = logging.StreamHandler()
    names = {"asctime": "time", "levelname": "level", "name": "logger", "message": "event"}
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields=names))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # Debug lines of libraries may hold what they work on.
    logging.getLogger("asyncio").setLevel(logging.INFO)


def serve(app: ASGIApp, listener: socket.socket, settings: Settings) -> None:
    """Serves until told to stop (Ctrl-C, SIGTERM): then lets requests end, for `drain_s` at most."""
    _no_core_dumps()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    config = uvicorn.Config(
        app,
        # uvicorn only calls it, as it would call the class
        http=cast("type[asyncio.Protocol]", partial(LimitedProtocol, limits=ConnectionLimits.from_settings(settings))),
        ws="none",
        # access_log would write each address with its query; our own line leaves it out.
        access_log=False,
        log_config=None,
        log_level=max(logging.INFO, logging.getLevelName(settings.log_level.upper())),
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=settings.drain_s,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _no_core_dumps() -> None:
    """A core dump would hold the problems being answered."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
