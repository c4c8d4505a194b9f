"""What `manage.py audit` has found last is remembered, for the desk to say so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.management.commands import audit as command
from payments.models import Examination
from tests.booking.clock import NOW
from tests.factories import in_days, make_appointment, make_provider
from tests.manage import said_by

pytestmark = pytest.mark.django_db

LINE = "Appointment {} is confirmed and not paid."


def remembered():
    return list(Examination.objects.order_by("name").values_list("name", "wrong", "lines"))


@pytest.fixture
def breach():
    """An appointment that is confirmed and not paid."""
    provider = make_provider()
    return make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed")


def test_an_audit_that_found_nothing(db):
    assert said_by("audit") == (0, ["Nothing is wrong."])
    assert remembered() == [("audit", 0, [])]
    assert timezone.now() - Examination.objects.get().at < timedelta(minutes=1)


def test_an_audit_that_found_something_remembers_what_it_said(breach):
    assert said_by("audit") == (1, [LINE.format(breach.pk)])
    assert remembered() == [("audit", 1, [LINE.format(breach.pk)])]


def test_what_is_right_at_a_second_look_was_only_being_written(db, monkeypatch):
    looks = iter([["Receipts of 2026 are not those that were numbered."], []])
    monkeypatch.setattr(command, "audit", lambda now: next(looks))
    assert said_by("audit") == (0, ["Nothing is wrong."])


def test_the_next_audit_takes_its_place(breach):
    said_by("audit")
    breach.delete()
    said_by("audit")
    assert remembered() == [("audit", 0, [])]


def test_one_that_asked_stripe_has_proved_the_rows_as_well(breach, stripe_down):
    said_by("audit")
    stripe_down()
    said_by("audit", "--stripe")
    said = "Stripe could not be asked, so nothing is proved. Run it again."
    assert remembered() == [("audit --stripe", 1, [said])]


def test_one_of_the_rows_alone_does_not_hide_what_stripe_has_told(db):
    Examination.remember("audit --stripe", ["Payment 7 has other amounts than at Stripe."], 1, NOW)
    said_by("audit")
    assert [(name, wrong) for name, wrong, _ in remembered()] == [("audit", 0), ("audit --stripe", 1)]


def test_it_is_told_since_when_something_is_wrong_and_since_when_nothing(db):
    since = []
    for days, wrong in enumerate([0, 0, 2, 1, 0]):
        Examination.remember("audit", ["a line"] * wrong, wrong, NOW + timedelta(days=days))
        since.append((Examination.objects.get().since - NOW).days)
    assert since == [0, 0, 2, 2, 4]


def test_of_a_thousand_lines_a_hundred_are_kept_and_all_are_counted(db):
    Examination.remember("audit", [f"line {number}" for number in range(1000)], 1000, NOW)
    kept = Examination.objects.get()
    assert (kept.wrong, len(kept.lines), kept.lines[-1]) == (1000, 100, "line 99")
