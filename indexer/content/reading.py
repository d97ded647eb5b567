"""The one reading of Markdown: a body becomes a small tree, by the parser and the extensions that the site uses.

The only door to Python-Markdown. Checks, passages, papers and the site's anchors are functions of this tree, so that a page
and what is taken from it hold the same words.

Blocks know where they stand in the body. For that, every word is given a mark of its own between the parser's two steps
(blocks, then inlines), and the marks are taken off the finished tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any

from indexer.content.tree import (
    Block,
    Body,
    Heading,
    HtmlBlock,
    Image,
    Inline,
    Item,
    Marker,
    Note,
    Paragraph,
    RawHtml,
    Row,
    Text,
    Words,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from markdown import Markdown

EXTENSIONS = (
    "abbr", "admonition", "attr_list", "fenced_code", "footnotes", "md_in_html", "sane_lists", "tables", "toc",
)  # fmt: skip
"""The extensions that decide what a body says: those of mkdocs.yml, and those that MkDocs itself adds."""

MARKER = re.compile(r"<!--\s*([a-z-]+):\s*([a-z0-9-]+)\s*-->")
"""A comment that the site fills in: a name and an id."""
_NOTE = r"\[\^([^\]\s]+)\]"
_FIRST_MARK, _LAST_MARK = 0xF0000, 0x10FFFF
_MARK = re.compile("([\U000f0000-\U0010ffff])\\s?")
_STASHED = re.compile("\x02wzxhzdk:(\\d+)\x03")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LEAVES = {*_HEADINGS, "p", "li", "td", "th"}
_CONTAINERS = {"blockquote", "div", "ul", "ol", "table", "pre", "p", "hr"}


def slugify(text: str) -> str:
    """A text as the parser would make an anchor of it; "section" where nothing is left."""
    from markdown.extensions.toc import slugify as by_the_parser

    return str(by_the_parser(text, "-")) or "section"


@lru_cache(maxsize=1024)
def read(markdown: str) -> Body:
    """Reads a body; the same text is read once.

    Args:
        markdown: Any text. Characters of Unicode's last two, private planes are read as U+FFFD.
    """
    from markdown import Markdown

    reader = _reader()
    Markdown(extensions=[*EXTENSIONS, reader]).convert(_MARK.sub("\ufffd", markdown))
    body: Body = reader.body
    return body


def _reader() -> Any:
    """An extension that takes the tree out of the parser; its attribute `body` is what was read."""
    from markdown.extensions import Extension
    from markdown.inlinepatterns import InlineProcessor
    from markdown.preprocessors import Preprocessor
    from markdown.treeprocessors import Treeprocessor

    class Reader(Extension):
        body = Body("", ())
        source = _Source("")

        def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the parser's name
            # After the parser has made line ends and tabs alike (30), before it takes HTML out (20).
            md.preprocessors.register(KeepSource(md), "keep-source", 28)
            # Between the blocks and the inlines (20), before any other step on the tree; and after all of them.
            md.treeprocessors.register(MarkWords(md), "mark-words", 1_000)
            md.treeprocessors.register(TakeTree(md), "take-tree", -1_000)
            # Before the footnotes' own (175), which knows no note whose definition stands elsewhere.
            md.inlinePatterns.register(SourceNote(_NOTE, md), "source-note", 176)

    class KeepSource(Preprocessor):
        def run(self, lines: list[str]) -> list[str]:
            reader.source = _Source("\n".join(lines).rstrip("\n") + "\n")
            return lines

    class MarkWords(Treeprocessor):
        def run(self, root: Element) -> None:
            source = reader.source
            source.hide(str(block) for block in self.md.htmlStash.rawHtmlBlocks)
            for element in root.iter():
                if element.tag in _LEAVES and element.text and not _stands_for_html(element, len(source.html)):
                    source.mark(element)

    class SourceNote(InlineProcessor):
        def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override] # noqa: N802
            from xml.etree.ElementTree import Element

            return Element("source-note", source=_unmarked(m[1])), m.start(0), m.end(0)

    class TakeTree(Treeprocessor):
        def run(self, root: Element) -> None:
            stash = [str(block) for block in self.md.htmlStash.rawHtmlBlocks]
            notes: Any = next(found for found in self.md.registeredExtensions if hasattr(found, "footnotes"))
            reader.body = Body(reader.source.text, tuple(_Tree(reader.source, stash).blocks(root)), tuple(notes.footnotes))

    reader = Reader()
    return reader


def _stands_for_html(element: Element, blocks: int) -> bool:
    """Whether an element is nothing but the place of HTML that the parser took out, `blocks` of it before the inlines."""
    numbers = [int(number) for number in _STASHED.findall(element.text or "")]
    alone = len(element) == 0 and not _STASHED.sub("", element.text or "").strip()
    return alone and bool(numbers) and max(numbers) < blocks


def _unmarked(text: str) -> str:
    return _MARK.sub("", text)


class _Source:
    """The body's text, and where in it words stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.html: list[tuple[int, int]] = []
        """Where each block of HTML stands, by its number among those that the parser has taken out."""
        self.bounds: dict[Element, tuple[int, int]] = {}
        """Where the text of a leaf stands."""
        self._visible = text
        self._from = 0
        self._offsets: list[int] = []

    def hide(self, blocks: Iterable[str]) -> None:
        """Blanks the blocks of HTML, so that no words are looked for in them."""
        at = 0
        for block in map(str.strip, blocks):
            start = self.text.find(block, at)
            if start >= 0:
                at = start + len(block)
                self._visible = f"{self._visible[:start]}{' ' * len(block)}{self._visible[at:]}"
            self.html.append((start, at))

    def mark(self, leaf: Element) -> None:
        """Puts a mark before each word of a leaf but the first, and keeps where the words stand."""
        raw = leaf.text or ""
        lines, at = list[tuple[int, int]](), 0  # each line's first word: its place in the leaf and in the body
        for line in raw.split("\n"):
            words = line.strip()
            found = self._visible.find(words, self._from) if words else -1
            if found >= 0:
                self._from = found + len(words)
                lines.append((at + line.index(words), found))
            at += len(line) + 1
        if not lines:
            return
        self.bounds[leaf] = (lines[0][1], self._from)

        def with_mark(space: re.Match[str]) -> str:
            place, body = max((line for line in lines if line[0] <= space.end()), default=(0, -1))
            if body < 0 or space.start() == 0 or space.end() == len(raw):
                return space[0]
            self._offsets.append(body + space.end() - place)
            return f"{space[0]}{chr(_FIRST_MARK + len(self._offsets) - 1)}{space[0][-1]}"

        if len(self._offsets) + len(raw) < _LAST_MARK - _FIRST_MARK:
            leaf.text = re.sub(r"\s+", with_mark, raw)

    def offset(self, mark: str) -> int:
        """Where the word after a mark stands in the body."""
        return self._offsets[ord(mark) - _FIRST_MARK]


