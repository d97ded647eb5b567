"""Every type of page in a real browser: nothing from other hosts, no errors, narrow screens, and no JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.model]

SEARCHES = ("/search/#q=over-reliance%20on%20independent%20placements", "/search/#q=potholes%20on%20the%20high%20street")
SHORTLIST = "/shortlist/#s=bath-school-with-residential-places,bristol-assessment-backlog"
FILLED = {**dict.fromkeys(SEARCHES, ".results-heading"), SHORTLIST: ".comparison"}
"""Addresses of pages that their script fills, and what is there once it has."""


@pytest.fixture(scope="module")
def paths(build_folder: Path) -> list[str]:
    """One page of each type: every page at the top, and in each folder its index, its first and its longest page."""
    site = build_folder / "site"
    found: dict[Path, list[Path]] = {}
    for page in sorted(site.rglob("index.html")):
        found.setdefault(page.parent.parent, []).append(page)
    chosen: set[Path] = {site / "index.html", *found[site]}
    for folder, pages in found.items():
        if folder not in (site, site.parent):
            chosen |= {pages[0], max(pages, key=lambda page: page.stat().st_size)}
    addresses = [page.parent.relative_to(site).as_posix() for page in chosen]
    return sorted("/" if address == "." else f"/{address}/" for address in addresses) + list(FILLED)


def opened(visit: Visit, path: str) -> Page:
    """A page, once it is filled."""
    page = visit.open(path)
    if path in FILLED:
        page.locator(FILLED[path]).wait_for()
    return page


@dataclass(frozen=True)
class Seen:
    """What a page showed on a screen 320 pixels wide, once it had settled."""

    elsewhere: list[str]
    faults: list[str]
    cookies: int
    width: int
    language: str
    title: str
    headings_of_the_first_level: int
    ids_that_stand_twice: list[str]


LOOK = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((found) => found.id);
  return {
    width: document.documentElement.scrollWidth,
    language: document.documentElement.lang,
    title: document.title,
    headings_of_the_first_level: document.querySelectorAll("h1").length,
    ids_that_stand_twice: ids.filter((id, place) => ids.indexOf(id) !== place),
  };
}"""


@pytest.fixture(scope="module")
def pages(browser: Browser, server: str, paths: list[str]) -> dict[str, Seen]:
    """What was seen on each type of page, by its path."""
    seen: dict[str, Seen] = {}
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        visit = Visit.of(context, server)
        for path in paths:
            looked = opened(visit, path).evaluate(LOOK)
            seen[path] = Seen(list(visit.elsewhere), list(visit.faults), len(context.cookies()), **looked)
            visit.elsewhere.clear()
            visit.faults.clear()
    return seen


@pytest.mark.slow
def test_the_types(pages: dict[str, Seen]) -> None:
    """The pages tried are of every type that the site has."""
    named = {"/", "/about/", "/api/", "/search/", "/focus-areas/", "/case-studies/", "/guidance/"}
    assert named <= set(pages)
    for folder in ("/case-studies/", "/focus-areas/", "/guidance/"):
        assert [path for path in pages if path.startswith(folder) and path != folder]


def test_no_other_host(pages: dict[str, Seen]) -> None:
    """No type of page asks another host for anything."""
    assert {path: seen.elsewhere for path, seen in pages.items() if seen.elsewhere} == {}


def test_another_host_would_be_noticed(browser: Browser, server: str) -> None:
    """A page that does ask another host is stopped and noted, so that the test before can fail."""
    with browser.new_context() as context:
        visit = Visit.of(context, server)
        html = "<img src='http://example.org/seen.png'>"
        visit.page.route(f"{server}/tried", lambda route: route.fulfill(content_type="text/html", body=html))
        visit.page.goto(f"{server}/tried")
        assert visit.elsewhere == ["http://example.org/seen.png"]


def test_no_error(pages: dict[str, Seen]) -> None:
    """No type of page has an error in the console."""
    assert {path: seen.faults for path, seen in pages.items() if seen.faults} == {}


def test_no_cookie(pages: dict[str, Seen]) -> None:
    """No type of page sets a cookie."""
    assert {path: seen.cookies for path, seen in pages.items() if seen.cookies} == {}


def test_no_sideways_scrolling_at_320_pixels(pages: dict[str, Seen]) -> None:
    """On a screen 320 pixels wide no type of page has to be scrolled sideways."""
    assert {path: seen.width for path, seen in pages.items() if seen.width > 320} == {}


def test_each_page_says_what_it_is(pages: dict[str, Seen]) -> None:
    """Each type of page names its language, bears the Casebook's name and has exactly one heading of the first level."""
    assert {path: seen.language for path, seen in pages.items() if seen.language != "en"} == {}
    assert {path: seen.title for path, seen in pages.items() if "High Needs Casebook" not in seen.title} == {}
    counts = {path: seen.headings_of_the_first_level for path, seen in pages.items()}
    assert {path: count for path, count in counts.items() if count != 1} == {}


def test_ids_are_unique(pages: dict[str, Seen]) -> None:
    """No id stands twice on a page, so that an anchor leads to one place."""
    assert {path: seen.ids_that_stand_twice for path, seen in pages.items() if seen.ids_that_stand_twice} == {}


def test_the_keyboard_alone(visit: Visit) -> None:
    """From the top the Tab key reaches the box, Enter searches, and Tab goes on to the first result."""
    page = visit.open("/search/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "problem":
            break
    page.keyboard.type("special schools are full")
    page.keyboard.press("Enter")
    expect(page.locator("[data-search=results] h2").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".card-title a").first).to_be_focused()


def test_without_javascript(browser: Browser, server: str) -> None:
    """Without JavaScript links that need it are not shown, and a case study is two links away."""
    context = browser.new_context(java_script_enabled=False, base_url=server)
    page = context.new_page()
    page.goto("/")
    expect(page.locator("form[data-search=form]")).to_be_visible()
    expect(page.locator(".examples")).to_be_hidden()
    page.locator("article a[href*='focus-areas/']").first.click()
    expect(page).to_have_url(f"{server}/focus-areas/strategic-planning/")
    link = page.locator("article a[href*='case-studies/']").first
    title = link.inner_text()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page.goto("/search/")
    expect(page.locator(".examples")).to_be_hidden()
    context.close()
