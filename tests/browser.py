"""A Chromium for the journeys: one that is there, Playwright's own, or the package manager's.

`python -m tests.browser` obtains one; it fails only in CI, where nothing may be left out.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@cache
def find_browser() -> str:
    """The path of an executable, or nothing."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else ""


def obtain() -> bool:
    apt = [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]]
    may_install = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    download = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    for ways in (download, apt if may_install else []):
        for command in ways:
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        find_browser.cache_clear()
        if find_browser():
            return True
    return False


if __name__ == "__main__":
    found = bool(find_browser()) or obtain()
    sys.exit(0 if found or not os.environ.get("CI") else "No Chromium, and none could be installed: install chromium.")
