"""indexer.content.reading: Markdown is read as the site's own builder reads it, and each word knows where it stands."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from indexer.content.reading import EXTENSIONS, read, slugify
from indexer.content.tree import (
    Heading,
    HtmlBlock,
    Image,
    Item,
    Marker,
    Note,
    Paragraph,
    RawHtml,
    Row,
    Text,
    words_of,
)  # fmt: skip
from tests.conftest import ROOT


def inlines(text: str) -> tuple[Any, ...]:
    """The inlines of a text of one paragraph."""
    (paragraph,) = read(text).blocks
    assert isinstance(paragraph, Paragraph)
    return paragraph.words.inlines


def plain(text: str) -> str:
    """The words of a text, block after block."""
    return " ".join(words.plain for words in read(text).words())


def test_the_extensions_are_the_sites() -> None:
    """The parser has the extensions of mkdocs.yml, and the two that MkDocs adds to any site (toc is in both)."""
    listed = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["markdown_extensions"]
    names = {name if isinstance(name, str) else next(iter(name)) for name in listed}
    assert set(EXTENSIONS) == names | {"tables", "fenced_code", "toc"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One.[^a] Two.[^b][^c]", (Text("One."), Note("a"), Text(" Two."), Note("b"), Note("c"))),
        ("See [the *law*](https://example.org/a) now.", (
            Text("See "), Text("the ", href="https://example.org/a"),
            Text("law", emphasis=True, href="https://example.org/a"), Text(" now."),
        )),
        ("[the plan](https://example.org/plan_(final) \"A title\")", (Text("the plan", href="https://example.org/plan_(final)"),)),
        ("<https://example.org/auto>", (Text("https://example.org/auto", href="https://example.org/auto"),)),
        ("[the paper][r]\n\n[r]: https://example.org/ref", (Text("the paper", href="https://example.org/ref"),)),
        ("![A map](map.png)", (Image("map.png", "A map"),)),
        ("**Strong**, _soft_ and `code`", (
            Text("Strong", strong=True), Text(", "), Text("soft", emphasis=True), Text(" and "), Text("code", code=True),
        )),
        ("A\\*B and \\[sic\\].", (Text("A*B and [sic]."),)),
        ("Speech &amp; language &ndash; &pound;&nbsp;5", (Text("Speech & language – £\xa05"),)),
        ("One<br>two", (Text("One"), RawHtml("<br>"), Text("two"))),
        ("A <!-- hidden\nwords --> B", (Text("A  B"),)),
        ("Hard  \nbreak", (Text("Hard\n\nbreak"),)),
    ],
)  # fmt: skip
def test_inlines(text: str, found: tuple[Any, ...]) -> None:
    """Styles, links of every form, notes, pictures, escapes, entities, HTML: as the page shows them; comments are out."""
    assert inlines(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("- one\n- two\n\n1. three\n\n> four", "one two three four"),
        ("Line one\nline two\n\nNaïve Llŷn", "Line one line two Naïve Llŷn"),
        ("| a | b |\n|---|---|\n| 1 | 2[^x] |", "a b 1 2"),
        ("<!-- TODO: ask Sarah;\n\nshe knows -->\n\nText after.", "Text after."),
        ("Windows\r\nlines\tand tabs", "Windows lines and tabs"),
        ("", ""),
        ("\n \n", ""),
    ],
)
def test_the_words_are_what_a_reader_would_say(text: str, said: str) -> None:
    """Marks of Markdown, addresses and comments are gone; the words and their letters stay."""
    assert plain(text) == said


def test_blocks_know_what_they_are() -> None:
    """Headings have levels and anchors, items depth and numbers, rows cells; markers and HTML stand by themselves."""
    text = (
        "## Head {#own}\n\n1. one\n    - two\n3. three\n\n### Sub\n\n| a |\n|---|\n| b |\n\n"
        "<!-- questions: x -->\n\n<div>\n\n</div>\n\n## Head\n"
    )
    found: list[tuple[Any, ...]] = []
    for block in read(text).blocks:
        said = " ".join(words.plain for words in words_of(block))
        match block:
            case Heading():
                found.append((block.level, block.anchor, said))
            case Item():
                found.append((block.depth, block.number, said))
            case Row():
                found.append((block.header, said))
            case Marker():
                found.append((block.name, block.id))
            case HtmlBlock():
                found.append((block.html,))
    assert found == [
        (2, "own", "Head"), (1, 1, "one"), (2, None, "two"), (1, 2, "three"), (3, "sub", "Sub"), (True, "a"), (False, "b"),
        ("questions", "x"), ("<div>\n\n</div>",), (2, "head", "Head"),
    ]  # fmt: skip


def test_a_list_with_empty_lines_keeps_its_paragraphs() -> None:
    """The first paragraph of an item is the item; one that follows stands at its depth."""
    first, second, third = read("- one\n\n    more of one\n\n- two\n").blocks
    assert isinstance(first, Item) and isinstance(second, Paragraph) and isinstance(third, Item)
    assert (first.words.plain, second.words.plain, third.words.plain) == ("one", "more of one", "two")
    assert (first.depth, second.depth) == (1, 1)


def test_every_word_knows_where_it_stands() -> None:
    """Each word's place in the body is where the body writes it, signs of Markdown before it included."""
    text = (
        'One *two three* [four five](x.md "six") &pound;5.[^a] Seven\n\n'
        "<!-- One two -->\n\n- Seven\n    - *Eight* nine\n\n| One | two |\n|---|---|\n| One | two |\n"
    )
    body = read(text)
    places = [place for words in body.words() for place in words.positions]
    assert [body.markdown[start:].split()[0] for _, start in places] == [
        "One", "*two", "three*", "[four", "five](x.md", "&pound;5.[^a]", "Seven", "Seven", "*Eight*", "nine", "One", "two",
        "One", "two",
    ]  # fmt: skip
    starts = [start for _, start in places]
    assert starts == sorted(set(starts))
    assert body.line_of(starts[-1]) == 10


