"""The site's files as a browser gets them: compressed beforehand, cached by name."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import re
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""By the name in Accept-Encoding, the ending of the compressed file; the first one accepted is taken."""
BETWEEN_S = 0.2
_HASHED = re.compile(r"\.[0-9a-f]{8,}\.")


class SiteFiles(StaticFiles):
    """The built site, each file in the form that the browser takes."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file; the compressed ones have no address of their own."""
        if path.endswith(tuple(ENCODINGS.values())):
            raise HTTPException(404)
        if self.directory and not Path(self.directory).is_dir():
            # A build swaps the folder in two steps, and this is between them.
            await asyncio.sleep(BETWEEN_S)
        return await super().get_response(path, scope)

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
