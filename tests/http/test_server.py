"""The server as a process: one origin for site and search, no problem in its logs, plain refusals, and a clean stop."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from indexer.artefact.versions import current_version
from tests.conftest import ROOT, running_server
from tests.new_version import copy_of

pytestmark = pytest.mark.model
CANARY = "canarywordthatstandsnowhereelse"
STOPS_WITHIN_S = 10


def ask(address: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, str, bytes]:
    """Status, content type and body of a GET, or of a POST where there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{address}{path}", data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers["Content-Type"], response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one command of the server's program to its end."""
    command = [sys.executable, "-m", "search_api", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def assert_refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The command ended with code 1 and one line on standard error that holds the words, and nothing else."""
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_site_and_search_on_one_origin(server: str) -> None:
    """One address serves the pages and answers problems, by GET and by POST alike."""
    status, kind, page = ask(server, "/")
    assert (status, kind) == (200, "text/html; charset=utf-8")
    assert b"<h1" in page
    got, posted = (
        ask(server, "/api/search?q=special+schools+are+full"),
        ask(server, "/api/search", {"q": "special schools are full"}),
    )
    assert got[:2] == posted[:2] == (200, "application/json")
    assert [hit["url"] for hit in json.loads(got[2])["hits"]] == [hit["url"] for hit in json.loads(posted[2])["hits"]] != []


def test_ready_over_the_real_artefact(server: str) -> None:
    """/readyz names the corpus that the artefact was built from."""
    status, _, body = ask(server, "/readyz")
    ready = json.loads(body)
    assert (status, ready["status"]) == (200, "ready")
    assert ready["passages"] > 0
    assert ready["corpus"].startswith("sha256:")


@pytest.mark.parametrize(
    ("stop", "exit_codes"), [(signal.SIGINT, (130,)), (signal.SIGTERM, (0, -signal.SIGTERM))], ids=["Ctrl-C", "SIGTERM"]
)
def test_logs_without_the_problem_and_a_clean_stop(
    stop: signal.Signals, exit_codes: tuple[int, ...], build_folder: Path, tmp_path: Path
) -> None:
    """At the most talkative level no problem, answered or refused, is written; and the stop is quick and quiet."""
    log = tmp_path / "log.txt"
    with running_server(build_folder, log, "--log-level", "debug") as (address, process):
        statuses = [
            ask(address, f"/api/search?q={CANARY}")[0],
            ask(address, "/api/search", {"q": CANARY})[0],
            ask(address, f"/api/search?q={CANARY}&limit=0")[0],
            ask(address, f"/api/search?q=x&focus_area={CANARY}")[0],
            ask(address, "/api/search", {"q": "x", CANARY: 1})[0],
            ask(address, f"/search/?q={CANARY}")[0],
        ]
        stopped_at = time.monotonic()
        process.send_signal(stop)
        output, _ = process.communicate(timeout=STOPS_WITHIN_S)
        took_s = time.monotonic() - stopped_at
    written = output + log.read_text(encoding="utf-8")
    assert statuses == [200, 200, 422, 422, 422, 200]
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line.get("path") for line in lines if line.get("status") == 200] == ["/api/search", "/api/search", "/search/"]
    assert CANARY not in written
    assert "Traceback" not in written
    assert process.returncode in exit_codes
    assert took_s < STOPS_WITHIN_S


def test_a_taken_port(build_folder: Path) -> None:
    """A port that is taken is refused in one sentence with the cure, before anything is loaded."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_refused(run("serve", "--port", str(port)), f"Port {port} on 127.0.0.1", "make serve PORT=")


def test_a_port_that_there_is_not() -> None:
    """A port past the last one is refused with the range."""
    assert_refused(run("serve", "--port", "70000"), "70000", "0 to 65535")


def test_a_host_that_there_is_not() -> None:
    """A host that is no address is refused with hosts that work."""
    assert_refused(run("serve", "--port", "0", "--host", "300.300.300.300"), "300.300.300.300", "HOST=127.0.0.1")


@pytest.mark.parametrize("arguments", [("serve", "--port", "0"), ("search", "school")], ids=["serve", "search"])
def test_a_missing_artefact(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Without an artefact both commands name the folder and the command that builds it."""
    assert_refused(run(*arguments, "--build", str(tmp_path)), str(tmp_path), "python -m indexer build")


def damaged(build_folder: Path, tmp_path: Path, name: str, data: bytes | None) -> Path:
    """A copy of the real build in which one file holds other bytes, or is missing for None."""
    copy = copy_of(build_folder, tmp_path / "build")
    path = current_version(copy).folder / name
    path.unlink() if data is None else path.write_bytes(data)
    return copy


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("artefact/passages.json", b"[]"),
        ("artefact/index.faiss", b"no index"),
        ("artefact/model.onnx", None),
        ("artefact/manifest.json", b"{"),
        ("artefact/manifest.json", b'{"format": 99}'),
        ("version.json", b'{"format": 99}'),
        ("site/index.html", b"<h1>"),
    ],
)
def test_a_damaged_artefact(name: str, data: bytes | None, build_folder: Path, tmp_path: Path) -> None:
    """A version with one file changed or gone is refused, naming the file and the cure, and is not served."""
    copy = damaged(build_folder, tmp_path, name, data)
    assert_refused(run("serve", "--port", "0", "--build", str(copy)), name, "python -m indexer build")


def test_a_missing_site(build_folder: Path, tmp_path: Path) -> None:
    """Without a site the server names a file of it and the command that builds it."""
    copy = copy_of(build_folder, tmp_path / "build")
    site = current_version(copy).site
    shutil.rmtree(site)
    assert_refused(run("serve", "--port", "0", "--build", str(copy)), str(site), "python -m indexer build")
