"""The real server against bad, slow and endless requests: each has its answer, and none holds up the others."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import running_server

pytestmark = [pytest.mark.model, pytest.mark.skipif(sys.platform == "win32", reason="sockets and signals of POSIX")]
HEAD_S, BODY_S, CONNECTIONS = 1.5, 1.5, 40
HEADERS = b"Host: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server_and_pid(build_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[tuple[str, int], int]]:
    """A server with short limits."""
    settings = {"HEAD_S": HEAD_S, "BODY_S": BODY_S, "CONNECTIONS": CONNECTIONS}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(f"CASEBOOK_{name}", str(value))
        log = tmp_path_factory.mktemp("limits") / "log.txt"
        with running_server(build_folder, log) as (address, process):
            host, _, port = address.removeprefix("http://").partition(":")
            yield (host, int(port)), process.pid


@pytest.fixture
def at(server_and_pid: tuple[tuple[str, int], int]) -> tuple[str, int]:
    return server_and_pid[0]


def read_all(connection: socket.socket) -> bytes:
    """All until the other side closes."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65_536):
            found += part
    return found


def exchange(at: tuple[str, int], *parts: bytes, pause_s: float = 0.0) -> bytes:
    """What comes back for bytes, sent with pauses between them."""
    with socket.create_connection(at, timeout=20) as connection:
        with contextlib.suppress(ConnectionError):
            for part in parts:
                connection.sendall(part)
                time.sleep(pause_s)
        return read_all(connection)


def post(problem: str, *, close: bool = True) -> bytes:
    """A whole search by POST."""
    body = json.dumps({"q": problem}).encode()
    end = b"Connection: close\r\n" if close else b""
    return b"POST /api/search HTTP/1.1\r\n%s%sContent-Length: %d\r\n\r\n%s" % (HEADERS, end, len(body), body)


def status(response: bytes) -> int:
    """The status, and where it is an error, checked to be problem details that say the same."""
    head, _, body = response.partition(b"\r\n\r\n")
    code = int(head.split()[1])
    if code >= 400:
        assert b"application/problem+json" in head, head
        assert json.loads(body)["status"] == code
    return code


@pytest.mark.parametrize(
    "request_",
    [
        b"NOT HTTP AT ALL\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_no_http(at: tuple[str, int], request_: bytes) -> None:
    """What is no HTTP gets problem details and the connection is closed."""
    assert status(exchange(at, request_)) == 400


@pytest.mark.parametrize(
    "head",
    [
        b"GET /?" + b"a" * 70_000 + b" HTTP/1.1\r\n" + HEADERS + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HEADERS + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Many: yes\r\n" * 8_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nX-Endless: " + b"a" * 500_000,
    ],
    ids=["address", "one header", "many headers", "endless"],
)
def test_too_large_a_head(at: tuple[str, int], head: bytes) -> None:
    """A head past the limit is refused while it comes in."""
    assert status(exchange(at, head)) == 431


def test_a_slow_head(at: tuple[str, int]) -> None:
    """A head that trickles in is refused at its deadline, however often a byte comes."""
    started = time.monotonic()
    response = exchange(at, b"GET / HTTP/1.1\r\n", *[b"X: y\r\n"] * 40, pause_s=0.1)
    assert status(response) == 408
    assert HEAD_S - 0.2 <= time.monotonic() - started < 20


def test_a_silent_connection(at: tuple[str, int]) -> None:
    """A connection that says nothing is closed."""
    assert exchange(at) == b""


@pytest.mark.parametrize("declared", [b"Content-Length: 30\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_slow_body(at: tuple[str, int], declared: bytes) -> None:
    """A body that does not come is refused at its deadline."""
    head = b"POST /api/search HTTP/1.1\r\n" + HEADERS + b"Connection: close\r\n" + declared + b"\r\n"
    assert status(exchange(at, head)) == 408


@pytest.mark.parametrize("declared", [b"Content-Length: 99999999\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_too_large_a_body(at: tuple[str, int], declared: bytes) -> None:
    """A body past the limit is refused, whether its length was said before or not."""
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    head = b"POST /api/search HTTP/1.1\r\n" + HEADERS + b"Connection: close\r\n" + declared + b"\r\n"
    assert status(exchange(at, head + chunk)) == 413


def test_slow_clients_hold_up_nobody(at: tuple[str, int]) -> None:
    """While slow connections take every place but a few, a search is answered; past the last place it is 503."""
    with contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS - 5):
            slow = stack.enter_context(socket.create_connection(at, timeout=20))
            slow.sendall(b"POST /api/search HTTP/1.1\r\nHost: loc")
        assert status(exchange(at, post("special schools are full"))) == 200
        for _ in range(10):
            stack.enter_context(socket.create_connection(at, timeout=20))
        refused = exchange(at, post("special schools are full"))
        assert status(refused) == 503
        assert b"\r\nretry-after: 1\r\n" in refused.lower()
    deadline = time.monotonic() + 10
    while status(exchange(at, post("special schools are full"))) != 200:
        assert time.monotonic() < deadline


def test_two_requests_at_once_on_a_connection(at: tuple[str, int]) -> None:
    """Requests sent one behind the other on a connection are both answered, in order."""
    both = exchange(
        at, post("special schools are full", close=False) + b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"
    )
    assert both.count(b"HTTP/1.1 200 OK") == 2
    assert both.endswith(b'{"status":"alive"}')


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_no_core_dump(server_and_pid: tuple[tuple[str, int], int]) -> None:
    """The process may leave no core dump."""
    assert resource.prlimit(server_and_pid[1], resource.RLIMIT_CORE) == (0, 0)


def test_a_stop_lets_requests_end(build_folder: Path, tmp_path: Path) -> None:
    """Searches that wait when SIGTERM comes are all answered; then the process ends, and a new connection is refused."""
    with running_server(build_folder, tmp_path / "log.txt") as (address, process):
        host, _, port = address.removeprefix("http://").partition(":")
        at = host, int(port)
        responses: list[bytes] = []
        connections = [socket.create_connection(at, timeout=30) for _ in range(30)]
        threads = [threading.Thread(target=lambda c=each: responses.append(read_all(c))) for each in connections]
        for connection, thread in zip(connections, threads, strict=True):
            connection.sendall(post("headteachers say they cannot cope and keep asking for plans. " * 8))
            thread.start()
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGTERM)
        for connection, thread in zip(connections, threads, strict=True):
            thread.join(30)
            connection.close()
        process.wait(20)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(at, timeout=5)
    assert [status(response) for response in responses] == [200] * 30
