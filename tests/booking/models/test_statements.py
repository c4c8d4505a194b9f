"""Each statement that is written by hand answers as the ORM does, whatever stands in the tables."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from operator import itemgetter

import pytest
from django.db import transaction
from django.utils.text import slugify
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.by_reference import get_by_reference
from booking.limits import mailbox
from booking.models import Appointment, Change, Provider, TimeOff, offers
from booking.models.statements import read_diary
from booking.schedule.availability import merge
from booking.text import printable
from tests.booking.clock import NOW
from tests.factories import make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin")]

# The fixtures are the same for all examples, and `undone` takes back what an example has written.
examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUARTER, MOMENT = timedelta(minutes=15), timedelta(microseconds=1)

quarters = st.integers(-4, 8).map(lambda quarter: NOW + quarter * QUARTER)
# Around NOW, to the microsecond: what has just lapsed, what is about to, and what has no end.
hold_ends = st.sampled_from([None, NOW - MOMENT, NOW, NOW + MOMENT, NOW + QUARTER])
booked = st.fixed_dictionaries(
    {
        "provider": st.integers(0, 1),
        "appointment_time": quarters,
        "status": st.sampled_from(Appointment.Status.values),
        "hold_expires_at": hold_ends,
        "client_mailbox": st.sampled_from(["jo@example.com", "bo@example.com"]),
        "begun_from": st.sampled_from(["", "one network", "another"]),
        "price": st.sampled_from([Decimal("0.00"), Decimal("60.00")]),
        # Which share of the price is due at the practice: what is due online is counted as unpaid.
        "at_practice": st.sampled_from([Decimal(0), Decimal("0.75"), Decimal(1)]),
        "created_at": st.sampled_from([NOW, NOW - timedelta(days=1), NOW - timedelta(days=1) + MOMENT]),
        # What was written down about it: what is booked at the desk does not count for a mailbox.
        "story": st.sampled_from([[], ["moved"], ["booked"], ["booked", "corrected"]]),
    }
)
# No two of one provider begin together, and each takes a quarter of an hour: they may touch, and none overlaps another.
appointments = st.lists(booked, min_size=2, max_size=12, unique_by=itemgetter("provider", "appointment_time"))
spans = st.tuples(quarters, st.integers(1, 6)).map(lambda span: (span[0], span[0] + span[1] * QUARTER))
times_off = st.lists(st.tuples(st.integers(0, 1), spans), max_size=5)


@pytest.fixture
def providers():
    service = make_service(minutes=5, buffer=10)
    return [make_provider(services=[service]), make_provider(name="Bo Lund", services=[service], hours=[])]


def columns(*rows):
    """Return the values of all columns of the rows, by which alone two rows can be told apart."""
    return [{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} for row in rows]


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def insert(providers, rows):
    """Write the appointments, which get the references `0`, `1`, `2` and so on."""
    service = providers[0].services.get()
    made, stories = [], []
    for number, row in enumerate(rows):
        facts = {"story": [], "at_practice": 0, **row, "reference": str(number)}
        stories.append(facts.pop("story"))
        one = Appointment.copied_from(providers[facts.pop("provider")], service, facts.pop("appointment_time"))
        share = facts.pop("at_practice")
        for name, value in facts.items():
            setattr(one, name, value)
        one.due_at_practice = one.price * share
        made.append(one)
    Appointment.objects.bulk_create(made)
    changes = [
        Change(appointment=one, kind=kind, at=NOW) for one, kinds in zip(made, stories, strict=True) for kind in kinds
    ]
    Change.objects.bulk_create(changes)


def insert_time_off(providers, rows):
    for provider, (starts, ends) in rows:
        TimeOff.objects.create(provider=providers[provider], starts=starts, ends=ends)


@examples
@given(appointments, times_off, spans, st.integers(-1, 11))
def test_a_diary_has_the_rows_that_the_orm_finds(providers, rows, time_off, span, moving):
    since, until = span
    with undone():
        insert(providers, rows)
        insert_time_off(providers, time_off)
        for provider in providers:
            left_out = provider.appointments.filter(reference=str(moving)).first()
            read = read_diary(provider.pk, since, until, NOW, left_out and left_out.pk)
            live = provider.appointments.live(NOW).overlapping(since, until).exclude(reference=str(moving))
            held, confirmed = (live.filter(status=status) for status in ("held", "confirmed"))
            holds = held.values_list("reference", "appointment_time", "blocked_until")
            assert sorted(row for row in read.taken if row[0]) == sorted(holds)
            occupied = [tuple(times) for hold, *times in read.taken if not hold]
            assert merge(occupied) == merge(confirmed.values_list("appointment_time", "blocked_until"))
            away = provider.time_off.filter(starts__lt=until, ends__gt=since)
            assert sorted(read.away) == sorted(away.values_list("starts", "ends"))
            assert sorted(read.week) == sorted(provider.working_hours.values_list("weekday", "opens", "closes"))


def test_a_full_day_is_read_as_one(providers):
    """However many appointments a day is full of, only when they begin and end is read as times."""
    rows = [{"provider": 0, "appointment_time": NOW + n * QUARTER, "status": "confirmed"} for n in range(8)]
    insert(providers, [{**row, "client_mailbox": "", "created_at": NOW} for row in rows])
    read = read_diary(providers[0].pk, NOW - QUARTER, NOW + 9 * QUARTER, NOW, None)
    assert read.taken == [("", NOW, NOW + 8 * QUARTER)]


@examples
@given(appointments)
def test_an_appointment_comes_with_its_provider_and_service_as_from_the_orm(providers, rows):
    with undone():
        insert(providers, rows)
        for found in Appointment.objects.select_related("provider", "service"):
            read = get_by_reference(found.reference)
            same = columns(found, found.provider, found.service)
            assert columns(read, read.provider, read.service) == same


references = st.lists(st.integers(0, 13).map(str), max_size=5, unique=True)
clients = st.fixed_dictionaries(
    {
        "email": st.sampled_from(["Jo+spring@example.com", "bo@example.com"]),
        "network": st.sampled_from(["", "one network"]),
        "own": references,
    }
)


@examples
@given(appointments, times_off, quarters, clients)
def test_the_obstacles_to_a_booking_are_those_that_the_orm_finds(providers, rows, away, at, client):
    own = client["own"]
    spare = own[-1] if own else ""
    with undone():
        insert(providers, rows)
        insert_time_off(providers, away)
        wanted = Appointment.copied_from(providers[0], providers[0].services.get(), at)
        wanted.client_email, wanted.begun_from = client["email"], client["network"]
        every, live = Appointment.objects, Appointment.objects.live(NOW)
        overlapping = providers[0].appointments.occupying().overlapping(at, wanted.blocked_until)
        assert every.obstacles(wanted, own, spare, NOW) == (
            overlapping.exists(),
            providers[0].time_off.filter(starts__lt=wanted.end, ends__gt=at).exists(),
            live.holds_of(own).count(),
            live.begun_at(client["network"], NOW).count(),
            live.booked_ahead_by(mailbox(client["email"]), NOW).count(),
            every.filter(reference=spare).exists(),
        )


NAMES, SLUGS = ["Anna", "Bo", "Émile", "zoe"], ["anna", "bo", "emile", "zoe"]
each = st.lists(st.booleans(), min_size=4, max_size=4)
prices = st.lists(st.sampled_from(["0.00", "0.50", "19.99", "60.00", "999999.99"]), min_size=4, max_size=4)
pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12, unique=True)
wishes = st.fixed_dictionaries(
    {"provider": st.sampled_from([None, *SLUGS]), "service": st.sampled_from([None, *SLUGS, "\x00"])}
) | st.fixed_dictionaries({"name": st.sampled_from([*NAMES, "Nobody"])})


@examples
@given(each, prices, pairs, wishes)
def test_the_offers_are_those_that_the_orm_finds_in_the_same_order(active, prices, pairs, wish):
    with undone():
        facts = list(zip(NAMES, active, prices, strict=True))
        providers = [Provider.objects.create(name=name, slug=slugify(name), active=on) for name, on, _ in facts]
        services = [make_service(name=name, active=not on, price=price) for name, on, price in facts]
        for provider, service in pairs:
            providers[provider].services.add(services[service])
        through = {"provider": "provider__slug", "service": "service__slug", "name": "provider__name"}
        wanted = {through[key]: printable(value) for key, value in wish.items() if value is not None}
        found = Provider.services.through.objects.filter(provider__active=True, service__active=True, **wanted)
        found = found.order_by("provider__name", "service__position", "service__name")
        read = map(offers.offer_of, offers.read_rows(**wish))
        assert [columns(*one) for one in read] == [columns(one.provider, one.service) for one in found]
