"""The shortlist in a real browser: made, shared by its address, compared, and taken away, with and without the endpoint."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, Page, expect

from indexer.artefact.site_contract import POLICY_FILE
from indexer.content.corpus import Corpus
from indexer.content.loading import load_corpus
from indexer.paper.forms import as_csv, as_markdown
from indexer.paper.paper import paper_of
from tests.conftest import ROOT
from tests.static_host import serving
from tests.visit import Visit, search, visiting

pytestmark = [pytest.mark.browser, pytest.mark.model]
SLUGS = [study.slug for study in load_corpus(ROOT).case_studies][:6]


@pytest.fixture(scope="module")
def static_host(build_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site in a folder of a static host."""
    root = tmp_path_factory.mktemp("static")
    shutil.copytree(build_folder / "site", root / "send")
    with serving(root, (root / "send" / POLICY_FILE).read_text(encoding="utf-8").strip()) as address:
        yield f"{address}/send"


@pytest.fixture
def static(browser: Browser, static_host: str) -> Iterator[Visit]:
    """A fresh tab over the static host."""
    with visiting(browser, static_host, timeout_ms=10_000) as found:
        yield found


def opened(visit: Visit, fragment: str) -> Page:
    """The shortlist's page with a fragment, once it shows its list."""
    page = visit.open(f"/shortlist/{fragment}")
    heading(page)
    return page


def heading(page: Page, text: str = "") -> None:
    """Waits for the heading that counts the list."""
    page.locator("[data-shortlist-page]:not([aria-busy]) > h2", has_text=text).first.wait_for()


def titles(page: Page) -> list[str]:
    """The titles of the list, in order."""
    return page.locator("[data-shortlist-page] .card-title").all_inner_texts()


def title_of(corpus: Corpus, slug: str) -> str:
    """A case study's title."""
    return corpus.case_study(slug).matter.title


def downloaded(page: Page, name: str) -> tuple[str, bytes]:
    """The name and bytes of what a button gives."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    path = waiting.value.path()
    return waiting.value.suggested_filename, Path(path).read_bytes()


def test_from_a_result_to_a_link(visit: Visit, corpus: Corpus) -> None:
    """A result and a page are added by their buttons; the shortlist's address holds them; one is removed, and comes back."""
    page = visit.open("/search/")
    search(page, "over-reliance on independent placements")
    card = page.locator(".results li.card", has=page.locator("[data-shortlist]")).first
    first = card.locator("[data-shortlist]").get_attribute("data-shortlist") or ""
    card.get_by_role("button", name="Add to shortlist").click()
    expect(card.get_by_role("status")).to_have_text("Added. See your shortlist (1)")
    second = next(slug for slug in SLUGS if slug != first)
    page = visit.open(f"/case-studies/{second}/")
    page.get_by_role("button", name=f"Add to shortlist: {title_of(corpus, second)}").press("Enter")
    expect(page.get_by_role("button", name="Remove from shortlist")).to_be_focused()
    page.get_by_role("link", name="See your shortlist (2)").click()
    heading(page, "2 case studies")
    assert page.url.endswith(f"/shortlist/#s={first},{second}")
    assert titles(page) == [title_of(corpus, first), title_of(corpus, second)]
    page.get_by_role("button", name=f"Remove: {title_of(corpus, first)}").click()
    heading(page, "1 case study")
    assert page.url.endswith(f"#s={second}")
    expect(page.locator("[data-shortlist-page] > h2").first).to_be_focused()
    page.go_back()
    heading(page, "2 case studies")


def test_the_tab_keeps_the_list_and_no_server_gets_it(visit: Visit) -> None:
    """Opened without a list the page shows the tab's; no request carries the list; another tab of no list has none."""
    opened(visit, f"#s={','.join(SLUGS[:3])}")
    page = visit.open("/shortlist/")
    heading(page, "3 case studies")
    assert page.url.endswith(f"#s={','.join(SLUGS[:3])}")
    assert [url for url in visit.requests if "," in url or "?" in url] == []
    assert page.evaluate("[localStorage.length, document.cookie]")[1] == ""
    other = Visit.of(page.context.browser.new_context(), visit.server)  # type: ignore[union-attr]
    heading(other.open("/shortlist/"), "0 case studies")


