"""What is being served: a searcher and the site's own pages, replaced while requests go on when there is a new build."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from indexer.artefact.site_contract import POLICY_FILE
from indexer.artefact.store import current_version, load_artefact
from indexer.errors import ArtefactError, SiteError
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


class Serving:
    """The searcher and pages in use. Whoever answers a request takes each of them once.

    Attributes:
        searcher: The searcher in use.
        site: The site's folder, or None for the endpoint alone.
        pages: The site's pages in use, or None.
        refused: Why the newest build is not in use; None while it is.
    """

    def __init__(self, searcher: Searcher, site: Path | None = None) -> None:
        self.searcher = searcher
        self.site = site
        self.pages = SitePages.read(site) if site else None
        self.refused: str | None = None
        self._artefact: Path | None = None
        self._version = ""
        self._site_mark = self._mark()

    @classmethod
    def open(cls, artefact: Path, site: Path | None) -> Serving:
        """Loads and checks an artefact and a site.

        Raises:
            CasebookError: Naming what is wrong and the command that mends it.
        """
        version = current_version(artefact).name
        serving = cls(Searcher.from_artefact(load_artefact(artefact)), site)
        serving._artefact, serving._version = artefact, version
        return serving

    @property
    def policy(self) -> str:
        """The content security policy in use."""
        return self.pages.policy if self.pages else NOTHING_ALLOWED

    def look(self) -> None:
        """Takes over what is new. A faulty build is refused once, and what is in use stays in use."""
        if self._artefact:
            self._look_at_artefact(self._artefact)
        if self.site and (mark := self._mark()) != self._site_mark:
            try:
                self.pages, self._site_mark = SitePages.read(self.site), mark
            except SiteError:  # between two steps of a build: the next look finds it whole
                return

    def _look_at_artefact(self, folder: Path) -> None:
        version = ""
        try:
            version = current_version(folder).name
            if version == self._version:
                self.refused = None
                return
            self.searcher = Searcher.from_artefact(load_artefact(folder))
            self.refused = None
            log.info("took over a new build", extra={"version": version})
        except (ArtefactError, OSError, ValueError) as error:
            if str(error) != self.refused:
                log.error("a new build is refused", extra={"reason": str(error)})
            self.refused = str(error)
            return
        self._version = version

    def _mark(self) -> tuple[int, int]:
        try:
            found = (self.site / POLICY_FILE).stat() if self.site else None
        except OSError:
            return 0, 0
        return (found.st_ino, found.st_mtime_ns) if found else (0, 0)
