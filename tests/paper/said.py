"""What each form of a case study says under a heading, in plain words: page, paper, Markdown, Word."""

from __future__ import annotations

import io
import re
from functools import lru_cache

import docx
from docx.table import Table
from docx.text.paragraph import Paragraph

from indexer.content.reading import read
from indexer.content.tree import Heading, words_of
from indexer.paper.records import Paper
from tests.site_pages import words


def said_by(paper: Paper, heading: str) -> str:
    """The words of a paper's section."""
    (section,) = [section for section in paper.sections if section.heading == heading]
    cells = [runs for block in section.blocks for runs in (block.cells or (block.runs,))]
    return " ".join(" ".join("".join(run.text for run in runs) for runs in cells).split())


def said_by_markdown(paper: Paper, heading: str) -> str:
    """The words under a heading of its Markdown, read as Markdown."""
    found: list[str] = []
    under = False
    for block in read(paper.markdown).blocks:
        if isinstance(block, Heading) and block.level == 2:
            under = block.words.plain == heading
        elif under:
            found += [cell.plain for cell in words_of(block)]
    return " ".join(" ".join(found).split())


def said_by_page(html: str, heading: str) -> str:
    """The words under a heading of a built page, without the marks of footnotes and the signs that lead to headings."""
    (found,) = re.findall(rf"<h2[^>]*>{re.escape(heading)}<a.*?</h2>(.*?)(?=<h2)", html, re.DOTALL)
    without = re.sub(r'<sup [^>]*id="fnref.*?</sup>|<a class="headerlink.*?</a>', "", found, flags=re.DOTALL)
    return words(re.sub(r"<(td|th|br)\b", r" <\1", without))


def said_by_word(file: bytes, heading: str) -> str:
    """The words under a heading of a Word document of one case study."""
    return _sections(file)[heading]


@lru_cache(maxsize=2)
def _sections(file: bytes) -> dict[str, str]:
    """The words under each heading; kept, because a document is opened once for all its sections."""
    found: dict[str, list[str]] = {}
    under: list[str] = []
    for block in docx.Document(io.BytesIO(file)).iter_inner_content():
        if isinstance(block, Paragraph) and block.style and block.style.name == "Heading 1":
            under = found.setdefault(block.text, [])
        elif isinstance(block, Paragraph):
            under.append(block.text)
        elif isinstance(block, Table):
            under += [cell.text for row in block.rows for cell in row.cells]
    return {heading: " ".join(" ".join(texts).split()) for heading, texts in found.items()}
