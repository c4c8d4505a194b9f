"""A provider's diary as a calendar (RFC 5545) to which their phone, Outlook or Google subscribes, by a secret address.

It goes to machines that are not the practice's, so of a client it has initials and nothing else.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from csp.decorators import csp_exempt
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Event, vText

from booking.in_force import in_force
from booking.initials import initials, letters
from booking.mail.calendar_file import new_calendar, new_event
from booking.models import Appointment, CalendarAddress, Provider

# How often a calendar is asked to look: each hour. Some look when they like, Google a few times a day.
LOOK_AGAIN = "PT1H"


# The policy is about pages.
@csp_exempt()  # type: ignore[arg-type]  # its types know only views without arguments
@require_safe
def diary(request: HttpRequest, key: str) -> HttpResponseBase:
    """Answer with the calendar, or 304 if the program that asks has it as it is now.

    A program learns that by the ETag alone. The latest change of what is shown would not do as Last-Modified: it may be
    an earlier one than before, once a time is cancelled and left out.
    """
    address = CalendarAddress.objects.find(key)
    if address is None:
        raise Http404
    # Who reads it sends no language that means anything: it is a program, and often one of Google or Microsoft.
    with translation.override(settings.LANGUAGE_CODE):
        body = calendar_of(address.provider, timezone.now())
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response


def calendar_of(provider: Provider, now: datetime) -> bytes:
    calendar = new_calendar("PUBLISH")
    name = vText(_("%(provider)s, %(practice)s") % {"provider": provider, "practice": in_force.PRACTICE_NAME})
    # The first of each two is of RFC 7986. The other was there before it, and more programs read that.
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", vText(LOOK_AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", LOOK_AGAIN)
    for event in events_of(Appointment.objects.in_calendar_of(provider, now), provider):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def events_of(appointments: Iterable[Appointment], provider: Provider) -> Iterable[Event]:
    for appointment in appointments:
        appointment.provider = provider
        yield event_of(appointment)


def event_of(appointment: Appointment) -> Event:
    """What was cancelled is left out by the query: a calendar removes what it finds no more.

    It has no CLASS:PRIVATE as a client's file has, since Google would show "busy" to the provider as well.
    """
    moments = (appointment.created_at, appointment.confirmed_at, appointment.changed_at)
    last_change = max(moment for moment in moments if moment)
    event = new_event(appointment, last_change)
    event.add("last-modified", last_change)
    event.add("summary", summary(appointment))
    event.add("status", "CONFIRMED" if appointment.status == Appointment.Status.CONFIRMED else "TENTATIVE")
    event.add("url", settings.SITE_URL + reverse("staff:appointment", args=[appointment.pk]))
    return event


def who_comes(name: str) -> str:
    """The initials; of a name that has but two letters only the first, since both would be all of it."""
    return initials(name) if len(letters(name)) > 2 else "".join(letters(name)[:1])


def summary(appointment: Appointment) -> str:
    """Not every calendar shows that a time is tentative, so the words say it as well."""
    who, service = who_comes(appointment.for_whom or appointment.client_name), appointment.translated_service
    words = _("%(initials)s, %(service)s") % {"initials": who, "service": service} if who else service
    is_sure = appointment.status == Appointment.Status.CONFIRMED
    return words if is_sure else _("Not sure yet: %(appointment)s") % {"appointment": words}
