"""Links that add an appointment to a calendar on the web, for clients whose calendar takes no file.

Each opens a page of that calendar with the event filled in, which its owner then saves. Unlike the file, which stays
with the client, such a link tells a company what is in it, so it has no more than the event needs. The address of the
appointment's page is left out: whoever knows it may cancel.
"""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django import template

from booking.in_force import in_force
from booking.models import Appointment

register = template.Library()

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"


@register.filter
def google(appointment: Appointment) -> str:
    """Google shows the event in the provider's zone, to which it gives the times in UTC."""
    begins, ends = (f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" for moment in times_of(appointment))
    return address(
        GOOGLE,
        action="TEMPLATE",
        text=appointment.title,
        dates=f"{begins}/{ends}",
        ctz=appointment.provider.zone.key,
        details=in_force.PRACTICE_NAME,
        location=appointment.provider.where,
    )


@register.filter
def outlook(appointment: Appointment) -> str:
    """Outlook reads the offset of a time, and shows the event on its owner's clock."""
    begins, ends = (moment.astimezone(appointment.provider.zone).isoformat() for moment in times_of(appointment))
    return address(
        OUTLOOK,
        path="/calendar/action/compose",
        rru="addevent",
        subject=appointment.title,
        startdt=begins,
        enddt=ends,
        body=in_force.PRACTICE_NAME,
        location=appointment.provider.where,
    )


def times_of(appointment: Appointment) -> tuple[datetime, datetime]:
    return appointment.appointment_time, appointment.end


def address(page: str, **query: str) -> str:
    return f"{page}?{urlencode({name: value for name, value in query.items() if value})}"
