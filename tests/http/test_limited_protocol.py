"""One connection's limits, with a transport and a clock that only note what is asked of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from search_api.http.server import ConnectionLimits, LimitedProtocol
from search_api.settings import Settings

LIMITS = ConnectionLimits(connections=1, head_s=10, response_s=300, keep_alive_s=30, head_bytes=100)
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class NotingTransport(asyncio.Transport):
    """Notes what is written, and how it was ended: "", "close" or "abort"."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.end = b"", ""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Notes it."""
        self.written += data

    def close(self) -> None:
        """Notes it."""
        self.end = "close"

    def abort(self) -> None:
        """Notes it."""
        self.end = "abort"

    def is_closing(self) -> bool:
        """Whether it was ended."""
        return bool(self.end)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Never answers."""


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that never runs, so no timer goes off by itself."""
    loop = asyncio.new_event_loop()
    yield loop
    for task in asyncio.all_tasks(loop):
        task.cancel()
    # In a thread of its own: where a browser is at work, this one has a loop that runs.
    ending = threading.Thread(target=loop.run_until_complete, args=(asyncio.sleep(0),))
    ending.start()
    ending.join()
    loop.close()


def connect(
    loop: asyncio.AbstractEventLoop, state: ServerState, limits: ConnectionLimits = LIMITS
) -> tuple[LimitedProtocol, NotingTransport]:
    """A new connection of a server."""
    config = Config(app, log_config=None, lifespan="off")
    protocol, transport = LimitedProtocol(config, state, {}, loop, limits=limits), NotingTransport()
    protocol.connection_made(transport)
    return protocol, transport


def seconds_left(protocol: LimitedProtocol, loop: asyncio.AbstractEventLoop) -> int:
    """How long its timer has to run, in whole seconds."""
    assert protocol._timer is not None
    return round(protocol._timer.when() - loop.time())


def test_the_limits_come_from_the_settings() -> None:
    """Connections and times are those that the settings give."""
    limits = ConnectionLimits.from_settings(Settings(connections=7, head_s=2, response_s=5))
    assert (limits.connections, limits.head_s, limits.response_s) == (7, 2, 5)


def test_one_connection_too_many_is_refused(loop: asyncio.AbstractEventLoop) -> None:
    """The connection past the most there may be is told 503 and closed; the first stays open."""
    state = ServerState()
    (_, first), (_, second) = connect(loop, state), connect(loop, state)
    assert (first.written, first.end) == (b"", "")
    assert (second.written.partition(b"\r\n")[0], second.end) == (b"HTTP/1.1 503 Service Unavailable", "close")


def test_a_head_has_its_time_and_then_the_response(loop: asyncio.AbstractEventLoop) -> None:
    """The timer runs for the head at first, and from the end of the head for the response."""
    protocol, transport = connect(loop, ServerState())
    assert seconds_left(protocol, loop) == LIMITS.head_s
    protocol.data_received(REQUEST)
    assert seconds_left(protocol, loop) == LIMITS.response_s
    assert (transport.written, transport.end) == (b"", "")


@pytest.mark.parametrize(
    ("sent", "first_line", "end"),
    [
        (b"", b"", "abort"),
        (REQUEST[:20], b"HTTP/1.1 408 Request Timeout", "close"),
        (REQUEST, b"", "abort"),
    ],
    ids=["nothing", "half a head", "a request without an answer"],
)
def test_a_timeout(loop: asyncio.AbstractEventLoop, sent: bytes, first_line: bytes, end: str) -> None:
    """A head that began is told that it is too slow; a connection without one, or without its answer, is cut off."""
    protocol, transport = connect(loop, ServerState())
    protocol.data_received(sent)
    protocol._on_timeout()
    assert (transport.written.partition(b"\r\n")[0], transport.end) == (first_line, end)


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"], ids=["endless", "ended"])
def test_a_head_too_large(loop: asyncio.AbstractEventLoop, end: bytes) -> None:
    """A head of more bytes than allowed is refused with 431, whether or not it comes to an end."""
    protocol, transport = connect(loop, ServerState())
    protocol.data_received(b"GET / HTTP/1.1\r\nX: " + b"a" * LIMITS.head_bytes + end)
    assert (transport.written.partition(b" ")[2][:3], transport.end) == (b"431", "close")


def test_a_closed_connection_has_no_timer(loop: asyncio.AbstractEventLoop) -> None:
    """When a connection is lost, its timer is stopped and its place is free for another."""
    state = ServerState()
    protocol, _ = connect(loop, state)
    protocol.connection_lost(None)
    _, other = connect(loop, state)
    assert protocol._timer is None
    assert (other.written, other.end) == (b"", "")
