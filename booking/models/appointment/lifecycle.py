"""How an appointment lives: the one place where its status changes.

    book ──> held ──confirm──> confirmed ──cancel──> cancelled
              │  └──cancel──> cancelled
              └──lapse, release──> expired ──confirm, if its time is still free──> confirmed

Each change is an `UPDATE … WHERE status = <from>`: of several at once, one wins, and the others learn that it was not
they. Locks are taken in the order provider, appointment.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F, Q
from django.dispatch import Signal
from django.utils import timezone

from booking import limits
from booking.models.appointment.facts import AppointmentFacts, new_reference
from booking.models.appointment.promises import AppointmentPromises
from booking.models.appointment.queryset import AppointmentQuerySet
from booking.models.mail import Mail
from booking.models.overlaps import OVERLAP_CONSTRAINT
from booking.models.practice import Provider, Service

Status = AppointmentFacts.Status
Row_co = TypeVar("Row_co", bound="AppointmentLifecycle", covariant=True)

# Sent with `appointment` when its time is given back, by the client or by staff, inside the transaction that does it:
# whoever took money for it writes down there that `appointment.refund_due` is owed.
appointment_cancelled = Signal()


class SlotTaken(Exception):
    """Another live appointment is in the way, or so many are booking with this provider that the database gave up."""


class TooManyHolds(Exception):
    """This browser holds limits.MAX_HOLDS unpaid times already."""


class NotCancellable(Exception):
    """The appointment has begun, or it was paid a moment ago."""


@contextmanager
def contention_as_slot_taken() -> Iterator[None]:
    """The overlap constraint, a deadlock and a lock time-out all mean that somebody else was first."""
    try:
        yield
    except (IntegrityError, OperationalError) as error:
        if is_contention(error):
            raise SlotTaken from error
        raise


def is_contention(error: Exception) -> bool:
    """Told by the constraint's name, PostgreSQL's deadlock_detected and lock_not_available, and SQLite's words."""
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    said = str(error)
    # The last two: two tabs may bring one spare reference at the same moment, and the second has to try again.
    known = (OVERLAP_CONSTRAINT, "database is locked", "booking_appointment.reference", "booking_appointment_reference")
    return sqlstate in ("40P01", "55P03") or any(words in said for words in known)


def lock_provider(pk: int) -> None:
    """The first lock of every booking and move, so that a crowd on one provider queues instead of deadlocking."""
    Provider.objects.select_for_update(no_key=True).get(pk=pk)


class LifecycleQuerySet(AppointmentQuerySet[Row_co]):
    def book(
        self,
        *,
        provider: Provider,
        service: Service,
        appointment_time: datetime,
        client_email: str,
        client_name: str = "",
        note: str = "",
        client_time_zone: str = "",
        own_references: Collection[str] = (),
        spare_reference: str = "",
        begun_from: str | None = None,
    ) -> Row_co:
        """Hold a time that is on offer, or confirm it at once if it is free of charge.

        `own_references` are the appointments of the same browser: if one of them is this very booking it is returned,
        and other holds among them that overlap it are given back. `spare_reference` becomes the new row's reference,
        unless it is in use. `begun_from` is a hash of the client's network, for which limits hold; None has no limits.

        Raises SlotTaken, TooManyHolds or LimitReached.
        """
        wanted = self.model.copied_from(provider, service, appointment_time)
        wanted.client_email, wanted.client_name, wanted.note = client_email, client_name, note
        wanted.client_time_zone, wanted.begun_from = client_time_zone, begun_from or ""
        with contention_as_slot_taken(), transaction.atomic():
            lock_provider(provider.pk)
            now = timezone.now()
            in_the_way = self.filter(provider=provider).overlapping(wanted.appointment_time, wanted.blocked_until)
            in_the_way.lapse(now)
            if own := in_the_way.occupying().filter(reference__in=own_references).make_room_for(wanted):
                return own
            if in_the_way.occupying().exists():
                raise SlotTaken
            if self.live(now).holds_of(own_references).count() >= limits.MAX_HOLDS:
                raise TooManyHolds
            if begun_from is not None:
                self.require_within_limits(wanted, now)
            spare_is_free = spare_reference and not self.filter(reference=spare_reference).exists()
            wanted.begin(now, spare_reference if spare_is_free else new_reference())
        return wanted

    def make_room_for(self, wanted: AppointmentFacts) -> Row_co | None:
        """Give back the unpaid ones among these, up to the one that is the same booking: that is returned."""
        for own in self:
            if own.is_same_booking_as(wanted):
                return own
            if own.status == Status.HELD:
                own.cancel()
        return None

    def lapse(self, now: datetime) -> int:
        """Expire the holds that ran out. Returns how many."""
        with transaction.atomic():
            lapsing = list(self.lapsed(now).select_for_update(of=["self"]).order_by("pk"))
            if lapsing:
                these = self.model._default_manager.filter(pk__in=[held.pk for held in lapsing])
                these.update(status=Status.EXPIRED, expired_at=now, hold_expires_at=None)
            for held in lapsing:
                Mail.objects.enqueue(held, Mail.Kind.GIVEN_BACK)
        return len(lapsing)

    def forget_networks(self, now: datetime) -> int:
        """Erase the hash of the network that an appointment was begun from, as soon as it does not count any more."""
        counts = Q(status=Status.HELD) | Q(status=Status.CONFIRMED, price=0)
        still = self.filter(counts, created_at__gt=now - limits.COUNTED_FOR)
        return self.exclude(begun_from="").exclude(pk__in=still.values("pk")).update(begun_from="")


