"""The site on a plain static host, in a sub-folder, and its search where the endpoint fails: in a real browser."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from indexer.artefact.site_contract import POLICY_FILE
from tests.node import ask_engine
from tests.static_host import serving
from tests.visit import Visit, visiting

pytestmark = [pytest.mark.browser, pytest.mark.model]
PROBLEM = "over-reliance on independent placements"
FOLDER = "intranet/send/casebook"
INDEX = "/assets/search/index/"
BIN = re.compile(r"/(data|rows|header|weights)\.[0-9a-f]{16}\.bin$")


@pytest.fixture(scope="module")
def static_host(build_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site in a sub-folder of a static host."""
    root = tmp_path_factory.mktemp("static")
    shutil.copytree(build_folder / "site", root / FOLDER)
    policy = (root / FOLDER / POLICY_FILE).read_text(encoding="utf-8").strip()
    with serving(root, policy) as address:
        yield f"{address}/{FOLDER}"


@pytest.fixture
def static(browser: Browser, static_host: str) -> Iterator[Visit]:
    """A fresh tab over the static host; the test fails if a page asks another host for anything or logs an error."""
    with visiting(browser, static_host, timeout_ms=30_000) as found:
        yield found


def results(page: Page) -> None:
    """Waits for the answer itself, not the one by words alone."""
    page.locator(".results-heading").wait_for()


def test_nothing_is_fetched_before_it_is_wanted(static: Visit) -> None:
    """No file of the search comes with the page; they come when the box gets the focus, each once, and from nowhere else."""
    page = static.open("/")
    page.wait_for_load_state("networkidle")
    assert [url for url in static.requests if INDEX in url] == []
    with page.expect_response(re.compile(r"/weights\.[0-9a-f]{16}\.bin$")):
        page.focus("#problem")
    page.locator("[data-search=progress] progress").wait_for(state="attached")
    expect(page.locator("[data-search=progress]")).to_be_hidden()
    names = [match[1] for url in static.requests if (match := BIN.search(url))]
    assert sorted(names) == ["data", "header", "rows", "weights"]
    assert [url for url in static.requests if "/api/" in url] == []


def test_the_page_answers_as_its_engine_does(static: Visit, build_folder: Path) -> None:
    """From the box on the home page to the results: the same hits in the same order as the engine gives in Node."""
    page = static.open("/")
    page.fill("#problem", PROBLEM)
    page.keyboard.press("Enter")
    results(page)
    assert urlsplit(page.url).path == f"/{FOLDER}/search/"
    shown = page.locator(".results-main > .cards .card-title").all_inner_texts()
    [answer] = ask_engine({"index": str(build_folder / f"site{INDEX}"), "requests": [{"q": PROBLEM, "limit": 50}]})
    close = [hit["title"] for hit in answer["hits"] if hit["close"]]
    assert shown == close[:10]
    assert page.inner_text(".results-heading").startswith(f"{len(close)} results")
    others = [hit["title"] for hit in answer["hits"] if not hit["close"]]
    page.get_by_text(f"Less close ({len(others)})").click()
    assert page.locator(".less-close .card-title").all_inner_texts() == others
    asked = [urlsplit(url) for url in static.requests]
    assert [url.geturl() for url in asked if url.query or "placements" in url.path] == []
    page.locator(".card-title a").first.click()
    page.wait_for_url(re.compile(r"/(case-studies|guidance)/.*#"))
    page.wait_for_load_state("load")
    assert page.evaluate("document.getElementById(location.hash.slice(1)) !== null")


def test_results_by_words_come_first(static: Visit) -> None:
    """While the model is on its way, pages that share words with the problem are shown, with a bar of how far it is."""
    held: list[Route] = []
    static.page.route(re.compile(r"/weights\.[0-9a-f]{16}\.bin$"), lambda route: held.append(route))
    page = static.open(f"/search/#q={quote(PROBLEM)}")
    expect(page.locator("[data-search=by-words]")).to_be_visible()
    assert page.locator(".card").count() == 10
    expect(page.locator("[data-search=progress] progress")).to_be_visible()
    held[0].continue_()
    results(page)
    expect(page.locator("[data-search=progress]")).to_be_hidden()
    assert page.locator("[data-search=by-words]").count() == 0


