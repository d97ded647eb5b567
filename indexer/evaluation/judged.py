"""Reads judged problems and the pages of any collection, in BEIR's file forms.

BEIR's forms (Thakur and others 2021): a corpus of JSON Lines with `_id` (or `id`), `title`, `text`, or a folder of Markdown
files; queries of JSON Lines with `_id`, `text`; judgements as tab-separated `query-id`, `corpus-id`, `score`, with a header.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from indexer.errors import CollectionError
from indexer.retrieval.layout import Page
from indexer.retrieval.passages import CountTokens, texts_of


def in_tuning_half(query_id: str) -> bool:
    """Whether a problem of the project's own set may be tuned on: where the SHA-1 of its id, as a number, is even."""
    return int(hashlib.sha1(query_id.encode()).hexdigest(), 16) % 2 == 0


def read_queries(path: Path, wanted: Callable[[dict[str, Any]], bool] = lambda metadata: True) -> dict[str, str]:
    """Queries by id: those whose metadata is wanted."""
    entries = [entry for _, entry in _json_lines(path, ("_id", "text")) if wanted(entry.get("metadata") or {})]
    return {str(entry["_id"]): str(entry["text"]) for entry in entries}


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    """Judgements: by query id, each judged page's grade (0 or more).

    Raises:
        CollectionError: Naming the line that is not as it should be.
    """
    judgements: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_text(path).splitlines(), 1):
        fields = line.split("\t")
        if not line.strip() or (number == 1 and not fields[-1].strip().lstrip("-").isdigit()):
            continue
        if len(fields) != 3 or not fields[2].strip().lstrip("-").isdigit():
            raise CollectionError(f"{path}, line {number}: not query id, page id and a whole number, parted by tabs.")
        judgements.setdefault(fields[0], {})[fields[1]] = max(int(fields[2]), 0)
    if not judgements:
        raise CollectionError(f"{path} holds no judgements.")
    return judgements


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
    records = list(_markdown(path) if path.is_dir() else _records(path))
    if not records:
        raise CollectionError(f"{path} holds no pages.")
    ids = [identity for identity, *_ in records]
    if len(set(ids)) < len(ids):
        raise CollectionError(f"{path}: the id {next(i for i in ids if ids.count(i) > 1)} stands twice.")
    return [_page(*entry, count_tokens, max_tokens) for entry in sorted(records)]


def _page(identity: str, title: str, text: str, count_tokens: CountTokens, max_tokens: int) -> Page:
    room = max(max_tokens - 2 - count_tokens(title), 16)
    parts = texts_of(text, count_tokens, room)
    return Page(identity, title, "", (), tuple((title, part) for part in parts) or ((title, title),))


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