@dataclass(frozen=True)
class _Style:
    strong: bool = False
    emphasis: bool = False
    code: bool = False
    href: str | None = None


class _Tree:
    """Turns the parser's tree into blocks."""

    def __init__(self, source: _Source, stash: list[str]) -> None:
        self._source = source
        self._stash = stash

    def blocks(self, parent: Element, depth: int = 0) -> Iterator[Block]:
        """The blocks within an element, `depth` lists deep."""
        for element in parent:
            start, end = self._source.bounds.get(element, (-1, -1))
            match element.tag:
                case "p" if _stands_for_html(element, len(self._source.html)):
                    yield from self._html(element)
                case "p":
                    yield Paragraph(self._words(element), start, depth)
                case "ul" | "ol":
                    yield from self._items(element, depth + 1)
                case "table":
                    yield from self._rows(element)
                case "pre":
                    yield Paragraph(self._words(element), start, depth)
                case "hr":
                    continue
                case "blockquote":
                    yield from self.blocks(element, depth)
                case "div" if "footnote" in element.get("class", ""):
                    continue
                case "div" if "admonition" in element.get("class", ""):
                    yield from self.blocks(element, depth)
                case tag if tag in _HEADINGS:
                    yield Heading(_HEADINGS[tag], element.get("id", ""), self._words(element), start, end)
                case tag:
                    yield HtmlBlock(f"<{tag}>", start)
                    yield from self.blocks(element, depth)

    def _items(self, parent: Element, depth: int) -> Iterator[Block]:
        first = int(parent.get("start", "1")) if parent.tag == "ol" else None
        for place, element in enumerate(parent):
            inner = [child for child in element if child.tag in _CONTAINERS]
            leaf = element
            if not (element.text or "").strip() and inner and inner[0].tag == "p":  # a list with empty lines between
                leaf = inner.pop(0)
            start, _ = self._source.bounds.get(leaf, (-1, -1))
            yield Item(self._words(leaf), start, depth, None if first is None else first + place)
            for child in inner:
                yield from self.blocks([child], depth)  # type: ignore[arg-type]

    def _rows(self, table: Element) -> Iterator[Row]:
        for row in table.iter("tr"):
            starts = [self._source.bounds[cell][0] for cell in row if cell in self._source.bounds]
            header = any(cell.tag == "th" for cell in row)
            yield Row(tuple(self._words(cell) for cell in row), min(starts, default=-1), header)

    def _html(self, element: Element) -> Iterator[Block]:
        """What stands in the place of HTML: markers and HTML; other comments are left out."""
        for number in map(int, _STASHED.findall(element.text or "")):
            html = self._stash[number].strip()
            start, end = self._source.html[number]
            if marker := MARKER.fullmatch(html):
                yield Marker(marker[1], marker[2], start, end)
            elif not _is_comment(html):
                yield HtmlBlock(html, start)

    def _words(self, leaf: Element) -> Words:
        collected = _Collected(self._source, self._stash)
        collected.add(leaf, _Style())
        start = self._source.bounds.get(leaf, (-1, -1))[0]
        positions = [(0, start)] if start >= 0 else []
        return Words(tuple(collected.inlines), collected.text, (*positions, *collected.positions))


