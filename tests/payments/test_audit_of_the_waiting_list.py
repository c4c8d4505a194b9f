"""manage.py audit prints a line for each row of the waiting list that tick cannot have made. Each test plants one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from booking.models import Mail, WaitingEntry, WaitingOffer
from payments.audit_of_the_waiting_list import CHECKS
from tests.factories import in_days, make_provider, make_service
from tests.manage import said_by

HALF_AN_HOUR = timedelta(minutes=30)


def tell(entry, *, days=2, minutes_ago=0, **facts):
    """Tell them of the time at ten o'clock, so many days ahead."""
    at = in_days(days, provider=entry.provider)
    told_at = timezone.now() - timedelta(minutes=minutes_ago)
    defaults = {"mailbox": f"{WaitingOffer.objects.count()}", "provider": entry.provider, "told_at": told_at}
    times = {"appointment_time": at, "ends": at + HALF_AN_HOUR, "mailed_at": told_at}
    entry.owe(Mail.Kind.TIME_FREED, offer="1")
    return entry.offers.create(**{**defaults, **times, **facts})


def waits(provider, email, **facts):
    now = timezone.now()
    defaults = {
        "provider": provider,
        "service": provider.services.first(),
        "address": email,
        "mailbox": email,
        "since": now,
        "until": now + timedelta(days=50),
        "time_zone": "Europe/Dublin",
        "asked_at": now - timedelta(days=1),
        "confirmed_at": now - timedelta(days=1),
    }
    return WaitingEntry.objects.create(**{**defaults, **facts})


@pytest.fixture
def ann(db):
    return waits(make_provider(), "ann@example.com")


@pytest.fixture
def bob(ann):
    return waits(ann.provider, "bob@example.com")


def told_twice(ann, bob):
    tell(ann, minutes_ago=60)
    at = in_days(2, "10:15", provider=ann.provider)
    tell(ann, appointment_time=at, ends=at + HALF_AN_HOUR)
    return f"Who waits by entry {ann.pk} was told twice of one time."


def told_by_two_entries(ann, bob):
    again = waits(ann.provider, "ann@example.com")
    tell(ann, minutes_ago=60, mailbox="ann@example.com")
    tell(again, mailbox="ann@example.com", appointment_time=in_days(2, "10:15", provider=ann.provider))
    return f"Who waits by entry {again.pk} was told twice of one time."


def told_with_another(ann, bob):
    tell(ann, minutes_ago=29)
    tell(bob)
    return f"Who waits by entry {bob.pk} was told of a time just after somebody else."


def told_before_another_mail_had_gone(ann, bob):
    tell(ann, minutes_ago=60, mailed_at=None)
    tell(bob)
    return f"Who waits by entry {bob.pk} was told of a time just after somebody else."


def told_of_another_day(ann, bob):
    tell(ann, days=51)
    return f"Who waits by entry {ann.pk} was told of a time that they had not asked for."


def told_of_another_provider(ann, bob):
    tell(ann, provider=make_provider(name="Dr Ben Nolan", services=[make_service(name="Other")]))
    return f"Who waits by entry {ann.pk} was told of a time that they had not asked for."


def told_before_it_was_confirmed(ann, bob):
    tell(ann)
    WaitingEntry.objects.filter(pk=ann.pk).update(confirmed_at=None)
    return f"Entry {ann.pk} was told of a time before its owner had confirmed it, or after it had ended."


def told_after_it_ended(ann, bob):
    ann.end(ann.Ending.BY_OWNER, timezone.now() - timedelta(minutes=1))
    tell(ann)
    return f"Entry {ann.pk} was told of a time before its owner had confirmed it, or after it had ended."


def told_too_often(ann, bob):
    for days in range(2, 8):
        tell(ann, days=days)
    return f"Who waits by entry {ann.pk} was told of more than 5 times."


def mailed_without_a_time(ann, bob):
    ann.owe(Mail.Kind.TIME_FREED, offer="1")
    return f"Entry {ann.pk} has other mails than one that asks, and one for each time."


def told_without_a_mail_that_goes(ann, bob):
    tell(ann)
    Mail.objects.update(status="dropped")
    return f"Entry {ann.pk} has other mails than one that asks, and one for each time."


def asked_twice(ann, bob):
    for _ in range(2):
        ann.owe(Mail.Kind.CONFIRM_WAITING)
    return f"Entry {ann.pk} has other mails than one that asks, and one for each time."


def waiting_for_what_is_over(ann, bob):
    WaitingEntry.objects.filter(pk=ann.pk).update(until=timezone.now() - timedelta(hours=2))
    return f"Entry {ann.pk} waits for days that are over: is tick running?"


BREACHES = [
    told_twice,
    told_by_two_entries,
    told_with_another,
    told_before_another_mail_had_gone,
    told_of_another_day,
    told_of_another_provider,
    told_before_it_was_confirmed,
    told_after_it_ended,
    told_too_often,
    mailed_without_a_time,
    told_without_a_mail_that_goes,
    asked_twice,
    waiting_for_what_is_over,
]


@pytest.mark.parametrize("plant", BREACHES)
def test_a_planted_breach_is_the_one_line_that_comes_out(ann, bob, plant):
    line = plant(ann, bob)
    assert said_by("audit") == (1, [line])


def test_every_check_has_a_breach_that_it_alone_finds():
    """There are six more breaches than checks, since four checks have two breaches and one has three."""
    assert len(BREACHES) == len(CHECKS) + 6


def test_two_who_are_told_one_after_the_other_are_not_reported(ann, bob):
    tell(ann, minutes_ago=30)
    tell(bob)
    tell(ann, days=3)
    assert said_by("audit") == (0, ["Nothing is wrong."])
