"""The table of what is read from the environment: it is complete, it is true, and docs/settings.md is made of it."""

import ast
import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from booking import money, refund_policy
from config.environment import BASE_DIR, GROUPS, Environment
from config.settings_page import INTRODUCTION, page
from config.variable_kinds import WholeNumber
from payments.sandbox import faults
from tests.config.starting import production, refusal, routes
from tests.test_structure import PRODUCT

VARIABLES = [variable for variables in GROUPS.values() for variable in variables]
TABLE = {variable.name: variable for variable in VARIABLES}
EXAMPLES = {variable.name: variable.example for variable in VARIABLES}
NUMBERS = [variable for variable in VARIABLES if isinstance(variable, WholeNumber)]
by_name = pytest.mark.parametrize("variable", VARIABLES, ids=list(TABLE))


@pytest.fixture
def read(monkeypatch):
    """Return a function that sets a variable to a text and returns the value that the table reads from it."""

    def read(name, text):
        monkeypatch.setenv(name, text)
        return getattr(Environment(), name)

    return read


def named_in(text):
    return re.findall(r"`([^`]+)`", text)


# The table is all that is read


def names_looked_up(path):
    """Yield the source of each name that a module looks up in os.environ, by index, by `in` or by a method."""
    tree = ast.parse(path.read_text())
    inside = {id(part): node for node in ast.walk(tree) for part in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "os.environ":
            lookup = inside[id(node)]
            if isinstance(lookup, ast.Subscript):
                yield ast.unparse(lookup.slice)
            elif isinstance(lookup, ast.Compare):
                yield ast.unparse(lookup.left)
            else:
                yield ast.unparse(inside[id(lookup)].args[0])


def test_nothing_is_read_past_the_table():
    looked_up = {(path.name, name) for path in [*PRODUCT, BASE_DIR / "manage.py"] for name in names_looked_up(path)}
    assert looked_up == {
        ("variable_kinds.py", "self.name"),
        # gunicorn's parent process sets this one, and its workers inherit it.
        ("metrics.py", "'PROMETHEUS_MULTIPROC_DIR'"),
        ("settings.py", "'STRIPE_API_BASE'"),
        ("settings.py", "'SLOT_STEP_MINUTES'"),
        ("settings.py", "'CANCELLATION_POLICY'"),
        ("settings.py", "'no_proxy'"),
        ("wsgi.py", "'DJANGO_SETTINGS_MODULE'"),
        ("manage.py", "'DJANGO_SETTINGS_MODULE'"),
    }


def test_there_is_no_other_way_to_the_environment():
    others = [path for path in PRODUCT if re.search(r"getenv|import environ\b|from os import", path.read_text())]
    assert [path.name for path in others] == ["variable_kinds.py"]


def test_all_that_is_declared_is_read():
    """The settings read every variable except the port, which the Makefile and the Procfile read."""
    tree = ast.parse((BASE_DIR / "config/settings.py").read_text())
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    read = {node.attr for node in attributes if ast.unparse(node.value) == "env"}
    assert read == TABLE.keys() - {"PORT"}
    assert f"PORT ?= {TABLE['PORT'].default}\n" in (BASE_DIR / "Makefile").read_text()
    assert re.findall(r"\$(\w+)", (BASE_DIR / "Procfile").read_text()) == ["PORT"]


def test_each_variable_is_declared_once():
    assert len(VARIABLES) == len(TABLE)


# The table is true


@by_name
def test_defaults_and_examples_can_be_read(variable, read):
    default, example = (read(variable.name, text) for text in (variable.default, variable.example))
    assert default is None or type(default) is type(example)


def test_a_site_starts_with_all_examples_but_those_of_the_sandbox():
    sandbox = {"STRIPE_SANDBOX": "", "STRIPE_SANDBOX_FAULTS": ""}
    assert "stripe-sandbox/" not in routes(**{**EXAMPLES, **sandbox})


def test_a_demo_starts_with_all_examples_but_those_of_a_stripe_account():
    account = {name: "" for name in TABLE if name.startswith("STRIPE_") and name.endswith(("_KEY", "_SECRET"))}
    assert "stripe-sandbox/" in routes(**{**EXAMPLES, **account})


@pytest.mark.parametrize("variable", NUMBERS, ids=lambda variable: variable.name)
def test_a_number_is_within_its_bounds(variable, read):
    least, most = variable.between
    assert [read(variable.name, str(number)) for number in (least, most)] == [least, most]
    for wrong in (str(least - 1), str(most + 1)):
        with pytest.raises(ImproperlyConfigured) as refused:
            read(variable.name, wrong)
        assert str(refused.value) == f"{variable.name} must be a whole number from {least} to {most}, not {wrong!r}."


def test_a_switch_takes_the_words_that_are_named(read):
    on, off = (named_in(part) for part in TABLE["DEBUG"].kind.split(";"))
    assert (on, off) == (["on", "true", "yes", "1"], ["off", "false", "no", "0"])
    assert [read("DEBUG", word) for word in on + off] == [True] * 4 + [False] * 4


def test_hours_are_within_their_bounds(read):
    assert (read("REMINDER_HOURS", "720, 1"), read("REMINDER_HOURS", "")) == ([720, 1], [])
    for wrong in ("0", "721"):
        with pytest.raises(ImproperlyConfigured) as refused:
            read("REMINDER_HOURS", f"24, {wrong}")
        sentence = f"REMINDER_HOURS must be whole numbers from 1 to 720, like '48, 2', not {wrong!r}."
        assert str(refused.value) == sentence


@pytest.mark.parametrize("mark", ["", "+", "("])
def test_a_telephone_number_is_within_its_bounds(mark, read):
    for fitting in (mark + "1" * 3, mark + "1" * 31):
        assert read("PRACTICE_PHONE", fitting) == fitting
    for wrong in (mark + "1" * 2, mark + "1" * 32):
        with pytest.raises(ImproperlyConfigured) as refused:
            read("PRACTICE_PHONE", wrong)
        assert str(refused.value) == f"PRACTICE_PHONE must be a number like +353 1 555 0100, not {wrong!r}."


def test_the_currencies_are_those_that_we_can_count_in():
    assert named_in(TABLE["CURRENCY"].bounds) == list(money.CURRENCIES)


def test_the_policy_is_within_its_bounds():
    assert refund_policy.parse("9999h 100%, 0h 1%") == ((9999, 100), (0, 1))
    for wrong in ("10000h 50%", "24h 101%", "24h 0%", "24h 50%, 48h 40%", "48h 50%, 24h 60%"):
        with pytest.raises(refund_policy.NoPolicy):
            refund_policy.parse(wrong)
    assert refusal(CANCELLATION_POLICY="24h 101%").startswith("CANCELLATION_POLICY names notice and share, longest")


def test_the_faults_are_those_of_the_sandbox():
    bounds = TABLE["STRIPE_SANDBOX_FAULTS"].bounds
    assert named_in(bounds) == list(faults.NAMES)
    probabilities, seconds, _ = (named_in(part) for part in bounds.split(";"))
    assert (probabilities, seconds) == (list(faults.PROBABILITIES), list(faults.SECONDS))


@pytest.mark.parametrize(("name", "most"), [("webhook.drop", 1), ("api.slow", 1_000_000), ("seed", 1_000_000)])
def test_a_fault_is_within_its_bounds(name, most):
    for fitting in (0, most):
        assert faults.parse(f"{name}={fitting}") == {name: fitting}
    for wrong in ("-0.1", "1.1") if most == 1 else ("-0.1",):
        with pytest.raises(ImproperlyConfigured, match=f"{name} in STRIPE_SANDBOX_FAULTS must be a number"):
            faults.parse(f"{name}={wrong}")


def test_the_beginnings_of_keys_are_the_only_ones():
    for name, others in {"STRIPE_SECRET_KEY": {}, "STRIPE_PUBLISHABLE_KEY": {"STRIPE_SECRET_KEY": "sk_test_x"}}.items():
        assert refusal(**production(**others, **{name: "xk_test_x"})).startswith(f"{name} starts with ")


def test_other_addresses_than_those_named_are_refused(read):
    for name, wrong in {"DATABASE_URL": "mysql://me:hunter2@host/x", "EMAIL_URL": "imap://me:hunter2@host"}.items():
        with pytest.raises(ImproperlyConfigured, match=f"{name} must be ") as refused:
            read(name, wrong)
        assert "hunter2" not in str(refused.value)


# The pages made of it


def test_the_page_is_what_the_table_makes():
    written = (BASE_DIR / "docs/settings.md").read_text()
    assert written == page(), "Run: python -m config.settings_page > docs/settings.md"


def test_the_page_begins_with_what_is_required():
    for name in [variable.name for variable in VARIABLES if variable.required]:
        assert f"[{name}](#{name.lower()})" in INTRODUCTION


def test_the_readme_keeps_ten():
    section = (BASE_DIR / "README.md").read_text().partition("## Settings\n")[2].partition("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("| `")]
    names = [name for row in rows for name in named_in(row.split("|")[1])]
    assert (len(names), set(names) - TABLE.keys()) == (10, set())
