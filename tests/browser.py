"""Find a Chromium for the tests in a browser, or install one: Playwright's own or the package manager's.

`python -m tests.browser` does that. Without a browser the tests that drive one are left out, and pytest says so.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# This is the same engine without a window, and needs half of the processor time.
SHELL = "chromium-headless-shell"


@cache
def find_browser(*names: str) -> str:
    """Return the path of an executable, or an empty string where there is none."""
    for name in names or (SHELL, *WHOLE):
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else ""


def obtain() -> bool:
    download = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    install = ["apt-get", "install", "-y", "--no-install-recommends"]
    apt = [["apt-get", "update"], [*install, SHELL], [*install, "chromium"]]
    may_install = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")
    for command in download + (apt if may_install else []):
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        find_browser.cache_clear()
        if find_browser():
            return True
    return False


def main() -> str | None:
    """Return an error for the shell, or None. Only CI fails without a browser, since no test may be left out there."""
    if find_browser() or obtain() or not os.environ.get("CI"):
        return None
    return "No Chromium, and none could be installed: the browser journeys cannot run."


if __name__ == "__main__":
    sys.exit(main())