def test_a_link_that_somebody_sent(visit: Visit, corpus: Corpus) -> None:
    """Another's list takes the place of the tab's own, which can be had back, or both together."""
    opened(visit, f"#s={SLUGS[0]}")
    page = opened(visit, f"#s={SLUGS[1]}")
    assert titles(page) == [title_of(corpus, SLUGS[1])]
    page.get_by_role("link", name="put both together").click()
    heading(page, "2 case studies")
    page.go_back()
    heading(page, "1 case study")
    page.get_by_role("link", name="Go back to it").click()
    page.get_by_role("heading", name=title_of(corpus, SLUGS[0])).wait_for()


@pytest.mark.parametrize(
    ("fragment", "shown", "said"),
    [
        (f"#s={SLUGS[0]},{SLUGS[0]},{SLUGS[1]}", 2, []),
        (f"#s={SLUGS[0]},no-such-page", 1, ["The Casebook has no case study of the name “no-such-page”."]),
        ("#s=%3Cb%3Ebold%3C%2Fb%3E,..%2F..%2Fetc", 0, ["no case study of the name “<b>bold</b>”, “../../etc”."]),
        (
            "#s=" + ",".join([*SLUGS[:2], *(f"name-{number}" for number in range(500))]),
            2,
            [
                "at most 30 case studies. This address has 472 more",
                "“name-0”, “name-1”, “name-2”, “name-3”, “name-4” and 23 more.",
            ],
        ),
        ("#s=", 0, []),
        ("#s=,,,&compare=x", 0, []),
    ],
)
def test_a_link_with_faults(visit: Visit, fragment: str, shown: int, said: list[str]) -> None:
    """Repeated, unknown, unfit, too many: what is there is shown, the rest is named as text, at most 30 are asked for."""
    page = opened(visit, fragment)
    assert len(titles(page)) == shown
    notes = page.locator("[data-shortlist-page] > .note:not(:empty)").all_inner_texts()
    assert len(notes) == len(said)
    assert all(words in note for words, note in zip(said, notes, strict=True))
    assert sum(url.endswith(".json") for url in visit.requests) <= 30
    if "no-such-page" in fragment or "name-0" in fragment:
        visit.expect_faults("404")


def test_up_to_four_side_by_side(visit: Visit, corpus: Corpus) -> None:
    """Of six case studies four can be compared, in the address too; a fifth is refused; the table says what each is."""
    page = opened(visit, f"#s={','.join(SLUGS)}")
    expect(page.locator("table.comparison")).to_have_count(0)
    for slug in SLUGS[:4]:
        page.get_by_role("checkbox", name=f"Compare: {title_of(corpus, slug)}").check()
        page.locator(f"table.comparison a[href$='/{slug}/']").wait_for()
    assert page.url.endswith(f"&compare={','.join(SLUGS[:4])}")
    fifth = page.get_by_role("checkbox", name=f"Compare: {title_of(corpus, SLUGS[4])}")
    fifth.click()
    expect(fifth).not_to_be_checked()
    page.get_by_text("At most 4 can be compared.").wait_for()
    table = page.get_by_role("table", name="The case studies side by side")
    heads = [row.get_by_role("rowheader").inner_text() for row in table.get_by_role("row").all()[1:]]
    assert heads == [
        "The problem", "What they did", "What changed", "Figures", "Result", "Cost", "Caveats and what happened later",
        "The law", "Sources",
    ]  # fmt: skip
    for place, slug in enumerate(SLUGS[:4]):
        paper = paper_of(corpus.case_study(slug), corpus)
        cell = table.get_by_role("row").nth(1).get_by_role("cell").nth(place).text_content() or ""
        assert paper.sections[0].blocks[0].runs[0].text in cell
        assert paper.facts["Cost"] in (table.get_by_role("row").nth(6).get_by_role("cell").nth(place).text_content() or "")


