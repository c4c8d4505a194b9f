"""tick takes up what is due in portions, which several processes share, and for a bounded time."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from booking import claims
from booking.claims import AT_ONCE, claim, work_off
from booking.models import LinksRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked():
    """Once the test has called this, so many requests are to be answered. It returns their keys, the oldest first."""

    def ask(count):
        ago = [timezone.now() - timedelta(minutes=minutes) for minutes in range(count, 0, -1)]
        rows = [LinksRequest(address=f"{number}@example.com", asked_at=at) for number, at in enumerate(ago)]
        return [row.pk for row in LinksRequest.objects.bulk_create(rows)]

    return ask


def claim_some():
    return claim(LinksRequest.objects.filter(answered_at=None).order_by("asked_at"), "answered_at", timezone.now())


def keys(rows):
    return [row.pk for row in rows]


def test_the_first_are_claimed_and_then_the_next(asked):
    requests = asked(AT_ONCE + 1)
    assert [keys(claim_some()) for _ in range(3)] == [requests[:AT_ONCE], requests[AT_ONCE:], []]


@pytest.mark.django_db(transaction=True)
def test_at_the_same_moment_each_claims_others(asked, together):
    requests = asked(3 * AT_ONCE)
    claimed = together(*[claim_some] * 3)
    assert sorted(row.pk for rows in claimed for row in rows) == requests
    assert [len(rows) for rows in claimed] == [AT_ONCE] * 3


def test_all_are_worked_on_portion_after_portion(asked):
    requests, worked_on = asked(2 * AT_ONCE + 1), []
    assert work_off(claim_some, worked_on.append) == len(requests)
    assert keys(worked_on) == requests


def test_a_duty_that_has_much_to_do_leaves_the_rest_to_the_next_round(asked, monkeypatch):
    monkeypatch.setattr(claims, "ROUND_SECONDS", 0)
    requests = asked(AT_ONCE + 1)
    worked_on = []
    counts = [work_off(claim_some, worked_on.append) for _ in range(3)]
    assert (counts, keys(worked_on)) == ([AT_ONCE, 1, 0], requests)


@pytest.mark.django_db(transaction=True)
def test_two_processes_share_the_work(asked, together):
    requests, worked_on = asked(5 * AT_ONCE), []
    counts = together(*[partial(work_off, claim_some, worked_on.append)] * 2)
    assert (sum(counts), sorted(keys(worked_on))) == (len(requests), requests)
