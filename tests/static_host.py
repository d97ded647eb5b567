"""A plain web server: Python's own, with a policy on every answer. `python -m tests.static_host FOLDER POLICY` runs it."""

from __future__ import annotations

import http.server
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent


@contextmanager
def serving(folder: Path, policy: str) -> Iterator[str]:
    """The address of a folder, served by a process of its own."""
    command = [sys.executable, "-m", "tests.static_host", str(folder), policy]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.terminate()


def main(folder: str, policy: str) -> None:
    """Prints a free port and serves there until it is stopped."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
