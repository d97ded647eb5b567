"""Finds a Chromium-like browser, or installs one. `python -m tests.find_browser` says where it is.

Order: CASEBOOK_BROWSER; a browser on the machine; Playwright's own; Debian's package (as root); Playwright's download.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge", "chrome")
MISSING = (
    "No browser was found and none could be installed: install Chromium (or set CASEBOOK_BROWSER to a Chromium-like "
    "browser's path), or set ALLOW_NO_BROWSER=1 to leave the browser tests out."
)


def find_browser() -> str | None:
    """The path of a browser that is there now, or None."""
    named = os.environ.get("CASEBOOK_BROWSER")
    if named:
        return named if Path(named).is_file() else None
    return next((path for name in NAMES if (path := shutil.which(name))), None) or _playwrights_own()


def install_browser() -> None:
    """Tries to install one: Debian's package where this is Debian and we are root, else Playwright's download."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(command, capture_output=True, check=False, env=environment)
    if not find_browser():
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(command, capture_output=True, check=False, timeout=600)


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def main() -> int:
    """Prints where the browser is; 1 where there is none and tests without one were not asked for."""
    if not find_browser():
        print("No browser was found; installing one.", flush=True)
        install_browser()
    found = find_browser()
    print(found or MISSING)
    return 0 if found or os.environ.get("ALLOW_NO_BROWSER") == "1" else 1


if __name__ == "__main__":
    sys.exit(main())