def test_declined(static: Visit) -> None:
    """A problem that nothing covers is declined in the page too."""
    page = static.open(f"/search/#q={quote('potholes on the high street')}")
    results(page)
    expect(page.locator(".results-heading")).to_have_text("Nothing here covers that")
    page.get_by_role("link", name="browse by focus area").click()
    expect(page).to_have_url(f"{static.server}/focus-areas/")


def test_a_damaged_copy_heals(static: Visit) -> None:
    """A file cut short is fetched once more past the cache, and the search answers."""
    cut: list[str] = []

    def cut_once(route: Route) -> None:
        if cut:
            route.continue_()
            return
        cut.append(route.request.url)
        route.fulfill(body=b"\x1f\x8b half of it")

    static.page.route(re.compile(r"/rows\.[0-9a-f]{16}\.bin$"), cut_once)
    page = static.open(f"/search/#q={quote(PROBLEM)}")
    results(page)
    assert len(cut) == 1


def test_files_that_do_not_belong_together(static: Visit) -> None:
    """A file that stays another one than the manifest names is not used: a sentence says so, and words alone answer."""
    static.page.route(
        re.compile(r"/rows\.[0-9a-f]{16}\.bin$"), lambda route: route.fulfill(body=b"\x1f\x8b of another build")
    )
    page = static.open(f"/search/#q={quote(PROBLEM)}")
    expect(page.locator("[data-search=fault]")).to_contain_text("do not belong together")
    assert page.locator(".card").count() == 10
    assert page.locator(".results-heading").count() == 0


def test_a_new_build_heals_an_old_manifest(static: Visit, build_folder: Path) -> None:
    """With a manifest of an older build, whose files are gone, the page fetches the manifest again and answers."""
    manifest = json.loads((build_folder / f"site{INDEX}manifest.json").read_text(encoding="utf-8"))
    old = json.loads(json.dumps(manifest).replace(manifest["files"]["rows"]["name"], "rows.00000000deadbeef.bin"))
    given: list[int] = []

    def old_first(route: Route) -> None:
        given.append(1)
        route.fulfill(json=old if len(given) == 1 else manifest)

    static.page.route(re.compile("manifest.json$"), old_first)
    page = static.open(f"/search/#q={quote(PROBLEM)}")
    results(page)
    assert len(given) == 2
    static.expect_faults("404")


def test_without_the_files(static: Visit) -> None:
    """Where the search's files are missing, a sentence says so and offers browsing."""
    static.page.route(re.compile("manifest.json$"), lambda route: route.fulfill(status=404))
    page = static.open(f"/search/#q={quote(PROBLEM)}")
    expect(page.locator("[data-search=fault]")).to_contain_text("not on this site")
    expect(page.locator("[data-search=fault] a")).to_have_text("browse by focus area")
    static.expect_faults("404")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("x" * 50_000, "Your text has 50,000 characters; at most 20,000 can be searched for. Shorten it."),
        ("a b " * 1_200, "Your text has 2,400 words; at most 2,000 can be searched for. Shorten it."),
        (" \n ", "Enter a problem, in a few words or a sentence."),
    ],
)
def test_what_cannot_be_searched_for(static: Visit, typed: str, sentence: str) -> None:
    """An empty or far too long text is not searched for: the summary says why and leads to the box, which keeps the text."""
    page = static.open("/search/")
    page.fill("#problem", typed)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#problem")).to_be_focused()
    assert page.input_value("#problem") == typed


@pytest.mark.parametrize(
    "typed", ["😀😀 plans 👩‍👩‍👧", "مدارس خاصة independent placements", "<img src=x onerror=window.ran=1> placements"]
)
def test_odd_text(static: Visit, typed: str) -> None:
    """Emoji, right-to-left text and HTML are searched for as text, and nothing of them runs."""
    page = static.open("/search/")
    page.fill("#problem", typed)
    page.keyboard.press("Enter")
    results(page)
    assert page.input_value("#problem") == typed
    assert page.evaluate("window.ran") is None
    assert page.locator("[data-search=results] img").count() == 0


