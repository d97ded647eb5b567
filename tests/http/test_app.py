"""HTTP only: answers, headers and the site's files; errors are in test_app_errors.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from search_api.answer import Answer
from tests.small_casebook import Page, bare_site, client_over, searcher_over

PAGES = (
    Page("both", ("school plan",), areas=("two", "one")),
    Page("one-word", ("school",), areas=("three",), kind="guidance"),
    Page("other", ("money",), areas=("three",)),
)


@pytest.fixture
def client() -> TestClient:
    return client_over(searcher_over(*PAGES))


def without_time(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "took_ms"}


def ids(client: TestClient, query: str) -> list[str]:
    response = client.get(f"/api/search?{query}")
    assert response.status_code == 200, response.text
    return [hit["id"] for hit in response.json()["hits"]]


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("q=school+plan", {"q": "school plan"}),
        ("q=school&limit=1", {"q": "school", "limit": 1}),
        ("q=school&focus_area=one&focus_area=three", {"q": "school", "focus_area": ["one", "three"]}),
        ("q=school&kind=guidance", {"q": "school", "kind": "guidance"}),
        ("q=%C3%A9cole%20%F0%9F%8E%93", {"q": "école 🎓"}),
    ],
)
def test_get_and_post_agree(client: TestClient, query: str, body: dict[str, Any]) -> None:
    """The same request by GET and by POST has the same answer."""
    got, posted = client.get(f"/api/search?{query}"), client.post("/api/search", json=body)
    assert got.status_code == posted.status_code == 200
    assert got.headers["content-type"] == posted.headers["content-type"] == "application/json"
    assert without_time(got.json()) == without_time(posted.json())
    assert got.json()["hits"]


def test_the_answers_shape(client: TestClient) -> None:
    """The body is an Answer, with no field more or less, and it is the searcher's own."""
    body = client.get("/api/search?q=school+plan").json()
    assert Answer.model_validate(body, extra="forbid").model_dump(mode="json") == body
    assert [hit["id"] for hit in body["hits"]] == ["both", "one-word"]


def test_focus_area_repeats(client: TestClient) -> None:
    """focus_area may stand in an address more than once, and every one of them counts."""
    assert ids(client, "q=school&focus_area=one") == ["both"]
    assert ids(client, "q=school&focus_area=three") == ["one-word"]
    assert sorted(ids(client, "q=school&focus_area=one&focus_area=three")) == ["both", "one-word"]


def test_the_longest_problem(client: TestClient) -> None:
    """A problem of exactly 2,000 characters is answered by GET and by POST, also when each takes four bytes."""
    assert client.get("/api/search", params={"q": "x" * 2_000}).status_code == 200
    assert client.post("/api/search", json={"q": "🎓" * 2_000}).status_code == 200


def test_content_type_with_a_charset(client: TestClient) -> None:
    """JSON whose content type names its charset, in any case, is taken."""
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert client.post("/api/search", content='{"q": "school"}', headers=headers).status_code == 200


@pytest.mark.parametrize("address", ["/api/search?q=school", "/api/search", "/healthz", "/api/nothing", "/nothing"])
def test_headers(client: TestClient, address: str) -> None:
    """Every response, errors too, tells the browser to send no referrer, guess no type and load nothing from elsewhere."""
    headers = client.get(address).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert "http" not in headers["content-security-policy"]
    assert "set-cookie" not in headers


def test_healthz(client: TestClient) -> None:
    """/healthz says that the process is alive."""
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


def test_readyz(client: TestClient) -> None:
    """/readyz says what the loaded index holds."""
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (
        200,
        {"status": "ready", "passages": 3, "version": "", "corpus": "hand-made", "refused": None},
    )


def test_openapi(client: TestClient) -> None:
    """The endpoint describes itself as OpenAPI 3.1, with its limits, at /api/openapi.json."""
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1.")
    assert set(described["paths"]) == {"/api/search", "/healthz", "/readyz", "/metrics"}
    assert set(described["paths"]["/api/search"]) == {"get", "post"}
    parameters = {each["name"]: each["schema"] for each in described["paths"]["/api/search"]["get"]["parameters"]}
    assert set(parameters) == {"q", "limit", "focus_area", "kind", "as_typed"}
    assert parameters["q"]["maxLength"] == 20_000
    assert (parameters["limit"]["minimum"], parameters["limit"]["maximum"]) == (1, 50)


@pytest.mark.parametrize("address", ["/docs", "/redoc", "/openapi.json", "/api/docs"])
def test_no_docs_page(client: TestClient, address: str) -> None:
    """There is no page of generated documentation, which would load scripts from another host."""
    assert client.get(address).status_code == 404


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return bare_site(tmp_path)


def test_site_and_endpoint_on_one_origin(site: Path) -> None:
    """With a site, its pages are served beside the endpoint, with the same headers."""
    client = client_over(searcher_over(*PAGES), site)
    assert client.get("/").text == "<h1>Home</h1>"
    assert client.get("/search/").text == "<h1>Search</h1>"
    assert client.get("/").headers["referrer-policy"] == "no-referrer"
    assert client.get("/").headers["content-security-policy"] == "default-src 'self'; frame-ancestors 'none'"
    assert ids(client, "q=school+plan") == ["both", "one-word"]


def test_the_page_about_the_endpoint(site: Path) -> None:
    """/api/ is the site's page about the endpoint, beside the endpoint's own addresses below it."""
    (site / "api").mkdir()
    (site / "api" / "index.html").write_text("<h1>The search endpoint</h1>", encoding="utf-8")
    client = client_over(searcher_over(*PAGES), site)
    assert client.get("/api/").text == client.get("/api").text == "<h1>The search endpoint</h1>"
    assert client.get("/api/search/").status_code == client.get("/api/search/x").status_code == 404
    assert ids(client, "q=school+plan") == ["both", "one-word"]


def test_a_missing_page_and_a_missing_address(site: Path) -> None:
    """A page that there is not gets the site's own 404 page; an address under /api/ gets problem details."""
    client = client_over(searcher_over(*PAGES), site)
    page, address = client.get("/nothing/"), client.get("/api/nothing")
    assert (page.status_code, page.text) == (404, "<h1>No such page</h1>")
    assert (address.status_code, address.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("address", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/search/../../secret.txt"])
def test_nothing_outside_the_site(site: Path, address: str) -> None:
    """A file beside the site's folder cannot be reached."""
    inner = bare_site(site / "inner")
    (site / "secret.txt").write_text("secret", encoding="utf-8")
    response = client_over(searcher_over(*PAGES), inner).get(address)
    assert (response.status_code, "secret" in response.text) == (404, False)
