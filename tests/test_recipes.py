"""The recipes are followed to the letter, one after another on one copy of the repository, and their tests pass."""

import re

import pytest

from tests.repository import ROOT, change, copy_to, run

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


def succeed(copy, command):
    done = run(copy, command)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.long
def test_whoever_follows_them_has_a_field_a_mail_and_a_page_more_and_all_holds(tmp_path):
    """The tests of a recipe that was followed in this clone are run as well, on the files that it has changed here."""
    copy, touched, tests = copy_to(tmp_path / "copy"), set(), []
    for recipe in recipes():
        followed = is_followed_here(recipe)
        for language, place, block in recipe:
            if language == "sh" and block.startswith("pytest "):
                tests += block.replace("pytest ", "").split()
            elif not followed:
                follow(copy, language, place, block)
            touched |= {place} if language != "sh" else set()
    python = " ".join(name for name in touched if name.endswith(".py"))
    succeed(copy, f"ruff check {python} && ruff format --check {python}")
    succeed(copy, f"djade --check {' '.join(name for name in touched if name.endswith('.html'))}")
    succeed(copy, "python manage.py makemigrations --check --dry-run")
    # One call of pytest for the tests of all recipes takes a third of the time of one call for each.
    succeed(copy, f"pytest -n0 {' '.join(tests)}")


def follow(copy, language, place, block):
    """Do what one block says: change a file, run a command, or write a new file."""
    if language == "diff":
        change(copy / place, block)
    elif language == "sh":
        succeed(copy, block)
    else:
        (copy / place).write_text(block)


def test_they_make_a_field_a_mail_and_a_page():
    made = {place for recipe in recipes() for language, place, _ in recipe if language not in ("diff", "sh")}
    assert {"tests/booking/mail/test_heard_from.py", "booking/pages/people.py"} <= made
    assert "templates/booking/mail/practice/unreachable.txt" in made
