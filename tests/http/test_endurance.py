"""The real server under more than it can carry, with builds coming in and builders killed: it holds, and says so."""

from __future__ import annotations

import http.client
import json
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from indexer.artefact.site_contract import POLICY_FILE
from indexer.artefact.versions import current_version, load_current
from indexer.site.check import check_site
from tests.conftest import ROOT, running_server
from tests.new_version import copy_of, with_new_version

pytestmark = [pytest.mark.model, pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")]
SOAK_S, SETTLE_S = 16, 6
GREEDY, QUEUE = 24, 8
GROWTH_MB = 12
KILLS = 25
STAGES = {"artefact": 0.5, "artefact/manifest.json": 1, "site": 2, f"site/{POLICY_FILE}": 1, "version.json": 0.05}
"""A build is killed in each: what its version's folder holds when it begins, and within how many seconds it is killed."""
PROBLEMS = ("special schools are full", "heads say they cannot cope and keep asking for plans", "transport costs", "SEMH")


@dataclass
class Client:
    """Searches again and again over one connection, under an address of its own, until told to stop."""

    address: str
    name: str = "10.0.0.1"
    stop: threading.Event = field(default_factory=threading.Event)
    statuses: Counter[int] = field(default_factory=Counter)
    answered_s: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    corpora: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Until `stop`."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=30)
        headers = {"Content-Type": "application/json", "X-Forwarded-For": self.name}
        while not self.stop.is_set():
            body = json.dumps({"q": random.choice(PROBLEMS)})
            started = time.perf_counter()
            try:
                connection.request("POST", "/api/search", body, headers)
                response = connection.getresponse()
                text = response.read()
            except OSError as error:
                self.faults.append(repr(error))
                break
            self.statuses[response.status] += 1
            if response.status == 200:
                self.answered_s.append(time.perf_counter() - started)
                self.corpora.append(json.loads(text)["index"]["corpus"])
            elif response.status == 503 and int(response.headers["Retry-After"]) >= 1:
                time.sleep(0.02)
            else:
                self.faults.append(text.decode())
        connection.close()


def get(address: str, path: str) -> tuple[int, str]:
    """Status and body."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    found = response.status, response.read().decode()
    connection.close()
    return found


def resident_mb(pid: int) -> float:
    """Resident memory of a process."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024


def until(address: str, words: str) -> None:
    """Waits until /readyz holds the words."""
    deadline = time.monotonic() + 30
    while words not in get(address, "/readyz")[1]:
        assert time.monotonic() < deadline, get(address, "/readyz")
        time.sleep(0.1)


@pytest.mark.slow
def test_a_soak_at_several_times_saturation(build_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With many times what it can carry: no growth, no error but 503, a fair share for a modest client, then as before."""
    monkeypatch.setenv("CASEBOOK_TRUSTED_PROXIES", "127.0.0.1")
    monkeypatch.setenv("CASEBOOK_QUEUE", str(QUEUE))
    with running_server(build_folder, tmp_path / "log.txt", "--log-level", "warning") as (address, process):
        greedy = [Client(address) for _ in range(GREEDY)]
        modest = Client(address, "10.0.0.2")
        threads = [threading.Thread(target=client.run) for client in (*greedy, modest)]
        for thread in threads:
            thread.start()
        time.sleep(SETTLE_S)
        before_mb = resident_mb(process.pid)
        time.sleep(SOAK_S - SETTLE_S)
        after_mb = resident_mb(process.pid)
        for client in (*greedy, modest):
            client.stop.set()
        for thread in threads:
            thread.join(30)
        assert get(address, "/api/search?q=special+schools+are+full")[0] == 200
        assert "casebook_queue_waiting 0.0" in get(address, "/metrics")[1]
    statuses = sum((client.statuses for client in greedy), Counter[int]())
    assert [client.faults for client in (*greedy, modest) if client.faults] == []
    assert statuses[200] > 100
    assert statuses[503] > 100
    assert set(statuses) == {200, 503}
    assert set(modest.statuses) == {200}
    waits = statistics.median(modest.answered_s), statistics.median([took for one in greedy for took in one.answered_s])
    assert waits[0] < waits[1]
    assert after_mb - before_mb < GROWTH_MB


def test_builds_come_in_while_searches_go_on(build_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No search fails while a new build is taken over; a faulty one is refused, and /readyz says so until it is mended."""
    monkeypatch.setenv("CASEBOOK_RELOAD_S", "0.2")
    build = copy_of(build_folder, tmp_path / "build")
    with running_server(build, tmp_path / "log.txt") as (address, _):
        clients = [Client(address) for _ in range(3)]
        threads = [threading.Thread(target=client.run) for client in clients]
        for thread in threads:
            thread.start()
        with_new_version(build, "sha256:second")
        until(address, '"sha256:second","refused":null')
        whole = (current_version(build).artefact / "passages.json").read_bytes()
        faulty = with_new_version(
            build, "sha256:third", lambda made: (made / "artefact" / "passages.json").write_bytes(b"[]")
        ).artefact
        until(address, "passages.json")
        assert '"sha256:second"' in get(address, "/readyz")[1]
        assert "casebook_build_refused 1.0" in get(address, "/metrics")[1]
        (faulty / "passages.json").write_bytes(whole)
        until(address, '"sha256:third","refused":null')
        time.sleep(0.3)
        for client in clients:
            client.stop.set()
        for thread in threads:
            thread.join(30)
    for client in clients:
        assert (client.faults, set(client.statuses)) == ([], {200})
        assert list(dict.fromkeys(client.corpora))[-2:] == ["sha256:second", "sha256:third"]


RENAMED = "scrutiny oversight of SEND deficit"
"""Finds the case study that is renamed."""
WRITER = """
import os, sys
from pathlib import Path
from tests.new_version import with_new_version
print("ready", flush=True)
for number in range(int(sys.argv[2]), int(sys.argv[2]) + 1000):
    with_new_version(Path(sys.argv[1]), f"number {number}", copy=os.link)
"""


@pytest.mark.slow
def test_a_publisher_killed_at_any_moment_leaves_a_whole_version(
    build_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often whoever publishes is killed, what is left loads, is served, and is one that was wholly published."""
    monkeypatch.setenv("CASEBOOK_RELOAD_S", "0.1")
    build, chance = copy_of(build_folder, tmp_path / "build"), random.Random(6)
    left = set()
    with running_server(build, tmp_path / "log.txt") as (address, _):
        for number in range(KILLS):
            command = [sys.executable, "-c", WRITER, str(build), str(number * 1000)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
                assert writer.stdout and writer.stdout.readline() == "ready\n"
                time.sleep(chance.uniform(0, 0.5))
                writer.send_signal(signal.SIGKILL)
            left.add(load_current(build).manifest.corpus)
            assert get(address, "/api/search?q=special+schools+are+full")[0] == 200
        until(address, f'"corpus":"{load_current(build).manifest.corpus}"')
    assert len(left) > KILLS // 5


@dataclass
class Reader:
    """Searches again and again, and follows the address of each result to its page and to the place on it."""

    address: str
    stop: threading.Event = field(default_factory=threading.Event)
    followed: int = 0
    corpora: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Until `stop`; an answer is kept for a while before it is followed, as a reader would."""
        kept: list[dict[str, Any]] = []
        while not self.stop.is_set():
            status, text = get(self.address, f"/api/search?q={quote(random.choice([*PROBLEMS, RENAMED]))}")
            if status != 200:
                self.dead.append(f"the search gave {status}")
                continue
            kept.append(json.loads(text))
            self.corpora.add(kept[-1]["index"]["corpus"])
            if len(kept) > 3:
                for hit in kept.pop(0)["hits"][:4]:
                    self.follow(hit["url"])
            time.sleep(0.05)

    def follow(self, url: str) -> None:
        """Opens the page of a result, and looks for the place."""
        page, _, anchor = url.partition("#")
        status, text = get(self.address, page)
        self.followed += 1
        if status != 200 or f'id="{anchor}"' not in text:
            self.dead.append(f"{url}: {status}")


def project(root: Path) -> Path:
    """A copy of the project's content and pages, to change."""
    for name in ("docs", "casestudies"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    editorial = root / "docs" / "editorial.md"  # it leads to case studies, which are renamed
    text = editorial.read_text(encoding="utf-8")
    editorial.write_text(re.sub(r"\[([^]]*)\]\(case-studies/[^)]+\)", r"\1", text), encoding="utf-8")
    return root


def test_a_build_killed_at_any_moment_leaves_no_dead_answer(
    build_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real build, killed in each of its stages: every answer that is served leads to its place on its page.

    What is left is the old version or the new one, whole, with the site that belongs to it; and the last build goes through
    and is taken over.
    """
    monkeypatch.setenv("CASEBOOK_RELOAD_S", "0.2")
    root, chance = project(tmp_path / "project"), random.Random(7)
    out = copy_of(build_folder, tmp_path / "build")
    shutil.copytree(build_folder / "cache", out / "cache")
    left, killed = [load_current(out).manifest.corpus], []
    command = [sys.executable, "-m", "indexer", "--root", str(root), "build", "--out", str(out), "--quiet"]
    with running_server(out, tmp_path / "log.txt") as (address, _):
        reader = Reader(address)
        thread = threading.Thread(target=reader.run)
        thread.start()
        for number, (stage, within_s) in enumerate(STAGES.items()):
            rename(root, number)
            others = set((out / "versions").iterdir())
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as build:
                while build.poll() is None and not any(
                    (folder / stage).exists() for folder in set((out / "versions").iterdir()) - others
                ):
                    time.sleep(0.005)
                time.sleep(chance.uniform(0, within_s))
                build.send_signal(signal.SIGKILL)
            killed.append(build.wait())
            left.append(load_current(out).manifest.corpus)
            if left[-1] not in left[:-1]:
                check_site(current_version(out).site, load_current(out))
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        last = load_current(out).manifest.corpus
        until(address, f'"corpus":"{last}"')
        time.sleep(1)
        reader.stop.set()
        thread.join(30)
    assert killed[:4] == [-signal.SIGKILL] * 4
    assert reader.dead == []
    assert reader.followed > 20
    assert {left[0], last} <= reader.corpora
    assert [path.name for path in (out / "versions").iterdir() if path.name.startswith("unfinished")] == []


def rename(root: Path, number: int) -> None:
    """Gives a case study another address, without a word of it in moved.yml: its old one is gone from the next version."""
    paths, title = (root / "casestudies").glob("*.md"), "title: Bringing the quarterly reports"
    path = next(path for path in paths if title in path.read_text(encoding="utf-8"))
    path.rename(path.with_name(f"renamed-{number}.md"))
