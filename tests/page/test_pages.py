"""Searching in a real browser: from the box to a page, with nothing of the problem in any address that a server sees."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.conftest import ROOT
from tests.visit import Visit, search

pytestmark = [pytest.mark.browser, pytest.mark.model]

EXAMPLES: list[str] = [
    entry["q"]
    for entry in json.loads((ROOT / "tests" / "relevance" / "first-set.json").read_text(encoding="utf-8"))["answerable"][:3]
]
COUNT = re.compile(r"^(1 result|([2-9]|10) results|([1-4][1-9]|[2-5]0) results, page 1 of [2-5])$")
UNREACHABLE = "The search cannot be reached just now. You can browse by focus area instead."


def heading(page: Page) -> str:
    """The text of the heading that has the focus; empty where something else has it."""
    return str(
        page.evaluate("document.activeElement.matches('[data-search=results] h2') ? document.activeElement.textContent : ''")
    )


def answer(**changes: Any) -> dict[str, Any]:
    """An answer of one hit, with changes to that hit."""
    hit = {
        "id": "made-up",
        "kind": "case-study",
        "title": "A title",
        "summary": "A summary.",
        "organisation": "A council",
        "url": "/about/#about-the-casebook",
        "focus_areas": ["provision"],
        "score": 1.0,
        "close": True,
        "part": None,
        "passage": {"heading": "A heading", "text": "A text.", "nearest": [0, 7], "highlights": []},
        "why": {
            "share": "mostly meaning",
            "meaning": 0.9,
            "keywords": 1.0,
            "asked_as": None,
            "synonyms": [],
            "terms": [],
        },
    }
    duty = {"label": "A duty", "law": "An Act", "url": "https://www.legislation.gov.uk/", "text": "What it asks."}
    area = {"slug": "provision", "label": "Provision", "count": 1, "questions": ["A question?"], "duties": [duty]}
    counts = {"organisations": [{"value": "A council", "count": 1}], "evidence": []}
    said = {"parts": [], "focus_areas": [area], "counts": counts, "named": [], "corrected": None}
    return {"answered": True, "hits": [{**hit, **changes}], **said}


@pytest.mark.parametrize("problem", EXAMPLES)
def test_from_the_home_page_to_a_result(visit: Visit, problem: str) -> None:
    """A typed problem gives results under a focused heading that counts them, and stands only in the fragment."""
    page = visit.open("/")
    search(page, problem)
    assert urlsplit(page.url).path == "/search/"
    assert urlsplit(page.url).query == ""
    assert unquote(urlsplit(page.url).fragment) == f"q={problem}"
    assert page.input_value("#problem") == problem
    assert COUNT.match(heading(page))
    cards = page.locator(".results-main > .cards > li.card").count()
    assert cards == min(10, int(heading(page).split()[0]))
    assert page.inner_text("[data-search=status]") == heading(page)
    asked = [urlsplit(url) for url in visit.requests]
    assert [url.path for url in asked].count("/api/search") == 1
    assert [url.geturl() for url in asked if url.query or problem in unquote_plus(url.path)] == []


@pytest.mark.parametrize("problem", EXAMPLES)
def test_results_lead_to_anchors_that_exist(visit: Visit, problem: str) -> None:
    """Every result links to a page of this site on which its anchor exists, and clicking one opens it there."""
    page = visit.open(f"/search/#q={quote(problem)}")
    links = page.locator("[data-search=results] .card-title a")
    expect(links.first).to_be_visible()
    addresses = [urlsplit(str(link.get_attribute("href"))) for link in links.all()]
    assert all(address.fragment for address in addresses)
    for address in addresses:
        response = page.request.get(f"{visit.server}{address.path}")
        assert (response.status, f'id="{address.fragment}"' in response.text()) == (200, True), address.geturl()
    links.first.click()
    page.wait_for_url(addresses[0].geturl())
    assert page.evaluate("id => document.getElementById(id) !== null", addresses[0].fragment)


def test_the_example_links(visit: Visit) -> None:
    """The home page's examples are links that search at once."""
    page = visit.open("/")
    assert sorted(page.locator(".examples a").all_inner_texts()) == sorted(EXAMPLES)
    page.get_by_role("link", name=EXAMPLES[0]).click()
    expect(page.locator("[data-search=results] h2").first).to_have_text(COUNT)
    assert page.input_value("#problem") == EXAMPLES[0]


