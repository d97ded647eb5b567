"""Sets up .venv with everything pinned in constraints.txt; needs only Python 3.11+. `make` runs it; so can you.

python bootstrap.py            what builds and serves
python bootstrap.py --dev      what checks and tests as well
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
INPUTS = ("bootstrap.py", "constraints.txt", "pyproject.toml")

# pip's own words, and what a person can do about them.
_OUT_OF_REACH = "The package index cannot be reached, or lacks a pinned package. Check the network or proxy and run again."
CURES = (
    ("No space left on device", "The disk is full. Free about 3 GB and run the command again."),
    ("Permission denied", "A file may not be written. Check who owns the project's folder."),
    ("NewConnectionError", _OUT_OF_REACH),
    ("Temporary failure in name resolution", _OUT_OF_REACH),
    ("Could not find a version", _OUT_OF_REACH),
    ("No matching distribution", _OUT_OF_REACH),
    ("conflicting dependencies", _OUT_OF_REACH),
)


def main() -> int:
    """Installs what is missing; 0 when all is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="install what checks and tests as well")
    extras = "build,dev" if parser.parse_args().dev else "build"
    if sys.version_info < (3, 11):  # noqa: UP036 - run by whatever Python there is, before ours is known to be there
        return _fail(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12 serve.")
    if _is_installed(extras):
        return 0
    try:
        return _install(extras)
    except KeyboardInterrupt:
        return _fail("Stopped. Run the command again to go on.", 130)
    except OSError as error:
        return _fail(f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}.")


def _stamp(extras: str) -> Path:
    digest = hashlib.sha256(sys.version.encode())
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    return VENV / f"installed-{extras.replace(',', '-')}-{digest.hexdigest()[:12]}"


def _is_installed(extras: str) -> bool:
    return PYTHON.exists() and (_stamp(extras).exists() or _stamp("build,dev").exists())


def _install(extras: str) -> int:
    if not PYTHON.exists():
        print("Making the virtual environment .venv", flush=True)
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except subprocess.CalledProcessError:
            return _fail("The venv module does not work here; on Debian and Ubuntu install the package python3-venv.")
    for old in VENV.glob("installed-*"):
        old.unlink()
    # torch first and pinned, so that nothing later asks for another build of it.
    for what in (["torch==2.13.0"], ["--editable", f"{ROOT}[{extras}]"]):
        if code := _pip(what):
            return code
    _stamp(extras).touch()
    return 0


def _pip(what: list[str]) -> int:
    log = VENV / "install.log"
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    command += ["--constraint", str(ROOT / "constraints.txt"), *what]
    started = time.monotonic()
    print(f"Installing {what[-1].split('/')[-1]} (this can take some minutes)", flush=True)
    with log.open("w", encoding="utf-8") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            while process.poll() is None:
                time.sleep(0.5)
                if sys.stdout.isatty():
                    print(f"\r  {time.monotonic() - started:.0f} s ", end="", flush=True)
        except KeyboardInterrupt:
            process.terminate()
            raise
    if process.returncode == 0:
        print(f"\rInstalled {what[-1].split('/')[-1]} in {time.monotonic() - started:.0f} s", flush=True)
        return 0
    text = log.read_text(encoding="utf-8", errors="replace")
    reason = next((cure for sign, cure in CURES if sign in text), "pip could not install the pinned packages.")
    return _fail(f"{reason} What pip said is in {log.relative_to(ROOT)}.")


def _fail(sentence: str, code: int = 1) -> int:
    print(f"\n{sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
