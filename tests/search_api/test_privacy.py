"""Nothing is kept: after searches with words that stand nowhere else, no file, log, metric or error holds them."""

from __future__ import annotations

import http.client
import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tests.conftest import ROOT, running_server

pytestmark = [pytest.mark.model, pytest.mark.skipif(sys.platform == "win32", reason="reads what a POSIX process wrote")]
CANARIES = ("zyxcanaryproblem", "zyxcanarypath", "zyxcanaryheader", "zyxcanaryform", "zyxcanaryfield")
LONG = f"Our special schools are full and {CANARIES[0]} has no place. " * 20


def requests() -> list[tuple[str, str, bytes | None, dict[str, str]]]:
    """Method, address, body and headers: each way in, well-formed and not."""
    problem, path, header, form, field = CANARIES
    as_json, as_form = {"Content-Type": "application/json"}, {"Content-Type": "application/x-www-form-urlencoded"}
    marked = {"X-Request-ID": header, "User-Agent": header, "Referer": f"http://{header}/", "Cookie": f"a={header}"}
    asked = [json.dumps({"q": text}).encode() for text in (problem, LONG, f"{problem} special schools are full")]
    return [
        *[("POST", "/api/search", body, {**as_json, **marked}) for body in asked],
        ("GET", f"/api/search?q={problem}+{quote('special schools are full')}", None, marked),
        ("GET", f"/api/search?q={problem}&limit=0", None, marked),
        ("GET", f"/api/search?q=x&focus_area={field}&{field}={field}", None, marked),
        ("POST", "/api/search", json.dumps({"q": problem, field: field}).encode(), as_json),
        ("POST", "/api/search", f'{{"q": "{problem}'.encode(), as_json),
        ("POST", "/api/search", json.dumps({"q": problem * 9_000}).encode(), as_json),
        ("POST", "/api/search", problem.encode(), {"Content-Type": f"text/{header}"}),
        ("PUT", f"/api/search?q={problem}", problem.encode(), as_json),
        ("GET", f"/search/?q={problem}", None, marked),
        ("POST", "/search/", f"q={form}+special+schools+are+full".encode(), as_form),
        ("POST", "/search/", f"q={form * 3_000}".encode(), as_form),
        ("GET", f"/{path}/?q={problem}", None, marked),
        ("GET", f"/api/{path}", None, marked),
        ("GET", f"/api/search/{path}", None, marked),
        ("POST", f"/case-studies/{path}", problem.encode(), as_json),
        (path.upper(), "/", None, marked),
        ("GET", "/healthz", None, {"Host": header}),
        ("GET", "/", None, {"Host": header}),
    ]


def test_no_word_is_kept_anywhere(build_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the most talkative level, with a home, a temporary folder and a working folder to write in, nothing is left."""
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("CASEBOOK_RATE_LIMIT", "1000/minute")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    before = {path: path.stat().st_mtime_ns for path in build_folder.rglob("*") if path.is_file()}
    statuses, cookies, answers = [], [], []
    with running_server(build_folder, tmp_path / "log.txt", "--log-level", "debug", cwd=tmp_path) as (address, process):
        for method, path, body, headers in requests():
            connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read()
            statuses.append(response.status)
            cookies.append(response.headers["set-cookie"])
            answers.append(b"" if path.startswith("/search/") else text.lower() + str(response.headers).lower().encode())
            connection.close()
        connection.request("GET", "/metrics")
        answers.append(connection.getresponse().read())
        connection.close()
        assert elsewhere(process.pid) == set()
        open_for_writing = written_by(process.pid)
        assert resource.prlimit(process.pid, resource.RLIMIT_CORE) == (0, 0)
    output = process.stdout.read() if process.stdout and not process.stdout.closed else ""
    assert set(cookies) == {None}
    assert {200, 400, 404, 405, 415, 421, 422} <= set(statuses)
    assert 500 not in statuses
    # The page of results repeats the problem to the one who asked; no other answer does.
    assert [answer for answer in answers if any(canary.encode() in answer for canary in CANARIES)] == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["log.txt"]
    written = (tmp_path / "log.txt").read_text(encoding="utf-8").lower() + output.lower()
    # The method that there is not was refused before it became a request; /metrics was one more.
    assert written.count('"event": "request"') == len(statuses)
    assert [canary for canary in CANARIES if canary in written] == []
    assert "127.0.0.1" not in "".join(line for line in written.splitlines() if '"event": "request"' in line)
    assert {path: path.stat().st_mtime_ns for path in build_folder.rglob("*") if path.is_file()} == before
    assert open_for_writing <= {str(tmp_path / "log.txt")}


def opened(pid: int) -> dict[str, str]:
    """What a process has open, by number; what it closes while we look is left out."""
    targets = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            targets[entry.name] = str(entry.readlink())
    return targets


def written_by(pid: int) -> set[str]:
    """The files that a process has open for writing."""
    files = set()
    for number, target in opened(pid).items():
        flags = int((Path(f"/proc/{pid}/fdinfo") / number).read_text().split("flags:")[1].split()[0], 8)
        if target.startswith("/") and not target.startswith("/dev/") and flags & (os.O_WRONLY | os.O_RDWR):
            files.add(target)
    return files


def elsewhere(pid: int) -> set[str]:
    """The far ends of a process's TCP connections that are not this machine, as the kernel writes them."""
    ours = {link[len("socket:[") : -1] for link in opened(pid).values() if link.startswith("socket:[")}
    here = ("00000000:", "0100007F:", "0" * 32 + ":")
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]
    ]
    return {line[2] for line in lines if line[9] in ours and not line[2].startswith(here)}
