"""The invitation in a mail and the file on the page are about one event, which follows the appointment."""

from datetime import timedelta
from decimal import Decimal

import pytest
import vobject

from tests.booking.mail.reading import AT, calendar_of, each_kind, received
from tests.factories import make_appointment, make_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("six_days_before")]


def test_the_invitation_is_one_that_calendars_take(appointment):
    appointment.client_time_zone = "Asia/Tokyo"
    part, calendar = calendar_of(received(appointment))
    assert (part.get_content_type(), part.get_filename()) == ("text/calendar", "appointment.ics")
    assert (part["Content-Type"].params["method"], calendar.method.value) == ("REQUEST", "REQUEST")
    event = calendar.vevent
    assert (event.dtstart.value, event.dtend.value) == (AT, AT + timedelta(minutes=50))
    assert (event.summary.value, event.status.value) == ("Consultation with Marta Ruiz", "CONFIRMED")
    assert (event.sequence.value, event.contents["class"][0].value) == ("0", "PRIVATE")
    assert event.organizer.value == "mailto:desk@practice.example"
    assert event.attendee.value == "mailto:jo@example.com"
    assert event.url.value == f"https://practice.example/appointments/{appointment.reference}/"


def test_a_move_and_a_cancelling_speak_of_the_same_event_with_a_higher_number(appointment):
    before = calendar_of(received(appointment))[1].vevent
    appointment.reschedule(AT + timedelta(days=1))
    moved = calendar_of(received(appointment, "changed", was=AT.isoformat()))[1].vevent
    appointment.cancel(Decimal(0))
    appointment.refresh_from_db()
    gone = calendar_of(received(appointment, "cancelled"))[1]
    assert {event.uid.value for event in (before, moved, gone.vevent)} == {before.uid.value}
    assert [event.sequence.value for event in (before, moved, gone.vevent)] == ["0", "1", "2"]
    assert moved.dtstart.value == AT + timedelta(days=1)
    assert (gone.method.value, gone.vevent.status.value) == ("CANCEL", "CANCELLED")


def test_the_event_is_not_known_by_the_reference(appointment):
    """People share their calendars, and whoever knows the reference can cancel."""
    event = calendar_of(received(appointment))[1].vevent
    assert appointment.reference not in event.uid.value


def test_another_appointment_is_another_event(appointment):
    other = make_appointment(provider=appointment.provider, at=AT + timedelta(days=2), status="confirmed")
    uids = {calendar_of(received(one))[1].vevent.uid.value for one in (appointment, other)}
    assert len(uids) == 2


@each_kind
def test_only_what_changes_a_calendar_brings_a_file(appointment, kind, reader, facts):
    brings = len(list(received(appointment, kind, reader, **facts).iter_attachments()))
    assert brings == (reader == "client" and kind in ("confirmed", "changed", "new rules", "cancelled"))


@pytest.mark.parametrize(("status", "method"), [("confirmed", "CONFIRMED"), ("cancelled", "CANCELLED")])
def test_the_page_offers_the_same_event_to_download(appointment, client, status, method):
    if status == "cancelled":
        appointment.cancel(Decimal(0))
    answer = client.get(f"/appointments/{appointment.reference}/calendar.ics")
    event = vobject.readOne(answer.content.decode()).vevent
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex")
    assert (event.status.value, event.dtstart.value) == (method, AT)
    assert event.uid.value == calendar_of(received(appointment))[1].vevent.uid.value
    assert "attendee" not in event.contents


def test_what_was_never_confirmed_is_in_no_calendar(client):
    held = make_appointment(provider=make_provider(), at=AT)
    assert client.get(f"/appointments/{held.reference}/calendar.ics").status_code == 404


def test_a_calendar_line_is_never_longer_than_calendars_read(appointment):
    appointment.provider_name = "Ω" * 100
    part, _ = calendar_of(received(appointment))
    assert max(len(line) for line in part.get_payload(decode=True).split(b"\r\n")) <= 75
