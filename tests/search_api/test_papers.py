"""Taking case studies away from the endpoint: what is given, and what is refused."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import docx
import pytest
from starlette.testclient import TestClient

from indexer.content.corpus import Corpus
from indexer.content.loading import load_corpus
from indexer.paper.files import write_papers
from search_api.papers import UnknownPaperError, read_papers
from tests.small_casebook import Page, bare_site, client_over, searcher_over
from tests.small_corpus import write_small_corpus

SLUGS = ["ashby-units", "bronte-headteachers"]
HOME = "http://localhost/"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of bare pages, with the small corpus's papers beside them."""
    corpus = load_corpus(write_small_corpus(tmp_path / "project"))
    site = tmp_path / "site"
    write_papers(corpus, site)
    bare_site(site)
    (site / "shortlist" / "index.html").write_text('<div data-endpoint="no"></div>', encoding="utf-8")
    return site


@pytest.fixture
def client(site: Path) -> TestClient:
    """A server over that site."""
    return client_over(searcher_over(Page("one", ("school",))), site)


def test_a_shortlist_as_word(client: TestClient) -> None:
    """Two case studies come as one document of that name, in the order asked for, each once, with address and day."""
    response = client.post("/api/papers", json={"ids": [SLUGS[1], SLUGS[0], SLUGS[1]], "format": "docx"})
    assert response.status_code == 200
    assert response.headers["content-disposition"] == f'attachment; filename="casebook-{date.today()}.docx"'
    assert response.headers["cache-control"] == "no-store"
    text = [paragraph.text for paragraph in docx.Document(io.BytesIO(response.content)).paragraphs]
    titles = ["Headteachers who share a goal", "Units beside schools"]
    assert [line for line in text if line in titles] == titles
    assert f"Address: {HOME}case-studies/ashby-units/" in text
    assert text[1].startswith(f"Prepared on {date.today().day} ")


@pytest.mark.parametrize(("form", "kind"), [("md", "text/markdown"), ("csv", "text/csv")])
def test_a_shortlist_as_text(client: TestClient, form: str, kind: str) -> None:
    """Markdown and CSV come with both titles and the whole address."""
    response = client.post("/api/papers", json={"ids": SLUGS, "format": form})
    assert response.headers["content-type"] == f"{kind}; charset=utf-8"
    for words in ("Units beside schools", "Headteachers who share a goal", f"{HOME}case-studies/ashby-units/"):
        assert words in response.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"ids": [], "format": "docx"}, "ids: List should have at least 1 item"),
        ({"ids": [f"name-{number}" for number in range(500)], "format": "docx"}, "ids: List should have at most 30 items"),
        ({"ids": ["../../etc/passwd"], "format": "md"}, "ids.0: String should match pattern"),
        ({"ids": ["ashby-units"], "format": "pdf"}, "format: Input should be 'docx', 'md' or 'csv'"),
        ({"ids": ["ashby-units"]}, "format: Field required"),
    ],
)
def test_what_cannot_be_given_is_refused(client: TestClient, body: dict[str, object], said: str) -> None:
    """No names, too many, paths and other forms are refused with the field at fault."""
    response = client.post("/api/papers", json=body)
    assert response.status_code == 422
    assert response.json()["detail"].startswith(said)


def test_a_case_study_that_there_is_not(client: TestClient) -> None:
    """It is not found, told by its place, and its name is not repeated."""
    response = client.post("/api/papers", json={"ids": ["ashby-units", "no-such-page"], "format": "docx"})
    assert (response.status_code, [error["field"] for error in response.json()["errors"]]) == (404, ["ids.1"])
    assert "/catalogue.json" in response.json()["detail"] and "no-such-page" not in response.text


def test_only_post_takes_a_shortlist_away(client: TestClient) -> None:
    """GET, by which the list would stand in an address, is refused; so is a form."""
    response = client.get("/api/papers?ids=ashby-units&format=md")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert client.post("/api/papers", data={"ids": "ashby-units"}).status_code == 415


def test_a_case_studys_own_file_carries_the_address(client: TestClient) -> None:
    """The files beside a page are given with the server's address; without a server they hold the path alone."""
    response = client.get("/case-studies/ashby-units/ashby-units.md")
    assert f"<{HOME}case-studies/ashby-units/>" in response.text
    assert response.headers["content-disposition"] == 'attachment; filename="ashby-units.md"'
    document = docx.Document(io.BytesIO(client.get("/case-studies/ashby-units/ashby-units.docx").content))
    assert document.paragraphs[0].text == "Units beside schools"


@pytest.mark.parametrize("path", ["ashby-units/other.docx", "no-such-page/no-such-page.md", "..%2F/..%2F.csv", "A B/A B.md"])
def test_there_is_no_other_file(client: TestClient, path: str) -> None:
    """Any other name is not found."""
    assert client.get(f"/case-studies/{path}").status_code == 404


def test_an_old_name_gives_the_case_study_it_became(site: Path) -> None:
    """A shortlist with a name that has moved holds the case study, once."""
    assert [paper.slug for paper in read_papers([site], ["ashby", "ashby-units"])] == ["ashby-units"]


def test_a_damaged_paper_is_as_good_as_none(site: Path) -> None:
    """A file that is no paper is refused by its name."""
    (site / "case-studies" / "ashby-units" / "ashby-units.json").write_text("{", encoding="utf-8")
    with pytest.raises(UnknownPaperError) as unknown:
        read_papers([site], SLUGS[::-1])
    assert unknown.value.places == (1,)


def test_the_shortlists_page_knows_of_the_server(client: TestClient) -> None:
    """Where there is an endpoint the page is told so, and offers Word."""
    assert 'data-endpoint="yes"' in client.get("/shortlist/").text


def test_without_a_site_there_are_no_papers() -> None:
    """The endpoint alone has nothing to give."""
    client = client_over(searcher_over(Page("one", ("school",))))
    assert client.post("/api/papers", json={"ids": SLUGS, "format": "md"}).status_code == 404


def test_papers_that_are_still_right_stay(tmp_path: Path) -> None:
    """A second writing keeps what is right, makes anew what changed, and what another address asks for."""
    root, out = write_small_corpus(tmp_path / "project"), tmp_path / "papers"
    corpus: Corpus = load_corpus(root)
    write_papers(corpus, out)
    files = {slug: out / "case-studies" / slug / f"{slug}.docx" for slug in SLUGS}
    for file in files.values():
        file.write_bytes(b"kept")
    path = root / "casestudies" / "ashby-units.md"
    path.write_text(path.read_text(encoding="utf-8").replace("Fewer children", "Many fewer children"), encoding="utf-8")
    write_papers(load_corpus(root), out)
    assert [file.read_bytes() == b"kept" for file in files.values()] == [False, True]
    write_papers(load_corpus(root), out, "https://casebook.council.example/")
    assert [file.read_bytes() == b"kept" for file in files.values()] == [False, False]
    text = (out / "case-studies" / SLUGS[0] / f"{SLUGS[0]}.md").read_text(encoding="utf-8")
    assert "https://casebook.council.example/case-studies/" in text
