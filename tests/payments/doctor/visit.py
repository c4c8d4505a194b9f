"""Run `manage.py doctor`, and read what it says is wrong."""

from tests.manage import said_by


def doctor():
    """Return the exit status, and every line."""
    return said_by("doctor")


def wrong():
    """Return what it says is wrong, and check that it exits with 1 if and only if something is."""
    code, lines = doctor()
    found = [line.removeprefix("WRONG: ") for line in lines if line.startswith("WRONG: ")]
    assert (code, lines[-1]) == ((1, f"Wrong: {len(found)}.") if found else (0, "Nothing is wrong."))
    return found
