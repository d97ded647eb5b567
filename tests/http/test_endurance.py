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
from urllib.parse import urlsplit

import pytest

from indexer.artefact.store import current_version, load_artefact
from tests.conftest import ROOT, running_server
from tests.new_version import with_new_version

pytestmark = [pytest.mark.model, pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")]
SOAK_S, SETTLE_S = 16, 6
GREEDY, QUEUE = 24, 8
GROWTH_MB = 12
KILLS, KILLED_BUILDS = 25, 5
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
    answer = response.status, response.read().decode()
    connection.close()
    return answer


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
    shutil.copytree(build_folder / "artefact", tmp_path / "artefact")
    (tmp_path / "site").symlink_to(build_folder / "site")
    folder = tmp_path / "artefact"
    with running_server(tmp_path, tmp_path / "log.txt") as (address, _):
        clients = [Client(address) for _ in range(3)]
        threads = [threading.Thread(target=client.run) for client in clients]
        for thread in threads:
            thread.start()
        with_new_version(folder, "sha256:second")
        until(address, '"sha256:second","refused":null')
        faulty = folder / with_new_version(folder, "sha256:third")
        whole = (faulty / "passages.json").read_bytes()
        (faulty / "passages.json").write_bytes(b"[]")
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


WRITER = """
import sys
from pathlib import Path
from indexer.artefact.store import current_version, load_artefact, write_artefact
source, folder, first = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
built = load_artefact(source)
print("ready", flush=True)
for number in range(first, first + 1000):
    write_artefact(
        folder, documents=built.documents, passages=built.passages, focus_areas=built.focus_areas, topics=built.topics,
        glossary=built.glossary, embeddings=built.index.rows(), corpus_hash=f"number {number}",
        encoder_folder=current_version(source),
    )
"""


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_a_whole_artefact(
    build_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often whoever writes is killed, what is left loads, is served, and is one that was wholly written."""
    monkeypatch.setenv("CASEBOOK_RELOAD_S", "0.1")
    folder, chance = Path(shutil.copytree(build_folder / "artefact", tmp_path / "artefact")), random.Random(6)
    (tmp_path / "site").symlink_to(build_folder / "site")
    left = set()
    with running_server(tmp_path, tmp_path / "log.txt") as (address, _):
        for number in range(KILLS):
            command = [sys.executable, "-c", WRITER, str(build_folder / "artefact"), str(folder), str(number * 1000)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
                assert writer.stdout and writer.stdout.readline() == "ready\n"
                time.sleep(chance.uniform(0, 0.3))
                writer.send_signal(signal.SIGKILL)
            left.add(load_artefact(folder).manifest.corpus)
            assert get(address, "/api/search?q=special+schools+are+full")[0] == 200
        until(address, f'"corpus":"{load_artefact(folder).manifest.corpus}","refused":null')
    assert len(left) > KILLS // 2


@pytest.mark.slow
def test_a_build_killed_at_any_moment_leaves_the_old_one_or_the_new_one(build_folder: Path, tmp_path: Path) -> None:
    """The real build, killed again and again, leaves an artefact that loads, and the last one goes through."""
    root, out, chance = tmp_path / "project", tmp_path / "build", random.Random(7)
    for name in ("docs", "casestudies"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    for name in ("artefact", "cache"):
        shutil.copytree(build_folder / name, out / name)
    study = next(path for path in sorted((root / "casestudies").glob("*.md")) if path.name != "README.md")
    original = study.read_text(encoding="utf-8")
    command = [sys.executable, "-m", "indexer", "--root", str(root), "build", "--out", str(out), "--quiet"]
    seen = [load_artefact(out / "artefact").manifest.corpus]
    for number in range(KILLED_BUILDS):
        study.write_text(
            original.replace("\n## What they did", f"\n<!-- again{' again' * number} -->\n\n## What they did"),
            encoding="utf-8",
        )
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as build:
            time.sleep(chance.uniform(0.5, 8))
            build.send_signal(signal.SIGKILL)
        seen.append(load_artefact(out / "artefact").manifest.corpus)
        assert current_version(out / "artefact").is_dir()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert load_artefact(out / "artefact").manifest.corpus != seen[0]
    assert (out / "site" / "index.html").is_file()
