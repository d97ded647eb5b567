"""The page's own search beside the server's: quality on the judged problems, size, time, and how both grow.

    python -m benchmarks.page        after `python -m indexer build`; takes some minutes
    python -m benchmarks.page --write docs/search-quality.md

Times are of a headless Chromium and of Node, on one core of the machine that ran this; their ratios mean more than they do.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

from indexer.artefact.page_index import codes_of, write_page_index
from indexer.artefact.site_contract import POLICY_FILE
from indexer.artefact.store import Artefact
from indexer.artefact.versions import load_current
from indexer.evaluation.judged import in_tuning_half, read_judgements, read_queries
from indexer.evaluation.measures import measure
from indexer.evaluation.report import differences, write_between
from indexer.retrieval.layout import pages_of
from indexer.retrieval.probability import CALIBRATION, FLOOR
from indexer.retrieval.ranking import Ranker
from indexer.retrieval.records import Document, Passage
from indexer.retrieval.sentences import sentence_spans
from indexer.retrieval.vector_index import VectorIndex, dequantise
from search_api.answer import SearchRequest
from search_api.search import Searcher
from tests.conftest import ROOT
from tests.find_browser import find_browser
from tests.node import ask_engine
from tests.static_host import serving

INDEX = ROOT / "build" / "site" / "assets" / "search" / "index"
SEARCH_IN_THE_PAGE = """async (problems) => {
  const { LocalSearch } = await import(new URL("assets/search/local.js", document.baseURI).href);
  const search = new LocalSearch(() => {});
  const timed = async (q) => {
    const before = performance.now();
    await search.search({ q, limit: 50 }, () => {});
    return performance.now() - before;
  };
  await timed("the first search gets the files");
  const times = [];
  for (const problem of problems) times.push(await timed(problem));
  return times;
}"""
Answers = Mapping[str, tuple[dict[str, float], bool]]
"""By problem: a score for each page, and whether it is answered."""


def main() -> None:
    """Prints the report, or writes it between a page's two markers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    artefact = load_current(ROOT / "build")
    report = "\n\n".join([quality(artefact), sizes(), speed(artefact), growth(artefact)])
    print(report)
    if options.write:
        write_between(options.write, "page", report)


def quality(artefact: Artefact) -> str:
    """A table of both engines on the test half, and on those of its problems that hold a word no page holds."""
    queries = read_queries(ROOT / "tests" / "relevance" / "queries.jsonl")
    qrels = read_judgements(ROOT / "tests" / "relevance" / "qrels.tsv")
    ranker = artefact.ranker()
    chosen = {key: text for key, text in queries.items() if not in_tuning_half(key)}
    served, paged = by_server(artefact, ranker, chosen), by_page(chosen)
    unknown = {key for key, text in chosen.items() if _known(artefact, ranker, text) < 1}
    lines = ["| Test half | Server | Page | Page as a share of the server |", "|---|---|---|---|"]
    gains = []
    for name, some in (("all problems", set(chosen)), ("problems with a word that no page holds", unknown)):
        judged = {key: qrels[key] for key in some if key in qrels}
        both = {}
        for engine, answers in (("Server", served), ("Page", paged)):
            both[engine] = measure({key: _ten_best(answers[key][0]) for key in judged}, judged)
        one, other = (both[engine].means["nDCG@10"] for engine in ("Server", "Page"))
        lines.append(f"| nDCG@10, {name} ({len(judged)}) | {one:.3f} | {other:.3f} | {other / one:.3f} |")
        gains.append(differences(both, "Page", ("Server",)).replace("- ", f"- {name}: ", 1))
        for title, wanted, keys in (
            ("answered", True, set(judged)),
            ("declined", False, some - set(judged)),
        ):
            shares = [[answers[key][1] == wanted for key in keys] for answers in (served, paged)]
            one, other = (float(np.mean(share)) for share in shares)
            counts = [f"{sum(share)} of {len(share)} ({np.mean(share):.3f})" for share in shares]
            lines.append(f"| {title}, {name} | {counts[0]} | {counts[1]} | {100 * (other - one):+.1f} points |")
    shared = [len(set(_ten_best(served[key][0])) & set(_ten_best(paged[key][0]))) / 10 for key in chosen]
    cosine = _agreement(artefact, ranker, chosen)
    notes = [
        f"- Of the ten best pages for a problem, {np.mean(shared):.3f} are the same.",
        f"- Cosine of the page's embedding with the server's: {cosine.mean():.3f} on the mean, least {cosine.min():.3f}.",
    ]
    return "\n".join([*lines, "", *gains, *notes])


