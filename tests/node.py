"""Node.js, in which the page's own modules are tested: the one on the path, or else the one that comes with Playwright."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

from playwright._impl._driver import compute_driver_executable

from tests.conftest import ROOT


def node(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """What a run of Node from the project's folder gave."""
    program = shutil.which("node") or compute_driver_executable()[0]
    return subprocess.run(
        [program, *arguments], cwd=ROOT, input=given, capture_output=True, text=True, encoding="utf-8", check=False
    )


def ask_page_code(question: dict[str, Any]) -> Any:
    """The answer of tests/page/search/ask.mjs, which says what can be asked."""
    done = node("tests/page/search/ask.mjs", given=json.dumps(question))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def ask_engine(question: dict[str, Any]) -> Any:
    """The answer of tests/page/search/engine.mjs, which says what can be asked."""
    done = node("tests/page/search/engine.mjs", given=json.dumps(question))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
