"""Measures search on judged problems: the Casebook's own or any collection's in BEIR's file forms. The door to ir-measures.

BEIR's forms (Thakur and others 2021): a corpus of JSON Lines with `_id` (or `id`), `title`, `text`, or a folder of Markdown
files; queries of JSON Lines with `_id`, `text`; judgements as tab-separated `query-id`, `corpus-id`, `score`, with a header.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexer.encoder import Embeddings, Encoder
from indexer.errors import CollectionError
from indexer.fusion import Scores, weighted_sum
from indexer.layout import Page, texts_to_embed
from indexer.passages import CountTokens, cut, plain_text
from indexer.ranking import CALIBRATION, DENSE_WEIGHT, FLOOR, LEAST_SHARE, Ranker, Ranking
from indexer.vector_index import VectorIndex

MEASURES = ("nDCG@10", "R@5", "RR@10", "Judged@10")
RESAMPLES = 10_000
Run = dict[str, dict[str, float]]
"""Each query's pages and their scores, larger is better."""
System = Callable[[Embeddings, str], Scores]


@dataclass(frozen=True)
class Measured:
    """A system's means over the judged queries, by measure, and each query's own nDCG@10 in the queries' order."""

    means: dict[str, float]
    ndcg: tuple[float, ...]


def in_tuning_half(query_id: str) -> bool:
    """Whether a problem of the project's own set may be tuned on: where the SHA-1 of its id, as a number, is even."""
    return int(hashlib.sha1(query_id.encode()).hexdigest(), 16) % 2 == 0


def read_queries(path: Path) -> dict[str, str]:
    """Queries by id."""
    return {str(entry["_id"]): str(entry["text"]) for _, entry in _json_lines(path, ("_id", "text"))}


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Judgements: by query id, each judged page's grade (0 or more).

    Raises:
        CollectionError: Naming the line that is not as it should be.
    """
    found: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_text(path).splitlines(), 1):
        fields = line.split("\t")
        if not line.strip() or (number == 1 and not fields[-1].strip().lstrip("-").isdigit()):
            continue
        if len(fields) != 3 or not fields[2].strip().lstrip("-").isdigit():
            raise CollectionError(f"{path}, line {number}: not query id, page id and a whole number, parted by tabs.")
        found.setdefault(fields[0], {})[fields[1]] = max(int(fields[2]), 0)
    if not found:
        raise CollectionError(f"{path} holds no judgements.")
    return found


def read_pages(path: Path, count_tokens: CountTokens, max_tokens: int) -> list[Page]:
    """The pages of a corpus, cut into passages that the model reads whole.

    Args:
        path: A JSON Lines file, or a folder of Markdown files (its path without .md is the id,
            its first line the title).
        count_tokens: Word pieces of a text.
        max_tokens: The most word pieces that the model reads.

    Raises:
        CollectionError: Naming the file and line that cannot be read, or an id that stands twice.
    """
    found = list(_markdown(path) if path.is_dir() else _records(path))
    if not found:
        raise CollectionError(f"{path} holds no pages.")
    ids = [identity for identity, *_ in found]
    if len(set(ids)) < len(ids):
        raise CollectionError(f"{path}: the id {next(i for i in ids if ids.count(i) > 1)} stands twice.")
    return [_page(*entry, count_tokens, max_tokens) for entry in sorted(found)]


def ranker_over(pages: Sequence[Page], encoder: Encoder) -> Ranker:
    """A ranker over pages that are embedded now."""
    return Ranker(pages, VectorIndex.build(encoder.encode(texts_to_embed(pages, ()))))


def systems(ranker: Ranker) -> dict[str, System]:
    """What is compared: each gives one score a page for a problem's embedding and text."""
    plain = ranker.without_asked()
    wordless = ranker.without_synonyms()
    return {
        "BM25 alone": lambda query, text: ranker.words_only(text),
        "Meaning alone": lambda query, text: ranker.meaning_only(query),
        "Both, best passage only": lambda query, text: weighted_sum(
            ranker.meaning_only(query), ranker.words_only(text), DENSE_WEIGHT
        ),
        "Whole ranking without the pages' own problems": lambda query, text: plain.rank(query, text).scores,
        "Whole ranking without synonyms": lambda query, text: wordless.rank(query, text).scores,
        "Whole ranking, its words alone": lambda query, text: ranker.rank(query, text).keywords,
        "Whole ranking, its meaning alone": lambda query, text: ranker.rank(query, text).meaning,
        "Whole ranking": lambda query, text: ranker.rank(query, text).scores,
        "As shown (floor and weak results out)": lambda query, text: _shown(ranker.rank(query, text)),
    }