def by_server(artefact: Artefact, ranker: Ranker, queries: Mapping[str, str]) -> Answers:
    """What the server's ranking gives."""
    answers = {}
    for key, text in queries.items():
        ranking = ranker.rank(ranker.embed([text])[0], text)
        scores = {page.id: float(score) for page, score in zip(ranker.pages, ranking.scores, strict=True)}
        answers[key] = (scores, CALIBRATION.probability(ranking.features) >= FLOOR)
    return answers


def by_page(queries: Mapping[str, str], index: Path = INDEX) -> Answers:
    """What the page's ranking gives, by its own model."""
    requests = [{"q": text} for text in queries.values()]
    answers = ask_engine({"index": str(index), "requests": requests, "rankings": True})
    return {
        key: (dict(answer["ranking"]), answer["ranked_probability"] >= FLOOR)
        for key, answer in zip(queries, answers, strict=True)
    }


def _ten_best(scores: Mapping[str, float]) -> dict[str, float]:
    best = sorted(scores, key=lambda page: (-round(scores[page], 9), page))[:10]
    return {page: float(len(best) - rank) for rank, page in enumerate(best)}


def _known(artefact: Artefact, ranker: Ranker, text: str) -> float:
    return ranker.rank(artefact.encoder.encode([text])[0], text).features.known


def _agreement(artefact: Artefact, ranker: Ranker, queries: Mapping[str, str]) -> Any:
    texts = [ranker.expand_abbreviations(text) for text in queries.values()]
    paged = np.array(ask_engine({"index": str(INDEX), "embed": texts}))
    return (paged * artefact.encoder.encode(texts)).sum(axis=1)


def sizes() -> str:
    """What the first query fetches, in bytes as they are served."""
    listing = json.loads((INDEX / "manifest.json").read_text(encoding="utf-8"))["files"]
    code = [path for path in INDEX.parent.rglob("*.js") if path.parent != INDEX]
    parts = {
        "pages, passages, settings": listing["data"]["bytes"],
        "embeddings": listing["rows"]["bytes"],
        "word pieces": listing["header"]["bytes"],
        "model": listing["weights"]["bytes"],
        "code, on a server that compresses": sum(len(gzip.compress(path.read_bytes(), 9)) for path in code),
    }
    lines = ["| Fetched for the first query | MB |", "|---|---|"]
    lines += [f"| {name} | {size / 1e6:.3f} |" for name, size in parts.items()]
    return "\n".join([*lines, f"| **in all** | **{sum(parts.values()) / 1e6:.2f}** |"])


def speed(artefact: Artefact) -> str:
    """How long a search takes in headless Chromium, and in the server's engine, both on the same one core."""
    queries = read_queries(ROOT / "tests" / "relevance" / "queries.jsonl")
    problems = [text for key, text in queries.items() if not in_tuning_half(key)]
    searcher = Searcher.from_artefact(artefact)
    with _on_one_core():
        page = np.array(_times_in_chromium(problems))
        server = np.array([_time_of_server(searcher, text) for text in problems])
    short = np.array([len(text.split()) <= 12 for text in problems])
    lines = ["| A search on one core, ms | Page | Server's engine |", "|---|---|---|"]
    for name, some in (("all", short | True), ("of at most 12 words", short), ("longer", ~short)):
        for title, share in (("half take at most", 50), ("nine in ten take at most", 90)):
            one, other = (np.percentile(times[some], share) for times in (page, server))
            lines.append(f"| {name} ({some.sum()}): {title} | {one:.0f} | {other:.0f} |")
    return "\n".join([*lines, "", f"In the page {(page <= 150).mean():.3f} of the searches take at most 150 ms."])