class AppointmentLifecycle(AppointmentPromises):
    # Which mail tells of a change of status. Of the other changes the client knows, having pressed a button.
    MAIL_ABOUT: ClassVar = {
        (Status.HELD, Status.CONFIRMED): Mail.Kind.CONFIRMED,
        (Status.EXPIRED, Status.CONFIRMED): Mail.Kind.CONFIRMED,
        (Status.CONFIRMED, Status.CANCELLED): Mail.Kind.CANCELLED,
        (Status.HELD, Status.EXPIRED): Mail.Kind.GIVEN_BACK,
    }

    objects = LifecycleQuerySet.as_manager()

    class Meta(AppointmentPromises.Meta):
        abstract = True

    def begin(self, now: datetime, reference: str) -> None:
        """Insert the row: held if there is something to pay, otherwise confirmed at once."""
        self.reference, self.created_at = reference, now
        if self.price:
            self.status, self.hold_expires_at = Status.HELD, self.held_at_least_until
        else:
            self.status, self.confirmed_at = Status.CONFIRMED, now
        self.save(force_insert=True)
        if self.status == Status.CONFIRMED:
            Mail.objects.enqueue(self, Mail.Kind.CONFIRMED)

    def confirm(self) -> bool:
        """Make a hold, or a lapsed hold whose time is still free and ahead, a confirmed appointment.

        False when it is neither. Whoever gets True wrote `confirmed_at`, and nobody else did.
        """
        lapsed_and_begun = self.state == Status.EXPIRED and self.has_begun
        return not lapsed_and_begun and (self._confirm_from(Status.HELD) or self._confirm_lapsed())

    def _confirm_lapsed(self) -> bool:
        """The money came after the hold ran out: take the time again, if nobody else has it.

        Contention is raised and not answered with False, which would send the money back: the payment is settled again
        later.
        """
        try:
            with transaction.atomic():
                lock_provider(self.provider_id)
                now = timezone.now()
                in_the_way = self.provider.appointments.overlapping(self.appointment_time, self.blocked_until)
                in_the_way.lapse(now)
                return self.appointment_time > now and self._confirm_from(Status.EXPIRED)
        except IntegrityError as error:
            if OVERLAP_CONSTRAINT in str(error):
                return False
            raise

    def _confirm_from(self, status: Status) -> bool:
        """Its mail tells of this time alone, whichever was chosen before it."""
        return self._change_status(
            status, Status.CONFIRMED, confirmed_at=timezone.now(), hold_expires_at=None, moved_from=None
        )

    def set_hold_end(self, moment: datetime | None) -> bool:
        """Set the end of a hold; None while a slow payment is on its way. False when it is no longer held."""
        return self._change_status(Status.HELD, Status.HELD, hold_expires_at=moment)

    def extend_hold(self, moment: datetime) -> bool:
        return self.set_hold_end(max(moment, self.hold_expires_at or moment))

    def shorten_hold(self, source: datetime, target: datetime) -> bool:
        """Bring the end of a hold forward. False when it does not end at `source` any more: it was moved meanwhile."""
        still = self.row.filter(status=Status.HELD, hold_expires_at=source)
        return bool(still.update(hold_expires_at=max(target, self.held_at_least_until)))

    def release(self) -> bool:
        """Let a hold go whose payment failed for good."""
        return self._change_status(Status.HELD, Status.EXPIRED, expired_at=timezone.now(), hold_expires_at=None)

    def cancel(self, refund: Decimal | None = None) -> None:
        """Give the time back. Repeated, or after it was given back in another way, it changes nothing.

        A paid one returns what its policy promises, or the `refund` that staff decided on.

        Raises NotCancellable when it has begun and the client cancels, when it was paid while they thought it was a
        hold, or when less than `refund` is left to return.
        """
        with transaction.atomic():
            if self._give_back(refund):
                appointment_cancelled.send(type(self), appointment=self)
                return
        self.refresh_from_db()
        if self.status == Status.CONFIRMED:
            raise NotCancellable

    def _give_back(self, refund: Decimal | None) -> bool:
        """From the status that the caller saw: a hold that was paid since then is more than they meant to give up."""
        now = timezone.now()
        if self.status == Status.HELD:
            return self._change_status(Status.HELD, Status.CANCELLED, cancelled_at=now, hold_expires_at=None)
        if refund is None and not self.is_cancellable:
            return False
        # Staff may be returning some of it at this moment.
        self.returned = self.row.select_for_update().values_list("returned", flat=True).get()
        due = self.refund_at(now) if refund is None else refund
        if due > self.not_returned:
            return False
        cancelled = self._change_status(Status.CONFIRMED, Status.CANCELLED, cancelled_at=now, refund_due=due)
        if cancelled:
            self.row.update(sequence=F("sequence") + 1)
        return cancelled

    def _change_status(self, source: Status, target: Status, **changes: datetime | Decimal | None) -> bool:
        """`UPDATE … WHERE status = source`, and the mail that tells of it. False means that somebody was first."""
        with transaction.atomic():
            changed = self.row.filter(status=source).update(status=target, **changes)
            if changed:
                self.status = target
                for name, value in changes.items():
                    setattr(self, name, value)
                if kind := self.MAIL_ABOUT.get((source, target)):
                    Mail.objects.enqueue(self, kind)
        return bool(changed)

    @property
    def row(self) -> "LifecycleQuerySet[AppointmentLifecycle]":
        """Its own row, for an UPDATE or a SELECT that says what the row must still be."""
        return type(self).objects.filter(pk=self.pk)
