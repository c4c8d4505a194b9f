"""The outbox: a row for each mail, which is written in the transaction that makes the mail true.

Until the mail is sent it is owed. Only `manage.py tick` sends it, with `booking.mail.sending`, and the row keeps what
became of it. So a crash at any point loses no mail, and no page waits for a mail server.
"""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from booking.in_force import in_force
from booking.models import still_true
from booking.models.appointment.facts import AppointmentFacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from booking.models.waiting import WaitingEntry


def new_message_id() -> str:
    """A Message-ID. It is made with the row, so that mail programs recognise a mail that a crash has sent twice."""
    domain = settings.EMAIL_FROM.rpartition("@")[2]
    return f"<{secrets.token_urlsafe(16)}@{domain}>"


class MailQuerySet(models.QuerySet["Mail"]):
    def enqueue(self, appointment: AppointmentFacts, kind: "Mail.Kind", occasion: str = "", **facts: str) -> None:
        """Write the rows of all mails of that kind, and of the reminders that come with it.

        Call this in the transaction that makes the mails true. A second call for the same occasion adds nothing. The
        `occasion` is the appointment's sequence unless another is given; `facts` are what the words of the mail need
        besides the appointment.
        """
        occasion = occasion or str(appointment.sequence)
        mails = [
            self.model.about(
                appointment, kind, occasion, reader, facts | self.facts_not_sent(appointment, kind, reader)
            )
            for reader in Mail.readers_of(kind, appointment)
            if not (kind in Mail.MOVES and self.confirmation_will_say_it(appointment, reader))
        ]
        if kind in (Mail.Kind.CONFIRMED, *Mail.MOVES):
            mails += self.model.reminders(appointment)
        self.bulk_create(mails, ignore_conflicts=True)

    def readdress(self, appointment: AppointmentFacts) -> None:
        """Send what waits for the client to the present address. If there is none, drop it until there is one again."""
        to_client = self.filter(appointment=appointment, reader=Mail.Reader.CLIENT)
        if not appointment.client_email:
            to_client.waiting().update(status=Mail.Status.DROPPED)
            return
        # What was dropped as its turn came, and it was no longer true, has been tried once.
        untried = to_client.filter(status=Mail.Status.DROPPED, attempts=0).select_related("appointment")
        still_true = [mail.pk for mail in untried if mail.is_still_true(timezone.now())]
        self.filter(pk__in=still_true).update(status=Mail.Status.OWED)
        to_client.waiting().update(address=appointment.client_email.lower())

    def facts_not_sent(self, appointment: AppointmentFacts, kind: "Mail.Kind", reader: "Mail.Reader") -> dict[str, str]:
        """The facts of an earlier move whose mail still waits, for the mail about a later move.

        The reader has not heard of the earlier move, so the later mail has to name the time before both.
        """
        if kind not in Mail.MOVES:
            return {}
        waiting = self.waiting().filter(appointment=appointment, kind__in=Mail.MOVES, reader=reader)
        return next((mail.facts for mail in waiting.order_by("pk")), {})

    def confirmation_will_say_it(self, appointment: AppointmentFacts, reader: "Mail.Reader") -> bool:
        """Whether a confirmation to that reader still waits, so that no mail about a move is needed.

        The words of a mail are written when it is sent, so the confirmation will name the new time. It gets the present
        sequence, or it would be dropped as no longer true.
        """
        waiting = self.waiting().filter(appointment=appointment, kind=Mail.Kind.CONFIRMED, reader=reader)
        return bool(waiting.update(sequence=appointment.sequence))

    def waiting(self) -> Self:
        """Those that are owed and that nobody is sending. A mail that is being sent may have reached its reader."""
        return self.filter(status=Mail.Status.OWED, claimed_at=None)

    def due(self, now: datetime) -> Self:
        """Those to be sent now. One that was claimed long ago and not sent belonged to a process that crashed."""
        idle = Q(claimed_at=None) | Q(claimed_at__lte=now - settings.MAIL_SENDING_TAKES)
        return self.filter(idle, status=Mail.Status.OWED, due_at__lte=now).order_by("due_at", "pk")

    def not_sent_since(self, moment: datetime) -> Self:
        """Those that were due before that moment and are still owed.

        A mail that was only put off, because its address had enough mails for an hour, does not count.
        """
        not_put_off = Q(due_at__lt=moment) | ~Q(last_error="")
        return self.filter(not_put_off, status=Mail.Status.OWED, first_due_at__lt=moment)

    def to_client(self, address: str) -> Self:
        return self.filter(address=address, reader=Mail.Reader.CLIENT)

    def limit_reached_until(self, an_hour: int, now: datetime) -> datetime | None:
        """The moment from which one more may be sent, if `an_hour` of these were begun within an hour, or else None."""
        hour = timedelta(hours=1)
        begun = self.filter(claimed_at__gt=now - hour).order_by("-claimed_at").values_list("claimed_at", flat=True)
        earliest = begun[an_hour - 1 : an_hour].first()
        return earliest + hour if earliest else None


