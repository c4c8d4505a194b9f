"""Wait for a time as a client does, and look at who was told of which time."""

import re

from django.core import mail as outbox
from django.utils import timezone

from booking.mail import sending
from booking.models import WaitingEntry, WaitingOffer
from booking.schedule import telling
from tests.booking.clock import dublin
from tests.factories import make_appointment, make_provider, make_service


def make_provider_of_one_hour():
    """Dr Ada Byrne has one hour a day, from ten to eleven, and a consultation takes all of it."""
    return make_provider(services=[make_service(minutes=60)], hours=[("10:00", "11:00")])


def take_tuesday(provider):
    """Let somebody have the hour of Tuesday, which is the first day that can be booked."""
    return make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed", price=0)


def wait(provider, *, email="wendy@example.com", day=2, since=None, until=None, anyone=False, **facts):
    """Let somebody wait who has confirmed it: for a time on that day of June 2026, unless said otherwise."""
    now = timezone.now()
    defaults = {
        "provider": None if anyone else provider,
        "service": provider.services.first(),
        "address": email,
        "mailbox": email,
        "since": since or dublin(day, "00:00"),
        "until": until or dublin(day + 1, "00:00"),
        "time_zone": "Europe/Dublin",
        "asked_at": now,
        "confirmed_at": now,
    }
    return WaitingEntry.objects.create(**{**defaults, **facts})


def fill(provider, day=2):
    """Let somebody else have all times of the day but what is given back later. Returns their time off."""
    return provider.time_off.create(starts=dublin(day, "00:00"), ends=dublin(day + 1, "00:00"))


def tick():
    """Do what tick does for those who wait, and return the messages that were sent to them."""
    before = len(outbox.outbox)
    telling.see_to_who_waits(timezone.now())
    sending.send_due(timezone.now())
    return [message for message in outbox.outbox[before:] if "List-Unsubscribe" in message.extra_headers]


def told():
    """Return who was told of which time, on the clock in Dublin, in order."""
    rows = WaitingOffer.objects.order_by("pk").values_list("mailbox", "appointment_time")
    return [(mailbox.partition("@")[0], f"{moment.hour + 1:02}:{moment.minute:02}") for mailbox, moment in rows]


def links(message):
    """Return the links of a mail, without the site's name."""
    return [link.partition("//")[2].partition("/")[2] for link in re.findall(r"^http\S+$", message.body, re.MULTILINE)]
