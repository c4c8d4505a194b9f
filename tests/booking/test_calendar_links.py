"""The links that add an appointment to a calendar on the web say what, when and where, and nothing personal."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation
from icalendar import Calendar

from booking.mail.calendar_file import calendar_file
from booking.templatetags.calendar_links import google, outlook
from tests.booking.clock import instant
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin")]


@pytest.fixture
def booked(settings):
    """It takes 50 minutes at ten in the morning in Madrid."""
    settings.PRACTICE_NAME = "Linden House Practice"
    marta = make_provider(name="Marta Ruiz", zone="Europe/Madrid", services=[make_service(minutes=50)])
    marta.place = "12 Linden Road, upstairs & left"
    marta.save()
    facts = {"client_name": "Jo Malone", "for_whom": "Mia Malone", "note": "Left knee", "status": "confirmed"}
    return make_appointment(provider=marta, at=instant("2026-06-02T10:00+02:00"), **facts)


def read(link):
    """Return where a link leads, and what it says there."""
    parts = urlsplit(link)
    return parts.netloc, {name: value for name, [value] in parse_qs(parts.query).items()}


def test_google_gets_the_title_the_place_and_the_times_in_the_providers_zone(booked):
    assert read(google(booked)) == (
        "calendar.google.com",
        {
            "action": "TEMPLATE",
            "text": "Consultation with Marta Ruiz",
            "dates": "20260602T080000Z/20260602T085000Z",
            "ctz": "Europe/Madrid",
            "details": "Linden House Practice",
            "location": "12 Linden Road, upstairs & left",
        },
    )


def test_they_and_the_calendar_file_call_it_the_same_in_each_language(booked):
    with translation.override("es-ie"):
        titles = [read(google(booked))[1]["text"], read(outlook(booked))[1]["subject"]]
        [event] = Calendar.from_ical(calendar_file(booked)).events
    assert [*titles, event["summary"]] == ["Consultation con Marta Ruiz"] * 3


def test_outlook_gets_the_same(booked):
    assert read(outlook(booked)) == (
        "outlook.live.com",
        {
            "path": "/calendar/action/compose",
            "rru": "addevent",
            "subject": "Consultation with Marta Ruiz",
            "startdt": "2026-06-02T10:00:00+02:00",
            "enddt": "2026-06-02T10:50:00+02:00",
            "body": "Linden House Practice",
            "location": "12 Linden Road, upstairs & left",
        },
    )


def test_neither_is_told_who_comes_nor_where_it_is_cancelled(booked):
    told = google(booked) + outlook(booked)
    secret = (booked.reference, "Malone", "jo", "knee", "localhost")
    assert [word for word in secret if word in told] == []


def test_the_page_has_them_while_the_appointment_is_ahead(client, booked, time_machine):
    page = f"/appointments/{booked.reference}/"
    assert Page(client.get(page)).links["Google Calendar"] == google(booked)
    time_machine.shift(timedelta(days=2))
    assert "Google Calendar" not in Page(client.get(page)).links
