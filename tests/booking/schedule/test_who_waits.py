"""Staff are told how many people wait: for a day, and for the time of an appointment that they are about to cancel."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.models import Appointment, WaitingEntry, WorkingHours
from booking.schedule.agenda import read_agendas
from booking.schedule.who_waits import count_told_if_freed
from tests.booking.clock import NOW, dublin
from tests.booking.waiting import fill, make_provider_of_one_hour, take_tuesday, tick, told, wait
from tests.factories import make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

MONDAY, TUESDAY = date(2026, 6, 1), date(2026, 6, 2)


@pytest.fixture
def provider():
    return make_provider_of_one_hour()


@pytest.fixture
def taken(provider):
    return take_tuesday(provider)


def waiting_on(day, *providers):
    return [one.waiting for one in read_agendas(providers, day, day, Appointment.objects.all(), NOW)]


def test_each_person_who_waits_for_that_day_counts_once(provider):
    for email in ("ann@example.com", "ann@example.com", "bob@example.com"):
        wait(provider, email=email)
    wait(provider, email="cat@example.com", day=3)
    wait(provider, email="dan@example.com", since=NOW, until=dublin(3, "10:00"))
    assert [waiting_on(day, provider) for day in (TUESDAY, date(2026, 6, 4))] == [[3], [0]]


def test_who_waits_for_anyone_waits_for_all_who_offer_it(provider):
    other = make_provider(name="Dr Ben Nolan", services=[make_service(name="Call")])
    same = make_provider(name="Dr Cleo Byrne", services=[provider.services.first()])
    wait(provider, anyone=True)
    assert waiting_on(TUESDAY, provider, other, same) == [1, 0, 1]


@pytest.mark.parametrize("facts", [{"confirmed_at": None}, {"ended_at": NOW}])
def test_who_has_not_confirmed_it_or_waits_no_more_does_not_count(provider, taken, facts):
    wait(provider, **facts)
    assert (waiting_on(TUESDAY, provider), count_told_if_freed(taken, NOW)) == ([0], 0)


def test_nobody_waits_for_a_day_that_is_over_or_what_is_not_offered_or_where_no_mail_is_sent(provider, settings):
    wait(provider, since=NOW - timedelta(days=3), until=NOW + timedelta(days=3))
    assert waiting_on(date(2026, 5, 31), provider) == [0]
    assert waiting_on(MONDAY, provider) == [1]
    settings.MAIL_IS_SENT = False
    assert waiting_on(MONDAY, provider) == [0]
    settings.MAIL_IS_SENT = True
    provider.services.update(active=False)
    assert waiting_on(MONDAY, provider) == [0]


def test_those_are_told_whose_wish_the_time_is_and_whom_it_is_long_enough_for(provider, taken):
    longer = make_service(name="Longer", minutes=90)
    provider.services.add(longer)
    wait(provider, email="ann@example.com")
    wait(provider, email="bob@example.com", service=longer)
    wait(provider, email="cat@example.com", until=dublin(2, "10:00"))
    assert count_told_if_freed(taken, NOW) == 1


def away(provider, settings):
    fill(provider)


def works_no_more_then(provider, settings):
    WorkingHours.objects.update(opens="11:00", closes="12:00")


def cannot_be_booked_yet(provider, settings):
    settings.NOTICE_MINUTES, settings.HORIZON_DAYS = 0, 0


@pytest.mark.parametrize("happens", [away, works_no_more_then, cannot_be_booked_yet])
def test_nobody_is_told_of_a_time_that_no_client_could_have(provider, taken, settings, happens):
    wait(provider, until=dublin(2, "11:00"))
    assert count_told_if_freed(taken, NOW) == 1
    happens(provider, settings)
    promised = count_told_if_freed(taken, NOW)
    taken.cancel()
    assert (promised, tick(), told()) == (0, [], [])


def wait_by_one_that_cannot_be_moved(provider):
    """As nothing that was paid for it comes back."""
    at = dublin(3, "10:00")
    facts = {"email": "wendy@example.com", "price": 60, "policy": ""}
    booked = make_appointment(provider=provider, at=at, status="confirmed", **facts)
    wait(provider, appointment=booked)


def test_who_waits_by_an_appointment_that_may_not_be_moved_is_not_told(provider, taken):
    wait_by_one_that_cannot_be_moved(provider)
    promised = (waiting_on(TUESDAY, provider), count_told_if_freed(taken, NOW))
    taken.cancel()
    assert (promised, tick(), told()) == (([0], 0), [], [])


def test_who_waits_by_appointments_costs_as_much_for_one_as_for_many(provider, taken):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            count_told_if_freed(Appointment.objects.select_related("provider").get(pk=taken.pk), NOW)
        return len(captured)

    for day in (3, 4, 5):
        facts = {"status": "confirmed", "email": f"{day}@example.com", "price": 0}
        booked = make_appointment(provider=provider, at=dublin(day, "10:00"), **facts)
        wait(provider, email=f"{day}@example.com", appointment=booked)
        if day == 3:
            one = queries()
    assert (one, queries()) == (4, 4)


def test_its_own_client_is_not_told_and_nobody_is_of_a_time_that_is_too_soon(provider, taken, settings):
    WaitingEntry.objects.ask_for_earlier(taken, dublin(3, "00:00"), timezone.now())
    assert count_told_if_freed(taken, NOW) == 0
    wait(provider)
    assert count_told_if_freed(taken, NOW) == 1
    assert count_told_if_freed(taken, taken.appointment_time - timedelta(minutes=settings.NOTICE_MINUTES - 1)) == 0
