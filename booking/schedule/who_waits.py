"""How many people wait for a time to become free, as the desk is told: on a day, and at the time of an appointment."""

from datetime import datetime, timedelta

from django.conf import settings

from booking.models import Appointment, Provider, WaitingEntry, offers
from booking.models.offers import offer_of
from booking.schedule.availability import Interval
from booking.schedule.chosen_by_hand import warnings


class WhoWaits:
    """Those who wait for a time of that interval. Reading them takes one query, and another if there are any."""

    def __init__(self, view: Interval, now: datetime) -> None:
        self.now = now
        ahead = settings.MAIL_IS_SENT and now < view.end
        self.entries = read_entries(view) if ahead else []
        offered = map(offer_of, offers.read_rows()) if self.entries else ()
        self.offered = {(offer.provider.pk, offer.service.pk) for offer in offered}

    def count(self, provider: Provider, part: Interval, length: timedelta = timedelta.max) -> int:
        """How many people would come to that provider in that part, if a time of such a length frees."""
        ahead = self.entries if self.now < part.end else []
        return len({entry.mailbox for entry in ahead if self.would_come(entry, provider, part, length)})

    def would_come(self, entry: WaitingEntry, provider: Provider, part: Interval, length: timedelta) -> bool:
        asked_for = entry.provider_id in (None, provider.pk) and (provider.pk, entry.service_id) in self.offered
        own = entry.appointment
        fits = (own or entry.service).occupies <= length and (not own or own.is_movable)
        return asked_for and fits and entry.since < part.end and part.start < entry.until


def read_entries(view: Interval) -> list[WaitingEntry]:
    waiting = WaitingEntry.objects.waiting().filter(since__lt=view.end, until__gt=view.start)
    return list(waiting.select_related("service", "appointment__provider", "appointment__service"))


def count_told_if_freed(appointment: Appointment, now: datetime) -> int:
    """How many people are told in turn if this appointment gives its time back now. Its own client is none of them.

    Nobody is told of a time that no client could have, as when somebody is away and their day is called off.
    """
    time = Interval(appointment.appointment_time, appointment.end)
    who_waits = WhoWaits(time, now)
    who_waits.entries = [entry for entry in who_waits.entries if entry.appointment_id != appointment.pk]
    told = who_waits.count(appointment.provider, time, appointment.occupies)
    return 0 if told and warnings(appointment, appointment.appointment_time, now) else told
