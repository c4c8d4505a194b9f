"""What staff do with an appointment at the desk, beyond what its client can: each with who did it."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from booking import deadlines, money
from booking.models.appointment.moving import AppointmentMoving, deadline_changed
from booking.models.changes import Change
from booking.models.mail import Mail

if TYPE_CHECKING:
    from booking.models.waiting import WaitingEntryQuerySet


class ChangedMeanwhile(Exception):
    """Somebody else has changed the appointment since the caller read it, so nothing was written."""


class AppointmentAtTheDesk(AppointmentMoving):
    waitingentry_set: "WaitingEntryQuerySet"
    """By which its client waits for an earlier time."""

    class Meta(AppointmentMoving.Meta):
        abstract = True

    def correct(self, by: User, **details: str) -> None:
        """Write what is known better now about the client: names, email, phone number, note or language.

        A mail that waits goes to the corrected address, and one that lacked an address waits again; so does what tells
        of an earlier time that frees. Raises ChangedMeanwhile if one of these details, or all of it, is not as the
        caller read it, or was erased.
        """
        was = {name: getattr(self, name) for name in details}
        corrected = [name for name, value in details.items() if value != was[name]]
        if not corrected:
            return
        with transaction.atomic():
            as_read = self.row.select_for_update().filter(**was, erased_at=None)
            if not as_read.exists():
                raise ChangedMeanwhile
            self.write_details(details)
            Mail.objects.readdress(self)
            self.waitingentry_set.follow(self, timezone.now())
            if self.status == self.Status.CONFIRMED:
                Mail.objects.bulk_create(Mail.reminders(self), ignore_conflicts=True)
            Change.objects.record(self, Change.Kind.CORRECTED, by, fields=" ".join(corrected))

    def refund_by_staff_at(self, moment: datetime) -> Decimal:
        """What staff who do not decide on money give back, if they cancel it at that moment.

        That is what the client is promised, but no more than was promised whenever staff moved it. Otherwise moving it
        far ahead would return money that was not due any more. That limits only what was paid by then: for what was
        paid since, the client has paid by the terms of the new time.
        """
        if not self.is_paid_online:
            return Decimal(0)
        by_staff = Change.objects.filter(appointment_id=self.pk, kind=Change.Kind.MOVED).exclude(by_name="")
        moves = by_staff.filter(at__gte=self.confirmed_at or self.created_at).values_list("at", "facts")
        return min([self.refund_at(moment), *(self._refund_limited_by(at, facts, moment) for at, facts in moves)])

    def _refund_limited_by(self, moved_at: datetime, facts: dict[str, str], moment: datetime) -> Decimal:
        """What was paid before that move by what was promised then, and what was paid since by what is promised now."""
        before = min(Decimal(facts.get("online", self.due_online_as_booked)), self.due_online)
        then = self.share_at(moved_at, datetime.fromisoformat(facts["was"]), before)
        since = self.share_at(moment, self.appointment_time, self.due_online - before)
        return self.left_of(then + since)

    def write_details(self, details: dict[str, Any]) -> None:
        """Write these columns, and those that are made of them (see `save`)."""
        for name, value in details.items():
            setattr(self, name, value)
        self.save(update_fields=[*details, "client_mailbox", "search_text"])

    @property
    def may_be_no_show(self) -> bool:
        """Whether somebody can say by now that the client did not come."""
        return self.status == self.Status.CONFIRMED and self.has_begun and not self.no_show_at

    def mark_no_show(self, by: User) -> None:
        """Write down that the client did not come. Raises ChangedMeanwhile if that is not possible (any more)."""
        if not self.may_be_no_show:
            raise ChangedMeanwhile
        now = timezone.now()
        self._write_no_show(now, Change.Kind.NO_SHOW, by, status=self.Status.CONFIRMED, no_show_at=None)

    def undo_no_show(self, by: User) -> None:
        """Write down that the client came after all. Raises ChangedMeanwhile if it is no no-show (any more)."""
        self._write_no_show(None, Change.Kind.CAME, by, no_show_at__isnull=False)

    def _write_no_show(self, moment: datetime | None, kind: Change.Kind, by: User, **as_read: Any) -> None:
        with transaction.atomic():
            if not self.row.filter(**as_read).update(no_show_at=moment):
                raise ChangedMeanwhile
            self.no_show_at = moment
            Change.objects.record(self, kind, by)

    def keep_until(self, moment: datetime, by: User) -> None:
        """Keep a held appointment unpaid until another moment, be it sooner or later than the one before.

        While a payment page is open its time is kept until that has ended, even if the deadline is sooner.

        Raises NoDeadline for a moment that cannot be one, and ChangedMeanwhile if it is no longer held, is held at
        another time, or has another deadline than the caller read.
        """
        deadlines.require(moment, self.appointment_time, timezone.now())
        as_read = {"appointment_time": self.appointment_time, "kept_until": self.kept_until}
        with transaction.atomic():
            held = self.row.live(timezone.now()).filter(status=self.Status.HELD, **as_read)
            if not held.exclude(hold_expires_at=None).update(kept_until=moment, hold_expires_at=moment):
                raise ChangedMeanwhile
            self.refresh_from_db()
            deadline_changed.send(type(self), appointment=self)
            Change.objects.record(self, Change.Kind.KEPT_LONGER, by, until=moment.isoformat())

    @property
    def is_unpaid_with_deadline(self) -> bool:
        """Whether staff can give it another deadline. It has none while a slow payment is on its way."""
        return self.is_held and self.hold_expires_at is not None

    @property
    def may_be_mailed(self) -> bool:
        """Whether a mail with its link would be sent: there is an address, and it is still ahead.

        While a slow payment is on its way there is nothing to pay, and not yet anything to confirm.
        """
        has_a_link = self.status == self.Status.CONFIRMED or self.is_unpaid_with_deadline
        return bool(self.client_email) and has_a_link and not self.has_begun

    def send_link_again(self, by: User) -> None:
        """Owe the client alone the mail that has the link once more: to pay if it is held, else to its page.

        Raises ChangedMeanwhile if that mail would not be sent (any more).
        """
        if not self.may_be_mailed:
            raise ChangedMeanwhile
        kind = Mail.Kind.PAYMENT_LINK if self.is_held else Mail.Kind.CONFIRMED
        again = Mail.about(self, kind, f"sent again {timezone.now():%Y-%m-%d %H:%M:%S}")
        with transaction.atomic():
            Mail.objects.bulk_create([again], ignore_conflicts=True)
            Change.objects.record(self, Change.Kind.LINK, by)

    @property
    def rest_may_be_asked_for(self) -> bool:
        """Whether what is still to be paid at the practice can be paid by link: it is as much as a card takes."""
        return self.left_at_practice >= money.CURRENCIES[self.currency].minimum

    @property
    def rest_is_asked_for(self) -> bool:
        """Whether staff have let it be paid by link."""
        asked = Change.objects.filter(appointment=self.pk, kind=Change.Kind.ASKED)
        return self.rest_may_be_asked_for and asked.exists()

    def ask_for_rest(self, by: User) -> None:
        """Let what is still to be paid at the practice be paid by link, and owe the client the mail that has it.

        A client without email address gets no mail: the address can be read out. Raises ChangedMeanwhile if nothing is
        left to pay, or if that is not as the caller read it.
        """
        if not self.rest_may_be_asked_for:
            raise ChangedMeanwhile
        as_read = {"due_at_practice": self.due_at_practice, "taken_at_practice": self.taken_at_practice}
        with transaction.atomic():
            if not self.row.select_for_update().filter(status=self.Status.CONFIRMED, **as_read).exists():
                raise ChangedMeanwhile
            if self.client_email:
                asked = Mail.about(self, Mail.Kind.REST_LINK, f"asked {timezone.now():%Y-%m-%d %H:%M:%S}")
                # Pressed twice in one second, one mail is enough.
                Mail.objects.bulk_create([asked], ignore_conflicts=True)
            Change.objects.record(self, Change.Kind.ASKED, by, amount=str(self.left_at_practice))
