"""A provider's diary by its secret address: what a calendar that subscribes to it reads."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import vobject
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.models import CalendarAddress, Change
from tests.booking.clock import NOW, dublin, instant
from tests.factories import make_appointment, make_provider, make_service
from tests.staff import somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin")]


@pytest.fixture
def address(provider):
    return address_of(provider)


def address_of(provider, by="somebody"):
    key = CalendarAddress.objects.make(provider, instead_of="", by=somebody("", name=by))
    return f"/diaries/{key}.ics"


def events(address):
    calendar = vobject.readOne(Client().get(address).content.decode())
    return calendar.contents.get("vevent", [])


def summaries(address):
    return [event.summary.value for event in events(address)]


def test_an_event_says_when_and_where_with_initials_and_is_sure(provider, address, settings):
    provider.place = "12 Linden Road, Dublin 6"
    provider.save()
    booked = make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed", client_name="Ann Walsh")
    [event] = events(address)
    assert (event.summary.value, event.location.value) == ("AW, Consultation", "12 Linden Road, Dublin 6")
    assert (event.dtstart.value, event.dtend.value) == (instant("2026-06-02T09:00Z"), instant("2026-06-02T09:30Z"))
    assert (event.status.value, event.sequence.value, event.dtstamp.value) == ("CONFIRMED", "0", NOW)
    assert event.url.value == f"{settings.SITE_URL}/staff/appointments/{booked.pk}/"


def test_it_has_nothing_else_of_a_client_and_no_reference(provider, address):
    booked = make_appointment(
        provider=provider,
        at=dublin(2, "10:00"),
        status="confirmed",
        email="walsh@example.com",
        client_name="Ann Walsh",
        client_phone="+353871234567",
        note="The left knee",
    )
    said = Client().get(address).content.decode().replace("\r\n ", "")
    personal = ["walsh@example.com", "Walsh", "Ann", "353871234567", "knee", booked.reference]
    assert [word for word in personal if word in said] == []


@pytest.mark.parametrize(
    ("named", "summary"),
    [
        ({"client_name": "Jo Malone", "for_whom": "Mia Byrne"}, "MB, Consultation"),
        ({"client_name": "Ärzu Öz"}, "ÄÖ, Consultation"),
        ({"client_name": "", "email": "jo@example.com"}, "Consultation"),
        ({"client_name": "", "email": "", "client_phone": "+353871234567"}, "Consultation"),
        ({"client_name": "王芳"}, "王, Consultation"),
        ({"client_name": "김 철"}, "김, Consultation"),
    ],
    ids=["for somebody else", "accents", "only an address", "only a telephone", "two letters", "two words of one"],
)
def test_the_initials_are_of_who_comes_and_without_a_name_there_are_none(provider, address, named, summary):
    make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed", **named)
    assert summaries(address) == [summary]


def test_what_is_held_for_days_is_tentative_and_what_is_held_for_minutes_is_left_out(provider, address):
    name = {"client_name": "Jo Malone"}
    make_appointment(provider=provider, at=dublin(2, "09:00"), **name)
    tomorrow = NOW + timedelta(days=1)
    make_appointment(provider=provider, at=dublin(2, "10:00"), kept_until=tomorrow, hold_minutes=24 * 60, **name)
    make_appointment(provider=provider, at=dublin(2, "11:00"), hold_expires_at=None, **name)
    make_appointment(provider=provider, at=dublin(2, "12:00"), kept_until=NOW, hold_minutes=-1, **name)
    assert [(event.dtstart.value, event.status.value, event.summary.value) for event in events(address)] == [
        (dublin(2, "10:00"), "TENTATIVE", "Not sure yet: JM, Consultation"),
        (dublin(2, "11:00"), "TENTATIVE", "Not sure yet: JM, Consultation"),
    ]


def test_what_was_cancelled_or_given_back_or_is_another_providers_is_not_there(provider, address):
    for clock, status in (("09:00", "cancelled"), ("10:00", "expired")):
        make_appointment(provider=provider, at=dublin(2, clock), status=status)
    other = make_provider(name="Bea Roth", services=provider.services.all())
    make_appointment(provider=other, at=dublin(2, "11:00"), status="confirmed")
    assert events(address) == []


def test_it_reaches_four_weeks_back_and_to_the_last_that_is_booked(provider, address):
    for days in (-29, -27, 400):
        make_appointment(provider=provider, at=NOW + timedelta(days=days), status="confirmed")
    assert [event.dtstart.value for event in events(address)] == [NOW + timedelta(days=days) for days in (-27, 400)]


def test_it_is_the_event_of_the_clients_own_file_and_a_move_has_a_higher_number(provider, address):
    booked = make_appointment(provider=provider, at=dublin(8, "10:00"), status="confirmed")
    theirs = Client().get(f"/appointments/{booked.reference}/calendar.ics").content.decode()
    [before] = events(address)
    booked.reschedule(dublin(9, "10:00"))
    [after] = events(address)
    assert {event.uid.value for event in (before, after, vobject.readOne(theirs).vevent)} == {before.uid.value}
    assert [event.sequence.value for event in (before, after)] == ["0", "1"]
    assert after.dtstart.value == dublin(9, "10:00")


def test_its_stamp_is_of_the_last_change(provider, address, time_machine):
    booked = make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed")
    time_machine.move_to(NOW + timedelta(minutes=5), tick=False)
    Change.objects.record(booked, Change.Kind.CORRECTED, fields="client_name")
    [event] = events(address)
    assert (event.dtstamp.value, event.last_modified.value) == (NOW + timedelta(minutes=5),) * 2


def test_times_are_right_on_both_sides_of_a_change_of_clocks(address, provider):
    """Clocks in Dublin go back on 25 October 2026."""
    for day in ("2026-10-24T10:00+01:00", "2026-10-26T10:00+00:00"):
        make_appointment(provider=provider, at=instant(day), status="confirmed")
    assert [event.dtstart.value for event in events(address)] == [
        datetime(2026, 10, 24, 9, 0, tzinfo=UTC),
        datetime(2026, 10, 26, 10, 0, tzinfo=UTC),
    ]


def test_it_names_the_calendar_and_says_how_often_to_look(address, settings):
    settings.PRACTICE_NAME = "Linden House"
    said = Client().get(address).content.decode().split("\r\n")
    wanted = {
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Dr Ada Byrne\\, Linden House",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    }
    assert wanted - set(said) == set()


def test_it_is_in_the_practices_language_whoever_asks(provider, address, settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("en-ie", "English"), ("es-ie", "Español")], "en-ie"
    service = provider.services.get()
    service.translations = {"name": {"es": "Consulta"}}
    service.save()
    make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed", client_name="Jo Malone")
    read = Client().get(address, headers={"Accept-Language": "es"}).content.decode()
    assert "SUMMARY:JM\\, Consultation" in read


# The answer


def test_it_is_private_and_for_programs_and_sets_no_cookie(address):
    browser = Client()
    answer = browser.get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("private, no-cache", "noindex")
    assert (browser.cookies.output(), "Cookie" in answer["Vary"], "Last-Modified" in answer) == ("", False, False)


def test_who_has_it_as_it_is_gets_nothing_again_until_something_changes(provider, address):
    as_it_is = {"If-None-Match": Client().get(address)["ETag"]}
    again = Client().get(address, headers=as_it_is)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", as_it_is["If-None-Match"])
    assert again["Cache-Control"] == "private, no-cache"
    make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed")
    changed = Client().get(address, headers=as_it_is)
    assert (changed.status_code, changed["ETag"] == as_it_is["If-None-Match"]) == (200, False)


def test_who_reads_it_compressed_is_told_as_well_that_nothing_has_changed(provider, address):
    for day in range(2, 8):  # what is very short is not always sent compressed
        make_appointment(provider=provider, at=dublin(day, "10:00"), status="confirmed")
    compressed = Client(headers={"Accept-Encoding": "gzip"})
    first = compressed.get(address)
    again = compressed.get(address, headers={"If-None-Match": first["ETag"]})
    assert (first["Content-Encoding"], again.status_code) == ("gzip", 304)


def test_it_only_looks(provider, address):
    make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed")
    with CaptureQueriesContext(connection) as queries:
        Client().get(address)
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []
    head = Client().head(address)
    assert (head.status_code, head.content, Client().post(address).status_code) == (200, b"", 405)


def test_a_wrong_address_and_one_that_was_taken_back_are_not_found_and_tell_nothing(provider, address):
    CalendarAddress.objects.remove(provider, edition=None, by=somebody("", name="owner"))
    answers = [Client().get(one) for one in (address, "/diaries/7.ics", f"/diaries/{'x' * 3000}.ics")]
    assert {(one.status_code, one.headers["Content-Type"]) for one in answers} == {(404, "text/html; charset=utf-8")}
    shown = {one.content for one in answers}
    assert (len(shown), b"Byrne" in shown.pop()) == (1, False)


def test_the_hash_that_is_kept_opens_nothing(provider, address):
    kept = CalendarAddress.objects.get()
    assert kept.digest not in address
    assert Client().get(f"/diaries/{kept.digest}.ics").status_code == 404


def test_the_log_names_the_route_and_never_the_address(address, caplog):
    caplog.set_level(logging.DEBUG)
    Client().get(address)
    Client().get(f"{address}x")
    assert "GET /diaries/<slug:key>.ics 200" in caplog.text
    assert address.removeprefix("/diaries/").removesuffix(".ics") not in caplog.text


@pytest.mark.parametrize("appointments", [1, 40])
def test_it_costs_two_questions_however_much_is_booked(provider, address, appointments, django_assert_num_queries):
    """They are whose address it is, and what that provider has."""
    service = make_service(name="Call", price="0.00")
    for number in range(appointments):
        at = dublin(2, "09:00") + timedelta(minutes=30 * number)
        booked = make_appointment(provider=provider, at=at, status="confirmed", service=service)
        Change.objects.record(booked, Change.Kind.CORRECTED, fields="note")
    with django_assert_num_queries(2):
        assert Client().get(address).status_code == 200
    assert len(events(address)) == appointments