def test_questions_beside_the_results(visit: Visit) -> None:
    """Beside the results stand the guidance's questions, under links to the focus areas they belong to."""
    page = visit.open(f"/search/#q={quote(EXAMPLES[0])}")
    aside = page.get_by_role("complementary", name="Questions to ask in your own area")
    expect(aside).to_be_visible()
    assert 1 <= aside.locator("h3 a").count() <= 3
    assert aside.locator("li").count() > 0
    aside.locator("h3 a").first.click()
    expect(page).to_have_url(re.compile(r"/focus-areas/[a-z-]+/$"))


def test_a_problem_in_an_old_link(visit: Visit) -> None:
    """A problem after ?q= is searched for as well, and the fragment goes before it."""
    page = visit.open(f"/search/?q={quote(EXAMPLES[0])}")
    expect(page.locator("[data-search=results] h2").first).to_have_text(COUNT)
    assert page.input_value("#problem") == EXAMPLES[0]
    page = visit.open(f"/search/?q=potholes#q={quote(EXAMPLES[1])}")
    expect(page.locator("[data-search=results] h2").first).to_have_text(COUNT)
    assert page.input_value("#problem") == EXAMPLES[1]


def test_the_back_button(visit: Visit) -> None:
    """Back goes through the problems in turn, each with its own results, and then to the page before."""
    page = visit.open("/")
    search(page, EXAMPLES[0])
    titles = page.locator(".results-main > .cards .card-title")
    first = titles.all_inner_texts()
    search(page, EXAMPLES[2])
    expect(page.locator("#problem")).to_have_value(EXAMPLES[2])
    expect(page.locator(".card-title").first).to_be_visible()
    page.go_back()
    expect(page.locator("#problem")).to_have_value(EXAMPLES[0])
    expect(titles).to_have_text(first)
    page.go_back()
    expect(page).to_have_url(f"{visit.server}/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/search/"])
@pytest.mark.parametrize("typed", ["", "   "])
def test_an_empty_problem(visit: Visit, path: str, typed: str) -> None:
    """An empty or blank problem is not sent: a summary with the focus says what to do, and the box is marked."""
    page = visit.open(path)
    page.fill("#problem", typed)
    page.press("#problem", "Enter")
    expect(page.locator("#problem-error")).to_have_text("Enter a problem, in a few words or a sentence.")
    expect(page.locator("#problem-error")).to_be_visible()
    expect(page.locator("#problem")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "#problem")
    assert "problem-error" in str(page.get_attribute("#problem", "aria-describedby")).split()
    assert [url for url in visit.requests if "/api/" in url] == []


def test_the_error_goes(visit: Visit) -> None:
    """Once something is typed and sent, the error and the mark are gone."""
    page = visit.open("/search/")
    page.press("#problem", "Enter")
    expect(page.locator("#problem-error")).to_be_visible()
    search(page, EXAMPLES[0])
    expect(page.locator("#problem-error")).to_be_hidden()
    assert page.get_attribute("#problem", "aria-invalid") is None


def test_nothing_covers_it(visit: Visit) -> None:
    """For potholes the page says that nothing here covers that, under a focused heading, and offers the focus areas."""
    page = visit.open("/")
    search(page, "potholes on the high street")
    assert heading(page) == "Nothing here covers that"
    assert page.inner_text("[data-search=status]") == "Nothing here covers that"
    assert page.locator(".card").count() == 0
    page.locator("[data-search=results]").get_by_role("link", name="browse by focus area").click()
    expect(page).to_have_url(f"{visit.server}/focus-areas/")


