"""The wheel, alone in a clean environment with an artefact and a site, serves; and it brings no torch."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
import venv
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tests.conftest import ROOT

pytestmark = pytest.mark.model


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """What a command printed; the test fails where it fails."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_wheel_serves(build_folder: Path, tmp_path: Path) -> None:
    """Built from the project and installed with the pinned packages, it answers a problem from another folder."""
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "wheel", ".")
    (wheel,) = (tmp_path / "wheel").iterdir()
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", wheel)
    installed = {each["name"].lower() for each in json.loads(run(python, "-m", "pip", "list", "--format", "json"))}
    assert "high-needs-casebook" in installed
    assert installed & {"torch", "sentence-transformers", "mkdocs", "pytest", "onnx"} == set()
    environment = {**os.environ, "CASEBOOK_PORT": "0", "CASEBOOK_BUILD": str(build_folder)}
    environment.pop("PYTHONPATH", None)
    command = [str(python), "-m", "search_api", "serve"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        address = process.stdout.readline().split()[4]
        body = json.dumps({"q": "special schools are full"}).encode()
        request = urllib.request.Request(f"{address}/api/search", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            assert json.load(response)["answered"]
        with urllib.request.urlopen(f"{address}/", timeout=30) as response:
            assert b"<h1" in response.read()
        process.terminate()


def test_every_package_is_pinned() -> None:
    """What is installed here is installed at the version that constraints.txt names, and nothing beside that.

    But for what torch's usual package for Linux brings, where it was not installed from PyTorch's own CPU index.
    """
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {canonical(name): version for line in lines if "==" in line for name, _, version in [line.partition("==")]}
    found = {canonical(each.name): each.version.partition("+")[0] for each in distributions()}
    beside = re.compile(r"pip|setuptools|high-needs-casebook|triton|(nvidia|cuda)-.*")
    assert {name: got for name, got in found.items() if not beside.fullmatch(name) and pinned.get(name) != got} == {}


def test_every_package_takes_the_oldest_python() -> None:
    """Each installed package takes Python 3.11.0: Debian 12, on many servers, has 3.11.2, and we promise 3.11 or newer."""
    needed = {each.name: each.metadata["Requires-Python"] or "" for each in distributions()}
    assert {name: asked for name, asked in needed.items() if not SpecifierSet(asked).contains("3.11.0")} == {}


def canonical(name: str) -> str:
    """A package's name as PEP 503 normalises it."""
    return re.sub(r"[-_.]+", "-", name).lower()
