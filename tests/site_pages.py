"""Reads built pages: their ids, their links and what they load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADING_LINKS = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch", "manifest"}


@dataclass
class BuiltPage(HTMLParser):
    """A built page.

    Attributes:
        path: Its file.
        ids: Every id, repeats kept.
        links: The address of every link that a reader can follow.
        loads: The address of every script, style, image, font or frame that the page asks for by itself.
    """

    path: Path
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.html = self.path.read_text(encoding="utf-8")
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what one tag says."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "link" and set(values.get("rel", "").split()) & LOADING_LINKS:
            self.loads.append(values.get("href", ""))
        elif tag in ("a", "link", "area") and "href" in values:
            self.links.append(values["href"])
        self.loads += [values[name] for name in ("src", "data", "poster", "action") if name in values]
        self.loads += [part.split()[0] for part in values.get("srcset", "").split(",") if part.strip()]
        self.loads += loaded_by_css(values.get("style", ""))

    @property
    def text(self) -> str:
        """The words of the page, white space made single."""
        return words(self.html)


def words(html: str) -> str:
    """The words of a piece of HTML, white space made single."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", html))).strip()


def loaded_by_css(css: str) -> list[str]:
    """The addresses that a stylesheet asks for."""
    found = re.findall(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""", css)
    return [one or other for one, other in found]


def pages_of(site: Path) -> Iterator[BuiltPage]:
    """Every page of a built site."""
    return (BuiltPage(path) for path in sorted(site.rglob("*.html")))


def is_elsewhere(address: str) -> bool:
    """Whether an address names a host."""
    return bool(urlsplit(address).netloc)


def file_of(address: str, page: Path, site: Path) -> Path:
    """The file of a site that an address on a page leads to, whether it exists or not."""
    path = unquote(urlsplit(address).path)
    target = site / path.lstrip("/") if path.startswith("/") else page.parent / path if path else page
    return target / "index.html" if target.is_dir() else target
