"""docs/api.md is true: its examples run against a real server, and it names every field, limit and error there is.

An example is a fence tagged `sh` that starts with `curl`, with a fence tagged `http` right after it: the status line, the
headers to expect, and after an empty line the body to expect, where one is given.
"""

from __future__ import annotations

import http.client
import json
import re
import shlex
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, get_args, get_origin
from urllib.parse import quote, urlsplit

import pytest
from pydantic import BaseModel

from search_api.answer import MAX_LIMIT, MAX_QUERY_CHARACTERS, MAX_QUERY_WORDS, Answer, SearchRequest
from search_api.http.errors import MAX_BODY_BYTES, Problem
from search_api.papers import MAX_PAPERS, PapersRequest
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCES = [(match[1], match[2].strip()) for match in FENCE.finditer(TEXT)]


@dataclass
class Call:
    """What a `curl` command asks for."""

    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)
    in_address: bool = False

    @classmethod
    def of(cls, command: str) -> Call:
        """Reads the few options that the examples use; another one fails the test."""
        call, words = cls(), iter(shlex.split(command)[1:])
        for word in words:
            match word:
                case "-G" | "--get":
                    call.in_address = True
                case "-X":
                    call.method = next(words)
                case "-H":
                    name, _, value = next(words).partition(": ")
                    call.headers[name] = value
                case "-d":
                    call.data.append(next(words))
                case "--data-urlencode":
                    name, _, value = next(words).partition("=")
                    call.data.append(f"{name}={quote(value)}")
                case _ if word.startswith("http://127.0.0.1:8000/") and not call.url:
                    call.url = word
                case _:
                    pytest.fail(f"the test does not know {word} in: {command}")
        return call

    def answer(self, server: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body, from the server at this address instead of the example's."""
        joined = "&".join(self.data)
        path = urlsplit(self.url).path + (f"?{joined}" if self.in_address else "")
        body = joined.encode() if self.data and not self.in_address else None
        headers = {**({"Content-Type": "application/x-www-form-urlencoded"} if body else {}), **self.headers}
        connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
        try:
            connection.request(self.method or ("POST" if body else "GET"), path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


def examples() -> list[Any]:
    """Each command with the fence right after it."""
    pairs = zip(FENCES, [*FENCES[1:], ("", "")], strict=True)
    return [
        pytest.param(text, after, id=text[5:60]) for (tag, text), after in pairs if tag == "sh" and text.startswith("curl ")
    ]


@pytest.mark.model
@pytest.mark.parametrize(("command", "after"), examples())
def test_examples(server: str, command: str, after: tuple[str, str]) -> None:
    """Each example gives the status and the headers shown under it, and exactly the body where one is shown."""
    tag, expected = after
    assert tag == "http", f"no http fence right after: {command}"
    head, _, body_text = expected.partition("\n\n")
    status_line, *header_lines = head.splitlines()
    status, headers, body = Call.of(command).answer(server)
    assert status == int(status_line.split()[1])  # the words after it depend on the version of Python
    for line in header_lines:
        name, _, value = line.partition(": ")
        assert headers[name] == value
    if body_text:
        assert json.loads(body) == json.loads(body_text)
    elif "json" in headers["Content-Type"]:
        assert Answer.model_validate_json(body).model_dump(mode="json") == json.loads(body)


@pytest.mark.model
def test_what_the_answers_say(server: str) -> None:
    """The examples that should find something do, within their limit, and the one on potholes does not."""
    commands = {command: Call.of(command) for command in (p.values[0] for p in examples()) if isinstance(command, str)}
    given = {command: call.answer(server) for command, call in commands.items()}
    bodies = {
        command: json.loads(body) for command, (_, headers, body) in given.items() if "json" in headers["Content-Type"]
    }
    answers = {command: body for command, body in bodies.items() if "answered" in body}
    assert [body["answered"] for body in answers.values()] == [True, True, False]
    by_post, by_get, nothing = answers.values()
    assert 1 <= len(by_post["hits"]) <= 3
    assert {hit["kind"] for hit in by_get["hits"]} == {"case-study"}
    assert all({"provision", "co-production"} & set(hit["focus_areas"]) for hit in by_get["hits"])
    assert (nothing["hits"], nothing["focus_areas"]) == ([], [])


def test_there_are_examples() -> None:
    """There is an example of each status that a short command can bring about."""
    statuses = [text.split()[1] for tag, text in FENCES if tag == "http"]
    assert set(statuses) == {"200", "400", "404", "405", "415", "422"}
    assert len(statuses) == len(examples())


def model_in(annotation: object) -> type[BaseModel] | None:
    """The model that an annotation is, or is a list of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if inner is not NoneType and (found := model_in(inner))), None)


def paths(model: type[BaseModel]) -> list[str]:
    """The fields of a model and of those in it, in order, as the tables write them: `hits[].passage.text`."""
    named: list[str] = []
    for name, info in model.model_fields.items():
        named.append(name)
        if inner := model_in(info.annotation):
            mark = "[]." if get_origin(info.annotation) is list else "."
            named += [f"{name}{mark}{path}" for path in paths(inner)]
    return named


def tables() -> list[list[str]]:
    """The first column of each table of fields."""
    blocks = re.findall(r"^\| Field .*?\n\|[-|]+\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    return [re.findall(r"^\| `([^`]+)` \|", block, re.MULTILINE) for block in blocks]


@pytest.mark.parametrize(
    ("place", "model"),
    [(0, SearchRequest), (1, Answer), (2, PapersRequest), (3, Problem)],
    ids=["request", "answer", "papers", "problem"],
)
def test_every_field_is_documented(place: int, model: type[BaseModel]) -> None:
    """The tables name every field of the request, the answer and the problem, in order, and no field that there is not."""
    assert len(tables()) == 4
    assert tables()[place] == paths(model)


def test_paths_by_hand() -> None:
    """The paths go into lists and into objects."""
    documented = paths(Answer)
    assert {"answered", "hits", "hits[].passage.text", "focus_areas[].slug", "index.model"} <= set(documented)


def test_the_limits_are_documented() -> None:
    """The limits are those that the code has."""
    assert f"1 to {MAX_QUERY_CHARACTERS:,} characters and at most {MAX_QUERY_WORDS:,} words" in TEXT
    assert f"in the order wanted: 1 to {MAX_PAPERS}." in TEXT
    assert f"1 to {MAX_LIMIT}. Left out, it is {SearchRequest.model_fields['limit'].default}." in TEXT
    assert f"more than {MAX_BODY_BYTES:,} bytes" in TEXT


def test_the_shape_shown() -> None:
    """The answer shown is an Answer, and its highlights cut out the shared words that it gives."""
    (shown,) = [json.loads(text) for tag, text in FENCES if tag == "json"]
    answer = Answer.model_validate(shown, extra="forbid")
    assert answer.model_dump(mode="json") == shown
    hit = answer.hits[0]
    assert [hit.passage.text[start:end] for start, end in hit.passage.highlights] == hit.why.terms
