"""The tools for assistants, asked by the official client: in this process, over standard input and output, over HTTP."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

from indexer.content.loading import load_corpus
from indexer.paper.files import write_papers
from search_api.http.queue import WorkQueue
from search_api.mcp import mcp_server
from search_api.serving import Serving
from tests.conftest import ROOT
from tests.small_casebook import Page, bare_site, searcher_over
from tests.small_corpus import write_small_corpus

CANARY = "zyxcanarytool"
ADDRESS = "https://casebook.council.example/"


def asked(target: Any, conversation: Callable[[Client], Awaitable[Any]]) -> Any:
    """What a conversation with a server gives, held in a thread of its own."""

    async def hold() -> Any:
        async with Client(target) as client:
            return await conversation(client)

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, hold()).result()


@pytest.fixture
def server(tmp_path: Path) -> Any:
    """A server over a hand-made searcher and the small corpus's papers."""
    site = tmp_path / "site"
    write_papers(load_corpus(write_small_corpus(tmp_path / "project")), site)
    bare_site(site)
    searcher = searcher_over(Page("ashby-units", ("school plan.",)), Page("other", ("money",)))
    return mcp_server(Serving(searcher, site), WorkQueue(1, 4, 10), ADDRESS)


def call(server: Any, tool: str, **arguments: Any) -> Any:
    """The result of one call."""
    return asked(server, lambda client: client.call_tool(tool, arguments))


def test_three_tools_that_only_read(server: Any) -> None:
    """There are three tools, each described, each marked as reading only."""
    listed = asked(server, lambda client: client.list_tools())
    assert [tool.name for tool in listed.tools] == ["search_casebook", "read_case_study", "list_focus_areas"]
    assert all(tool.description and tool.annotations.read_only_hint for tool in listed.tools)


def test_a_search_gives_the_endpoints_answer(server: Any) -> None:
    """A problem gets hits with their passages; one that nothing covers gets none and says so."""
    answer = call(server, "search_casebook", problem="school plan", limit=1).structured_content
    assert answer["answered"] and [hit["id"] for hit in answer["hits"]] == ["ashby-units"]
    assert not call(server, "search_casebook", problem="nothing of this", focus_areas=["two"]).structured_content["answered"]


def test_a_case_study_is_read_whole(server: Any) -> None:
    """The text comes with sources, caveats, law and an address to cite."""
    text = call(server, "read_case_study", slug="ashby-units").structured_content["markdown"]
    for words in (
        "# Units beside schools",
        "[^ashby-units-committee]: ",
        "## Caveats",
        "## The law",
        f"{ADDRESS}case-studies/",
    ):
        assert words in text


def test_the_focus_areas_are_listed(server: Any) -> None:
    """Each focus area comes with its questions."""
    areas = call(server, "list_focus_areas").structured_content["result"]
    assert (areas[0]["slug"], areas[0]["questions"]) == ("one", ["What of one?"])


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("read_case_study", {"slug": "../../etc/passwd"}, "There is no such case study. Take the id from a result"),
        ("read_case_study", {"slug": "no-such-page"}, "There is no such case study. Take the id from a result"),
        ("search_casebook", {"problem": " "}, "The problem must hold some words."),
        ("search_casebook", {"problem": "plan", "focus_areas": ["seven"]}, "There are: one, two, three."),
        ("search_casebook", {"problem": "plan", "limit": 500}, "less than or equal to 20"),
    ],
)
def test_what_cannot_be_done_is_told(server: Any, tool: str, arguments: dict[str, Any], said: str) -> None:
    """A call that cannot be answered is an error that says what to do."""
    result = call(server, tool, **arguments)
    assert result.is_error
    assert said in result.content[0].text


async def all_tools(client: Client) -> tuple[Any, Any, Any]:
    """What each tool gives, and what a wrong call gives, with a word that stands nowhere else."""
    answer = await client.call_tool("search_casebook", {"problem": f"special schools are full {CANARY}"})
    read = await client.call_tool("read_case_study", {"slug": answer.structured_content["hits"][0]["id"]})
    wrong = await client.call_tool("read_case_study", {"slug": CANARY})
    return answer, read, wrong


@pytest.mark.model
def test_over_standard_input_and_output(build_folder: Path, tmp_path: Path) -> None:
    """A real process answers; what it says beside stays on standard error and holds no word of what was asked."""
    options = ["--build", str(build_folder), "--address", ADDRESS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CASEBOOK_LOG_LEVEL": "debug"}
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "search_api.mcp", *options], env=environment, cwd=str(tmp_path)
    )
    with (tmp_path / "log.txt").open("w", encoding="utf-8") as log:
        answer, read, wrong = asked(stdio_client(command, errlog=log), all_tools)
    assert answer.structured_content["answered"] and ADDRESS in read.structured_content["markdown"] and wrong.is_error
    assert CANARY not in (tmp_path / "log.txt").read_text(encoding="utf-8")


@pytest.mark.model
def test_over_http(build_folder: Path, tmp_path: Path) -> None:
    """A real process serves /mcp, logs no word of what was asked, refuses other hosts' names, and stops when told."""
    command = [sys.executable, "-m", "search_api.mcp", "--http", "--port", "0"]
    command += ["--build", str(build_folder)]
    with (
        (tmp_path / "log.txt").open("w", encoding="utf-8") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout
        address = re.search(r"http://\S+/mcp", process.stdout.readline())
        assert address
        answer, read, wrong = asked(address[0], all_tools)
        refused = urllib.request.Request(address[0], b"{}", {"Host": "rebound.example", "Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError, match="421"):
            urllib.request.urlopen(refused, timeout=10)
        process.terminate()
        assert process.wait(20) in (0, -15)
    assert answer.structured_content["answered"] and read.structured_content["markdown"] and wrong.is_error
    written = (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert '"path": "/mcp", "status": 200' in written
    assert CANARY not in written


def test_without_a_build_it_says_what_to_do(tmp_path: Path) -> None:
    """Where nothing was built, it ends with a sentence and the command that mends it."""
    command = [sys.executable, "-m", "search_api.mcp", "--build", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "python -m indexer build" in done.stderr and "Traceback" not in done.stderr


def test_an_address_that_is_none_is_refused() -> None:
    """Citations would carry it; the sentence says how to write one."""
    command = [sys.executable, "-m", "search_api.mcp", "--address", "casebook.council.example"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert done.stderr.startswith("The address 'casebook.council.example' is no web address. Write it whole: https://")