@contextmanager
def _on_one_core() -> Iterator[None]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _times_in_chromium(problems: list[str]) -> list[float]:
    site = ROOT / "build" / "site"
    with (
        serving(site, (site / POLICY_FILE).read_text(encoding="utf-8").strip()) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser())
        page = browser.new_page()
        page.goto(f"{address}/")
        times: list[float] = page.evaluate(SEARCH_IN_THE_PAGE, problems)
        browser.close()
    return times


def _time_of_server(searcher: Searcher, problem: str) -> float:
    before = time.perf_counter()
    searcher.search(SearchRequest(q=problem, limit=50))
    return 1000 * (time.perf_counter() - before)


def growth(artefact: Artefact) -> str:
    """Size and time with the library as it is, and with made-up ones of 1,000 and 10,000 passages."""
    lines = [
        "| Passages | Data and embeddings, MB | Opening, times that of today's | A search, times that of today's |",
        "|---|---|---|---|",
    ]
    model = sorted((ROOT / "build" / "cache").glob("browser-model-*"))[-1]
    first: dict[str, float] = {}
    for passages in (len(artefact.passages), 1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            larger = artefact if passages == len(artefact.passages) else enlarged(artefact, passages)
            write_page_index(Path(folder), larger, model)
            files = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))["files"]
            timed = ask_engine({"index": folder, "time": "too many children go to expensive independent schools"})
        first = first or timed
        size = (files["data"]["bytes"] + files["rows"]["bytes"]) / 1e6
        opening, search = (timed[name] / first[name] for name in ("open_ms", "search_ms"))
        lines.append(f"| {passages:,} | {size:.2f} | {opening:.1f} | {search:.2f} |")
    share = first["encode_ms"] / first["search_ms"]
    return "\n".join([*lines, "", f"Of a search with today's library, {share:.2f} of the time is the model's."])


def enlarged(artefact: Artefact, passages: int) -> Artefact:
    """The artefact with its pages repeated under other names, each embedding moved, until it has so many passages."""
    random = np.random.default_rng(1)
    times = -(-passages // len(artefact.passages))
    copies = [_renamed(artefact, copy) for copy in range(times)]
    documents = tuple(document for copied, _ in copies for document in copied)
    chosen = sorted((passage for _, copied in copies for passage in copied), key=lambda passage: passage.id)[:passages]
    kept = {passage.document for passage in chosen}
    documents = tuple(document for document in documents if document.id in kept)
    pages = pages_of(documents, chosen)
    rows = (
        len(chosen)
        + sum(len(sentence_spans(passage.text)) for passage in chosen)
        + sum(len(page.asked_as) for page in pages)
        + sum(len(topic.said_as) for topic in artefact.topics)
        + len(artefact.focus_areas)
    )
    codes = np.tile(codes_of(artefact), (-(-rows // artefact.manifest.rows), 1))[:rows]
    moved = (codes + random.integers(-1, 2, codes.shape)).astype(np.int8)
    index = VectorIndex.build(dequantise(moved))
    return replace(artefact, documents=documents, passages=tuple(chosen), index=index)


def _renamed(artefact: Artefact, copy: int) -> tuple[list[Document], list[Passage]]:
    name: Callable[[str], str] = lambda slug: f"{slug}-{copy}"  # noqa: E731
    documents = [document.model_copy(update={"id": name(document.id)}) for document in artefact.documents]
    passages = [
        passage.model_copy(update={"document": name(passage.document), "id": f"{name(passage.document)}#{passage.anchor}"})
        for passage in artefact.passages
    ]
    return documents, passages


if __name__ == "__main__":
    main()
