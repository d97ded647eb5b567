"""Addresses that were published stay: as pages, or as files that say what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from indexer.content.corpus import Corpus
from indexer.content.lists import Moved
from indexer.site.staging import stage
from tests.conftest import ROOT
from tests.site_pages import BuiltPage

PUBLISHED = ROOT / "tests" / "golden" / "addresses.txt"
"""Each address that was ever published, one a line, with its anchor where it has one. Lines are added and never taken out:
`python -m tests.site.test_addresses` adds those of the present build."""


def addresses(site: Path) -> list[str]:
    """The site's pages, and on those of the guidance and the case studies each heading, question and passage."""
    found = []
    for path in sorted(site.rglob("index.html")):
        folder = path.parent.relative_to(site).as_posix()
        address = "/" if folder == "." else f"/{folder}/"
        page = BuiltPage(path)
        anchors = [name for name in page.ids if not name.startswith(("__", "fn", "search", "problem", "chart"))]
        deep = address.startswith(("/guidance/", "/case-studies/", "/focus-areas/"))
        found += [address, *(f"{address}#{name}" for name in anchors if deep)]
    return found


def staged(corpus: Corpus, out: Path) -> Path:
    """The staged tree of a corpus, without related case studies."""
    related: dict[str, list[str]] = {study.slug: [] for study in corpus.case_studies}
    orders = {reader.slug: list(related) for reader in corpus.readers}
    today = date(2026, 11, 24)
    stage(corpus, related, ROOT / "docs", out, count_tokens=len, max_tokens=10_000, today=today, orders=orders)
    return out


@pytest.mark.model
def test_no_published_address_disappears(build_folder: Path, corpus: Corpus) -> None:
    """Every address that was published is there, or a place on a page that leads on; every one of now is on the list."""
    published = PUBLISHED.read_text(encoding="utf-8").splitlines()
    present = set(addresses(build_folder / "site"))
    leads_on = {f"/{moved.old}" for moved in corpus.moved_pages}
    gone = [address for address in published if address not in present and address.partition("#")[0] not in leads_on]
    assert gone == [], "withdrawn? say so in casestudies/moved.yml"
    assert sorted(present - set(published)) == [], "new: run python -m tests.site.test_addresses"


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("case-studies/new/", ("This page has moved", 'url=../../case-studies/new/"', 'href="../../case-studies/new/"')),
        (None, ("This page was withdrawn", 'href="../../search/"', "Merged &lt;here&gt; &amp; there.")),
    ],
)
def test_an_old_address_says_what_became_of_it(
    corpus: Corpus, tmp_path: Path, to: str | None, words: tuple[str, ...]
) -> None:
    """A moved page leads on at once and by a link; a withdrawn one says so and offers the search."""
    moved = Moved.model_validate({"from": "case-studies/old/", "to": to, "why": "Merged <here> & there."})
    changed = replace(corpus, moved=(moved,))
    page = (staged(changed, tmp_path / "out") / "case-studies" / "old" / "index.html").read_text(encoding="utf-8")
    for word in words:
        assert word in page
    assert ("http-equiv" in page) == (to is not None)


def test_a_place_that_went_is_the_top_of_its_page(corpus: Corpus, tmp_path: Path) -> None:
    """The old anchor stands at the head of the page that stays, and no file has its name; it leads to no other page."""
    slug = corpus.case_studies[0].slug
    place = f"case-studies/{slug}/#old-title"
    changed = replace(
        corpus, moved=(Moved.model_validate({"from": place, "to": f"case-studies/{slug}/", "why": "Renamed."}),)
    )
    out = staged(changed, tmp_path / "out")
    having = [path.stem for path in out.rglob("*.md") if '<div id="old-title"></div>' in path.read_text(encoding="utf-8")]
    assert having == [slug]
    assert [path for path in out.rglob("*") if "#" in path.name] == []
    with pytest.raises(ValidationError, match=rf"leads to the top of its own case study: to: case-studies/{slug}/"):
        Moved.model_validate({"from": place, "to": "case-studies/other/", "why": "Renamed."})


if __name__ == "__main__":
    known = PUBLISHED.read_text(encoding="utf-8").splitlines() if PUBLISHED.exists() else []
    everything = sorted({*known, *addresses(ROOT / "build" / "site")})
    PUBLISHED.write_text("\n".join(everything) + "\n", encoding="utf-8")
