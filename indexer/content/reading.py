"""Reads Markdown."""

from __future__ import annotations

import re
import unicodedata

from indexer.content.rules import FOOTNOTE


def slugify(heading: str) -> str:
    """The anchor of a heading: lower-case ASCII letters and digits joined by hyphens."""
    ascii_text = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-") or "section"


def plain_text(markdown: str) -> str:
    """Markdown as a reader would say it: no footnotes, link addresses, emphasis, list marks or comments."""
    text = re.sub(r"<!--.*?-->", " ", FOOTNOTE.sub("", markdown), flags=re.DOTALL)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^\s*(?:[-*+]|\d+\.|>)\s+", "", text, flags=re.MULTILINE)
    text = re.sub(r"(\*\*|__|`)", "", text)
    text = re.sub(r"(?<!\w)[*_](\S.*?)[*_](?!\w)", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()