@pytest.mark.parametrize(
    "typed",
    [
        '<img src="x" onerror="window.ran = 1"> independent placements',
        "<script>window.ran = 1</script> independent placements",
        "\"'><svg onload=window.ran=1> independent placements",
    ],
)
def test_html_in_the_box(visit: Visit, typed: str) -> None:
    """HTML and script in a problem stay text, from the home page's box to the search page's, and never run."""
    page = visit.open("/")
    search(page, typed)
    assert page.input_value("#problem") == typed
    assert page.evaluate("window.ran") is None
    assert page.locator("[data-search=results] :is(img, script, svg)").count() == 0
    assert [url for url in visit.requests if urlsplit(url).path.endswith("/x")] == []


def test_html_in_an_answer(visit: Visit) -> None:
    """HTML in any text of an answer is shown as text and never runs."""
    html = "<img src=x onerror='window.ran = 1'><b>bold</b>"
    made = answer(
        title=html,
        summary=html,
        organisation=html,
        focus_areas=[html],
        passage={"heading": html, "text": html, "nearest": [0, 8], "highlights": [[0, 4]]},
        why={
            "share": "mostly meaning",
            "meaning": 0.9,
            "keywords": 1.0,
            "asked_as": html,
            "synonyms": [{"wrote": html, "matched": html}],
            "terms": [html],
        },
    )
    duty = {"label": html, "law": html, "url": "https://www.legislation.gov.uk/", "text": html}
    made["focus_areas"][0].update(label=html, questions=[html], duties=[duty])
    visit.page.route("**/api/search", lambda route: route.fulfill(json=made))
    page = visit.open("/search/#q=anything")
    expect(page.locator("[data-search=results] h2").first).to_have_text("1 result")
    # Title, summary, organisation, area, heading, passage, shared words, own problem, both words of a synonym; then label,
    # question, label again above the law, and the duty's three texts.
    assert page.inner_text("[data-search=results]").count(html) == 16
    assert page.locator("[data-search=results] :is(img, b)").count() == 0
    assert page.evaluate("window.ran") is None


def test_marks(visit: Visit) -> None:
    """The shared words are marked where they stand, also after emoji, which JavaScript counts as two."""
    text = "🎓👩‍🏫 Une école, a plan"
    passage = {"heading": "A heading", "text": text, "nearest": [0, 16], "highlights": [[9, 14], [18, 22]]}
    visit.page.route("**/api/search", lambda route: route.fulfill(json=answer(passage=passage)))
    page = visit.open("/search/#q=anything")
    expect(page.locator("blockquote mark")).to_have_text(["école", "plan"])
    expect(page.locator("blockquote")).to_have_text(text)


def test_a_server_that_is_stopped(visit: Visit) -> None:
    """Where neither the endpoint nor a file can be had, a plain sentence says so and is announced; a later search works."""
    unreachable = re.compile("/api/search$|/manifest.json$")
    visit.page.route(unreachable, lambda route: route.abort())
    page = visit.open("/search/#q=anything")
    expect(page.locator("[data-search=results]")).to_have_text(UNREACHABLE)
    assert page.inner_text("[data-search=status]") == "The search cannot be reached just now."
    visit.expect_faults("net::ERR_FAILED")
    page.unroute(unreachable)
    search(page, EXAMPLES[0])
    assert COUNT.match(heading(page))


@pytest.mark.parametrize("body", ["<h1>Bad gateway</h1>", "[", ""])
def test_an_answer_that_is_no_answer(visit: Visit, body: str) -> None:
    """With a proxy's error page in place of an answer, the page answers by itself."""
    visit.page.route("**/api/search", lambda route: route.fulfill(status=502, content_type="text/html", body=body))
    page = visit.open(f"/search/#q={quote(EXAMPLES[0])}")
    expect(page.locator(".results-heading")).to_have_text(COUNT, timeout=30_000)
    visit.expect_faults("502")


