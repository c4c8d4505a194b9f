"""The parts of `make machines` that need neither root nor nginx; the program itself runs for minutes."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.factories import in_days, make_appointment, make_provider
from tests.machines import __main__ as program
from tests.machines.crowd import Answer, WatchedPractice
from tests.machines.installation import RECOVERS_WITHIN, Absence
from tests.machines.network import Certificate
from tests.machines.proxy import practice_conf
from tests.machines.release import next_release
from tests.machines.verdict import bookings_amiss, not_explained, not_met
from tests.repository import ROOT

AWAY = Absence(began=100, ended=110, recovered=111)


def answer(status, *, at=105.0, what="book", retry_after="5"):
    return Answer(at, what, status, retry_after)


@pytest.fixture
def practice():
    return WatchedPractice("https://book.test", None, [])


def test_what_is_missing_is_named_with_the_packages_that_have_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(program.os, "geteuid", lambda: 1000)
    assert list(program.missing()) == [
        "Root is needed, to make network namespaces: sudo make machines",
        "Programs are missing. On Debian: apt-get install iproute2 mount nginx openssl util-linux",
    ]


def test_a_row_of_the_table_may_lack_the_figures_of_a_round_that_did_not_end():
    rounds = [{"seed": 7, "verdict": "FAILED"}, {"seed": 8, "clients": 300, "verdict": "well"}]
    assert program.table(rounds).splitlines() == [
        "| seed | clients | verdict |",
        "| --- | --- | --- |",
        "| 7 |  | FAILED |",
        "| 8 | 300 | well |",
    ]


def test_nginx_has_the_rules_of_the_deployment_and_files_of_this_run():
    conf = practice_conf(Certificate(Path("certificate.pem"), Path("key.pem")))
    assert [word for word in ("/etc/practice", "/srv/practice", "/dev/log") if word in conf] == []
    assert [conf.count(line) for line in ("proxy_pass http://practice;", "ssl_certificate certificate.pem;")] == [2, 1]


def test_the_next_release_has_one_migration_more(tmp_path):
    newer = next_release(tmp_path / "newer")
    ours, theirs = ({path.name for path in (root / "booking/migrations").glob("0*.py")} for root in (ROOT, newer))
    assert ([name.partition("_")[2] for name in theirs - ours], ours - theirs) == (["of_the_next_release.py"], set())


@pytest.mark.parametrize(
    "explained",
    [
        answer(503),
        answer(503, at=AWAY.ended + RECOVERS_WITHIN),
        answer(409, at=99),
        answer(503, at=99, what="POST /payments/webhook/", retry_after=""),
    ],
)
def test_while_postgres_is_away_503_is_due_and_webhooks_may_be_put_off_at_any_time(explained):
    assert list(not_explained([explained], [AWAY])) == []


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (answer(503, at=99), "00:01:39 book: 503, Retry-After: 5"),
        (answer(503, at=AWAY.ended + RECOVERS_WITHIN + 1), "00:02:06 book: 503, Retry-After: 5"),
        (answer(503, retry_after=""), "00:01:45 book: 503, Retry-After: none"),
        (
            answer(503, what="POST /payments/webhook/ (nginx itself)", retry_after=""),
            "00:01:45 POST /payments/webhook/ (nginx itself): 503, Retry-After: none",
        ),
        (answer(500), "00:01:45 book: 500, Retry-After: 5"),
        (answer(0, retry_after=""), "00:01:45 book: no answer, Retry-After: none"),
    ],
)
def test_any_other_failure_is_told(failure, said):
    assert list(not_explained([failure], [AWAY])) == [said]


def test_an_absence_that_nobody_met_proves_nothing():
    sentence = "No client came while PostgreSQL was away, so nothing is proved about that."
    assert (list(not_met([answer(503)], [AWAY])), list(not_met([answer(303)], [AWAY]))) == ([], [sentence])


@pytest.mark.django_db
def test_clients_and_rows_agree_on_what_is_booked(practice):
    provider = make_provider()
    kept, paid, _ = (
        make_appointment(provider=provider, at=in_days(day, provider=provider), status=status)
        for day, status in enumerate(["confirmed", "confirmed", "expired"], start=1)
    )
    for location in (f"/payments/{kept.reference}/", "https://book.test/api/appointments/lost"):
        practice.answered("book", SimpleNamespace(status_code=303, headers={"Location": location}))
    practice.answered("book", None)
    assert sorted(bookings_amiss(practice)) == sorted(
        [
            "lost was answered as booked, and is not there.",
            "2 appointments of which nobody was told, after 1 failed bookings.",
            f"{paid.reference}, of which nobody was told, is confirmed.",
        ]
    )
