"""The vocabulary in which the rest of the code asks for appointments. Nothing here changes one."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from booking import limits, zones
from booking.models.appointment.facts import OVER_AT, AppointmentFacts
from booking.models.changes import Change
from booking.models.practice import Provider, TimeOff
from booking.models.services import Service
from booking.models.statements import Obstacles, find_obstacles

Status = AppointmentFacts.Status
# What a provider's own calendar shows of what is over.
IN_CALENDARS_FOR = timedelta(weeks=4)
Row_co = TypeVar("Row_co", bound=AppointmentFacts, covariant=True)
# Those that are confirmed at once when they are booked: free of charge, or paid at the practice.
NOTHING_DUE_ONLINE = Q(price=F("due_at_practice"))


class AppointmentQuerySet(models.QuerySet[Row_co]):
    def occupying(self) -> Self:
        """Those that the database's rule against overlaps counts: confirmed, or held even if the hold has lapsed."""
        return self.filter(status__in=AppointmentFacts.OCCUPYING)

    def lapsed(self, now: datetime) -> Self:
        return self.filter(status=Status.HELD, hold_expires_at__lte=now)

    def live(self, now: datetime) -> Self:
        """Confirmed, or held and not lapsed. A hold without an end waits for a slow payment."""
        held = Q(status=Status.HELD) & (Q(hold_expires_at__gt=now) | Q(hold_expires_at=None))
        return self.filter(held | Q(status=Status.CONFIRMED))

    def not_over(self, now: datetime) -> Self:
        """The live ones that have not ended yet.

        As no appointment is longer than Service.LONGEST, an index leads to the first of them, however many are over.
        """
        return self.live(now).filter(end__gt=now, appointment_time__gt=now - Service.LONGEST)

    def over_before(self, moment: datetime) -> Self:
        """Those that have ended, were cancelled or given back before that moment, and are not erased: the first first.

        What had expired and was confirmed by a late payment is over when it has ended.
        """
        ended = Q(status=Status.CONFIRMED, end__lt=moment) | Q(status__in=[Status.CANCELLED, Status.EXPIRED])
        over = self.alias(over_at=OVER_AT).filter(ended, erased_at=None, over_at__lt=moment)
        return over.order_by("over_at")

    def overlapping(self, start: datetime, end: datetime) -> Self:
        """Those whose time, with the buffer after it, shares a moment with the time from `start` up to `end`."""
        return self.filter(appointment_time__lt=end, blocked_until__gt=start)

    def in_agenda(self, since: datetime, until: datetime, now: datetime) -> Self:
        """Those that staff see who look at this time: live or cancelled, in order. A hold that ran out left no trace.

        As no appointment occupies more than Service.LONGEST, each index finds them between two ends, however many there
        are before and after.
        """
        about = self.overlapping(since, until).filter(
            appointment_time__gt=since - Service.LONGEST, blocked_until__lt=until + Service.LONGEST
        )
        gone = Q(status=Status.EXPIRED) | Q(status=Status.HELD, hold_expires_at__lte=now)
        return about.exclude(gone).order_by("appointment_time", "pk")

    def holds_of(self, references: Collection[str]) -> Self:
        """The unpaid ones among the references that one browser keeps in its cookie."""
        return self.filter(reference__in=references, status=Status.HELD)

    def coming_of(self, email: str, now: datetime) -> Self:
        """The live appointments ahead that were booked with exactly this email address, the next one first.

        Upper and lower case are the same here, but an address with another +tag is another address.
        """
        ahead = self.live(now).filter(client_mailbox=limits.mailbox(email), appointment_time__gt=now)
        theirs = ahead.filter(client_email__iexact=email)
        return theirs.select_related("provider", "service").order_by("appointment_time")

    def in_calendar_of(self, provider: Provider, now: datetime) -> Self:
        """Those that the provider's own calendar shows, the first one first, each with the moment of its last change.

        A hold of some minutes is left out: a calendar looks every few hours, and would show it long after it is over.
        What staff keep until a deadline, and what a payment is on its way for, stays for long enough.
        """
        changes = Change.objects.filter(appointment=OuterRef("pk")).order_by("-at").values("at")[:1]
        for_minutes = Q(status=Status.HELD, kept_until=None, hold_expires_at__isnull=False)
        shown = self.live(now).exclude(for_minutes).filter(provider=provider, blocked_until__gt=now - IN_CALENDARS_FOR)
        return shown.annotate(changed_at=Subquery(changes)).order_by("appointment_time")

    def in_time_off(self) -> Self:
        away = TimeOff.objects.filter(provider=OuterRef("provider"))
        return self.filter(Exists(away.filter(starts__lt=OuterRef("end"), ends__gt=OuterRef("appointment_time"))))

    def not_offered(self) -> Self:
        """Those whose provider or service is inactive by now, or whose provider no longer offers that service."""
        offers = Provider.services.through.objects.filter(provider__active=True, service__active=True)
        return self.filter(~Exists(offers.filter(provider=OuterRef("provider"), service=OuterRef("service"))))

    def agreed_under_older_rules(self, now: datetime) -> Self:
        """Coming appointments that were last checked by older rules for clocks than those of today.

        An appointment that cannot get its agreed time, as another one is in the way, stays among them. Those of the
        last 24 hours are included, since by new rules a time that has passed may be ahead again.
        """
        recent = self.live(now).filter(appointment_time__gt=now - timedelta(days=1))
        return recent.filter(zone_rules__lt=zones.RULES).order_by("appointment_time")

    def obstacles(
        self, wanted: AppointmentFacts, own_references: Collection[str], spare_reference: str, now: datetime
    ) -> Obstacles:
        """Look in one query at all that may stand in the way of booking `wanted`."""
        return find_obstacles(
            own_references,
            provider=wanted.provider_id,
            since=wanted.appointment_time,
            end=wanted.end,
            until=wanted.blocked_until,
            network=wanted.begun_from,
            counted_since=now - limits.COUNTED_FOR,
            mailbox=limits.mailbox(wanted.client_email),
            spare=spare_reference,
            now=now,
        )

    def require_within_limits(self, wanted: AppointmentFacts, now: datetime) -> None:
        """Raise LimitReached if the client of `wanted` keeps as many times as one may."""
        begun = self.live(now).begun_at(wanted.begun_from, now)
        limits.require_room([one.counts_for_network_until for one in begun], settings.HOLDS_PER_ADDRESS)
        ahead = self.live(now).booked_ahead_by(limits.mailbox(wanted.client_email), now)
        limits.require_room([one.hold_expires_at or one.appointment_time for one in ahead], settings.AHEAD_PER_CLIENT)

    def booked_ahead_by(self, mailbox: str, now: datetime) -> Self:
        """Those still to come that the owner of the mailbox has booked. What staff have booked for them is left out."""
        return self.filter(client_mailbox=mailbox, appointment_time__gt=now).exclude(changes__kind="booked")

    def begun_at(self, network: str, now: datetime) -> Self:
        """Those that were booked from one network within a day, and for which nothing was paid so far.

        `network` is the hash of the network. If it is empty, the network is not known, and there are none.
        """
        unpaid = Q(status=Status.HELD) | NOTHING_DUE_ONLINE
        recent = self.filter(unpaid, begun_from=network, created_at__gt=now - limits.COUNTED_FOR)
        return recent if network else self.none()