class Mail(models.Model):
    class Kind(models.TextChoices):
        CONFIRMED = "confirmed"
        CHANGED = "changed"
        NEW_RULES = "new rules", "new rules for clocks"
        IN_THE_WAY = "in the way", "another in the way"
        CANCELLED = "cancelled"
        RETURNED = "returned"
        NOT_RETURNED = "not returned"
        MISMATCHED = "mismatched"
        DISPUTED = "disputed"
        INQUIRED = "inquired"
        REMINDER = "reminder"
        GIVEN_BACK = "given back"
        LINKS = "links"
        CONFIRM_WAITING = "confirm waiting", "asked to wait for a time"
        TIME_FREED = "time freed"
        PAYMENT_LINK = "payment link"
        REST_LINK = "rest link", "link to pay the rest"

    class Reader(models.TextChoices):
        CLIENT = "client"
        PRACTICE = "practice"

    class Status(models.TextChoices):
        OWED = "owed"
        SENT = "sent"
        DROPPED = "dropped", "Dropped: no longer true when its turn came"
        REFUSED = "refused", "Refused by the mail server for good"

    FOR_BOTH: ClassVar = (Kind.CONFIRMED, Kind.CHANGED, Kind.CANCELLED, Kind.NOT_RETURNED)
    # To pay what is due, or the rest of it: only staff cause these.
    TO_PAY: ClassVar = (Kind.PAYMENT_LINK, Kind.REST_LINK)
    FOR_THE_PRACTICE: ClassVar = (Kind.MISMATCHED, Kind.DISPUTED, Kind.INQUIRED, Kind.IN_THE_WAY)
    # The kinds of mail that say that the appointment is at another instant than before.
    MOVES: ClassVar = (Kind.CHANGED, Kind.NEW_RULES)
    AN_HOUR_TO_ONE_CLIENT: ClassVar = 5
    # The kinds of which an address gets one an hour: anybody can cause these mails by typing somebody's address, and
    # they must not keep that person from getting the mails that matter.
    ONE_AN_HOUR: ClassVar = (Kind.GIVEN_BACK, Kind.LINKS, Kind.CONFIRM_WAITING)
    # A mail that could not be sent for so long is no news any more, and is dropped.
    SENT_WITHIN: ClassVar = timedelta(days=3)

    # A mail is about an appointment, or about an entry of the waiting list and then goes with it.
    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, null=True, blank=True, related_name="mails")
    waiting = models.ForeignKey("booking.WaitingEntry", models.CASCADE, null=True, blank=True, db_index=False)
    kind = models.CharField(max_length=15, choices=Kind)
    reader = models.CharField(max_length=10, choices=Reader)
    occasion = models.CharField(max_length=40, help_text="Tells mails of one kind about one appointment apart.")
    sequence = models.PositiveSmallIntegerField(help_text="The appointment's, when it became owed.")
    facts = models.JSONField(default=dict, blank=True, help_text="What its words need beside the appointment.")
    address = models.EmailField(help_text="In lower case: an hour's mails are counted by it.")
    message_id = models.CharField(max_length=300, unique=True, default=new_message_id)

    status = models.CharField(max_length=10, choices=Status, default=Status.OWED)
    due_at = models.DateTimeField(help_text="Its next turn: put off by a failure, and for an address that had enough.")
    first_due_at = models.DateTimeField(help_text="Its first turn.")
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="When somebody began to send it.")
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()

    objects = MailQuerySet.as_manager()
    left_behind: datetime | None = None
    """When a process began to send it that has crashed since. It may have reached its reader all the same."""

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "kind", "reader", "occasion"], name="booking_mail_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="owed"), name="booking_mail_owed"),
            models.Index(fields=["address", "claimed_at"], name="booking_mail_of_address"),
            models.Index(fields=["waiting"], condition=Q(waiting__isnull=False), name="booking_mail_of_waiting"),
            # The list in the admin is in this order, and is narrowed to what few mails are.
            models.Index(fields=["created_at"], name="booking_mail_created"),
            models.Index(fields=["status", "created_at"], condition=~Q(status="sent"), name="booking_mail_status"),
            models.Index(
                fields=["kind", "created_at"],
                condition=~Q(kind__in=["confirmed", "reminder"]),
                name="booking_mail_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, to the {self.reader}"

    @classmethod
    def readers_of(cls, kind: Kind, appointment: AppointmentFacts) -> list[Reader]:
        """Who gets a mail of that kind. Nothing is mailed to a client of whom only a telephone number is known."""
        to_client = appointment.client_email and kind not in cls.FOR_THE_PRACTICE
        client = [cls.Reader.CLIENT] if to_client else []
        to_practice = settings.PRACTICE_EMAIL and kind in cls.FOR_BOTH + cls.FOR_THE_PRACTICE
        return [*client, cls.Reader.PRACTICE] if to_practice else client

    @classmethod
    def about(
        cls,
        appointment: AppointmentFacts,
        kind: Kind,
        occasion: str,
        reader: Reader = Reader.CLIENT,
        facts: dict[str, str] | None = None,
        *,
        due_at: datetime | None = None,
    ) -> Self:
        """An unsaved row, due now unless another moment is given."""
        address = settings.PRACTICE_EMAIL if reader == cls.Reader.PRACTICE else appointment.client_email
        now = timezone.now()
        first_due_at = due_at or now
        return cls(
            appointment=appointment,
            kind=kind,
            reader=reader,
            occasion=occasion,
            sequence=appointment.sequence,
            facts=facts or {},
            address=address.lower(),
            due_at=first_due_at,
            first_due_at=first_due_at,
            created_at=now,
        )

    @classmethod
    def reminders(cls, appointment: AppointmentFacts) -> list[Self]:
        """Unsaved rows, one for each of REMINDER_HOURS that is still ahead, if the client has an email address."""
        if not appointment.client_email:
            return []
        return [
            cls.about(appointment, cls.Kind.REMINDER, f"{appointment.sequence}, {hours} hours before", due_at=due_at)
            for hours in in_force.REMINDER_HOURS
            if (due_at := appointment.appointment_time - timedelta(hours=hours)) > timezone.now()
        ]

    def is_still_true(self, now: datetime) -> bool:
        """Whether it may still be sent. What the passing of time or a later event has made untrue is dropped."""
        return still_true.is_still_true(self, now)

    def next_turn(self, now: datetime) -> datetime | None:
        """When this mail may be sent, or None if it may be sent now. The practice may get any number of mails.

        So may a client of links to pay, which only staff cause: they keep no other mail waiting.
        """
        if self.reader != self.Reader.CLIENT or self.kind in self.TO_PAY:
            return None
        others = Mail.objects.to_client(self.address).exclude(pk=self.pk).exclude(kind__in=self.TO_PAY)
        turn = others.limit_reached_until(self.AN_HOUR_TO_ONE_CLIENT, now)
        if turn or self.kind not in self.ONE_AN_HOUR:
            return turn
        return others.filter(kind=self.kind).limit_reached_until(1, now)

    def release(self) -> None:
        """Give up the claim of a mail that was not tried, as if it had never been claimed."""
        self._record(claimed_at=None, attempts=self.attempts)

    def record_sent(self, now: datetime) -> None:
        sent = {"status": self.Status.SENT, "sent_at": now, "last_error": ""}
        self._record_with(lambda entry: entry.mail_has_gone(self, now), **sent)

    def record_dropped(self) -> None:
        """Record that it was dropped. It does not count as one of this hour's mails, unless it may have been sent."""
        dropped = {"status": self.Status.DROPPED, "claimed_at": self.left_behind}
        self._record_with(lambda entry: entry.mail_was_dropped(self), **dropped)

    def record_refused(self, error: str) -> None:
        refused = {"status": self.Status.REFUSED, "last_error": error}
        self._record_with(lambda entry: entry.mail_was_refused(self), **refused)

    def record_failed(self, now: datetime, error: str) -> None:
        """Record a failure. The mail stays owed, and is due after a pause that doubles from a minute to an hour."""
        pause = timedelta(minutes=min(2 ** min(self.attempts, 6), 60))
        self._record(claimed_at=None, due_at=now + pause, last_error=error)

    def _record_with(self, learn: "Callable[[WaitingEntry], None]", **changes: Any) -> None:
        """Write these columns, and in the same transaction what an entry of the waiting list learns by that."""
        if not self.waiting:
            self._record(**changes)
            return
        with transaction.atomic():
            if self._record(**changes):
                learn(self.waiting)

    def _record(self, **changes: str | int | datetime | None) -> bool:
        """Write these columns if the claim is still the caller's own, which the moment of the claim tells."""
        return bool(Mail.objects.filter(pk=self.pk, claimed_at=self.claimed_at).update(**changes))
