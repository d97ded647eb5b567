"""Closed by default: hosts, origins, frames, rates, headers and paths."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.small_casebook import Page, bare_site, client_over, searcher_over

PAGES = (Page("both", ("school plan",), areas=("two", "one")), Page("other", ("money",), areas=("three",)))
SEARCH = "/api/search?q=school"


def client(**settings: object) -> TestClient:
    return client_over(searcher_over(*PAGES), **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("Casebook.Example:443", 200),
        ("evil.example", 421),
        ("casebook.example.evil.example", 421),
        ("", 421),
    ],
)
def test_hosts(host: str, status: int) -> None:
    """Only this machine's own names and those of the setting are answered; others get problem details."""
    response = client(hosts=("casebook.example",)).get(SEARCH, headers={"Host": host})
    assert response.status_code == status
    assert status == 200 or response.json()["title"] == "Unknown host"


def test_health_under_any_host() -> None:
    """An orchestrator asks for health by whatever address it has."""
    asked = client()
    found = [asked.get(path, headers={"Host": "10.1.2.3"}).status_code for path in ("/healthz", "/readyz", "/metrics")]
    assert found == [200, 200, 421]


def test_no_other_origin_by_default() -> None:
    """Without the setting no response allows another origin; with it, only that one."""
    intranet, other = {"Origin": "https://intranet.example"}, {"Origin": "https://other.example"}
    assert "access-control-allow-origin" not in client().get(SEARCH, headers=intranet).headers
    allowed = client(cors_origins=("https://intranet.example",))
    assert allowed.get(SEARCH, headers=intranet).headers["access-control-allow-origin"] == "https://intranet.example"
    assert "access-control-allow-origin" not in allowed.get(SEARCH, headers=other).headers
    asked = {**intranet, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    assert allowed.options("/api/search", headers=asked).status_code == 200
    assert allowed.options("/api/search", headers={**asked, **other}).status_code == 400
    assert client().options("/api/search", headers=asked).status_code == 405


def test_frames() -> None:
    """Only who is named in the setting may frame the embed page, and nobody any other page."""
    named = client(frame_ancestors=("https://a.example", "https://*.b.example"))
    policies = [
        each.get(path).headers["content-security-policy"] for each in (client(), named) for path in ("/embed/", SEARCH)
    ]
    assert [policy.partition("frame-ancestors ")[2] for policy in policies] == [
        "'none'", "'none'", "https://a.example https://*.b.example", "'none'",
    ]  # fmt: skip


@pytest.mark.parametrize("path", [SEARCH, "/api/nothing", "/nothing", "/healthz", "/metrics"])
def test_headers_on_every_answer(path: str) -> None:
    """Every answer, errors too, carries the security headers once each, and no cookie."""
    headers = client().get(path).headers
    for name in ("referrer-policy", "x-content-type-options", "permissions-policy", "cross-origin-opener-policy"):
        assert len(headers.get_list(name)) == 1
    assert "set-cookie" not in headers
    assert "server" not in headers


def test_searches_are_not_stored_by_caches() -> None:
    """An answer says that nobody may store it."""
    assert client().get(SEARCH).headers["cache-control"] == "no-store"


def test_rate_limit() -> None:
    """With the setting, one more search than allowed is refused with the time to wait; other addresses are not counted."""
    asked = client(rate_limit="2/minute")
    first, second, third = (asked.get(SEARCH) for _ in range(3))
    assert [each.status_code for each in (first, second, third)] == [200, 200, 429]
    assert first.headers["ratelimit-policy"] == '"search";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"search";r=1;t=')
    assert 1 <= int(third.headers["retry-after"]) <= 60
    assert third.json()["title"] == "Too many requests"
    assert asked.get("/healthz").status_code == 200
    assert "ratelimit" not in client().get(SEARCH).headers


def test_metrics_can_be_shut() -> None:
    """Without /metrics the address is nothing."""
    assert client(metrics=False).get("/metrics").status_code == 404


def test_metrics_count_without_text() -> None:
    """Answers are counted by outcome and top focus area, times by route; no word of a problem or address is in them."""
    asked = client()
    asked.get("/api/search?q=school plan canaryword")
    asked.get("/api/search?q=parent canaryword")
    asked.get("/canaryword")
    text = asked.get("/metrics").text
    assert 'casebook_answers_total{focus_area="two",outcome="answered"} 1.0' in text
    assert 'outcome="declined"} 1.0' in text
    assert 'casebook_request_seconds_count{route="/api/search",status="200"} 2.0' in text
    assert 'casebook_request_seconds_count{route="site",status="404"} 1.0' in text
    assert "casebook_queue_waiting 0.0" in text
    assert "canaryword" not in text
    assert "testclient" not in text


TRICKS = (
    "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt", "/..%5csecret.txt",
    "/%252e%252e/secret.txt", "/search/..%2f..%2fsecret.txt", "/./../secret.txt", "/%00secret.txt",
    "/secret.txt%00.html", "/..;/secret.txt", "/%c0%ae%c0%ae/secret.txt", "/search/", "/assets", "/assets/",
)  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
def test_no_way_out_of_the_site_and_no_listing(path: str, tmp_path: Path) -> None:
    """No trick reaches a file beside the site or lists a folder."""
    site = bare_site(tmp_path / "site")
    (site / "assets").mkdir()
    (site / "assets" / "hidden-name.txt").write_text("x", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    asked = client_over(searcher_over(*PAGES), site)
    response = asked.get(path)
    assert response.status_code == (200 if path == "/search/" else 404)
    assert "secret" not in response.text.replace("secret.txt", "")
    assert "hidden-name" not in response.text
    assert asked.get("/link.txt").status_code == 404
