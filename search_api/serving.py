"""What is being served: one version's searcher and pages, replaced together while requests go on when there is a new one."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from indexer.artefact.site_contract import POLICY_FILE
from indexer.artefact.store import load_artefact
from indexer.artefact.versions import Version, current_version, open_version
from indexer.errors import CasebookError, SiteError
from search_api.pages import with_endpoint
from search_api.search import Searcher

log = logging.getLogger("search_api")
NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'"
"""The content security policy where there is no site; a site brings its own (`indexer.site.hosting`)."""


@dataclass(frozen=True)
class SitePages:
    """What is kept of a site: its policy, and the pages that ask this server for something."""

    policy: str
    home: str
    search: str
    embed: str
    shortlist: str

    @classmethod
    def read(cls, site: Path) -> SitePages:
        """Reads them.

        Raises:
            SiteError: Where one of them is missing.
        """
        try:
            policy, *pages = (
                (site / name).read_text(encoding="utf-8")
                for name in (POLICY_FILE, "index.html", *(f"{page}/index.html" for page in ("search", "embed", "shortlist")))
            )
        except (OSError, ValueError) as error:
            raise SiteError(f"There is no site in {site}. Run `python -m indexer build`.") from error
        return cls(policy.strip(), *map(with_endpoint, pages))


@dataclass(frozen=True)
class Served:
    """One version as it is served.

    Attributes:
        searcher: It answers problems.
        sites: The version's site, and after it that of the version before, where there is one; empty for the endpoint alone.
        pages: What is kept of its site.
        name: The version's name; "" for none.
    """

    searcher: Searcher
    sites: tuple[Path, ...] = ()
    pages: SitePages | None = None
    name: str = ""

    @classmethod
    def load(cls, version: Version) -> Served:
        """Loads and checks a version.

        Raises:
            CasebookError: Naming what is wrong and the command that mends it.
        """
        sites = (version.site, version.before / "site") if version.before else (version.site,)
        return cls(
            Searcher.from_artefact(load_artefact(version.artefact)), sites, SitePages.read(version.site), version.name
        )

    @property
    def policy(self) -> str:
        """The site's content security policy."""
        return self.pages.policy if self.pages else NOTHING_ALLOWED


def site_of(sites: Sequence[Path], page: str) -> Path:
    """The site that a page is taken from: the version's own; that of the version before where it alone has the page.

    So an answer that was given just before a new version was taken over still leads to its page. What moved or was withdrawn
    has a page that says so, and is never taken from the version before.

    Args:
        sites: As in `Served`, at least one.
        page: The page's folder, without slashes around it.
    """
    return next((site for site in sites if (site / page / "index.html").is_file()), sites[0])


class Serving:
    """The version in use, replaced as a whole while requests go on.

    Attributes:
        now: The version in use.
        refused: Why the newest version is not in use; None while it is.
    """

    def __init__(self, searcher: Searcher, site: Path | None = None) -> None:
        """Serves what is given, and nothing newer: a searcher, and a site's folder or None for the endpoint alone."""
        self.now = Served(searcher, (site,), SitePages.read(site)) if site else Served(searcher)
        self.refused: str | None = None
        self._build: Path | None = None
        self._looking = Lock()

    @classmethod
    def open(cls, build: Path) -> Serving:
        """Loads and checks the current version of a folder of builds, or a version's own folder.

        Raises:
            CasebookError: Naming what is wrong and the command that mends it.
        """
        served = Served.load(open_version(build))
        serving = cls(served.searcher)
        serving.now, serving._build = served, build
        return serving

    def taken(self, scope: MutableMapping[str, Any]) -> Served:
        """The version that a request goes by from its beginning to its end; `scope` is the request's (ASGI)."""
        served: Served = scope.setdefault("casebook.version", self.now)
        return served

    def look(self) -> None:
        """Takes over a version that is new. A faulty one is refused once, and what is in use stays in use."""
        if not self._build:
            return
        with self._looking:
            try:
                if current_version(self._build).name != self.now.name:
                    self.now = Served.load(open_version(self._build))
                    log.info("took over a new build", extra={"version": self.now.name})
                self.refused = None
            except (CasebookError, OSError, ValueError) as error:
                if str(error) != self.refused:
                    log.error("a new build is refused", extra={"reason": str(error)})
                self.refused = str(error)
