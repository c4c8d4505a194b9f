"""docs/tour.md fits the code: its excerpts and its drawing are right, and each break fails as the page says.

That its links lead to what they name is tried in test_around.py, as for every document.
"""

import ast
import re
import shlex
import textwrap
from dataclasses import dataclass

import pytest

from booking.models import Appointment, Mail
from payments.models import Payment, Refund
from tests.repository import ROOT, change, copy_to, run

DOCS = ROOT / "docs"
PAGE = (DOCS / "tour.md").read_text()

# This finds links whose text is a name in code, and excerpts. An excerpt is from the code that the last link
# before it names.
LINK_OR_EXCERPT = re.compile(
    r"\[`(?P<name>[^`]+)`\]\((?P<path>[^)]+)\)|^```python\n(?P<excerpt>.*?)^```", re.MULTILINE | re.DOTALL
)
BREAK = re.compile(
    r"^\*\*Break it\*\* in `(?P<path>[^`]+)`:\n\n"
    r"```diff\n(?P<diff>.*?)```\n\n"
    r"```sh\npytest (?P<tests>[^\n]+)\n```\n\n"
    r"It fails with `(?P<failure>[^`]+)`",
    re.MULTILINE | re.DOTALL,
)


def excerpts():
    """Return path, name and text of each excerpt."""
    found, linked = [], None
    for match in LINK_OR_EXCERPT.finditer(PAGE):
        if match["excerpt"]:
            found.append((linked["path"], linked["name"].removesuffix("()"), match["excerpt"]))
        else:
            linked = match
    return found


def definitions(path, name):
    """Yield the source of every function or class of that name in a file that the page links to."""
    source = (DOCS / path).read_text()
    for node in ast.walk(ast.parse(source)):
        if getattr(node, "name", None) == name:
            yield "".join(source.splitlines(keepends=True)[node.lineno - 1 : node.end_lineno])


@pytest.mark.parametrize(("path", "name", "excerpt"), excerpts(), ids=lambda fact: fact.partition("\n")[0])
def test_an_excerpt_is_from_the_function_that_is_named_before_it(path, name, excerpt):
    indented = [textwrap.indent(excerpt, " " * columns) for columns in range(0, 24, 4)]
    assert any(one in source for source in definitions(path, name) for one in indented)


def test_the_drawing_has_every_status_and_fits_a_terminal():
    drawing = PAGE.partition("## All of it on one screen\n")[2].partition("\n|")[0]
    statuses = [status for rows in (Appointment, Payment, Refund, Mail) for status in rows.Status.values]
    assert [status for status in statuses if not re.search(rf"\b{status}\b", drawing)] == []
    assert max(map(len, drawing.splitlines())) <= 80


# The breaks


@dataclass(frozen=True)
class Break:
    """A change to one file, the tests that are run after it, and a part of what pytest then prints."""

    path: str
    diff: str
    tests: str
    failure: str


BREAKS = [Break(**found.groupdict()) for found in BREAK.finditer(PAGE)]


@pytest.fixture
def copy(tmp_path):
    """A copy of the repository, for a change that nobody else sees."""
    return copy_to(tmp_path / "copy")


def run_tests(copy, selection):
    """Run these tests in the copy. Without Hypothesis, as to load it takes longer than most of these tests do."""
    options = "-n0 -p no:cacheprovider -p no:hypothesispytest --nomigrations"
    return run(copy, f"python -m pytest {options} {selection}")


def test_every_stop_has_a_break_in_the_form_that_is_tried_here():
    stops = re.split(r"^## \d+\. ", PAGE, flags=re.MULTILINE)[1:]
    assert [stop.splitlines()[0] for stop in stops if not BREAK.search(stop)] == []
    assert PAGE.count("**Break it**") == len(BREAKS)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.tests.split()[2])
def test_a_break_makes_its_tests_fail_as_the_page_says(broken, copy):
    change(copy / broken.path, broken.diff)
    done = run_tests(copy, broken.tests)
    assert (done.returncode, broken.failure in done.stdout) == (1, True), done.stdout + done.stderr
    # A test that could not even begin makes pytest exit with 1 as well.
    assert "\nERROR tests/" not in done.stdout


def test_without_a_break_the_same_tests_pass(copy):
    paths, words = set(), []
    for broken in BREAKS:
        path, option, word, *_ = shlex.split(broken.tests)
        assert option == "-k"
        paths.add(path)
        words.append(word)
    done = run_tests(copy, f"{' '.join(sorted(paths))} -k '{' or '.join(words)}'")
    assert done.returncode == 0, done.stdout + done.stderr
