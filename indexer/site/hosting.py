"""Makes a built site fit for any web server: a strict content security policy, and files compressed beforehand.

Runs after the site builder and knows nothing of it but that there are pages, style sheets and scripts.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import shutil
from pathlib import Path
from urllib.parse import unquote_to_bytes

from indexer.artefact.site_contract import POLICY_FILE, opensearch, with_search_link

FORMAT = 7
"""Part of the site's stamp: raise it when what is done here changes, so that sites are built anew."""

_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)
_SECTION = re.compile(
    r'(<nav class="md-nav" data-md-level="1") aria-labelledby="\w+"([^>]*>\s*<label class="md-nav__title"[^>]*>'
    r'\s*<span class="md-nav__icon md-icon"></span>)\s*([^<]+?)\s*(</label>)'
)
_DATA_URL = re.compile(r"""url\((["']?)data:image/svg\+xml(?P<kind>[^,]*),(?P<data>.*?)\1\)""", re.DOTALL)
_NEIGHBOUR = re.compile(r'<link rel="(prev|next)"[^>]*>\s*')
_SEARCH_FORM = 'data-search="form"'
_COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".xml", ".txt", ".csv", ".md"}
_LEAST_BYTES = 1_000
_LARGE_BYTES = 1_000_000
_ICONS = "assets/icons"


def prepare(site: Path, address: str = "", before: Path | None = None) -> None:
    """Writes the policy and the compressed files, takes out of style sheets what the policy would stop, mends the theme.

    Args:
        site: A built site that nobody serves yet.
        address: The site's address with a slash at its end, so that browsers can add it as a search engine; "" where it is
            not known.
        before: An older site, prepared here: what is the same in it is not compressed again.
    """
    if address:
        (site / "opensearch.xml").write_text(opensearch(address), encoding="utf-8")
    for page in sorted(site.rglob("*.html")):
        depth = len(page.relative_to(site).parts) - 1
        text = with_footer_link(page.read_text(encoding="utf-8"), depth)
        if address and _SEARCH_FORM in text:
            text = with_search_link(text, "../" * depth)
        page.write_text(with_parted_notes(without_neighbours(with_named_sections(text))), encoding="utf-8")
    for sheet in sorted(site.rglob("*.css")):
        _write_icons(sheet, site)
    (site / POLICY_FILE).write_text(policy(site) + "\n", encoding="utf-8")
    for path in sorted(site.rglob("*")):
        if path.suffix in _COMPRESSED and path.is_file() and path.stat().st_size >= _LEAST_BYTES:
            _compress(path, before / path.relative_to(site) if before else None)


def with_footer_link(page: str, depth: int) -> str:
    """A page `depth` folders down whose footer leads to the statement; the builder writes the footer alike on every page."""
    return page.replace('<a href="accessibility/">', f'<a href="{"../" * depth}accessibility/">')


def with_named_sections(page: str) -> str:
    """A page whose lists of a section's pages have names; the theme labels them by an icon alone, which has no words."""
    return _SECTION.sub(r'\1 aria-label="Pages of: \3"\2\3\4', page)


def with_parted_notes(page: str) -> str:
    """A page on which a note's mark right after another's is told apart, so that the style can put a comma between them.

    In style sheets alone two marks with words between them look like neighbours too.
    """
    return page.replace('</sup><sup id="fnref', '</sup><sup class="next-note" id="fnref')


def without_neighbours(page: str) -> str:
    """A page that names none before or after it: by these the theme's script leaves it at a single key (WCAG 2.1.4)."""
    return _NEIGHBOUR.sub("", page)


def policy(site: Path) -> str:
    """The content security policy that a site needs: its own files, and the hashes of its pages' inline scripts."""
    hashes = sorted({found for page in site.rglob("*.html") for found in script_hashes(page.read_bytes())})
    scripts = " ".join(["script-src 'self'", *(f"'sha256-{found}'" for found in hashes)])
    return (
        f"default-src 'self'; worker-src 'self'; {scripts}; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def script_hashes(page: bytes) -> list[str]:
    """The sha256, in base64, of each script that stands in a page and is run (data in script elements is not)."""
    return [
        base64.b64encode(hashlib.sha256(match["code"]).digest()).decode()
        for match in _SCRIPT.finditer(page)
        if b"src=" not in match["attributes"] and b"json" not in match["attributes"]
    ]


def _write_icons(sheet: Path, site: Path) -> None:
    """Gives each picture that stands within a style sheet a file of its own."""
    up = "../" * (len(sheet.relative_to(site).parts) - 1)

    def to_file(match: re.Match[str]) -> str:
        data = match["data"].encode()
        picture = base64.b64decode(data) if "base64" in match["kind"] else unquote_to_bytes(data)
        name = f"{_ICONS}/{hashlib.sha256(picture).hexdigest()[:16]}.svg"
        (site / _ICONS).mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(picture)
        return f"url({up}{name})"

    text = sheet.read_text(encoding="utf-8")
    if (changed := _DATA_URL.sub(to_file, text)) != text:
        sheet.write_text(changed, encoding="utf-8")


def _compress(path: Path, before: Path | None) -> None:
    import brotli

    data = path.read_bytes()
    if before and before.is_file() and before.read_bytes() == data:
        kept = [before.with_name(before.name + ending) for ending in (".gz", ".br")]
        if all(file.is_file() for file in kept):
            for file in kept:
                shutil.copyfile(file, path.with_name(file.name))
            return
    quality = 11 if len(data) < _LARGE_BYTES else 9
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))
    path.with_name(path.name + ".br").write_bytes(brotli.compress(data, quality=quality))
