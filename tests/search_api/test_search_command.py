"""`python -m search_api search`: an answer in the terminal, as text or as JSON, with an exit code that says how it went."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from search_api.__main__ import main
from search_api.answer import Answer
from tests.http.test_server import assert_refused, run

pytestmark = pytest.mark.model
PROBLEM = "over-reliance on independent placements"


@pytest.fixture(autouse=True)
def _built(build_folder: Path) -> None:
    """The commands read the project's own build."""


def test_readable_text() -> None:
    """Piped, the answer is plain text without escape codes: numbered titles, addresses, the reasons, and questions."""
    done = run("search", *PROBLEM.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert lines[0].startswith("1. ")
    assert any(line.startswith(("   /case-studies/", "   /guidance/")) and "#" in line for line in lines)
    assert "shared words: " in done.stdout
    assert "Questions to ask in your own area:" in " ".join(done.stdout.split())
    assert lines[-1].strip()


def test_json() -> None:
    """With --json the answer is what the endpoint gives, and it can be read back."""
    done = run("search", PROBLEM, "--json", "--limit", "2")
    answer = Answer.model_validate_json(done.stdout)
    assert (done.returncode, done.stderr, answer.answered) == (0, "", True)
    assert 1 <= len(answer.hits) <= 2
    assert json.loads(done.stdout) == answer.model_dump(mode="json")


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_no_answer(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A problem that nothing covers ends with code 3 and says so."""
    assert main(["search", "potholes on the high street", *options]) == 3
    output = capsys.readouterr().out
    if options:
        assert json.loads(output)["answered"] is False
    else:
        assert output.startswith("Nothing here covers that.")


def test_filters(capsys: pytest.CaptureFixture[str]) -> None:
    """--focus-area, which may repeat, and --kind narrow the answer."""
    narrowed = ["--focus-area", "provision", "--focus-area", "culture", "--kind", "guidance", "--json"]
    assert main(["search", PROBLEM, *narrowed]) == 0
    hits = Answer.model_validate_json(capsys.readouterr().out).hits
    assert {hit.kind for hit in hits} == {"guidance"}
    assert all({"provision", "culture"} & set(hit.focus_areas) for hit in hits)


def test_bad_limit() -> None:
    """A limit outside 1 to 50 is refused in one sentence, in a process without a traceback."""
    assert_refused(run("search", PROBLEM, "--limit", "0"), "The limit is 0; it runs from 1 to 50.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--limit", "51", "x"], "it runs from 1 to 50"),
        ([" "], "Say what the problem is"),
        (["x" * 20_001], "20,001 characters; at most 20,000"),
        (["x", "--focus-area", "nowhere"], "There is no focus area nowhere; there are: strategic-planning, "),
    ],
)
def test_refusals(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be done is refused with code 1 and what can."""
    assert main(["search", *arguments]) == 1
    output = capsys.readouterr()
    assert (output.out, words in output.err) == ("", True)


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command, or with a limit that is no number, the usage is shown and the exit code is 2."""
    for arguments in ([], ["search", "x", "--limit", "abc"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        assert capsys.readouterr().err.startswith("usage: python -m search_api")
