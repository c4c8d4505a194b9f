"""What staff see of a day: who comes, when the provider is away, and which time is free."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection

from booking.models import Appointment, Provider, TimeOff
from booking.schedule.agenda import read_agendas
from tests.booking.clock import NOW, dublin, instant
from tests.factories import make_appointment, make_provider, make_service
from tests.filled import fill

TUESDAY = date(2026, 6, 2)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def agenda(provider, day=TUESDAY, now=NOW):
    [read] = read_agendas([provider], day, day, Appointment.objects.all(), now)
    return read


def clocks(intervals, zone="Europe/Dublin"):
    zone = Provider(time_zone=zone).zone
    return [f"{start.astimezone(zone):%H:%M}-{end.astimezone(zone):%H:%M}" for start, end in intervals]


def names(appointments):
    return [one.client_name for one in appointments]


def test_the_gaps_are_what_hours_appointments_with_their_buffers_and_time_off_leave():
    service = make_service(minutes=30, buffer=15)
    provider = make_provider(hours=[("09:00", "12:00"), ("13:00", "17:00")], services=[service])
    make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed")
    make_appointment(provider=provider, at=dublin(2, "13:00"))
    TimeOff.objects.create(provider=provider, starts=dublin(2, "15:00"), ends=dublin(3, "09:00"))
    assert clocks(agenda(provider).free) == ["09:00-10:00", "10:45-12:00", "13:45-15:00"]
    assert clocks(agenda(provider).away) == ["15:00-00:00"]


def test_a_gap_begins_at_the_first_time_that_can_be_booked_and_is_none_if_there_is_no_such_time():
    provider = make_provider(services=[make_service(minutes=20)], hours=[("09:00", "10:00")])
    make_appointment(provider=provider, at=dublin(2, "09:00"), status="confirmed")
    assert clocks(agenda(provider).free) == ["09:30-10:00"]
    make_appointment(provider=provider, at=dublin(2, "09:30"), status="confirmed")
    assert clocks(agenda(provider).free) == []


def test_a_gap_by_the_hour_begins_at_the_first_time_of_each_hour(provider):
    make_appointment(provider=provider, at=dublin(2, "09:15"), status="confirmed")
    read = agenda(provider)
    parts = [part for gap in read.free for part in read.hourly(gap)]
    assert clocks(parts)[:4] == ["09:00-09:15", "09:45-10:00", "10:00-11:00", "11:00-12:00"]
    assert clocks(parts)[-1] == "16:00-17:00"


def test_nothing_that_is_over_is_a_gap(provider):
    assert clocks(agenda(provider, date(2026, 6, 1)).free) == ["12:00-17:00"]
    assert clocks(agenda(provider, date(2026, 6, 1), now=NOW + timedelta(minutes=5)).free) == ["12:15-17:00"]
    assert agenda(provider, date(2026, 5, 31)).free == []


def test_nobody_is_booked_with_an_inactive_provider_and_what_is_booked_is_shown():
    provider = make_provider(active=False)
    make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed", client_name="Jo")
    assert (agenda(provider).open, agenda(provider).free, names(agenda(provider).live)) == ([], [], ["Jo"])


def test_cancelled_ones_are_apart_and_take_no_time_and_expired_and_lapsed_ones_are_gone(provider):
    for clock, name, facts in [
        ("09:00", "Held", {}),
        ("10:00", "Waiting for the bank", {"hold_expires_at": None}),
        ("11:00", "Lapsed", {"hold_minutes": -1}),
        ("12:00", "Expired", {"status": "expired"}),
        ("13:00", "Cancelled", {"status": "cancelled"}),
        ("14:00", "Did not come", {"status": "confirmed", "no_show_at": NOW}),
    ]:
        make_appointment(provider=provider, at=dublin(2, clock), client_name=name, **facts)
    read = agenda(provider)
    assert names(read.live) == ["Held", "Waiting for the bank", "Did not come"]
    assert names(read.cancelled) == ["Cancelled"]
    assert clocks(read.free) == ["09:30-10:00", "10:30-14:00", "14:30-17:00"]


def test_an_appointment_over_midnight_is_on_both_days_and_its_buffer_only_takes_time():
    late = make_service(name="Late", minutes=60, buffer=60)
    provider = make_provider(services=[late], hours=[("22:00", "03:00")])
    make_appointment(provider=provider, at=dublin(1, "23:30"), client_name="Over midnight", status="confirmed")
    make_appointment(provider=provider, at=dublin(2, "23:00"), client_name="Until midnight", status="confirmed")
    assert names(agenda(provider, date(2026, 6, 1)).live) == ["Over midnight"]
    assert names(agenda(provider, date(2026, 6, 2)).live) == ["Over midnight", "Until midnight"]
    assert clocks(agenda(provider, date(2026, 6, 2)).open) == ["00:00-03:00", "22:00-00:00"]
    assert clocks(agenda(provider, date(2026, 6, 2)).free) == ["01:30-03:00", "22:00-23:00"]
    assert names(agenda(provider, date(2026, 6, 3)).live) == []
    assert clocks(agenda(provider, date(2026, 6, 3)).free) == ["01:00-03:00", "22:00-00:00"]


def test_the_day_is_one_of_the_providers_own_calendar():
    hemi = make_provider(name="Hemi Walker", zone="Pacific/Auckland")
    make_appointment(provider=hemi, at=instant("2026-06-02T09:00+12:00"), client_name="Hana", status="confirmed")
    read = agenda(hemi)
    assert read.whole == (datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 6, 2, 12, tzinfo=UTC))
    assert names(read.live) == ["Hana"]
    assert names(agenda(hemi, date(2026, 6, 1)).live) == []


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 25), 25), (date(2027, 3, 28), 23)])
def test_a_day_on_which_clocks_change_has_its_true_length(day, hours):
    provider = make_provider(hours=[("00:00", "00:00")])
    [whole] = agenda(provider, day).free
    assert whole.end - whole.start == timedelta(hours=hours)
    assert len(agenda(provider, day).hourly(whole)) == hours


@pytest.mark.parametrize("providers", [1, 20])
def test_all_agendas_are_read_in_four_queries(providers, django_assert_num_queries):
    service = make_service()
    known = [make_provider(name=f"Dr {number}", services=[service]) for number in range(providers)]
    for provider in known:
        for clock in ("09:00", "10:00", "11:00"):
            make_appointment(provider=provider, at=dublin(2, clock), status="confirmed")
    with django_assert_num_queries(4):
        read = read_agendas(known, TUESDAY, TUESDAY + timedelta(days=6), Appointment.objects.all(), NOW)
        assert [len(one.live) for one in read if one.date == TUESDAY] == [3] * providers
        assert {one.provider.name for agenda in read for one in agenda.live} == {one.name for one in known}


def test_an_index_leads_from_one_end_of_the_day_to_the_other(engine):
    """So no appointment of other years is looked at, however many there are. An empty table is read in any way."""
    fill(500, providers=3)
    rows = Appointment.objects.in_agenda(NOW, NOW + timedelta(days=1), NOW)
    with connection.cursor() as cursor:
        if engine == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # it would read a small table as a whole
    both_ends = r"(?:INDEX|Index Cond:) .*appointment_time\W*([<>])\W.* AND \W*appointment_time\W*(?!\1)[<>]"
    assert re.search(both_ends, rows.explain()) is not None


def test_a_time_of_closing_is_shown_as_written(provider):
    provider.working_hours.update(opens=time(9, 7), closes=time(16, 52))
    assert clocks(agenda(provider).open) == ["09:07-16:52"]
    assert clocks(agenda(provider).free) == ["09:07-16:52"]
