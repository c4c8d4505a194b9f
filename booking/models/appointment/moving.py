"""How an appointment gets another time: its client chooses one, or a country has new rules for its clocks."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone

from booking import deadlines, zones
from booking.models.appointment.facts import agreed_wall_time
from booking.models.appointment.lifecycle import AppointmentLifecycle
from booking.models.changes import Change
from booking.models.contention import SlotTaken, contention_as_slot_taken, lock_provider
from booking.models.mail import Mail

# This signal is sent with `appointment`, a held one, before it is moved and outside any transaction. A receiver that
# has a payment page open for the appointment closes that page, or raises NotNow. If it then turns out to be paid, the
# receiver confirms the appointment.
appointment_moving = Signal()
# A held appointment has moved, in a transaction that may still fail. A receiver raises NotMovable if its client has
# opened a payment page since `appointment_moving`: it names the time from before.
appointment_moved = Signal()
# A held appointment has another deadline for paying, in a transaction that locks its row. A receiver whose payment page
# is open for the appointment extends the hold again until that page has ended.
deadline_changed = Signal()

# What is written down about a move, by the mail that tells of it.
MOVES = {Mail.Kind.CHANGED: Change.Kind.MOVED, Mail.Kind.NEW_RULES: Change.Kind.NEW_RULES}


class NotMovable(Exception):
    """The appointment may not be moved (see `is_movable`), or it was changed after the caller had read it."""


class NotNow(Exception):
    """The payment page cannot be closed just now, so nothing is moved. The message is a sentence for the client."""


class AppointmentMoving(AppointmentLifecycle):
    class Meta(AppointmentLifecycle.Meta):
        abstract = True

    def reschedule(self, moment: datetime, *, client_time_zone: str = "", by: User | None = None) -> None:
        """Move to that time, at the price and length agreed on. The caller has made sure that the time is on offer.

        `client_time_zone` is the zone in which the client has read the new time. `by` is who of the staff moves it, or
        None for the client, who can only do so in time.

        Raises SlotTaken, NotMovable or NotNow.
        """
        if self.status == self.Status.HELD:
            appointment_moving.send(type(self), appointment=self)
        with contention_as_slot_taken(), transaction.atomic():
            lock_provider(self.provider_id)
            if not (by or self.is_movable) or not self.stands:
                raise NotMovable
            # Staff may have written that down since the client chose the time. They themselves were warned of it.
            if not by and self.provider.time_off.filter(starts__lt=moment + self.duration, ends__gt=moment).exists():
                raise SlotTaken
            agreed = agreed_wall_time(moment, self.provider)
            zone = client_time_zone or self.client_time_zone
            changes: dict[str, Any] = {**agreed, "moved_from": self.appointment_time, "client_time_zone": zone}
            self._take_time(moment, Mail.Kind.CHANGED, by, **changes)
            if self.status == self.Status.HELD:
                appointment_moved.send(type(self), appointment=self)

    @property
    def agreed_zone(self) -> ZoneInfo:
        """The time zone that the provider had when the time was agreed on. It may be another one now."""
        return ZoneInfo(self.wall_zone)

    @property
    def agreed_instant(self) -> datetime:
        """The instant at which clocks show the time that was agreed on, by the rules for clocks of today."""
        return zones.instant_of(self.wall_time, self.agreed_zone)

    def keep_wall_time(self) -> None:
        """Move to the instant at which clocks show the agreed time by the rules for clocks of today.

        Raises SlotTaken or NotMovable.
        """
        with contention_as_slot_taken(), transaction.atomic():
            lock_provider(self.provider_id)
            self._take_time(self.agreed_instant, Mail.Kind.NEW_RULES, zone_rules=zones.RULES)

    def record_checked(self) -> bool:
        """Write down that it may stay where it is by the rules of today. Returns False if it was moved meanwhile."""
        same = self.row.filter(appointment_time=self.appointment_time, wall_time=self.wall_time)
        return bool(same.update(zone_rules=zones.RULES))

    def deadline_at(self, moment: datetime) -> datetime | None:
        """The deadline of staff for paying, once it begins at that moment: it is never after that.

        If it is kept unpaid until it begins, that stays so.
        """
        return deadlines.alike(self.kept_until, self.appointment_time, moment) if self.kept_until else None

    def _deadline_that_follows(self, moment: datetime) -> dict[str, datetime | None]:
        """The columns of its deadline, if that is another one once it begins at that moment.

        While a slow payment is on its way the hold has no end, and gets none.
        """
        deadline = self.deadline_at(moment)
        if deadline == self.kept_until:
            return {}
        return {"kept_until": deadline, "hold_expires_at": self.hold_expires_at and deadline}

    def _take_time(self, moment: datetime, kind: Mail.Kind, by: User | None = None, **changes: Any) -> None:
        """Move it to that moment, write down who did, and owe the mail of that kind if it is confirmed.

        Raises SlotTaken if another appointment is in the way, and NotMovable if this one no longer has the status, the
        time, the deadline and the end of hold that the caller read.
        """
        now, was, blocked_until = timezone.now(), self.appointment_time, moment + self.occupies
        in_the_way = self.provider.appointments.overlapping(moment, blocked_until).exclude(pk=self.pk)
        in_the_way.lapse(now)
        if in_the_way.occupying().exists():
            raise SlotTaken
        kept = {"kept_until": self.kept_until, "hold_expires_at": self.hold_expires_at}
        as_read = {"status": self.status, "appointment_time": was, **kept}
        deadline = self._deadline_that_follows(moment)
        times = {"appointment_time": moment, "end": moment + self.duration, "blocked_until": blocked_until}
        # Whoever did not come may come to the new time.
        changes = {**times, **deadline, **changes, "no_show_at": None, "sequence": F("sequence") + 1}
        if not self.row.live(now).filter(**as_read).update(**changes):
            raise NotMovable
        self.refresh_from_db()
        if deadline and self.hold_expires_at:
            deadline_changed.send(type(self), appointment=self)
        facts = {"was": was.isoformat(), "became": moment.isoformat()}
        if kind == Mail.Kind.CHANGED:
            facts["online"] = str(self.due_online if self.is_paid_online else Decimal(0))
        Change.objects.record(self, MOVES[kind], by, **facts)
        if self.status == self.Status.CONFIRMED:
            Mail.objects.enqueue(self, kind, was=was.isoformat())
