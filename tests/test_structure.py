"""Rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))
PRODUCT = [path for room in ("booking", "payments", "staff", "config") for path in (ROOT / room).rglob("*.py")]


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


@pytest.mark.parametrize("room", ["booking", "payments", "staff"])
def test_no_product_code_knows_the_sandbox(room):
    """But for the demonstration's week, whose clients have paid there."""
    rooms_own = [path for path in PRODUCT if path.is_relative_to(ROOT / room) and path.name != "demo_week.py"]
    outside = [path for path in rooms_own if "sandbox" not in path.parts]
    assert [path.name for path in outside if "sandbox" in path.read_text()] == []


def test_what_is_done_on_commit_has_a_name_under_which_django_can_log_its_failure():
    """A partial has none. Django would then raise AttributeError to somebody whose change is committed."""
    assert [path.name for path in PRODUCT if "on_commit(partial(" in path.read_text()] == []


def test_templates_have_nothing_inline():
    """The Content-Security-Policy would refuse it; here it is refused before a browser sees it."""
    inline = ("<style", "style=", "onclick", "javascript:", "<script>")
    # A mail has its style inline, since a mail program fetches no stylesheet; and so has a file that is handed over.
    alone = {ROOT / "templates/booking/mail/letter.html", ROOT / "templates/staff/person_file.html"}
    pages = set((ROOT / "templates").rglob("*.html")) - alone
    assert [path.name for path in pages if any(word in path.read_text() for word in inline)] == []


def test_the_button_that_a_form_of_the_desk_is_for_comes_before_the_way_back():
    """On a phone it is on top then. The order is that of the source, as the keyboard goes by it too."""
    for path in (ROOT / "templates/staff").rglob("*.html"):
        for answers in path.read_text().split('class="decision"')[1:]:
            within = answers.partition("</form>")[0]
            if 'class="primary"' in within and 'class="secondary"' in within:
                assert within.index('class="primary"') < within.index('class="secondary"'), path.name


def lines_of_templates():
    """Yield the file and number of each line of every template, and the line itself."""
    for path in TEMPLATES:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def test_no_line_of_a_template_is_longer_than_120_characters():
    assert [place for place, line in lines_of_templates() if len(line) > 120] == []


def test_no_condition_of_a_template_stands_within_another_ones_words():
    """A condition whose `if` shares its line with words or markup must end before another condition begins."""
    within, opened = [], []
    for place, line in lines_of_templates():
        for tag in re.findall(r"{% (?:if .*?|endif) %}", line):
            if tag == "{% endif %}":
                opened.pop()
                continue
            within += [place] if any(opened) else []
            opened.append(line.strip() != tag)
    assert (within, opened) == ([], [])


def test_no_line_of_a_template_has_two_conditions():
    assert [place for place, line in lines_of_templates() if line.count("{% if ") > 1] == []


def test_no_sentence_of_a_template_is_put_together_by_a_condition():
    """Only whole sentences can be translated. A condition inside an HTML tag is ignored here, as it adds no words."""
    words = ((place, re.sub(r"<[^<>]*>", "", line)) for place, line in lines_of_templates())
    glued = re.compile(r"[\w,;}] ?{% if |{% endif %} ?(?:[\w.,;:]|{{)")
    assert [place for place, line in words if glued.search(line)] == []


def test_no_module_is_longer_than_a_reader_keeps_in_mind():
    modules = [path for path in PRODUCT if "migrations" not in path.parts]
    assert [path.name for path in modules if len(path.read_text().splitlines()) > 300] == []


def test_the_locks_hold_hashes_and_no_addresses():
    names = ("requirements.txt", "requirements-dev.txt", "tests/bench/peer/requirements.txt")
    locks = [(ROOT / name).read_text() for name in names]
    assert [("--hash=sha256:" in lock, "://" in lock) for lock in locks] == [(True, False)] * 3
