"""Every error of the endpoint: problem details (RFC 9457), the right status, and never a word of the problem."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from search_api.answer import Answer, SearchRequest
from search_api.http.errors import MAX_BODY_BYTES, Problem
from search_api.search import Searcher
from tests.small_casebook import Page, client_over, searcher_over

CANARY = "canarywordthatstandsnowhereelse"
JSON = {"Content-Type": "application/json"}
PAGES = (Page("both", ("school plan",), areas=("two", "one")),)


@pytest.fixture
def client() -> TestClient:
    return client_over(searcher_over(*PAGES))


def problem(response: httpx2.Response, status: int) -> dict[str, Any]:
    """The problem details of a response, checked: media type, status in line and body, shape, and no word of the query."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) == set(Problem.model_fields)
    assert (body["status"], body["type"]) == (status, "about:blank")
    assert body["title"]
    assert body["detail"]
    assert CANARY not in response.text
    return body


def fields(body: dict[str, Any]) -> list[str]:
    return [error["field"] for error in body["errors"]]


@pytest.mark.parametrize("query", ["q=", "q=%20%09%0A", "q=%C2%A0", ""])
def test_no_problem_by_get(client: TestClient, query: str) -> None:
    """An empty, a blank and a missing q are refused by GET, each naming q."""
    assert fields(problem(client.get(f"/api/search?{query}"), 422)) == ["q"]


@pytest.mark.parametrize("body", ['{"q": ""}', '{"q": " \\n"}', "{}", '{"q": null}', '{"q": 5}', '{"q": ["x"]}'])
def test_no_problem_by_post(client: TestClient, body: str) -> None:
    """An empty, a blank, a missing q and one that is no text are refused by POST, each naming q."""
    assert fields(problem(client.post("/api/search", content=body, headers=JSON), 422)) == ["q"]


def test_too_long_a_problem(client: TestClient) -> None:
    """A problem of 20,001 characters, or of 2,001 words, is refused with the limit and without its text."""
    text = (CANARY * 1_000)[:20_001]
    words = client.post("/api/search", json={"q": "so " * 2_001})
    assert problem(words, 422)["detail"] == "q: has 2,001 words; at most 2,000 are taken"
    for response in (client.get("/api/search", params={"q": text}), client.post("/api/search", json={"q": text})):
        assert problem(response, 422)["detail"] == "q: String should have at most 20000 characters"


def test_unknown_focus_area(client: TestClient) -> None:
    """An unknown focus area is refused with the names of those there are, and without repeating what was sent."""
    detail = "focus_area: unknown; allowed are: one, two, three"
    got = client.get(f"/api/search?q=school&focus_area=one&focus_area={CANARY}")
    posted = client.post("/api/search", json={"q": "school", "focus_area": [CANARY]})
    for response in (got, posted):
        body = problem(response, 422)
        assert (body["detail"], fields(body)) == (detail, ["focus_area"])


@pytest.mark.parametrize("limit", ["0", "51", "-1", "abc", "1.5", ""])
def test_limit(client: TestClient, limit: str) -> None:
    """A limit outside 1 to 50, or that is no whole number, is refused by GET, naming limit."""
    assert fields(problem(client.get(f"/api/search?q={CANARY}&limit={limit}"), 422)) == ["limit"]


@pytest.mark.parametrize("limit", [0, 51, "abc", 1.5, None, [3]])
def test_limit_by_post(client: TestClient, limit: object) -> None:
    """The same by POST."""
    response = client.post("/api/search", json={"q": CANARY, "limit": limit})
    assert set(fields(problem(response, 422))) == {"limit"}


def test_kind(client: TestClient) -> None:
    """A kind that there is not is refused with those there are."""
    for response in (
        client.get(f"/api/search?q=x&kind={CANARY}"),
        client.post("/api/search", json={"q": "x", "kind": CANARY}),
    ):
        assert (
            problem(response, 422)["detail"]
            == "kind: Input should be 'case-study', 'guidance', 'duty', 'change' or 'also-seen'"
        )


def test_unknown_field(client: TestClient) -> None:
    """A field that there is not is refused, and its name, which might be the problem itself, is not repeated."""
    for response in (client.get(f"/api/search?q=x&{CANARY}=1"), client.post("/api/search", json={"q": "x", CANARY: 1})):
        assert fields(problem(response, 422)) == ["request"]


def test_every_fault_at_once(client: TestClient) -> None:
    """Several faults come in one answer, each with its field."""
    assert fields(problem(client.get("/api/search?q=&limit=0&kind=book"), 422)) == ["q", "limit", "kind"]


@pytest.mark.parametrize("body", ["{", '{"q": }', f"{{'q': '{CANARY}'}}", CANARY, '{"q": "x"} trailing'])
def test_malformed_json(client: TestClient, body: str) -> None:
    """A body that is not JSON is a 400."""
    assert problem(client.post("/api/search", content=body, headers=JSON), 400)["title"] == "Malformed JSON"


@pytest.mark.parametrize("body", [b"\xff\xfe\x00{", b'{"q": "\xe9cole"}'])
def test_bytes_that_are_no_text(client: TestClient, body: bytes) -> None:
    """A body that is not UTF-8 is a 400 too, and not a failure of ours."""
    problem(client.post("/api/search", content=body, headers=JSON), 400)