def test_filters_and_pages_stand_in_the_address(static: Visit) -> None:
    """A filter narrows to its count and stands in the fragment; back takes it off; a page of results is a link."""
    page = static.open(f"/search/#q={quote(PROBLEM)}")
    results(page)
    heading = page.locator(".results-heading")
    unfiltered = heading.inner_text()
    box = page.get_by_label(re.compile(r"^Mixed \("))
    count = int(re.findall(r"\d+", page.locator("label", has=page.locator(":scope", has_text="Mixed (")).inner_text())[0])
    box.check()
    expect(heading).to_contain_text(f"{count} of ")
    expect(box).to_be_focused()
    assert parse_qs(urlsplit(page.url).fragment) == {"q": [PROBLEM], "evidence": ["mixed"]}
    assert page.locator(".results-main > .cards .card").count() == min(count, 10)
    with page.expect_navigation():
        page.reload()
    results(page)
    expect(page.get_by_label(re.compile(r"^Mixed \("))).to_be_checked()
    page.go_back()
    expect(heading).to_have_text(unfiltered)
    page = static.open(f"/search/#q={quote('EHCP')}")
    results(page)
    page.get_by_role("link", name="Next page").click()
    expect(page.locator(".results-heading")).to_contain_text("page 2 of")
    expect(page.locator(".results-heading")).to_be_focused()
    assert parse_qs(urlsplit(page.url).fragment)["page"] == ["2"]


def test_without_javascript_nothing_typed_is_sent(browser: Browser, static_host: str) -> None:
    """On a static host without JavaScript the form leads to the ways in, with a sentence, and no server gets a word."""
    with browser.new_context(java_script_enabled=False) as context:
        visit = Visit.of(context, static_host)
        page = visit.open("/")
        page.fill("#problem", "canary problem")
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page.locator("#without-script")).to_be_visible()
        expect(page.locator("#without-script")).to_contain_text("What you typed was not sent anywhere.")
        assert [url for url in visit.requests if "canary" in url] == []
        visit.open("/browse/")
        expect(page.locator("#without-script")).to_be_hidden()


def test_where_the_script_does_not_run(static: Visit) -> None:
    """In a browser too old for modules, here one that does not get the script, the form leads to browsing as well."""
    static.page.route("**/assets/search/page.js", lambda route: route.abort())
    page = static.open("/search/")
    assert page.locator("script[src$='page.js']").get_attribute("type") == "module"
    page.fill("#problem", "canary problem")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#without-script")).to_be_visible()
    assert [url for url in static.requests if "canary" in url] == []
    static.expect_faults("net::ERR_FAILED")


def test_without_javascript_the_server_answers(browser: Browser, server: str) -> None:
    """Where search_api serves the site, the form without JavaScript gives a page with the endpoint's hits."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server)
        page.fill("#problem", PROBLEM)
        page.get_by_role("button", name="Search", exact=True).click()
        expect(page).to_have_url(f"{server}/search/")
        response = page.request.post(f"{server}/api/search", data={"q": PROBLEM, "limit": 50})
        hits = response.json()["hits"]
        shown = page.locator(".results-main > .cards .card-title").all_inner_texts()
        assert shown == [hit["title"] for hit in hits if hit["close"]]
        page.locator(".less-close summary").click()
        assert page.locator(".less-close .card-title").all_inner_texts() == [
            hit["title"] for hit in hits if not hit["close"]
        ]
        assert page.input_value("#problem") == PROBLEM


def test_where_the_endpoint_fails_the_page_answers(visit: Visit) -> None:
    """With the endpoint, the page's own files are not fetched; where it fails, they are, and nothing alarming is said."""
    page = visit.open(f"/search/#q={quote(PROBLEM)}")
    results(page)
    assert [url for url in visit.requests if INDEX in url] == []
    page.route("**/api/search", lambda route: route.fulfill(status=503, body="busy"))
    page.fill("#problem", "headteachers keep asking for plans")
    page.keyboard.press("Enter")
    expect(page.locator("[data-search=by-words], .results-heading").first).to_be_visible()
    expect(page.locator(".results-heading")).to_contain_text("results", timeout=30_000)
    assert page.locator("[data-search=fault]").count() == 0
    assert [url for url in visit.requests if INDEX in url] != []
    visit.expect_faults("503")
