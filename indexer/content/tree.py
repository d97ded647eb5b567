"""A body as a tree: blocks (headings, paragraphs, items, rows, markers) and the inlines within them. Made by `reading`.

Offsets are places in the body's Markdown, so that the site can put anchors and texts where blocks and words stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A stretch of text in one style; `href` is the address of a link."""

    text: str
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    href: str | None = None


@dataclass(frozen=True)
class Note:
    """A footnote mark; it names a source."""

    source: str


@dataclass(frozen=True)
class Image:
    """A picture, and the words that stand for it."""

    src: str
    alt: str


@dataclass(frozen=True)
class RawHtml:
    """HTML that the site would show as HTML, or a marker where none can stand."""

    html: str


Inline = Text | Note | Image | RawHtml


@dataclass(frozen=True)
class Words:
    """The inlines of one block.

    Attributes:
        inlines: In order.
        text: The words alone, with the body's line ends; pictures by their words.
        positions: Where words stand: offset in `text`, offset in the body. A word within code or an address has none.
    """

    inlines: tuple[Inline, ...]
    text: str
    positions: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        """Where the first word stands in the body; 0 where that is not known."""
        return self.positions[0][1] if self.positions else 0

    @property
    def plain(self) -> str:
        """The text on one line, with single spaces."""
        return " ".join(self.text.split())

    @property
    def notes(self) -> tuple[str, ...]:
        """The sources that its footnotes name, in order, repeats kept."""
        return tuple(inline.source for inline in self.inlines if isinstance(inline, Note))

    @property
    def links(self) -> tuple[str, ...]:
        """The addresses of its links, in order."""
        return tuple(dict.fromkeys(i.href for i in self.inlines if isinstance(i, Text) and i.href is not None))


@dataclass(frozen=True)
class Heading:
    """A heading; `level` is 1 to 6 and `anchor` the parser's own. `start` and `end` bound its text in the body."""

    level: int
    anchor: str
    words: Words
    start: int
    end: int


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `depth` is of the list that it stands in, 0 for none."""

    words: Words
    start: int
    depth: int = 0


@dataclass(frozen=True)
class Item:
    """An item of a list: `depth` from 1, its number in an ordered list, else None."""

    words: Words
    start: int
    depth: int
    number: int | None


@dataclass(frozen=True)
class Row:
    """A row of a table; `header` is true for the row of headers."""

    cells: tuple[Words, ...]
    start: int
    header: bool


@dataclass(frozen=True)
class Marker:
    """A comment that the site fills in, and where it stands in the body (`end` exclusive)."""

    name: str
    id: str
    start: int
    end: int


@dataclass(frozen=True)
class HtmlBlock:
    """HTML that stands as a block of its own."""

    html: str
    start: int


Block = Heading | Paragraph | Item | Row | Marker | HtmlBlock


@dataclass(frozen=True)
class Body:
    """A body as it was read.

    Attributes:
        markdown: What was read, line ends and tabs as the parser takes them; the offsets of blocks are of this text.
        blocks: In order. Comments are left out.
        definitions: The footnotes that the body itself defines.
    """

    markdown: str
    blocks: tuple[Block, ...]
    definitions: tuple[str, ...] = ()

    def words(self) -> Iterator[Words]:
        """The words of every block, a table's cell by cell."""
        for block in self.blocks:
            yield from words_of(block)

    def line_of(self, start: int) -> int:
        """The line, from 1, of an offset; the first line for one that is not known (-1)."""
        return self.markdown.count("\n", 0, max(start, 0)) + 1


def words_of(block: Block) -> tuple[Words, ...]:
    """The words of a block: none for a marker or HTML, several for a row."""
    match block:
        case Row():
            return block.cells
        case Marker() | HtmlBlock():
            return ()
        case _:
            return (block.words,)
