"""Corners of booking that a careful reader found: each of these once went wrong."""

import json
from datetime import UTC, datetime, time

import pytest
from django.core.exceptions import ValidationError

from booking import money
from booking.templatetags import wording
from tests.factories import in_days, make_appointment, make_provider, make_service

pytestmark = pytest.mark.django_db
TEN = "2026-06-02T10:00+01:00"


@pytest.fixture
def june(time_machine):
    time_machine.move_to(datetime(2026, 6, 1, 11, 0, tzinfo=UTC), tick=False)


def form(provider, **facts):
    known = {
        "provider": provider.slug,
        "service": provider.services.first().slug,
        "appointment_time": in_days(2, provider=provider).isoformat(),
        "client_email": "jo@example.com",
    }
    return {**known, **facts}


# The page


def test_a_free_time_pressed_twice_is_one_appointment(client):
    provider = make_provider(services=[make_service(price="0.00")])
    first, again = client.post("/", form(provider)), client.post("/", form(provider))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first["Location"] == again["Location"]


def test_what_one_browser_holds_is_not_cached_for_another(client):
    client.post("/", form(make_provider()))
    response = client.get("/")
    assert "Cookie" in response.get("Vary", "") or "private" in response.get("Cache-Control", "")


def test_a_note_of_as_many_characters_as_the_browser_lets_one_type_is_taken(client):
    """A browser counts a line break as one character and sends two."""
    provider = make_provider()
    response = client.post("/", form(provider, note="ab\r\n" * 333 + "c"))
    assert response.status_code == 303


@pytest.mark.parametrize("field", ["client_name"])
@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_a_line_separator_is_a_line_break_too(client, field, separator):
    response = client.post("/", form(make_provider(), **{field: f"Jo{separator}Malone"}))
    assert response.status_code == 422


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b"])
def test_an_address_with_invisible_characters_is_refused(client, hidden):
    response = client.post("/", form(make_provider(), client_email=f"jo@ex{hidden}mple.com"))
    assert response.status_code == 422


def test_hours_with_seconds_are_refused():
    provider = make_provider()
    hours = provider.working_hours.model(provider=provider, weekday=0, opens=time(9, 0, 30), closes=time(17))
    with pytest.raises(ValidationError, match="like 09:30"):
        hours.full_clean()


# The API


@pytest.mark.parametrize("name", ["Dr\u00a0Ada Byrne", "می\u200cخواهم"])
def test_a_name_that_the_admin_takes_can_be_booked_by(client, name):
    provider = make_provider()
    provider.name = name
    provider.full_clean()
    provider.save()
    body = {"provider_name": name, "client_email": "jo@example.com"}
    body["appointment_time"] = in_days(2, provider=provider).isoformat()
    assert client.post("/api/appointments", json.dumps(body), content_type="application/json").status_code == 201


def test_half_a_character_in_the_domain_of_an_address_is_422(client):
    provider = make_provider()
    client.raise_request_exception = False
    body = {"provider_name": provider.name, "client_email": "jo@ex\ud800mple.com"}
    body["appointment_time"] = in_days(2, provider=provider).isoformat()
    response = client.post("/api/appointments", json.dumps(body), content_type="application/json")
    assert (response.status_code, list(response.json()["errors"])) == (422, ["client_email"])


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Auckland", "0001-01-01"), ("America/New_York", "9999-12-31")])
def test_the_ends_of_the_calendar_have_no_slots(client, zone, day):
    make_provider(zone=zone, hours=[("00:30", "23:30")])
    client.raise_request_exception = False
    response = client.get(f"/api/providers/dr-ada-byrne/slots?service=consultation&date={day}")
    assert response.status_code in {200, 422}


@pytest.mark.parametrize("date", ["1780000000", "2026-06-02T00:00:00", "0"])
def test_a_date_is_written_year_month_day(client, date):
    make_provider()
    assert client.get(f"/api/providers/dr-ada-byrne/slots?service=consultation&date={date}").status_code == 422


@pytest.mark.parametrize("body", ["[]", "null", ""])
def test_json_that_is_not_an_object_names_only_fields_of_the_contract(client, body):
    answer = client.post("/api/appointments", body, content_type="application/json", CONTENT_TYPE="application/json")
    assert "asked" not in answer.json().get("errors", {})


def test_the_docs_are_only_read(client):
    assert client.post("/api/docs").status_code == 405


def test_the_json_of_an_appointment_is_nobodys_to_keep(client):
    provider = make_provider()
    row = make_appointment(provider=provider, at=in_days(2, provider=provider))
    assert "no-store" in client.get(f"/api/appointments/{row.reference}").get("Cache-Control", "")


# Words


def test_one_minute_is_singular():
    assert wording.length_in_words(61) == "1 hour 1 minute"


def test_letters_of_a_currency_stand_apart_from_the_amount():
    assert money.display(money.from_minor_units(7250, "chf"), "chf").replace("\u00a0", " ") == "CHF 72.50"


# The admin


def test_giving_back_says_what_was_given_back(admin_client):
    provider = make_provider()
    row = make_appointment(provider=provider, at=in_days(2, provider=provider))
    chosen = {"action": "give_back", "_selected_action": [row.pk]}
    response = admin_client.post("/admin/booking/appointment/", chosen, follow=True)
    assert len(list(response.context["messages"])) == 1


def test_an_appointments_own_admin_page_says_when_as_the_list_does(admin_client, june):
    row = make_appointment(provider=make_provider(zone="America/New_York"), at=datetime.fromisoformat(TEN))
    page = admin_client.get(f"/admin/booking/appointment/{row.pk}/change/").content.decode()
    assert "05:00–05:30 New York time (UTC-4)" in page


def test_the_admin_tells_time_by_24_hours(admin_client, june):
    """DATETIME_FORMAT in the settings has no effect: Django prefers its own formats of en-gb."""
    row = make_appointment(provider=make_provider(), at=datetime.fromisoformat("2026-06-02T15:00+01:00"))
    assert "3 p.m." not in admin_client.get(f"/admin/booking/appointment/{row.pk}/change/").content.decode()


# Refused methods


def test_even_a_refused_method_on_a_page_of_a_reference_is_private(client):
    provider = make_provider()
    row = make_appointment(provider=provider, at=in_days(2, provider=provider))
    response = client.put(f"/appointments/{row.reference}/")
    assert (response.get("X-Robots-Tag"), response.get("Cache-Control")) == ("noindex", "no-store")
