"""The recipes are followed to the letter, one after another on one copy of the repository, and their tests pass."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# The text before a block names the file that the block changes or creates.
PLACE = re.compile(r"In\s+\[`([^`]+)`\]|New\s+file\s+`([^`]+)`")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def recipes():
    """Yield the blocks of each recipe in order: language, the file that was named last, and text.

    A section without a diff changes no code, and yields an empty list.
    """
    for recipe in re.split(r"^## ", (ROOT / "docs/recipes.md").read_text(), flags=re.MULTILINE):
        steps, place, read = [], "", 0
        for block in BLOCK.finditer(recipe if "```diff" in recipe else ""):
            for named in PLACE.finditer(recipe[read : block.start()]):
                place = named[1] or named[2]
            steps.append((block[1], place, block[2]))
            read = block.end()
        yield steps


def is_followed_here(recipe):
    """Tell whether a file that the recipe creates exists in this clone, so that it need not be followed again."""
    return any((ROOT / place).exists() for language, place, _ in recipe if language not in ("diff", "sh"))


def left_behind(folder, names):
    """Return the names of files that runs and tools leave behind; they are not copied, since no recipe needs them."""
    mails_and_files = {"mail", "staticfiles"} if Path(folder) == ROOT else set()
    return {name for name in names if name.startswith((".", "__pycache__")) or "sqlite3" in name} | mails_and_files


def change(path, diff):
    """Apply a diff as a reader does by hand: the lines that it changes must stand in the file exactly once."""
    text = f"\n{path.read_text()}"
    for hunk in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        before, after = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
        assert text.count(f"\n{before}") == 1, f"{path} has no such place, or several:\n{before}"
        text = text.replace(f"\n{before}", f"\n{after}")
    path.write_text(text[1:])


def run(copy, command):
    done = subprocess.run(command, shell=True, cwd=copy, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def environment():
    """Return an activated environment, on SQLite and without the variables that pytest sets for its own processes."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DATABASE_URL"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{known['PATH']}"
    return {**known, "PATH": path, "PYTEST_ADDOPTS": "--numprocesses=0"}


def test_whoever_follows_them_has_a_field_a_mail_and_a_page_more_and_all_holds(tmp_path):
    copy, touched, tests = tmp_path / "copy", set(), []
    shutil.copytree(ROOT, copy, ignore=left_behind)
    for recipe in recipes():
        for language, place, block in [] if is_followed_here(recipe) else recipe:
            if language == "diff":
                change(copy / place, block)
            elif language != "sh":
                (copy / place).write_text(block)
            elif block.startswith("pytest "):
                tests += block.replace("pytest ", "").split()
            else:
                run(copy, block)
            touched |= {place} if language != "sh" else set()
    if not touched:
        pytest.skip("Each of them has been followed here.")
    python = " ".join(name for name in touched if name.endswith(".py"))
    run(copy, f"ruff check {python} && ruff format --check {python}")
    run(copy, f"djade --check {' '.join(name for name in touched if name.endswith('.html'))}")
    run(copy, "python manage.py makemigrations --check --dry-run")
    # One call of pytest for the tests of all recipes takes a third of the time of one call for each.
    run(copy, f"pytest {' '.join(tests)}")


def test_they_make_a_field_a_mail_and_a_page():
    made = {place for recipe in recipes() for language, place, _ in recipe if language not in ("diff", "sh")}
    assert {"tests/booking/mail/test_heard_from.py", "booking/pages/people.py"} <= made
    assert "templates/booking/mail/practice/unreachable.txt" in made