def test_the_last_problem_wins(visit: Visit) -> None:
    """A slow answer to an earlier problem does not replace the answer to a later one."""
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    visit.page.route("**/api/search", hold_the_first)
    page = visit.open("/search/#q=potholes%20on%20the%20high%20street")
    expect(page.locator("[data-search=status]")).to_have_text("Searching…")
    search(page, EXAMPLES[0])
    held[0].fulfill(json={**answer(), "answered": False, "hits": []})
    page.wait_for_timeout(200)
    assert COUNT.match(heading(page))


def test_links_within_the_page_keep_the_results(visit: Visit) -> None:
    """The link that skips to the content leaves the problem and its results as they are."""
    page = visit.open(f"/search/#q={quote(EXAMPLES[0])}")
    expect(page.locator(".card").first).to_be_visible()
    cards = page.locator(".card").count()
    page.locator("a.md-skip").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"#search-the-casebook$"))
    page.wait_for_timeout(200)
    assert (page.input_value("#problem"), page.locator(".card").count()) == (EXAMPLES[0], cards)


def test_back_to_the_empty_search_page(visit: Visit) -> None:
    """Back to the search page before any problem shows no results and announces none."""
    page = visit.open("/search/")
    search(page, EXAMPLES[0])
    page.go_back()
    expect(page.locator("#problem")).to_have_value("")
    expect(page.locator("[data-search=results]")).to_be_empty()
    expect(page.locator("[data-search=status]")).to_be_empty()


def test_why_it_matched(visit: Visit) -> None:
    """A card underlines the nearest sentence, names the synonyms used and the page's own problem, and states the law."""
    why = {
        "share": "mostly meaning",
        "meaning": 0.9,
        "keywords": 0.1,
        "asked_as": "a problem",
        "synonyms": [{"wrote": "RB", "matched": "resource base"}],
        "terms": ["base"],
    }
    passage = {"heading": "A heading", "text": "One base. Two.", "nearest": [0, 9], "highlights": [[4, 8]]}
    visit.page.route("**/api/search", lambda route: route.fulfill(json=answer(passage=passage, why=why)))
    page = visit.open("/search/#q=anything")
    expect(page.locator(".nearest")).to_have_text("One base.")
    expect(page.locator(".nearest mark")).to_have_text("base")
    expect(page.locator("li.card")).to_contain_text(
        "mostly meaning. Shared words: base. You wrote RB; matched: resource base."
    )
    expect(page.locator("li.card")).to_contain_text("“a problem”")
    expect(page.locator(".questions")).to_contain_text("A duty. What it asks. An Act")


def test_a_long_problem_in_the_page(visit: Visit) -> None:
    """A card names the part of a long problem that it speaks to, and the parts that nothing covers are listed."""
    parts = [{"start": 0, "end": 6, "answered": True}, {"start": 7, "end": 14, "answered": False}]
    body = {**answer(part=0), "parts": parts}
    visit.page.route("**/api/search", lambda route: route.fulfill(json=body))
    page = visit.open("/search/#q=First.%20Second.")
    expect(page.locator("li.card")).to_contain_text("Speaks to: “First.”")
    expect(page.locator(".uncovered summary")).to_have_text("Nothing here covers 1 of the 2 parts of your text")
    expect(page.locator(".uncovered")).to_contain_text("“Second.”")


def test_a_declined_problem_in_the_page(visit: Visit) -> None:
    """What nothing covers says so, with the topic that it looks like and the nearest focus area as no answer."""
    suggestion = {"slug": "provision", "label": "Provision"}
    body = {**answer(), "answered": False, "hits": [], "not_covered": "blue badges", "suggestion": suggestion}
    visit.page.route("**/api/search", lambda route: route.fulfill(json=body))
    page = visit.open("/search/#q=anything")
    results = page.locator("[data-search=results]")
    expect(results.locator("h2")).to_have_text("Nothing here covers that")
    expect(results).to_contain_text("This looks like blue badges, which the Casebook does not cover.")
    expect(results).to_contain_text("which is a suggestion and no answer: Provision.")
