"""What `make lighthouse` does when Lighthouse fails. A small program stands in for Lighthouse, and needs no browser."""

import json
import sys

import pytest

from tests.lighthouse import __main__ as lighthouse

PAGE = "http://127.0.0.1:9/"
REPORT = {"categories": {"performance": {"score": 1}, "seo": {"score": 0.1}}}
BROKEN_OFF = {**REPORT, "runtimeError": {"code": "PROTOCOL_TIMEOUT", "message": "No answer to a command."}}
WITHOUT_SCORE = {"categories": {"performance": {"score": None}, "seo": {"score": 1}}}
FAIL, SLEEP = "sys.exit(1)", "time.sleep(60)"


def printing(report):
    return f"print({json.dumps(report)!r})"


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Have a program called instead of Lighthouse, which does the next of these things each time, and then the last."""

    def does(*things):
        (tmp_path / "turns").write_text("\n".join(things))
        program = tmp_path / "stand_in.py"
        program.write_text(
            "import pathlib, sys, time\n"
            "turns = pathlib.Path(__file__).with_name('turns')\n"
            "now, *later = turns.read_text().splitlines()\n"
            "turns.write_text('\\n'.join(later or [now]))\n"
            "exec(now)\n"
        )
        monkeypatch.setattr(lighthouse, "LIGHTHOUSE", [sys.executable, str(program)])

    return does


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (FAIL, "Lighthouse exited with 1."),
        (printing(BROKEN_OFF), "Lighthouse broke off: No answer to a command."),
        (printing(WITHOUT_SCORE), "Lighthouse gave no score for performance."),
    ],
)
def test_when_lighthouse_itself_fails_it_is_tried_again(stand_in, capsys, failure, said):
    stand_in(failure, printing(REPORT))
    assert lighthouse.run(PAGE, []) == REPORT
    assert capsys.readouterr().err == f"Try 1 of 3 at {PAGE}: {said}\n"


def test_a_low_score_is_no_failure(stand_in, capsys):
    stand_in(printing(REPORT), FAIL)
    assert lighthouse.run(PAGE, []) == REPORT
    assert capsys.readouterr().err == ""


def test_it_is_tried_three_times_at_most(stand_in, capsys):
    stand_in(FAIL, FAIL, FAIL, printing(REPORT))
    with pytest.raises(RuntimeError, match=r"could not look at http://127.0.0.1:9/ in 3 tries"):
        lighthouse.run(PAGE, [])
    assert capsys.readouterr().err.count("Lighthouse exited with 1.") == 3


def test_a_try_that_does_not_end_is_ended(stand_in, monkeypatch):
    monkeypatch.setattr(lighthouse, "SECONDS", 0.2)
    stand_in(SLEEP)
    with pytest.raises(lighthouse.LighthouseFailed, match=r"not done after 0\.2 seconds"):
        lighthouse.printed_by(lighthouse.LIGHTHOUSE)