class _Collected:
    """The inlines of a leaf as they are met."""

    def __init__(self, source: _Source, stash: list[str]) -> None:
        self.inlines: list[Inline] = []
        self.text = ""
        self.positions: list[tuple[int, int]] = []
        self._source, self._stash = source, stash

    def add(self, element: Element, style: _Style) -> None:
        """What stands in an element, up to the first block within it."""
        self._say(element.text or "", style)
        for child in element:
            if child.tag in _CONTAINERS:
                return
            self._child(child, style)
            self._say(child.tail or "", style)

    def _child(self, child: Element, style: _Style) -> None:
        match child.tag:
            case "strong":
                self.add(child, replace(style, strong=True))
            case "em":
                self.add(child, replace(style, emphasis=True))
            case "code":
                self.add(child, replace(style, code=True))
            case "a":
                self.add(child, replace(style, href=_unmarked(child.get("href", "")).strip()))
            case "br":
                self._say("\n", style)
            case "source-note":
                self.inlines.append(Note(child.get("source", "")))
            case "img":
                alt = _unmarked(child.get("alt", ""))
                self.inlines.append(Image(_unmarked(child.get("src", "")), alt))
                self.text += alt
            case tag:
                self.inlines.append(RawHtml(f"<{tag}>"))
                self.add(child, style)

    def _say(self, text: str, style: _Style) -> None:
        """A stretch of text, with the HTML and the entities that the parser has put aside within it."""
        for place, piece in enumerate(_STASHED.split(text)):
            if place % 2 == 0:
                self._plain(piece, style)
            elif (html := _unmarked(self._stash[int(piece)])).startswith("&"):
                self._plain(unescape(html), style)
            elif MARKER.fullmatch(html) or not _is_comment(html):
                self.inlines.append(RawHtml(html))

    def _plain(self, text: str, style: _Style) -> None:
        said = ""
        for place, piece in enumerate(_MARK.split(text)):
            if place % 2 == 0:
                said += piece
            elif not style.code:
                self.positions.append((len(self.text) + len(said), self._source.offset(piece)))
        if said:
            self.text += said
            last = self.inlines[-1] if self.inlines else None
            if isinstance(last, Text) and (last.strong, last.emphasis, last.code, last.href) == astuple(style):
                self.inlines[-1] = replace(last, text=last.text + said)
            else:
                self.inlines.append(Text(said, *astuple(style)))


def _is_comment(html: str) -> bool:
    return html.startswith("<!--") and html.endswith("-->")
