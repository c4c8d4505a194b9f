"""Rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEMPLATES = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
PRODUCT = [path for room in ("booking", "payments", "config") for path in (ROOT / room).rglob("*.py")]


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def test_one_package_talks_to_stripe():
    talking = {path.parent.relative_to(ROOT).as_posix() for path in PRODUCT if "stripe" in imports(path)}
    assert talking == {"payments/gateway"}


def test_booking_knows_nothing_of_payments():
    booking = [path for path in PRODUCT if path.is_relative_to(ROOT / "booking")]
    assert [path.name for path in booking if "payments" in imports(path)] == []


@pytest.mark.parametrize("room", ["booking", "payments"])
def test_no_product_code_knows_the_sandbox(room):
    outside = [path for path in PRODUCT if path.is_relative_to(ROOT / room) and "sandbox" not in path.parts]
    assert [path.name for path in outside if "sandbox" in path.read_text()] == []


def test_templates_have_nothing_inline():
    """The Content-Security-Policy would refuse it; here it is refused before a browser sees it."""
    inline = ("<style", "style=", "onclick", "javascript:", "<script>")
    # Mail brings its style along: no stylesheet is fetched from an inbox.
    pages = set((ROOT / "templates").rglob("*.html")) - {ROOT / "templates/booking/mail/letter.html"}
    assert [path.name for path in pages if any(word in path.read_text() for word in inline)] == []


def test_no_line_of_a_template_is_longer_than_a_line_of_code():
    long = [(path, line) for path in TEMPLATES for line in path.read_text().splitlines() if len(line) > 120]
    assert long == []


def test_no_condition_stands_inside_another_within_one_line_of_a_template():
    nested = re.compile(r"{% if (?:(?!{% endif).)*{% if ")
    assert [path.name for path in TEMPLATES if any(map(nested.search, path.read_text().splitlines()))] == []


def test_no_module_is_longer_than_a_reader_keeps_in_mind():
    modules = [path for path in PRODUCT if "migrations" not in path.parts]
    assert [path.name for path in modules if len(path.read_text().splitlines()) > 300] == []


def test_the_locks_hold_hashes_and_no_addresses():
    locks = [ROOT / name for name in ("requirements.txt", "requirements-dev.txt")]
    assert [("--hash=sha256:" in lock.read_text(), "://" in lock.read_text()) for lock in locks] == [(True, False)] * 2