@pytest.mark.parametrize("body", [f'["{CANARY}"]', f'"{CANARY}"', "7", "null", ""])
def test_json_that_is_no_object(client: TestClient, body: str) -> None:
    """JSON that is no object, and no body at all, is refused as a whole."""
    assert fields(problem(client.post("/api/search", content=body, headers=JSON), 422)) == ["request"]


def test_half_a_character(client: TestClient) -> None:
    """A lone surrogate, which JSON can write and UTF-8 cannot, is refused and not a failure of ours."""
    assert fields(problem(client.post("/api/search", content='{"q": "\\ud800"}', headers=JSON), 422)) == ["q"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_wrong_method(client: TestClient, method: str) -> None:
    """Another method is a 405 that says which are allowed, in the Allow header too."""
    response = client.request(method, f"/api/search?q={CANARY}")
    assert problem(response, 405)["detail"] == "Use GET or POST."
    assert response.headers["allow"] == "GET, POST"


def test_wrong_method_elsewhere(client: TestClient) -> None:
    """The other addresses refuse a wrong method in the same form."""
    response = client.post("/healthz")
    problem(response, 405)
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", None]
)
def test_wrong_content_type(client: TestClient, kind: str | None) -> None:
    """A POST that does not say it is JSON is a 415, so that another site's form cannot send one."""
    headers = {"Content-Type": kind} if kind else {}
    problem(client.post("/api/search", content=f'{{"q": "{CANARY}"}}', headers=headers), 415)


def test_a_body_declared_too_large(client: TestClient) -> None:
    """A body whose declared length is over the limit is a 413; exactly at the limit it is read."""
    at_limit = b'{"q": "school"}'.ljust(MAX_BODY_BYTES)
    assert client.post("/api/search", content=at_limit, headers=JSON).status_code == 200
    assert problem(client.post("/api/search", content=at_limit + b" ", headers=JSON), 413)["title"] == "Too large"


def test_a_body_streamed_too_large(client: TestClient) -> None:
    """A body that comes in parts, with no length declared, is a 413 as soon as it passes the limit."""

    def parts(size: int) -> Iterator[bytes]:
        yield b'{"q": "school"}'
        yield b" " * (size - 15)

    assert client.post("/api/search", content=parts(MAX_BODY_BYTES), headers=JSON).status_code == 200
    body = problem(client.post("/api/search", content=parts(MAX_BODY_BYTES + 1), headers=JSON), 413)
    assert body["detail"] == "The request may hold at most 64,000 bytes."


@pytest.mark.parametrize("length", ["-1", "many"])
def test_a_length_that_is_no_number(client: TestClient, length: str) -> None:
    """A length that is no number does not let a large body past."""
    content = b'{"q": "school"}'.ljust(MAX_BODY_BYTES + 1)
    problem(client.post("/api/search", content=content, headers={**JSON, "Content-Length": length}), 413)


@pytest.mark.parametrize("address", ["/api/nothing", f"/api/{CANARY}", "/api/search/", "/nothing"])
def test_unknown_address(client: TestClient, address: str) -> None:
    """An address that there is not is a 404."""
    assert problem(client.get(address), 404)["title"] == "Not found"


class Failing(Searcher):
    """A searcher whose failure holds the problem's text in its message, in its cause and in a local variable."""

    def search(self, request: SearchRequest) -> Answer:
        """Fails."""
        try:
            raise ValueError(f"inner {request.q}")
        except ValueError as error:
            raise RuntimeError(f"could not answer {request.q}") from error


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unforeseen_failure(method: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """A failure that holds the problem in its message is a 500, and the problem is in no response, log record or output."""
    client = client_over(searcher_over(*PAGES, make=Failing), raise_server_exceptions=False)
    with caplog.at_level(logging.DEBUG):
        if method == "GET":
            response = client.get("/api/search", params={"q": CANARY})
        else:
            response = client.post("/api/search", json={"q": CANARY})
    assert problem(response, 500)["title"] == "Internal error"
    assert response.headers["referrer-policy"] == "no-referrer"
    # The client of this test logs the address it asks for; every other logger is ours.
    records = [record for record in caplog.records if record.name.partition(".")[0] not in ("httpx", "httpx2", "httpcore")]
    assert [record for record in records if CANARY in f"{record.getMessage()}{record.__dict__}{record.exc_info}"] == []
    output = capfd.readouterr()
    assert CANARY not in output.out + output.err
    failures = [record.getMessage() for record in records if record.levelno == logging.ERROR]
    assert failures == ["unforeseen error"]
    (failure,) = [vars(record) for record in records if record.levelno == logging.ERROR]
    assert (failure["error"], failure["function"]) == ("RuntimeError", "search")


def test_the_log_line(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """A request is logged with an id, method, route, status and time; an address that is none of ours is not written."""
    with caplog.at_level(logging.INFO, logger="search_api"):
        answer = client.get(f"/api/search?q={CANARY}")
        client.get(f"/{CANARY}%0Aforged%1b[31m line é")
        client.request(CANARY, "/")
    lines = [vars(record) for record in caplog.records if record.name == "search_api"]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("GET", "/api/search", 200),
        ("GET", "(unknown)", 404),
        ("?", "(unknown)", 404),
    ]
    assert lines[0]["id"] == answer.headers["x-request-id"]
    assert all(line["ms"] >= 0 and CANARY not in str(line) for line in lines)
