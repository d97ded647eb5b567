"""What tests share: the project's content, its real build, a real server process and a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright

from indexer.artefact.store import Artefact
from indexer.artefact.versions import current_version, load_current
from indexer.content.corpus import Corpus
from indexer.content.loading import load_corpus
from tests.find_browser import MISSING, find_browser
from tests.visit import Visit, visiting

ROOT = Path(__file__).parent.parent
BROWSER_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The project's own content."""
    return load_corpus(ROOT)


@pytest.fixture(scope="session")
def build_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's real build, with the real model, brought in step first: by one of pytest's processes at a time."""
    command = [sys.executable, "-m", "indexer", "build"]
    with FileLock(tmp_path_factory.getbasetemp().parent / "casebook-build.lock"):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ROOT / "build"


@pytest.fixture(scope="session")
def artefact(build_folder: Path) -> Artefact:
    """The real artefact, loaded and checked."""
    return load_current(build_folder)


@pytest.fixture(scope="session")
def encoder_folder(build_folder: Path) -> Path:
    """A folder with the real exported encoder."""
    return current_version(build_folder).artefact


@contextmanager
def running_server(
    build_folder: Path, log: Path, *options: str, cwd: Path = ROOT
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A real server process on a free port: its address and the process; all it writes goes to `log` and its first line."""
    command = [sys.executable, "-m", "search_api", "serve", "--port", "0"]
    command += ["--build", str(build_folder), *options]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell starts its background jobs deaf to Ctrl-C, and the server would inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout
        first_line = process.stdout.readline()
        address = re.search(r"http://\S+", first_line)
        assert address, f"the server did not start: {first_line}{log.read_text(encoding='utf-8')}"
        try:
            yield address[0], process
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture(scope="session")
def server(build_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server over the real build."""
    with running_server(build_folder, tmp_path_factory.mktemp("server") / "log.txt") as (address, _):
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser; the test fails without one unless ALLOW_NO_BROWSER=1 asks to leave it out."""
    path = find_browser()
    if path is None:
        if os.environ.get("ALLOW_NO_BROWSER") == "1":
            pytest.skip("ALLOW_NO_BROWSER=1 and there is no browser")
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        flags = [*BROWSER_FLAGS, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
        found = playwright.chromium.launch(executable_path=path, args=flags)
        yield found
        found.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Visit]:
    """A fresh tab over the real server; the test fails if a page asks another host for anything or logs an error."""
    with visiting(browser, server, timeout_ms=10_000) as found:
        yield found
