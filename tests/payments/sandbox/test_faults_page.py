"""docs/faults.md tells readers how to break the site: its faults, commands, seeds, links and quoted words are true."""

import ast
import re
from pathlib import Path

import pytest

from payments.sandbox import cards, faults
from tests.manage import manage

ROOT = Path(__file__).parent.parent.parent.parent
PAGE = (ROOT / "docs/faults.md").read_text()
PROSE = re.sub(r"^ *```.*?^ *```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
CREATE = "POST /v1/checkout/sessions"
EXPIRE = "POST /v1/checkout/sessions/<slug:session>/expire"


def test_it_names_every_fault_and_no_other():
    named = dict(re.findall(r"^\| `([a-z._]+)` \| (\w+) \|", PAGE, re.MULTILINE))
    probabilities = dict.fromkeys(faults.PROBABILITIES, "probability")
    assert named == {**probabilities, **dict.fromkeys(faults.SECONDS, "seconds"), "seed": "number"}


def test_each_command_is_one_that_the_settings_take():
    written = set(re.findall(r"STRIPE_SANDBOX_FAULTS=([^\s`]+)", PAGE))
    assert {name for one in written for name in faults.parse(one)} < set(faults.NAMES)
    others = re.findall(r"^([A-Z_]+)=(\S+) (?:STRIPE_SANDBOX_FAULTS=\S+ )?make run", PAGE, re.MULTILINE)
    assert {name for name, _ in others} == {"STRIPE_SANDBOX_FAULTS", "HOLD_MINUTES", "PRACTICE_EMAIL"}
    checked = manage("check", **dict(others))
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("written", "operation", "moments"),
    [
        ("api.timeout=1,seed=1", CREATE, ["after", "after"]),
        ("api.timeout=0.2,seed=6", CREATE, ["after", ""]),
        ("api.error_saved=0.4,seed=0", CREATE, ["after", ""]),
        ("api.error=1,seed=699", EXPIRE, ["before"] * 10),
    ],
)
def test_with_these_seeds_the_first_calls_fail_as_it_says(settings, written, operation, moments):
    settings.STRIPE_SANDBOX_FAULTS = written
    fault = next(iter(faults.parse(written)))
    assert [faults.moment_of(fault, operation, number) for number in range(len(moments))] == moments
    assert written in PAGE


def test_with_this_seed_opening_a_session_takes_longer_than_we_wait(settings):
    settings.STRIPE_SANDBOX_FAULTS = "api.slow=60,seed=10"
    assert min(60 * faults.draw("api.slow", CREATE, number) for number in range(2)) > 15
    assert settings.STRIPE_SANDBOX_FAULTS in PAGE


def test_each_function_is_in_the_file_that_its_link_leads_to():
    links = dict(re.findall(r"^\[`(\w+)\(\)`\]: \.\./(\S+)$", PAGE, re.MULTILINE))
    assert [name for name, path in links.items() if name not in functions_in(path)] == []
    assert set(re.findall(r"\[`(\w+)\(\)`\](?!:)", PAGE)) == set(links)


def functions_in(path):
    return {node.name for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.FunctionDef)}


def test_each_card_is_one_that_the_sandbox_knows():
    numbers = set(re.findall(r"\d{4} \d{4} \d{4} \d{4}", PAGE))
    assert numbers < {card.number for card in cards.TEST_CARDS}


def test_what_it_quotes_is_what_pages_mails_and_commands_say():
    """A quotation is split at punctuation and amounts; parts of one word are not looked for, as they prove nothing."""
    quoted = re.findall(r'"([^"]+)"', re.sub(r"`[^`]*`", "", re.sub(r"\s+", " ", PROSE)))
    parts = {part.strip() for quote in quoted for part in re.split(r"[.,:;…?]|€?\d[\d.]*", quote)}
    said = all_that_is_said()
    assert [part for part in sorted(parts) if " " in part and part not in said] == []
    assert len(parts) > 50


def all_that_is_said():
    files = [*(ROOT / "templates").rglob("*.*"), *(ROOT / "static").rglob("*.js")]
    files += [path for room in ("booking", "payments", "staff", "config") for path in (ROOT / room).rglob("*.py")]
    said = re.sub(r'{% translate "(.*?)".*?%}', r"\1", "\n".join(path.read_text() for path in files))
    # We take out Django's tags, and the quotes between the lines of one Python string. Some sentences are in attributes
    # for the script, so we look at all of it with HTML's tags and without them.
    said = re.sub(r"{%.*?%}|\"\s*f?\"", "", said)
    return re.sub(r"\s+", " ", said + re.sub(r"<[^>]*>", "", said))
