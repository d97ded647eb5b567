"""The site's files over HTTP: compressed, cached, and with the form that the server answers."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from indexer.site.hosting import prepare
from search_api.http.files import accepted_encodings
from search_api.pages import with_endpoint
from tests.small_casebook import Page, bare_site, client_over, searcher_over

FORM = '<form data-search="form" method="get" action="{}browse/#without-script"><textarea id="problem"></textarea></form>'


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    """A client of a prepared site with one large file, one of a hashed name, and the two pages with the form."""
    bare_site(tmp_path)
    (tmp_path / "index.html").write_text(FORM.format(""), encoding="utf-8")
    results = '<title>Search</title><div class="results" data-search="results"></div>'
    (tmp_path / "search" / "index.html").write_text(FORM.format("../") + results, encoding="utf-8")
    (tmp_path / "large.css").write_text("a{} " * 500, encoding="utf-8")
    (tmp_path / "rows.0123456789abcdef.bin").write_bytes(bytes(2_000))
    prepare(tmp_path)
    return client_over(searcher_over(Page("both", ("school plan",)), Page("money", ("money",))), tmp_path)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("", set()),
        ("gzip, br", {"gzip", "br"}),
        ("BR;q=0, gzip;q=0.5", {"gzip"}),
        ("gzip;q=0.0", set()),
        ("identity", {"identity"}),
    ],
)
def test_accepted_encodings(header: str, names: set[str]) -> None:
    """The names of an Accept-Encoding header are read, those refused by a quality of 0 left out."""
    assert accepted_encodings(header) == names


@pytest.mark.parametrize(
    ("accepted", "given"), [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("x", None)]
)
def test_a_file_comes_as_the_browser_takes_it(client: TestClient, accepted: str, given: str | None) -> None:
    """The smallest form that the browser takes is sent, under the file's own type, and caches are told that it varies."""
    response = client.get("/large.css", headers={"Accept-Encoding": accepted})
    assert response.headers.get("content-encoding") == given
    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["cache-control"] == "no-cache"
    if given != "br":  # the client unpacks gzip; brotli it might not know
        assert response.text == "a{} " * 500


def test_a_file_that_did_not_change(client: TestClient) -> None:
    """A browser that has the file already gets 304."""
    first = client.get("/large.css", headers={"Accept-Encoding": "gzip"})
    again = client.get("/large.css", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_hashed_names_are_kept_for_good(client: TestClient) -> None:
    """A file with its hash in its name may be kept for a year; it is sent as it is."""
    response = client.get("/rows.0123456789abcdef.bin")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.content == bytes(2_000)


@pytest.mark.parametrize("path", ["/large.css.gz", "/large.css.br"])
def test_compressed_files_have_no_address(client: TestClient, path: str) -> None:
    """The compressed forms are reached only by their files' own addresses."""
    assert client.get(path).status_code == 404


def test_the_form_is_sent_to_this_server() -> None:
    """Served here, the form posts the problem to the search page; a page without the form stays as it is."""
    assert 'method="post" action="search/"' in with_endpoint(FORM.format(""))
    served = with_endpoint(FORM.format("../"))
    assert 'method="post" action="../search/"' in served and '<textarea id="problem" name="q"' in served
    assert with_endpoint("<p>browse</p>") == "<p>browse</p>"


def test_pages_with_the_form(client: TestClient) -> None:
    """The home page and the search page come with the form that this server answers."""
    assert 'method="post" action="search/"' in client.get("/").text
    assert 'method="post" action="../search/"' in client.get("/search/").text
    assert client.head("/").status_code == 200


def test_results_without_javascript(client: TestClient) -> None:
    """A problem that was posted, or stands after ?q=, is answered in the page, with the endpoint's own hits."""
    posted = client.post("/search/", data={"q": "school plan"}).text
    got = client.get("/search/", params={"q": "school plan"}).text
    assert posted == got
    assert "<title>1 result - Search" in posted
    hit = client.get("/api/search", params={"q": "school plan"}).json()["hits"][0]
    assert f'<a href="..{hit["url"]}">{hit["title"]}</a>' in posted
    assert "<mark>school</mark> <mark>plan</mark>" in posted
    assert "school plan</textarea>" in posted


def test_a_problem_that_cannot_be_answered(client: TestClient) -> None:
    """An empty problem and one too long get a sentence and not an error page; one that nothing covers is declined."""
    empty = client.post("/search/", data={"q": "  "})
    assert (empty.status_code, "There is a problem" in empty.text) == (422, True)
    assert "must hold some words" in empty.text
    long = client.post("/search/", data={"q": "school " * 2_001})
    assert (long.status_code, "2,001 words; at most 2,000" in long.text) == (422, True)
    assert client.post("/search/").status_code == 422


def test_html_in_a_problem_stays_text(client: TestClient) -> None:
    """HTML and script in a problem stand in the page as text."""
    text = client.post("/search/", data={"q": "</textarea><script>run()</script> school plan"}).text
    assert "<script>run" not in text
    assert "&lt;/textarea&gt;&lt;script&gt;run()&lt;/script&gt; school plan</textarea>" in text


def test_gzip_is_what_it_says(client: TestClient, tmp_path: Path) -> None:
    """The compressed file on disk is the file."""
    assert gzip.decompress((tmp_path / "large.css.gz").read_bytes()).decode() == "a{} " * 500
