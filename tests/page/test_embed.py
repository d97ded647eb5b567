"""The search box in another page's frame: in a real browser, from another origin, allowed and not allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.conftest import running_server
from tests.static_host import serving
from tests.visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.model]
FRAME = """<!doctype html><link rel="icon" href="data:,"><title>Intranet</title><h1>Intranet</h1>
<iframe src="{}" title="Casebook" width="320" height="640"></iframe>"""


@dataclass
class Intranet:
    """A page of another origin with the Casebook in a frame; `asked` are the addresses that the frame asked for."""

    page: Page
    asked: list[str]
    faults: list[str]

    @property
    def frame(self) -> Frame:
        """The frame's document."""
        return self.page.frames[1]


@pytest.fixture
def framed(
    browser: Browser, build_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Intranet]:
    """The intranet's page, whose origin the server allows to frame the embed page, or for the parameter False does not."""
    (tmp_path / "intranet").mkdir()
    with serving(tmp_path / "intranet", "default-src 'self' data:; frame-src http:") as intranet:
        allowed, path = request.param
        monkeypatch.setenv("CASEBOOK_FRAME_ANCESTORS", intranet if allowed else "https://council.sharepoint.com")
        with running_server(build_folder, tmp_path / "log.txt") as (address, _), browser.new_context() as context:
            context.set_default_timeout(15_000)
            (tmp_path / "intranet" / "index.html").write_text(FRAME.format(f"{address}{path}"), encoding="utf-8")
            page, asked, faults = context.new_page(), list[str](), list[str]()
            page.on("request", lambda each: asked.append(each.url))
            page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
            page.goto(f"{intranet}/", wait_until="load")
            yield Intranet(page, [url for url in asked if not url.startswith(intranet)], faults)
            origins = {urlsplit(url).netloc for url in asked if not url.startswith("data:")}
            assert origins <= {urlsplit(address).netloc, urlsplit(intranet).netloc}


@pytest.mark.parametrize("framed", [(True, "/embed/")], indirect=True)
def test_a_search_in_an_allowed_frame(framed: Intranet) -> None:
    """In a frame 320 pixels wide a problem gets its few results, which open in a new tab on the Casebook's own pages."""
    frame = framed.frame
    frame.get_by_label("Describe a problem").fill("over-reliance on independent placements")
    frame.get_by_role("button", name="Search").click()
    expect(frame.get_by_role("heading", level=2)).to_have_text("What others did")
    links = frame.locator("ol a")
    assert 1 <= links.count() <= 5
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with framed.page.context.expect_page() as opened:
        links.first.click()
    opened.value.wait_for_load_state()
    assert "/case-studies/" in opened.value.url or "/guidance/" in opened.value.url
    assert opened.value.locator("h1").count() == 1
    assert framed.faults == []


@pytest.mark.parametrize("framed", [(True, "/embed/")], indirect=True)
def test_bad_input_and_nothing_found_in_a_frame(framed: Intranet) -> None:
    """An empty problem is named at its box, and one that nothing covers is declined with a way on."""
    frame = framed.frame
    frame.get_by_role("button", name="Search").click()
    expect(frame.get_by_role("alert")).to_contain_text("Enter a problem")
    frame.get_by_label("Describe a problem").fill("potholes on the high street")
    frame.get_by_label("Describe a problem").press("Enter")
    expect(frame.get_by_role("heading", level=2)).to_have_text("Nothing here covers that")
    assert frame.get_by_role("link", name=re.compile("Browse by focus area")).count() == 1


@pytest.mark.parametrize("framed", [(False, "/embed/"), (True, "/"), (True, "/search/")], indirect=True)
def test_a_frame_that_is_not_allowed(framed: Intranet) -> None:
    """An origin that is not named gets no embed page, and no origin gets any other page."""
    assert framed.frame.locator("form").count() == 0
    assert any("frame-ancestors" in fault or "refused to connect" in fault.lower() for fault in framed.faults)


def test_the_embed_page_by_itself(visit: Visit) -> None:
    """Opened by itself it has one heading of the first level, a label for its box and no fault."""
    page = visit.open("/embed/")
    assert page.locator("h1").count() == 1
    assert page.get_by_label("Describe a problem").count() == 1


def test_the_link_builder_and_copied_links(visit: Visit, browser: Browser) -> None:
    """The builder makes a link with a problem filled in that the search page understands; pages copy title and address."""
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.open("/linking/")
    page.get_by_label("Problem to fill in").fill('places & "costs" 🎓')
    page.get_by_role("button", name="Copy the link", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"{visit.server}/search/#q=places%20%26%20%22costs%22%20%F0%9F%8E%93"
    page = visit.open(link.removeprefix(visit.server))
    expect(page.locator("#problem")).to_have_value('places & "costs" 🎓')
    page = visit.open("/case-studies/bath-school-with-residential-places/#the-law")
    page.get_by_role("button", name="Copy a link to this page").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    address = f"{visit.server}/case-studies/bath-school-with-residential-places/"
    assert page.evaluate("navigator.clipboard.readText()") == f"A planned school with places to live in\n{address}"
    assert page.locator("[data-own-address]").all_inner_texts() == [address] * 2


def test_a_list_of_links_is_copied_whole(visit: Visit) -> None:
    """A focus area's links are copied as a list with whole addresses, and as a title and an address a line."""
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.open("/linking/")
    page.locator("summary", has_text="Culture and work with school leaders").click()
    page.locator("details[open]").get_by_role("button", name="Copy these links").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    lines = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert lines[:2] == [
        "Culture and work with school leaders: questions, law and examples", f"{visit.server}/focus-areas/culture/"
    ]  # fmt: skip
    assert all(line.startswith(f"{visit.server}/case-studies/") for line in lines[5::2]) and len(lines) > 8
    html = page.evaluate(
        "navigator.clipboard.read().then(([item]) => item.getType('text/html')).then((found) => found.text())"
    )
    assert html.count("<a ") == len(lines) / 2 and f'href="{lines[1]}"' in html


def test_browsers_are_told_how_to_search_here(visit: Visit) -> None:
    """The home page leads to an OpenSearch description of the right type, whose template leads to the results."""
    page = visit.open("/")
    found = page.locator("link[rel=search]")
    assert found.get_attribute("type") == "application/opensearchdescription+xml"
    response = page.request.get(f"{visit.server}/{found.get_attribute('href')}")
    assert response.headers["content-type"] == "application/opensearchdescription+xml"
    assert f'template="{visit.server}/search/#q={{searchTerms}}"' in response.text()
