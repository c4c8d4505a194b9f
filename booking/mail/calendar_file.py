"""An appointment as a calendar file (RFC 5545), for a client's own calendar.

Its UID never changes, and its SEQUENCE rises with every change, so a calendar that has it already moves or removes it.
"""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from booking.in_force import in_force
from booking.models import Appointment
from booking.templatetags.wording import in_full


def calendar_file(appointment: Appointment, method: str = "PUBLISH") -> bytes:
    """The file with one event. Its method is `PUBLISH` for a download, and for a mail `REQUEST` or `CANCEL`.

    The latter two are an invitation and its withdrawal, which have to name whom they are for.
    """
    calendar = new_calendar(method)
    event = event_of(appointment)
    if method != "PUBLISH":
        client = vCalAddress(f"mailto:{appointment.client_email}")
        client.params.update({"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
        event.add("attendee", client)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def new_calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def event_of(appointment: Appointment) -> Event:
    event = new_event(appointment, timezone.now())
    event.add("summary", appointment.title)
    when = in_full(appointment.appointment_time, appointment.provider.zone)
    change = _("Change or cancel: %(address)s") % {"address": appointment.absolute_url}
    event.add("description", f"{in_force.PRACTICE_NAME}\n{when}\n{change}")
    event.add("url", appointment.absolute_url)
    event.add("status", "CANCELLED" if appointment.status == appointment.Status.CANCELLED else "CONFIRMED")
    # A calendar that others may see shows then that its owner is busy, but not with what.
    event.add("class", "PRIVATE")
    practice = vCalAddress(f"mailto:{settings.PRACTICE_EMAIL or settings.EMAIL_FROM}")
    practice.params["CN"] = in_force.PRACTICE_NAME
    event.add("organizer", practice)
    return event


def new_event(appointment: Appointment, stamp: datetime) -> Event:
    """Which event it is, when and where: what is the same in the calendar of the client and in that of the provider."""
    event = Event()
    # The UID is made from the reference but does not tell it, since whoever knows the reference may cancel.
    event.add("uid", str(uuid5(NAMESPACE_URL, appointment.reference)))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", stamp)
    event.add("dtstart", appointment.appointment_time)
    event.add("dtend", appointment.end)
    if where := appointment.provider.where:
        event.add("location", where)
    return event
