"""A visit to the site in a real browser, which watches what the pages ask for and complain of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page


@dataclass
class Visit:
    """One tab of its own context, over a server at an address.

    Attributes:
        server: The address of the server under test.
        page: The tab.
        requests: Every address that the pages asked for, fragments (which are never sent) taken off.
        elsewhere: Those of other hosts; they are stopped.
        faults: What stood in the console as an error, and every uncaught error.
    """

    server: str
    page: Page
    requests: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, context: BrowserContext, server: str) -> Visit:
        """Opens a tab and watches it."""
        visit = cls(server, context.new_page())
        context.route(visit._is_elsewhere, lambda route: route.abort())
        context.on("request", lambda request: visit._note(request.url))
        context.on("console", lambda message: visit.faults.append(message.text) if message.type == "error" else None)
        visit.page.on("pageerror", lambda error: visit.faults.append(str(error)))
        return visit

    def open(self, path: str) -> Page:
        """Opens a page of the site and waits until it has loaded."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.server}{path}", wait_until="load")
        return self.page

    def expect_faults(self, words: str) -> None:
        """Every fault so far is about the words, there is at least one, and none of them counts against the test."""
        assert self.faults
        assert [fault for fault in self.faults if words not in fault] == []
        self.faults.clear()

    def assert_clean(self) -> None:
        """Nothing was asked of another host, and no error stood in the console."""
        assert (self.elsewhere, self.faults) == ([], [])

    def _is_elsewhere(self, url: str) -> bool:
        return not url.startswith((f"{self.server}/", "data:", "blob:", "about:"))

    def _note(self, url: str) -> None:
        self.requests.append(url.partition("#")[0])
        if self._is_elsewhere(url):
            self.elsewhere.append(url)


@contextmanager
def visiting(browser: Browser, server: str, *, timeout_ms: float) -> Iterator[Visit]:
    """A visit in a fresh context, checked at its end: nothing was asked of another host, and no error was logged."""
    context = browser.new_context()
    context.set_default_timeout(timeout_ms)
    found = Visit.of(context, server)
    yield found
    context.close()
    found.assert_clean()


def search(page: Page, problem: str) -> None:
    """Types a problem, sends it, and waits until its answer is there."""
    page.fill("#problem", problem)
    with page.expect_response(re.compile("/api/search$")):
        page.get_by_role("button", name="Search", exact=True).click()
    page.locator("[data-search=results] h2").first.wait_for()
