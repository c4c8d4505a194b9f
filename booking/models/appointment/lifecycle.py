"""How an appointment lives: the one place where its status changes.

    book ──> held ──confirm──> confirmed ──cancel──> cancelled
              │  └──cancel──> cancelled
              └──lapse, release──> expired ──confirm, if its time is still free──> confirmed

Each change is an `UPDATE … WHERE status = <from>`. If several processes try one at the same moment, one of them changes
the row, and the others learn that they changed none. Locks are taken in the order provider, appointment.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, TypeVar

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.dispatch import Signal
from django.utils import timezone

from booking import deadlines, languages, limits
from booking.claims import IN_ONE_TRANSACTION, lock_portion
from booking.in_force import in_force
from booking.models.appointment.facts import AppointmentFacts, new_reference
from booking.models.appointment.promises import AppointmentPromises
from booking.models.appointment.queryset import NOTHING_DUE_ONLINE, AppointmentQuerySet
from booking.models.changes import ByStaff, Change
from booking.models.contention import SlotTaken, contention_as_slot_taken, lock_provider
from booking.models.mail import Mail
from booking.models.overlaps import OVERLAP_CONSTRAINT
from booking.models.practice import Provider
from booking.models.services import Service

Status = AppointmentFacts.Status
Row_co = TypeVar("Row_co", bound="AppointmentLifecycle", covariant=True)

# This signal is sent with `appointment` when its client or staff give its time back, inside the transaction that does
# so. A receiver that took money for it writes down in that transaction that `appointment.refund_due` is owed.
appointment_cancelled = Signal()


class TooManyHolds(Exception):
    """This browser holds limits.MAX_HOLDS unpaid times already."""


class NotCancellable(Exception):
    """The appointment has begun, it was paid a moment ago, or less is left to return than staff decided on."""


class LifecycleQuerySet(AppointmentQuerySet[Row_co]):
    def book(
        self,
        *,
        provider: Provider,
        service: Service,
        appointment_time: datetime,
        client_email: str,
        client_name: str = "",
        client_phone: str = "",
        for_whom: str = "",
        note: str = "",
        client_time_zone: str = "",
        language: str = "",
        own_references: Collection[str] = (),
        spare_reference: str = "",
        begun_from: str | None = None,
        staff: ByStaff | None = None,
    ) -> Row_co:
        """Hold a time that is on offer, or confirm it at once if nothing is due online.

        `own_references` are those of the same browser's appointments. If one of these is this very booking, it is
        returned; other holds among them that overlap it are given back. `spare_reference` becomes the new row's
        reference, unless it is in use. `begun_from` is a hash of the client's network, or None for a client without
        limits. `staff` books at the desk, where the email may be empty and the `language` of the mails can be chosen.

        Raises SlotTaken, TooManyHolds, LimitReached or, for a deadline of staff, NoDeadline.
        """
        wanted = self.model.copied_from(provider, service, appointment_time)
        wanted.client_email, wanted.client_name, wanted.client_phone = client_email, client_name, client_phone
        wanted.note, wanted.client_time_zone, wanted.begun_from = note, client_time_zone, begun_from or ""
        wanted.for_whom = for_whom
        if staff:
            wanted.kept_until, wanted.language = staff.kept_until, language or languages.of_practice()
            staff.decide_how_it_is_paid(wanted)
        with contention_as_slot_taken(), transaction.atomic():
            lock_provider(provider.pk)
            if begun_from is not None:
                limits.lock_until_commit(f"network {begun_from}", f"mailbox {limits.mailbox(client_email)}")
            now = timezone.now()
            found = self.obstacles(wanted, own_references, spare_reference, now)
            if found.time_is_occupied:
                if same := self.make_room_for(wanted, own_references, now):
                    return same
                found = self.obstacles(wanted, own_references, spare_reference, now)
            if found.provider_is_away:
                raise SlotTaken
            if found.own_holds >= limits.MAX_HOLDS:
                raise TooManyHolds
            if begun_from is not None and found.reach_a_limit:
                self.require_within_limits(wanted, now)
            wanted.begin(now, spare_reference if spare_reference and not found.spare_is_used else new_reference())
            if staff:
                wanted.record_booked(staff)
        return wanted

    def make_room_for(self, wanted: AppointmentFacts, own_references: Collection[str], now: datetime) -> Row_co | None:
        """Let the holds that have lapsed, and those of one's own, give way. One that is this very booking is returned.

        Raises SlotTaken if somebody else occupies the time.
        """
        in_the_way = self.filter(provider=wanted.provider).overlapping(wanted.appointment_time, wanted.blocked_until)
        in_the_way.lapse(now)
        for own in in_the_way.occupying().filter(reference__in=own_references):
            if own.is_same_booking_as(wanted):
                return own
            if own.status == Status.HELD:
                own.cancel()
        if in_the_way.occupying().exists():
            raise SlotTaken
        return None

    def lapse(self, now: datetime) -> int:
        """Expire the holds that ran out, and wait for whoever has locked one. Returns how many."""
        with transaction.atomic():
            return self.expire(list(self.lapsed(now).select_for_update(of=["self"]).order_by("pk")), now)

    def lapse_portion(self, now: datetime) -> int:
        """The same for tick, which waits for nobody: expire some of those that ran out, and that nobody has locked."""
        with transaction.atomic():
            return self.expire(lock_portion(self.lapsed(now).order_by("hold_expires_at"), IN_ONE_TRANSACTION), now)

    def expire(self, lapsing: Sequence[AppointmentFacts], now: datetime) -> int:
        """Expire these holds, which the caller has locked. Returns how many."""
        these = self.model._default_manager.filter(pk__in=[held.pk for held in lapsing])
        these.update(status=Status.EXPIRED, expired_at=now, hold_expires_at=None)
        for held in lapsing:
            Mail.objects.enqueue(held, Mail.Kind.GIVEN_BACK)
        return len(lapsing)

    def forget_networks(self, now: datetime) -> int:
        """Erase the hash of the network from appointments that no longer count for its limit. Returns how many."""
        counts = Q(status=Status.HELD) | (Q(status=Status.CONFIRMED) & NOTHING_DUE_ONLINE)
        still = counts & Q(created_at__gt=now - limits.COUNTED_FOR)
        return self.exclude(begun_from="").exclude(still).update(begun_from="")


class AppointmentLifecycle(AppointmentPromises):
    # The kind of mail that tells of a change of status, by the status before and after it. There is none about a hold
    # that is cancelled: usually its client has just done that by pressing a button.
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
        """Insert the row: held if something is due online, otherwise confirmed at once."""
        self.reference, self.created_at = reference, now
        if self.due_online:
            self.held_until_at_booking = now + timedelta(minutes=in_force.HOLD_MINUTES)
            self.status, self.hold_expires_at = Status.HELD, self.held_at_least_until
        else:
            self.status, self.confirmed_at = Status.CONFIRMED, now
        self.save(force_insert=True)
        if self.status == Status.CONFIRMED:
            Mail.objects.enqueue(self, Mail.Kind.CONFIRMED)

    def record_booked(self, staff: ByStaff) -> None:
        """Write down who booked it for the client, and owe the mail with the link on which it can be paid."""
        if self.kept_until:
            deadlines.require(self.kept_until, self.appointment_time, self.created_at)
        Change.objects.record(self, Change.Kind.BOOKED, staff.user, **staff.decision(self.service))
        if self.status == Status.HELD:
            Mail.objects.enqueue(self, Mail.Kind.PAYMENT_LINK)

    def confirm(self) -> bool:
        """Confirm a hold, or a lapsed hold whose time is still free and ahead. Returns False if it is neither.

        Of several calls at the same moment, only the one that wrote `confirmed_at` gets True.
        """
        lapsed_and_begun = self.state == Status.EXPIRED and self.has_begun
        return not lapsed_and_begun and (self._confirm_from(Status.HELD) or self._confirm_lapsed())

    def _confirm_lapsed(self) -> bool:
        """Take the time again if nobody else has it, for money that came after the hold ran out.

        Returns False if the time is taken or over, or if it is no longer expired; the money then goes back. If the
        database was only too busy, its error is raised instead: the money stays, and the payment is settled later.
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
        """Confirm it if it still has that status. Its mail names only the present time, so `moved_from` is cleared."""
        return self._change_status(
            status, Status.CONFIRMED, confirmed_at=timezone.now(), hold_expires_at=None, moved_from=None
        )

    def set_hold_end(self, moment: datetime | None) -> bool:
        """Set the end of a hold, or None while a slow payment is on its way. Returns False if it is no longer held."""
        return self._change_status(Status.HELD, Status.HELD, hold_expires_at=moment)

    def extend_hold(self, moment: datetime) -> bool:
        return self.set_hold_end(max(moment, self.hold_expires_at or moment))

    def shorten_hold(self, source: datetime, target: datetime) -> None:
        """Bring the end of a hold that still ends at `source` forward to `target`, but not before its deadline."""
        with transaction.atomic():
            held = self.row.select_for_update().filter(status=Status.HELD, hold_expires_at=source).first()
            if held:
                held.set_hold_end(max(target, held.held_at_least_until))

    def release(self) -> bool:
        """Give the time of a hold back, as its payment has failed for good. Returns False if it is no longer held.

        A time for which staff gave a later deadline is kept until then: the client may try again.
        """
        if self.kept_until and self.kept_until > timezone.now():
            return self.set_hold_end(self.kept_until)
        return self._change_status(Status.HELD, Status.EXPIRED, expired_at=timezone.now(), hold_expires_at=None)

    def cancel(self, refund: Decimal | None = None, *, by: User | None = None) -> bool:
        """Give the time back. Returns False if it was given back already, in whichever way: this then changes nothing.

        For a paid appointment `refund_due` becomes what its policy promises, or the `refund` that staff decided on.
        `by` is who of the staff cancels it, or None for its client.

        Raises NotCancellable if it is confirmed and has begun while no `refund` is given, if it or the rest of it was
        paid after the caller had read it, or if less than the refund is left to return.
        """
        with transaction.atomic():
            if self._give_back(refund):
                Change.objects.record(self, Change.Kind.CANCELLED, by, refund=str(self.refund_due))
                appointment_cancelled.send(type(self), appointment=self)
                return True
        self.refresh_from_db()
        if self.status == Status.CONFIRMED:
            raise NotCancellable
        return False

    def _give_back(self, refund: Decimal | None) -> bool:
        """Cancel it if it still has the status that the caller read. Returns False if it was not cancelled.

        A hold that was paid since then is left alone: it is more than the caller meant to give up.
        """
        now = timezone.now()
        if self.status == Status.HELD:
            return self._change_status(Status.HELD, Status.CANCELLED, cancelled_at=now, hold_expires_at=None)
        if refund is None and not self.is_cancellable:
            return False
        # Staff may be returning a part of the money at this moment, or the client paying the rest: so the row is locked
        # before it is read.
        read = self.due_at_practice
        amounts = self.row.select_for_update().values_list("returned", "failed_to_return", "due_at_practice")
        self.returned, self.failed_to_return, self.due_at_practice = amounts.get()
        due = self.refund_at(now) if refund is None else refund
        if due > self.not_returned or self.due_at_practice != read:
            return False
        cancelled = self._change_status(Status.CONFIRMED, Status.CANCELLED, cancelled_at=now, refund_due=due)
        if cancelled:
            self.row.update(sequence=F("sequence") + 1)
        return cancelled

    def _change_status(self, source: Status, target: Status, **changes: datetime | Decimal | None) -> bool:
        """Run `UPDATE … WHERE status = source`, and owe the mail about it. Returns False if somebody else was first."""
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
        """This appointment's row as a query, for an UPDATE or a SELECT with a condition on what it must still be."""
        return type(self).objects.filter(pk=self.pk)
