"""The builder's command line: its exit codes, and one plain message for whatever is refused."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

import indexer.__main__ as command_line
from indexer.__main__ import main, schema_text
from indexer.content.loading import load_corpus
from indexer.errors import CorpusError
from tests.conftest import ROOT
from tests.seeded_faults import SEEDED, STUDY, another_study
from tests.small_corpus import write_small_corpus

CLEAN = "The content is clean: 2 case studies, 2 guidance pages, 2 focus areas."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the small corpus."""
    return write_small_corpus(tmp_path)


def run(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m indexer` over a project, in a process of its own, without a network."""
    command = [sys.executable, "-m", "indexer", "--root", str(root), *arguments]
    variables = {**os.environ, "HF_HUB_OFFLINE": "1", **environment}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=variables)


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines on standard error; nothing may stand on standard output."""
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_clean_content_is_told_with_its_counts(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` of clean content says what there is, drafts left out, and exits with 0."""
    assert main(["--root", str(root), "check"]) == 0
    assert said(capsys) == [CLEAN]


def test_faulty_content_is_told_fault_by_fault(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` of faulty content prints the whole report, one unbroken line a fault, and exits with 1."""
    for name in ("an unknown duty", "a section out of order", "an overtaken marker that is missing"):
        SEEDED[name][0](root)
    with pytest.raises(CorpusError) as refused:
        load_corpus(root)
    assert main(["--root", str(root), "check"]) == 1
    lines = said(capsys)
    assert lines == str(refused.value).splitlines()
    assert len(lines) == 4


def test_a_folder_without_content_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` where there is no project names each file that is missing and exits with 1."""
    assert main(["--root", str(tmp_path / "nowhere"), "check"]) == 1
    lines = said(capsys)
    lists = sorted(path.stem for path in (ROOT / "casestudies").glob("*.yml"))
    assert lines[1:] == [f"  casestudies/{name}.yml: file: missing: this file must be there" for name in lists]


def test_square_brackets_in_a_fault_are_shown_as_they_are(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands in a file is printed as it is, not read as the terminal's own marks."""
    SEEDED["an unknown footnote"][0](root)
    another_study("third", result="'[bold]good[/bold]'")(root)
    assert main(["--root", str(root), "check"]) == 1
    lines = said(capsys)
    assert lines[1].startswith(f"  {STUDY}: body: [^minutes]: ")
    assert lines[2].startswith("  casestudies/third.md: result: [bold]good[/bold]: ")


def test_the_schema_is_written_where_editors_find_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`schema` writes casestudies/schema.json, says so and exits with 0."""
    assert main(["--root", str(root), "schema"]) == 0
    assert (root / "casestudies" / "schema.json").read_text(encoding="utf-8") == schema_text()
    assert "".join(said(capsys)).replace("\n", "") == f"Wrote {root / 'casestudies' / 'schema.json'}."


def test_a_model_folder_that_is_missing_is_refused_in_plain_words(root: Path) -> None:
    """`build --model` of a missing folder prints one line without a traceback, exits with 1 and builds nothing."""
    missing = root / "no-model"
    done = run(root, "build", "--model", str(missing))
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0] == CLEAN
    assert lines[1].startswith(f"The model {missing} is no local folder and cannot be fetched (")
    assert len(lines) == 2
    assert not (root / "build").exists()


@pytest.mark.parametrize("address", ["casebook.council.example", "ftp://x", "https://x/?q=1", "https://"])
def test_an_address_that_is_none_is_refused(root: Path, capsys: pytest.CaptureFixture[str], address: str) -> None:
    """`build --address` wants a whole web address; before anything is done it says how to write one."""
    assert main(["--root", str(root), "build", "--address", address]) == 1
    assert "Write it whole: https://" in "".join(said(capsys))
    assert not (root / "build").exists()


def test_the_model_may_be_named_by_the_environment(root: Path) -> None:
    """CASEBOOK_MODEL names the model where the command does not; a folder without weights is refused by its name."""
    (root / "no-weights").mkdir()
    done = run(root, "build", CASEBOOK_MODEL=str(root / "no-weights"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1:] == [
        f"{root / 'no-weights'} holds no model weights (.safetensors or .bin). Set CASEBOOK_MODEL to a folder that does."
    ]


def test_faulty_content_is_never_built(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`build` of faulty content exits with 1 before it looks for a model or writes a file."""
    edit, line = SEEDED["a dead link"]
    edit(root)
    assert main(["--root", str(root), "build", "--model", "nowhere", "--quiet"]) == 1
    assert said(capsys) == ["The content has 1 fault; nothing was built.", f"  {line}"]
    assert not (root / "build").exists()


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "build/artefact"),
            1,
            "The disk is full (build/artefact). Free some space and run the command again; "
            "what was built before is still whole.",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "build"),
            1,
            "Permission denied (build). What was built before is still whole.",
        ),
        (KeyboardInterrupt(), 130, "Stopped. What was built before is still whole."),
    ],
)
def test_what_stops_a_command_is_told_in_one_line(
    root: Path,
    error: BaseException,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A full disk, a folder that may not be written and Ctrl-C each give one line and their own exit code."""

    def stopped(_: Path) -> None:
        raise error

    monkeypatch.setattr(command_line, "load_corpus", stopped)
    assert main(["--root", str(root), "check"]) == code
    assert said(capsys) == [message]


def test_going_back_without_a_build_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`rollback` where nothing was built exits with 1 and the command that builds."""
    assert main(["--root", str(root), "rollback"]) == 1
    assert "".join(said(capsys)) == f"There is no build in {root / 'build'}. Run `python -m indexer build`."


@pytest.mark.parametrize("arguments", [[], ["bake"], ["check", "--colour"]])
def test_a_command_that_there_is_not_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """No command, an unknown one and an unknown option exit with 2 and show how it is used."""
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    assert said(capsys)[0].startswith("usage: python -m indexer")


@pytest.mark.slow
@pytest.mark.model
def test_a_second_build_says_that_nothing_was_to_do(build_folder: Path) -> None:
    """`build` where all is in step embeds nothing and exits with 0; with --quiet it says nothing at all."""
    told, quiet = run(ROOT, "build"), run(ROOT, "build", "--quiet")
    assert (told.returncode, told.stdout) == (0, "")
    assert " 0 embedded now, " in told.stderr.replace("\n", " ")
    assert "The site was in step already." in told.stderr.replace("\n", " ")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert (build_folder / "CURRENT").is_file()
