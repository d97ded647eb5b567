"""Making a built site fit for any web server: its policy, its icons, its compressed files, its landmarks."""

from __future__ import annotations

import base64
import gzip
import hashlib
from pathlib import Path

import pytest

from indexer.artefact.site_contract import POLICY_FILE
from indexer.site.hosting import policy, prepare, script_hashes, with_named_sections, with_parted_notes, without_neighbours

CODE = b"document.title = 1"
HASH = base64.b64encode(hashlib.sha256(CODE).digest()).decode()


def test_only_scripts_that_run_are_hashed() -> None:
    """A script in the page has its hash; one that is fetched has none, nor has data in a script element."""
    page = b'<script>%s</script><script src="a.js"></script><script id="x" type="application/json">{}</script>' % CODE
    assert script_hashes(page) == [HASH]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of one page, a style sheet with two pictures in it, and a file that is compressed already."""
    (tmp_path / "assets" / "css").mkdir(parents=True)
    (tmp_path / "index.html").write_bytes(b"<script>%s</script>" % CODE + b"school " * 300)
    svg = "data:image/svg+xml;charset=utf-8,%3Csvg%20a='(b)'/%3E"
    coded = "data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode()
    sheet = f'a{{mask:url("{svg}")}}b{{mask:url({coded})}}c{{mask:url(d.svg)}}'
    (tmp_path / "assets" / "css" / "main.css").write_text(sheet, encoding="utf-8")
    (tmp_path / "model.bin").write_bytes(bytes(2_000))
    return tmp_path


def test_the_policy(site: Path) -> None:
    """Everything comes from the site itself, scripts in pages by their hashes, and nothing is said to be unsafe."""
    prepare(site)
    written = (site / POLICY_FILE).read_text(encoding="utf-8").strip()
    assert written == policy(site)
    parts = dict(part.strip().split(" ", 1) for part in written.split(";"))
    assert parts["default-src"] == parts["worker-src"] == parts["form-action"] == "'self'"
    assert parts["script-src"] == f"'self' 'sha256-{HASH}'"
    assert parts["object-src"] == parts["base-uri"] == parts["frame-ancestors"] == "'none'"
    assert "unsafe" not in written and "data:" not in written


def test_a_site_that_knows_its_address_describes_its_search(site: Path) -> None:
    """Pages with the form lead to a description with the whole address, once; others do not, nor does a site without one."""
    (site / "search").mkdir()
    for name in ("index.html", "search/index.html"):
        (site / name).write_text('<head></head><form data-search="form">', encoding="utf-8")
    (site / "other.html").write_text("<head></head>", encoding="utf-8")
    prepare(site)
    assert "opensearch" not in (site / "index.html").read_text(encoding="utf-8")
    for _ in range(2):
        prepare(site, "https://casebook.council.example/a&b/")
    assert (
        'template="https://casebook.council.example/a&amp;b/search/#q={searchTerms}"'
        in (site / "opensearch.xml").read_text()
    )
    for name, href in (("index.html", "opensearch.xml"), ("search/index.html", "../opensearch.xml")):
        text = (site / name).read_text(encoding="utf-8")
        assert (text.count('rel="search"'), f'href="{href}"' in text) == (1, True)
    assert "opensearch" not in (site / "other.html").read_text(encoding="utf-8")


def test_pictures_in_style_sheets_become_files(site: Path) -> None:
    """Each picture within a style sheet becomes a file, which the sheet asks for by a relative address."""
    prepare(site)
    sheet = (site / "assets" / "css" / "main.css").read_text(encoding="utf-8")
    names = [hashlib.sha256(picture).hexdigest()[:16] for picture in (b"<svg a='(b)'/>", b"<svg/>")]
    first, second = (f"url(../../assets/icons/{name}.svg)" for name in names)
    assert sheet == f"a{{mask:{first}}}b{{mask:{second}}}c{{mask:url(d.svg)}}"
    assert (site / "assets" / "icons" / f"{names[0]}.svg").read_bytes() == b"<svg a='(b)'/>"


def test_compressed_files(site: Path) -> None:
    """Beside a large text file stand its two compressed forms, the same at every run; small and packed files have none."""
    import brotli

    prepare(site)
    page = (site / "index.html").read_bytes()
    packed = [(site / f"index.html{ending}").read_bytes() for ending in (".gz", ".br")]
    assert gzip.decompress(packed[0]) == brotli.decompress(packed[1]) == page
    assert max(map(len, packed)) < len(page) / 3
    prepare(site)
    assert [(site / f"index.html{ending}").read_bytes() for ending in (".gz", ".br")] == packed
    assert not list(site.rglob("*.bin.*")) and not list(site.rglob("*.css.*"))


def test_lists_of_pages_get_names() -> None:
    """The theme's list of a section's pages is named by the section and not by an icon; other lists stay as they are."""
    title = '<label class="md-nav__title" for="__nav_3"><span class="md-nav__icon md-icon"></span> Focus areas </label>'
    page = f'<nav class="md-nav" data-md-level="1" aria-labelledby="__nav_3_label" aria-expanded="false"> {title}</nav>'
    named = with_named_sections(page)
    assert named.startswith(
        '<nav class="md-nav" data-md-level="1" aria-label="Pages of: Focus areas" aria-expanded="false">'
    )
    assert "Focus areas</label>" in named
    assert with_named_sections('<nav aria-label="Header">') == '<nav aria-label="Header">'


def test_a_page_names_no_neighbours() -> None:
    """The links to the page before and after, which the theme follows at single keys, are gone; others stay."""
    links = '<link rel="prev" href="../a/">\n<link rel="next" href="../b/"><link rel="icon" href="../c.svg">'
    assert without_neighbours(links) == '<link rel="icon" href="../c.svg">'


def test_notes_side_by_side_are_parted() -> None:
    """Only a mark right after another is told apart; one with words between is let be."""
    marks = '<sup id="fnref:a">1</sup><sup id="fnref:b">2</sup> words <sup id="fnref:c">3</sup>'
    parted = '<sup id="fnref:a">1</sup><sup class="next-note" id="fnref:b">2</sup> words <sup id="fnref:c">3</sup>'
    assert with_parted_notes(marks) == parted


@pytest.mark.model
def test_the_real_site_has_nothing_that_its_policy_stops(build_folder: Path) -> None:
    """No page of the real site has inline styles or handlers, and no style sheet holds a picture."""
    site = build_folder / "site"
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert " style=" not in text and "<style" not in text and " onclick=" not in text and "javascript:" not in text, page
    assert [sheet for sheet in site.rglob("*.css") if "data:" in sheet.read_text(encoding="utf-8")] == []
    assert (site / POLICY_FILE).read_text(encoding="utf-8").count("sha256-") >= 3
