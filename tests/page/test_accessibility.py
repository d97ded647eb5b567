"""What axe-core finds on every type of page: nothing, at phone width in light and at desktop width in dark."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.page.test_page_types import SEARCHES, opened, paths
from tests.visit import Visit

pytestmark = [pytest.mark.browser, pytest.mark.model]
__all__ = ["paths"]  # the fixture


def violations(page: Page) -> list[str]:
    """What axe-core complains of, with its best practices: the rule and the first element at fault."""
    found = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
def test_no_violation(browser: Browser, server: str, paths: list[str], width: int, scheme: Literal["light", "dark"]) -> None:
    """axe-core finds no violation on any type of page; what depends on the width does not depend on the colours."""
    with browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        visit = Visit.of(context, server)
        found: dict[str, list[str]] = {}
        for path in paths:
            page = opened(visit, path)
            page.wait_for_timeout(50)
            found[path] = violations(page)
        page = visit.open("/search/")
        page.press("#problem", "Enter")
        found["an error"] = violations(page)
        assert {path: faults for path, faults in found.items() if faults} == {}
        visit.assert_clean()


def test_a_violation_would_be_found(visit: Visit) -> None:
    """A picture without words and a faint text are found, so that the test before can fail."""
    page = visit.open("/")
    page.evaluate(
        """() => {
          const faint = document.createElement("p");
          faint.textContent = "faint";
          faint.style.color = "#eee";
          faint.style.background = "#fff";
          document.querySelector("article").append(document.createElement("img"), faint);
        }"""
    )
    assert {fault.partition(":")[0] for fault in violations(page)} == {"image-alt", "color-contrast"}


TARGETS = """() => [...document.querySelectorAll("main button, main input, main select, main textarea, main summary")]
  .filter((found) => found.checkVisibility() && !found.closest("p, li, dd, td"))
  .map((found) => [found.outerHTML.slice(0, 80), found.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([html, box]) => `${html}: ${box.width} x ${box.height}`)"""


@pytest.mark.parametrize("path", ["/", *SEARCHES])
def test_targets_are_large_enough(visit: Visit, path: str) -> None:
    """What is clicked, beside links within sentences, is at least 24 pixels wide and high, or its label is (WCAG 2.5.8)."""
    page = opened(visit, path)
    small = [fault for fault in page.evaluate(TARGETS) if "checkbox" not in fault]
    assert small == []
    for box in page.locator(".filter").all():
        shape = box.bounding_box()
        assert shape and shape["height"] >= 24


def test_focus_is_not_hidden_under_the_header(visit: Visit) -> None:
    """Going through the results by Tab, and back by Shift and Tab, the element with the focus is never under the header."""
    page = visit.open(SEARCHES[0])
    page.set_viewport_size({"width": 1024, "height": 600})
    page.locator(".results-heading").wait_for()
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 12:
        page.keyboard.press(key)
        hidden = page.evaluate(
            """() => {
              const box = document.activeElement.getBoundingClientRect();
              const header = document.querySelector(".md-header");
              if (header.contains(document.activeElement) || document.activeElement === document.body) return false;
              return box.bottom <= header.getBoundingClientRect().bottom;
            }"""
        )
        assert not hidden, page.evaluate("document.activeElement.outerHTML.slice(0, 100)")


def test_without_colours_of_our_own(browser: Browser, server: str) -> None:
    """With forced colours (high contrast) the box, the button and the focus have edges that can be seen."""
    with browser.new_context(forced_colors="active") as context:
        page = Visit.of(context, server).open("/search/")
        page.focus("#problem")
        for selector in ("#problem", ".search-row button"):
            style = page.evaluate("of => getComputedStyle(document.querySelector(of)).borderTopStyle", selector)
            assert style == "solid"
        assert page.evaluate("getComputedStyle(document.querySelector('#problem')).outlineStyle") == "solid"


def test_no_single_key_shortcut(visit: Visit) -> None:
    """Letters typed outside the box do nothing (WCAG 2.1.4)."""
    page = visit.open("/case-studies/")
    before = page.evaluate("[location.href, document.activeElement.tagName, scrollY]")
    for key in "fs/pn.,":
        page.keyboard.press(key)
    assert page.evaluate("[location.href, document.activeElement.tagName, scrollY]") == before
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_statement_is_linked_on_every_page(build_folder: Path) -> None:
    """Every page links to the accessibility statement."""
    pages = list((build_folder / "site").rglob("*.html"))
    assert len(pages) > 100
    assert [page for page in pages if 'accessibility/"' not in page.read_text(encoding="utf-8").split("<footer")[-1]] == []
