"""A copy of this repository, in which tests try what the documents tell a reader to change and to run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# The folders that runs leave behind, which are not part of the repository.
LEFT_BEHIND = {"staticfiles", "mail"}


def copy_to(folder):
    """Copy the repository into a new folder, without what runs and tools leave behind. Returns the folder."""
    shutil.copytree(ROOT, folder, ignore=left_behind)
    return folder


def left_behind(folder, names):
    """Return the names that `copy_to` leaves out: caches, databases, and everything that begins with a dot."""
    of_runs = LEFT_BEHIND if Path(folder) == ROOT else set()
    return {name for name in names if name.startswith((".", "__pycache__")) or "sqlite3" in name} | of_runs


def change(path, diff):
    """Apply a diff as a reader does by hand: the lines that it changes must stand in the file exactly once."""
    text = f"\n{path.read_text()}"
    for hunk in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        before, after = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
        assert text.count(f"\n{before}") == 1, f"{path} has no such place, or several:\n{before}"
        text = text.replace(f"\n{before}", f"\n{after}")
    path.write_text(text[1:])


def run(folder, command):
    """Run a shell command in that folder, and return the completed process.

    The environment is activated, on SQLite, and without what this very run of pytest has set for its processes.
    """
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DATABASE_"))}
    environment = {**known, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{known['PATH']}"}
    return subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False)
