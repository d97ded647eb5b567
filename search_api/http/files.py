"""The site's files as a browser gets them: compressed beforehand, cached by name."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from search_api.serving import Serving

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""By the name in Accept-Encoding, the ending of the compressed file; the first one accepted is taken."""
_HASHED = re.compile(r"\.[0-9a-f]{8,}\.")


class SiteFiles:
    """The built site, of the version that each request goes by."""

    def __init__(self, serving: Serving) -> None:
        """Takes the versions from `serving`."""
        self._serving = serving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request (ASGI)."""
        sites = self._serving.taken(scope).sites
        if not sites[0].is_dir():
            # Two builds have come since the version was taken over, and the second has removed it.
            await asyncio.to_thread(self._serving.look)
            sites = self._serving.now.sites
            if not sites[0].is_dir():
                raise HTTPException(404)
        await _files(sites)(scope, receive, send)


class VersionFiles(StaticFiles):
    """The files of one version's site, each in the form that the browser takes."""

    def __init__(self, sites: Sequence[Path]) -> None:
        """`sites` are as in `Served`: what the first lacks is looked for in the others."""
        super().__init__(directory=sites[0], html=True, check_dir=False)
        self._sites = sites

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file; the compressed ones have no address of their own."""
        if path.endswith(tuple(ENCODINGS.values())):
            raise HTTPException(404)
        return await super().get_response(path, scope)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """A file of the version's own, or of the version before where its page is there alone."""
        found = super().lookup_path(path)
        if found[1] is None and len(self._sites) > 1:
            page = Path(path).parent if Path(path).suffix else Path(path)
            if not (self._sites[0] / page / "index.html").is_file():
                return _files(self._sites[1:]).lookup_path(path)
        return found

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, compressed where a compressed one stands beside it and the browser takes it."""
        accepted = accepted_encodings(Headers(scope=scope).get("accept-encoding", ""))
        for encoding, ending in ENCODINGS.items():
            beside = Path(f"{os.fspath(full_path)}{ending}")
            if encoding in accepted and beside.is_file():
                response = super().file_response(beside, beside.stat(), scope, status_code)
                response.headers["Content-Encoding"] = encoding
                response.headers["Content-Type"] = _content_type(full_path)
                break
        else:
            response = super().file_response(full_path, stat_result, scope, status_code)
        hashed = _HASHED.search(Path(full_path).name)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
        response.headers["Vary"] = "Accept-Encoding"
        return response


@lru_cache(maxsize=8)
def _files(sites: tuple[Path, ...]) -> VersionFiles:
    return VersionFiles(sites)


def accepted_encodings(header: str) -> set[str]:
    """The names in an Accept-Encoding header that are not refused by q=0 (RFC 9110, 12.5.3)."""
    accepted = set()
    for part in header.lower().split(","):
        name, _, quality = part.partition(";")
        refused = re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality)
        if name.strip() and not refused:
            accepted.add(name.strip())
    return accepted


def _content_type(path: str | os.PathLike[str]) -> str:
    kind = mimetypes.guess_type(os.fspath(path))[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