def test_on_a_phone_nothing_scrolls_sideways(browser: Browser, server: str) -> None:
    """At 320 pixels the comparison stands below itself, each cell with the name of its case study."""
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        page = opened(Visit.of(context, server), f"#s={','.join(SLUGS[:4])}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        expect(page.locator("table.comparison td .of").first).to_be_visible()


def test_taken_away_with_the_endpoint(visit: Visit, corpus: Corpus) -> None:
    """Word comes from the endpoint; Markdown and CSV, made in the page, are what the indexer makes, byte for byte."""
    page = opened(visit, f"#s={','.join(SLUGS[:3])}")
    papers = [paper_of(corpus.case_study(slug), corpus) for slug in SLUGS[:3]]
    root = f"{visit.server}/"
    name, file = downloaded(page, "Word")
    assert re.fullmatch(r"casebook-shortlist-\d{4}-\d\d-\d\d\.docx", name)
    document = docx.Document(io.BytesIO(file))
    headings = [
        paragraph.text for paragraph in document.paragraphs if (paragraph.style and paragraph.style.name) == "Heading 1"
    ]
    assert headings == ["At a glance", *(paper.title for paper in papers), "Licence"]
    assert downloaded(page, "Markdown")[1].decode() == as_markdown(papers, root)
    assert downloaded(page, "CSV")[1].decode() == as_csv(papers, root)


def test_taken_away_from_a_static_host(static: Visit, corpus: Corpus) -> None:
    """Without an endpoint Markdown and CSV are made in the page, and each case study has its own Word file."""
    page = opened(static, f"#s={SLUGS[0]}")
    paper = paper_of(corpus.case_study(SLUGS[0]), corpus)
    expect(page.get_by_role("button", name="Word", exact=True)).to_have_count(0)
    assert downloaded(page, "Markdown")[1].decode() == as_markdown([paper], f"{static.server}/")
    assert downloaded(page, "CSV")[1].decode() == as_csv([paper], f"{static.server}/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Word document of this one").click()
    document = docx.Document(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert document.paragraphs[0].text == paper.title


def test_a_file_that_cannot_be_made_is_told(visit: Visit) -> None:
    """Where the endpoint fails, the page says so and what still works."""
    page = opened(visit, f"#s={SLUGS[0]}")
    page.route("**/api/papers", lambda route: route.fulfill(status=503))
    page.get_by_role("button", name="Word", exact=True).click()
    page.get_by_text("The file could not be made just now. The Markdown and CSV files need no server.").wait_for()
    visit.expect_faults("503")


A4 = pytest.approx((595.3, 841.9), abs=1)
"""The short and the long side in points."""


def sheets(page: Page) -> set[tuple[float, float]]:
    """Width and height of the sheets on which a page is printed, in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    return {(float(width), float(height)) for width, height in boxes}


def test_on_paper_it_is_a4(visit: Visit) -> None:
    """Printed, the comparison lies across A4 and fills its width, and no button or box of the screen is on it."""
    page = opened(visit, f"#s={','.join(SLUGS[:4])}")
    assert [(height, width) for width, height in sheets(page)] == [A4]
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Markdown")).to_be_hidden()
    expect(page.locator("header.md-header")).to_be_hidden()
    page = visit.open(f"/case-studies/{SLUGS[0]}/")
    assert list(sheets(page)) == [A4]


def test_without_javascript_it_says_what_there_is(browser: Browser, server: str) -> None:
    """Without JavaScript the page says that it needs it, and where each case study's own files are."""
    with browser.new_context(java_script_enabled=False) as context:
        page = Visit.of(context, server).open("/shortlist/")
        assert "This page needs JavaScript." in page.locator("[data-shortlist-page]").inner_text()
        page = Visit.of(context, server).open(f"/case-studies/{SLUGS[0]}/")
        expect(page.get_by_role("link", name="Word document")).to_be_visible()
