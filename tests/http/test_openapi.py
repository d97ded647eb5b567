"""The description of the endpoint is complete and true: schemathesis tries the real server by it, hypothesis its query."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from search_api.answer import Answer, SearchRequest
from search_api.http.errors import PROBLEMS
from search_api.search import Searcher
from tests.small_casebook import Page, client_over, searcher_over

PAGES = (Page("both", ("school plan. A parent said so; money too.",), areas=("two", "one")), Page("other", ("money",)))
EXAMPLES = 60


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_over(searcher_over(*PAGES))


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").json()
    return found


def undescribed(name: str, schema: dict[str, Any]) -> Iterator[str]:
    """The fields of a schema that have no words of their own."""
    if not schema.get("description"):
        yield name
    for field, found in schema.get("properties", {}).items():
        if not found.get("description") and "$ref" not in found:
            yield f"{name}.{field}"


def test_every_field_is_described(described: dict[str, Any]) -> None:
    """Each schema, field, parameter, operation and answer has words."""
    schemas = described["components"]["schemas"]
    assert {"Answer", "Hit", "Problem", "SearchRequest", "Ready"} <= set(schemas)
    assert [line for name, schema in schemas.items() for line in undescribed(name, schema)] == []
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert len(operations) == 5
    for operation in operations:
        assert operation["summary"] and operation["description"]
        assert all(parameter["description"] for parameter in operation.get("parameters", []))
        assert all(answer["description"] for answer in operation["responses"].values())


def test_every_error_is_described(described: dict[str, Any]) -> None:
    """Each status that the server can give stands with the searches, as problem details; and no dead reference."""
    for operation in described["paths"]["/api/search"].values():
        errors = {status for status in operation["responses"] if status != "200"}
        assert errors == {str(status) for status in PROBLEMS if status != 404}
        for status in errors:
            assert set(operation["responses"][status]["content"]) == {"application/problem+json"}
    text = str(described)
    assert "HTTPValidationError" not in text
    assert described["openapi"].startswith("3.1.")


def test_the_focus_areas_are_named(described: dict[str, Any]) -> None:
    """The description names the focus areas that there are."""
    assert described["components"]["schemas"]["SearchRequest"]["properties"]["focus_area"]["items"]["enum"] == [
        "one",
        "two",
        "three",
    ]


@pytest.mark.slow
@pytest.mark.model
def test_the_real_server_keeps_to_its_description(server: str, tmp_path: Path) -> None:
    """Schemathesis finds no request, in all its phases, that the real server answers otherwise than described."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server}/api/openapi.json", "--checks", "all"]
    command += ["--max-examples", str(EXAMPLES), "--seed", "1", "--generation-deterministic", "--no-color"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout


searcher: Searcher = searcher_over(*PAGES, floor=-1.0)
PIECES = ["school", "plan. ", "SEMH", "\n", "é", "🎓", "\u202e", "\x00", "EHCP"]
TEXT = st.one_of(
    st.text(min_size=1, max_size=400),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=120).map(" ".join),
)


@given(q=TEXT, limit=st.integers(1, 50))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_text_has_an_answer_that_fits_it(q: str, limit: int) -> None:
    """Any text that is a problem is answered: spans within their texts, scores in range and order, no more than asked."""
    try:
        request = SearchRequest(q=q, limit=limit, focus_area=[])
    except ValueError:
        assert not q.strip() or len(q.split()) > 2_000
        return
    answer = searcher.search(request)
    assert Answer.model_validate_json(answer.model_dump_json()) == answer
    assert len(answer.hits) <= limit
    assert 0 <= answer.probability <= 1
    assert [hit.score for hit in answer.hits] == sorted((hit.score for hit in answer.hits), reverse=True)
    for part in answer.parts:
        assert 0 <= part.start < part.end <= len(request.q)
    for hit in answer.hits:
        size = len(hit.passage.text)
        assert 0 <= hit.passage.nearest[0] < hit.passage.nearest[1] <= size
        assert all(0 <= start < end <= size for start, end in hit.passage.highlights)


@given(body=st.binary(max_size=300))
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_have_an_answer(client: TestClient, body: bytes) -> None:
    """Any bytes as a body get an answer or problem details, never a fault of ours."""
    response = client.post("/api/search", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (200, 400, 422)
