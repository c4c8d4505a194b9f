"""An appointment as a calendar file (RFC 5545), for a client's own calendar.

Its UID never changes and its SEQUENCE rises with every change, so a calendar that knows it moves or removes it.
"""

from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress

from booking.models import Appointment
from booking.templatetags.wording import in_full


def calendar_file(appointment: Appointment, method: str = "PUBLISH") -> bytes:
    """`PUBLISH` to be downloaded; `REQUEST` and `CANCEL` are invitations, and name whom they are for."""
    calendar = Calendar()
    calendar.add("prodid", "-//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = event_of(appointment)
    if method != "PUBLISH":
        event.add("attendee", client_of(appointment))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def event_of(appointment: Appointment) -> Event:
    event = Event()
    # Not the reference itself: whoever knows that may cancel.
    event.add("uid", str(uuid5(NAMESPACE_URL, appointment.reference)))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", timezone.now())
    event.add("dtstart", appointment.appointment_time)
    event.add("dtend", appointment.end)
    event.add("summary", str(appointment))
    event.add("description", description_of(appointment))
    if appointment.provider.place:
        event.add("location", appointment.provider.place)
    event.add("url", appointment.absolute_url)
    event.add("status", "CANCELLED" if appointment.status == appointment.Status.CANCELLED else "CONFIRMED")
    # A shared calendar then shows that one is busy, and not with what.
    event.add("class", "PRIVATE")
    event.add("organizer", organizer())
    return event


def description_of(appointment: Appointment) -> str:
    lines = [
        settings.PRACTICE_NAME,
        in_full(appointment.appointment_time, appointment.provider.zone),
        f"Change or cancel: {appointment.absolute_url}",
    ]
    return "\n".join(lines)


def organizer() -> vCalAddress:
    practice = vCalAddress(f"mailto:{settings.PRACTICE_EMAIL or settings.EMAIL_FROM}")
    practice.params["CN"] = settings.PRACTICE_NAME
    return practice


def client_of(appointment: Appointment) -> vCalAddress:
    client = vCalAddress(f"mailto:{appointment.client_email}")
    client.params.update({"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    return client