def test_markers_know_their_bounds() -> None:
    """A marker's bounds are those of its comment in the body."""
    body = read("One.\n\n<!-- overtaken: new-law -->\n\nTwo.\n\n<!-- overtaken: old-law -->\n")
    found = [(block.id, body.markdown[block.start : block.end]) for block in body.blocks if isinstance(block, Marker)]
    assert found == [("new-law", "<!-- overtaken: new-law -->"), ("old-law", "<!-- overtaken: old-law -->")]


def test_footnotes_that_the_body_defines_are_told() -> None:
    """The names of footnotes whose text stands in the body."""
    assert read("One.[^a]\n\n[^a]: A source.\n").definitions == ("a",)


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What they did", "what-they-did"),
        ("Brontë & Llŷn", "bronte-llyn"),
        ("  “Quoted”?  ", "quoted"),
        ("0 to 25", "0-to-25"),
        ("日本", "section"),
    ],
)
def test_a_text_becomes_an_anchor(heading: str, anchor: str) -> None:
    """An anchor is of small ASCII letters, digits and hyphens; where nothing is left it is "section"."""
    assert slugify(heading) == anchor


SIGNS = st.sampled_from(
    [*"abc .*_`[]()#>|\\<&;:!-\n1£é😀", "\U000f0001", "  ", "\n\n", "**", "[^a]", "](x.md)", "<b>", "<!--", "-->", "&amp;"]
)


@given(st.lists(SIGNS, max_size=60).map("".join))
def test_anything_can_be_read(text: str) -> None:
    """Whatever was typed, it is read without an error, no mark of ours is left, and places are within the body in order."""
    body = read(text)
    for words in body.words():
        assert not any("\U000f0000" <= sign <= "\U0010ffff" for sign in words.text)
        places = [place for place, _ in words.positions]
        assert places == sorted(places)
        assert all(0 <= start < len(body.markdown) for _, start in words.positions)