def _shown(ranking: Ranking) -> Scores:
    """The scores, and minus infinity for what is not shown."""
    answered = CALIBRATION.probability(ranking.features) >= FLOOR
    least = LEAST_SHARE * ranking.scores.max() if answered else np.inf
    return np.where(ranking.scores >= least, ranking.scores, -np.inf)


def run(system: System, ranker: Ranker, embeddings: Mapping[str, Embeddings], queries: Mapping[str, str]) -> Run:
    """A system's ten best pages for each query; equal scores by page id."""
    found: Run = {}
    for key, text in queries.items():
        scores = np.round(system(embeddings[key], text), 9)
        best = [page for page in np.argsort(-scores, kind="stable")[:10] if np.isfinite(scores[page])]
        found[key] = {ranker.pages[page].id: float(len(best) - place) for place, page in enumerate(best)}
    return found


def measure(found: Run, qrels: Mapping[str, Mapping[str, int]]) -> Measured:
    """The measures of a run, over the judged queries; a query that the run lacks counts as 0."""
    import ir_measures

    judged = {key: dict(grades) for key, grades in qrels.items()}
    named = {name: ir_measures.parse_measure(name) for name in MEASURES}
    values: dict[str, dict[str, float]] = {name: dict.fromkeys(judged, 0.0) for name in MEASURES}
    some = {key: pages for key, pages in found.items() if pages}
    for value in ir_measures.iter_calc(list(named.values()), judged, some):
        values[str(value.measure)][value.query_id] = value.value
    means = {name: float(np.mean(list(values[name].values()))) for name in MEASURES}
    return Measured(means, tuple(values["nDCG@10"][key] for key in judged))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean (percentiles over resampled queries; Efron 1979), the same at every call."""
    array = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(20260101).integers(0, len(array), (RESAMPLES, len(array)))
    low, high = np.percentile(array[drawn].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def _page(identity: str, title: str, text: str, count_tokens: CountTokens, max_tokens: int) -> Page:
    room = max(max_tokens - 2 - count_tokens(title), 16)
    parts = [plain_text(part.markdown) for part in cut(text, count_tokens, room)]
    return Page(identity, title, "", (), tuple((title, part) for part in parts if part) or ((title, title),))


def _records(path: Path) -> Iterator[tuple[str, str, str]]:
    for number, entry in _json_lines(path, ("text",)):
        identity = entry.get("_id", entry.get("id"))
        if identity is None:
            raise CollectionError(f"{path}, line {number}: there is no `_id`.")
        yield str(identity), str(entry.get("title") or ""), str(entry["text"])


def _markdown(folder: Path) -> Iterator[tuple[str, str, str]]:
    for path in sorted(folder.rglob("*.md")):
        first, _, rest = _text(path).strip().partition("\n")
        yield path.relative_to(folder).with_suffix("").as_posix(), first.lstrip("# ").strip(), rest


def _json_lines(path: Path, fields: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise CollectionError(f"{path}, line {number}: not JSON.") from error
        if not isinstance(entry, dict) or any(field not in entry for field in fields):
            raise CollectionError(f"{path}, line {number}: an object with {', '.join(fields)} is needed.")
        yield number, entry


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CollectionError(f"{path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise CollectionError(f"{path} is not UTF-8 (byte {error.start}).") from error


@dataclass(frozen=True)
class Answering:
    """Of answerable and of unanswerable problems, one truth value each: was it answered, was it declined."""

    answered: tuple[bool, ...]
    declined: tuple[bool, ...]


def answering(
    ranker: Ranker, embeddings: Mapping[str, Embeddings], queries: Mapping[str, str], answerable: Container[str]
) -> Answering:
    """Which of the problems are answered, and which declined, at the floor that serves."""
    reached = {
        key: CALIBRATION.probability(ranker.rank(embeddings[key], text).features) >= FLOOR for key, text in queries.items()
    }
    return Answering(
        tuple(found for key, found in reached.items() if key in answerable),
        tuple(not found for key, found in reached.items() if key not in answerable),
    )


def table(measured: Mapping[str, Measured]) -> str:
    """The measures as a Markdown table, with the 95 % interval of nDCG@10."""
    lines = ["| System | nDCG@10 | 95 % interval | recall@5 | MRR@10 | judged@10 |", "|---|---|---|---|---|---|"]
    for name, found in measured.items():
        low, high = interval(found.ndcg)
        ndcg, *rest = (found.means[measure_name] for measure_name in MEASURES)
        lines.append(f"| {name} | {ndcg:.3f} | {low:.3f} to {high:.3f} | " + " | ".join(f"{v:.3f}" for v in rest) + " |")
    return "\n".join(lines)


def differences(measured: Mapping[str, Measured], of: str, others: Sequence[str]) -> str:
    """How far one system's nDCG@10 lies above others', with the interval of the paired differences (bootstrap)."""
    lines = []
    for other in others:
        pairs = [a - b for a, b in zip(measured[of].ndcg, measured[other].ndcg, strict=True)]
        low, high = interval(pairs)
        lines.append(f"- {of} over {other}: {np.mean(pairs):+.3f} ({low:+.3f} to {high:+.3f}).")
    return "\n".join(lines)


def shares(found: Answering) -> str:
    """The answering as a Markdown list."""
    lines = []
    for name, values in (("Answerable problems answered", found.answered), ("Unanswerable ones declined", found.declined)):
        low, high = interval([float(value) for value in values])
        lines.append(
            f"- {name}: {sum(values)} of {len(values)} ({np.mean(values):.3f}; 95 % interval {low:.3f} to {high:.3f})."
        )
    return "\n".join(lines)


def report_of_collection(
    ranker: Ranker, encoder: Encoder, queries: Mapping[str, str], qrels: Mapping[str, dict[str, int]]
) -> str:
    """The table for any collection."""
    judged = {key: text for key, text in queries.items() if key in qrels}
    embeddings = {key: encoder.encode([ranker.spelt_out(text)])[0] for key, text in judged.items()}
    names = ("BM25 alone", "Meaning alone", "Both, best passage only", "Whole ranking")
    compared = systems(ranker)
    measured = {name: measure(run(compared[name], ranker, embeddings, judged), qrels) for name in names}
    return table(measured) + "\n\n" + differences(measured, "Whole ranking", ("BM25 alone", "Meaning alone"))


def report_of_casebook(ranker: Ranker, encoder: Encoder, folder: Path) -> str:
    """The numbers of docs/search-quality.md over the judged problems in `folder`, and what fails in the tuning half."""
    queries, qrels = read_queries(folder / "queries.jsonl"), read_judgements(folder / "qrels.tsv")
    embeddings = {key: encoder.encode([ranker.spelt_out(text)])[0] for key, text in queries.items()}
    parts = []
    for half, wanted in (("test half", False), ("tuning half", True)):
        chosen = {key: text for key, text in queries.items() if in_tuning_half(key) == wanted}
        judged = {key: qrels[key] for key in chosen if key in qrels}
        asked = {key: chosen[key] for key in judged}
        measured = {
            name: measure(run(system, ranker, embeddings, asked), judged) for name, system in systems(ranker).items()
        }
        found = answering(ranker, embeddings, chosen, qrels)
        gains = differences(measured, "Whole ranking", ("BM25 alone", "Meaning alone", "Whole ranking, its words alone"))
        title = f"### The {half}: {len(judged)} answerable problems, {len(chosen) - len(judged)} unanswerable"
        parts += [title, table(measured), gains, shares(found)]
        if wanted:
            parts += ["### What it gets wrong in the tuning half", _failures(ranker, embeddings, chosen, qrels)]
    return "\n\n".join(parts)


def _failures(
    ranker: Ranker, embeddings: Mapping[str, Embeddings], queries: Mapping[str, str], answerable: Container[str]
) -> str:
    lines = []
    for key, text in queries.items():
        reached = CALIBRATION.probability(ranker.rank(embeddings[key], text).features) >= FLOOR
        if reached != (key in answerable):
            lines.append(f"- {'Answered, wrongly' if reached else 'Declined, wrongly'}: {' '.join(text.split())}")
    return "\n".join(sorted(lines)) or "Nothing."


def write_between(page: Path, name: str, text: str) -> None:
    """Puts a text between a page's lines `<!-- name begin -->` and `<!-- name end -->`.

    Raises:
        CollectionError: Where the page lacks them; it stays as it is.
    """
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    before, began, rest = page.read_text(encoding="utf-8").partition(f"{begin}\n")
    _, ended, after = rest.partition(end)
    if not began or not ended:
        raise CollectionError(f"{page} lacks the lines {begin} and {end}; nothing was written.")
    page.write_text(f"{before}{began}{text}\n{ended}{after}", encoding="utf-8")
