"""Checks a built site as a reader would go through it, before anybody is served it: every address leads to a place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from indexer.artefact.store import Artefact
from indexer.errors import SiteError

PAGE_INDEX = "assets/search/index"
_SHOWN = 20
"""How many faults a message names."""


class _Page(HTMLParser):
    """The ids of a page, and every address that it leads to or loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids = set[str]()
        self.addresses = set[str]()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name in ("href", "src", "action", "poster") and value:
                self.addresses.add(value)


def check_site(site: Path, artefact: Artefact, address: str = "") -> None:
    """Checks that a site is whole and belongs to an artefact.

    Args:
        site: The built site.
        artefact: What is to be searched beside it.
        address: The site's own address with the slash at its end; "" where it is not known.

    Raises:
        SiteError: Naming each passage without a place, each link to nothing, and a page index of something else.
    """
    pages = {path.relative_to(site).as_posix(): _Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    faults = [*_passages(pages, artefact), *_links(site, pages, urlsplit(address).path), *_page_index(site, artefact)]
    if faults:
        more = [f"  and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
        lines = "\n".join([*(f"  {fault}" for fault in faults[:_SHOWN]), *more])
        raise SiteError(f"The built site does not hold together; the old one stays.\n{lines}")


def _passages(pages: dict[str, _Page], artefact: Artefact) -> Iterator[str]:
    files = {document.id: f"{document.url.strip('/')}/index.html" for document in artefact.documents}
    for passage in artefact.passages:
        page = pages.get(files[passage.document])
        if page is None:
            yield f"the passage {passage.id} has no page {files[passage.document]}"
        elif passage.anchor not in page.ids:
            yield f"the passage {passage.id} has no place on its page"


def _links(site: Path, pages: dict[str, _Page], root: str) -> Iterator[str]:
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    for name, page in sorted(pages.items()):
        for link in sorted(page.addresses):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = _file_of(name, unquote(parts.path), root, files)
            if target not in files:
                yield f"{name} leads to {link}, which is not there"
            elif target in pages and not _is_on(pages[target], unquote(parts.fragment)):
                yield f"{name} leads to {link}, and there is no such place on that page"


def _is_on(page: _Page, anchor: str) -> bool:
    """Whether a page has an anchor; name=value is none, but something for the page's script."""
    return not anchor or "=" in anchor or anchor in page.ids


def _file_of(page: str, path: str, root: str, files: set[str]) -> str:
    """The name of the file that a path on a page leads to, whether it exists or not."""
    if not path:
        return page
    steps = [] if path.startswith("/") else page.split("/")[:-1]
    path = path.removeprefix(root) if root and path.startswith(root) else path
    for step in path.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    name = "/".join(steps)
    return name if name in files else f"{name}/index.html".lstrip("/")


def _page_index(site: Path, artefact: Artefact) -> Iterator[str]:
    folder = site / PAGE_INDEX
    if not folder.is_dir():  # a model that the page cannot run
        return
    try:
        listing = json.loads((folder / "manifest.json").read_bytes())
        if listing["corpus"] != artefact.manifest.corpus:
            yield f"{PAGE_INDEX} is of the content {listing['corpus']}, the artefact of {artefact.manifest.corpus}"
        for file in listing["files"].values():
            if hashlib.sha256((folder / file["name"]).read_bytes()).hexdigest() != file["sha256"]:
                yield f"{PAGE_INDEX}/{file['name']} is not the file that its manifest names"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        yield f"{PAGE_INDEX} is not whole ({type(error).__name__}: {error})"
