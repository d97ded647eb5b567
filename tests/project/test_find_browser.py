"""Finding a browser: what is named comes first, and a missing one is said and not passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import find_browser as module
from tests.find_browser import MISSING, NAMES, find_browser, main


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine without any browser, where nothing is named and nothing can be installed."""
    monkeypatch.delenv("CASEBOOK_BROWSER", raising=False)
    monkeypatch.delenv("ALLOW_NO_BROWSER", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(module, "_playwrights_own", lambda: None)
    monkeypatch.setattr(module, "install_browser", lambda: None)
    return monkeypatch


def test_a_named_browser(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CASEBOOK_BROWSER is used, before one that is on the machine."""
    named = tmp_path / "browser"
    named.touch()
    bare.setenv("CASEBOOK_BROWSER", str(named))
    bare.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert find_browser() == str(named)


def test_a_named_browser_that_is_not_there(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where CASEBOOK_BROWSER names a file that is not there, no other is taken in its place."""
    bare.setenv("CASEBOOK_BROWSER", str(tmp_path / "missing"))
    bare.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert find_browser() is None


def test_one_on_the_machine(bare: pytest.MonkeyPatch) -> None:
    """Of the browsers on the machine the first name in order is taken."""
    present = {NAMES[4], NAMES[2]}
    bare.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in present else None)
    assert find_browser() == f"/usr/bin/{NAMES[2]}"


def test_playwrights_own(bare: pytest.MonkeyPatch) -> None:
    """Without any on the machine, Playwright's own is taken."""
    bare.setattr(module, "_playwrights_own", lambda: "/cache/chromium")
    assert find_browser() == "/cache/chromium"


def test_none(bare: pytest.MonkeyPatch) -> None:
    """Without any browser the answer is None."""
    assert find_browser() is None


def test_main_finds_one(bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With a browser the command prints its path, installs nothing, and ends with 0."""

    def install() -> None:
        pytest.fail("it installed a browser though there is one")

    bare.setattr(module, "install_browser", install)
    bare.setattr("shutil.which", lambda name: "/usr/bin/chromium")
    assert main() == 0
    assert capsys.readouterr().out == "/usr/bin/chromium\n"


def test_main_installs_one(bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without one it installs one, and ends with 0 where that worked."""
    bare.setattr(module, "install_browser", lambda: bare.setattr(module, "_playwrights_own", lambda: "/cache/chromium"))
    assert main() == 0
    assert capsys.readouterr().out.endswith("/cache/chromium\n")


@pytest.mark.parametrize(("allowed", "code"), [(None, 1), ("0", 1), ("", 1), ("1", 0)])
def test_main_without_one(
    allowed: str | None, code: int, bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where none can be had it says how to mend that, and ends with 1 unless ALLOW_NO_BROWSER is 1."""
    if allowed is not None:
        bare.setenv("ALLOW_NO_BROWSER", allowed)
    assert main() == code
    assert capsys.readouterr().out.endswith(f"{MISSING}\n")
    assert "CASEBOOK_BROWSER" in MISSING
