"""A row for each mail: owed in the transaction that makes it true, and then what became of it."""

import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from booking.models.appointment.facts import AppointmentFacts


def new_message_id() -> str:
    """Made when the mail becomes owed: sent twice after a crash, it is still one mail to whoever receives it."""
    domain = settings.EMAIL_FROM.rpartition("@")[2]
    return f"<{secrets.token_urlsafe(16)}@{domain}>"


class MailQuerySet(models.QuerySet["Mail"]):
    def owe(self, appointment: AppointmentFacts, kind: "Mail.Kind", occasion: str = "", **facts: str) -> None:
        """In the transaction that makes it true; owed twice for one occasion, it is sent once."""
        occasion = occasion or str(appointment.sequence)
        mails = [
            self.model.about(appointment, kind, occasion, reader, facts | self.untold(appointment, kind, reader))
            for reader in Mail.readers_of(kind)
            if not (kind in Mail.OTHER_TIMES and self.is_told_by_the_confirmation(appointment, reader))
        ]
        if kind in (Mail.Kind.CONFIRMED, *Mail.OTHER_TIMES):
            mails += self.model.reminders(appointment)
        self.bulk_create(mails, ignore_conflicts=True)

    def untold(self, appointment: AppointmentFacts, kind: "Mail.Kind", reader: "Mail.Reader") -> dict[str, str]:
        """Of a move whose mail is still owed when the next one comes: the reader knows the time before both."""
        if kind not in Mail.OTHER_TIMES:
            return {}
        waiting = self.waiting().filter(appointment=appointment, kind__in=Mail.OTHER_TIMES, reader=reader)
        return next((mail.facts for mail in waiting.order_by("pk")), {})

    def is_told_by_the_confirmation(self, appointment: AppointmentFacts, reader: "Mail.Reader") -> bool:
        """One that still waits when the appointment moves is written later, and says all of it as it is by then."""
        waiting = self.waiting().filter(appointment=appointment, kind=Mail.Kind.CONFIRMED, reader=reader)
        return bool(waiting.update(sequence=appointment.sequence))

    def waiting(self) -> Self:
        """Owed, and in nobody's hands: what somebody has begun to send may have been read."""
        return self.filter(status=Mail.Status.OWED, claimed_at=None)

    def due(self, now: datetime) -> Self:
        """Owed, and its turn: whoever claimed one long ago and did not send it has crashed."""
        idle = Q(claimed_at=None) | Q(claimed_at__lte=now - settings.MAIL_SENDING_TAKES)
        return self.filter(idle, status=Mail.Status.OWED, due_at__lte=now).order_by("due_at", "pk")

    def not_sent_since(self, moment: datetime) -> Self:
        """Due before that, and nobody has sent it or only put it off: failing is no excuse."""
        not_put_off = Q(due_at__lt=moment) | ~Q(last_error="")
        return self.filter(not_put_off, status=Mail.Status.OWED, first_due_at__lt=moment)

    def to_client(self, address: str) -> Self:
        return self.filter(address=address, reader=Mail.Reader.CLIENT)

    def full_until(self, an_hour: int, now: datetime) -> datetime | None:
        """When an hour has passed since so many of these were begun, if it has not."""
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

    class Reader(models.TextChoices):
        CLIENT = "client"
        PRACTICE = "practice"

    class Status(models.TextChoices):
        OWED = "owed"
        SENT = "sent"
        DROPPED = "dropped", "Dropped: no longer true when its turn came"
        REFUSED = "refused", "Refused by the mail server for good"

    FOR_BOTH: ClassVar = (Kind.CONFIRMED, Kind.CHANGED, Kind.CANCELLED, Kind.NOT_RETURNED)
    FOR_THE_PRACTICE: ClassVar = (Kind.MISMATCHED, Kind.DISPUTED, Kind.INQUIRED, Kind.IN_THE_WAY)
    # The appointment is at another instant than before.
    OTHER_TIMES: ClassVar = (Kind.CHANGED, Kind.NEW_RULES)
    AN_HOUR_TO_ONE_CLIENT: ClassVar = 5
    # Of those, one of each. Anybody may type an address: that must not keep its owner from hearing what matters.
    ONE_AN_HOUR: ClassVar = (Kind.GIVEN_BACK, Kind.LINKS)
    NEWS_FOR: ClassVar = timedelta(days=3)

    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="mails")
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

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "kind", "reader", "occasion"], name="booking_mail_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="owed"), name="booking_mail_owed"),
            models.Index(fields=["address", "claimed_at"], name="booking_mail_of_address"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, to the {self.reader}"

    @classmethod
    def readers_of(cls, kind: Kind) -> list[Reader]:
        client = [] if kind in cls.FOR_THE_PRACTICE else [cls.Reader.CLIENT]
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
        """For a time that is booked later than that, there is nothing to be reminded of."""
        return [
            cls.about(appointment, cls.Kind.REMINDER, f"{appointment.sequence}, {hours} hours before", due_at=due_at)
            for hours in settings.REMINDER_HOURS
            if (due_at := appointment.appointment_time - timedelta(hours=hours)) > timezone.now()
        ]

    def is_still_true(self, now: datetime) -> bool:
        """What has been overtaken by a later mail, or by time, is not sent any more."""
        appointment = self.appointment
        standing = appointment.status == "confirmed" and appointment.sequence == self.sequence
        ahead = now < appointment.appointment_time or self.reader == self.Reader.PRACTICE
        if self.kind == self.Kind.REMINDER:
            return standing and ahead and not self._next_one_is_due(now)
        if self.kind == self.Kind.LINKS and not type(appointment).objects.coming_of(self.address, now).exists():
            return False
        if self.kind == self.Kind.RETURNED and self._came_to_nothing():
            return False
        if self.kind in self.OTHER_TIMES and self._is_where_it_was():
            return False
        in_state = {
            self.Kind.CONFIRMED: standing and ahead,
            self.Kind.CHANGED: standing and ahead,
            self.Kind.NEW_RULES: standing and ahead,
            self.Kind.IN_THE_WAY: standing and appointment.appointment_time != appointment.agreed_instant,
            self.Kind.CANCELLED: appointment.status == "cancelled",
            self.Kind.GIVEN_BACK: appointment.state == "expired",
        }
        return in_state.get(self.Kind(self.kind), True) and now < self.created_at + self.NEWS_FOR

    def _next_one_is_due(self, now: datetime) -> bool:
        """Nobody needs both reminders at once."""
        others = Mail.objects.filter(appointment=self.appointment, kind=self.Kind.REMINDER, sequence=self.sequence)
        return others.filter(first_due_at__gt=self.first_due_at, first_due_at__lte=now).exists()

    def _is_where_it_was(self) -> bool:
        """Moved, and moved back, before the reader heard of either."""
        return datetime.fromisoformat(self.facts["was"]) == self.appointment.appointment_time

    def _came_to_nothing(self) -> bool:
        """The bank took the refund, and then gave it back."""
        told_otherwise = Mail.objects.filter(appointment=self.appointment, kind=self.Kind.NOT_RETURNED)
        return told_otherwise.filter(occasion=self.occasion).exists()

    def claim(self, now: datetime) -> bool:
        """Take it into one's hands, if nobody else has and its reader may get another this hour."""
        with transaction.atomic():
            # Whoever sends to one address waits here for the others who do: their claims are then counted.
            owed_to_it = Mail.objects.filter(address=self.address, status=self.Status.OWED).order_by("pk")
            list(owed_to_it.select_for_update().values_list("pk"))
            if next_turn := self.next_turn(now):
                Mail.objects.filter(pk=self.pk).update(due_at=next_turn)
                return False
            mine = Mail.objects.filter(pk=self.pk, status=self.Status.OWED, claimed_at=self.claimed_at)
            self.claimed_at = now
            return bool(mine.update(claimed_at=now, attempts=F("attempts") + 1))

    def next_turn(self, now: datetime) -> datetime | None:
        """When this client may get another, if not now."""
        if self.reader != self.Reader.CLIENT:
            return None
        others = Mail.objects.to_client(self.address).exclude(pk=self.pk)
        turn = others.full_until(self.AN_HOUR_TO_ONE_CLIENT, now)
        if turn or self.kind not in self.ONE_AN_HOUR:
            return turn
        return others.filter(kind=self.kind).full_until(1, now)

    def record_sent(self, now: datetime) -> None:
        self._record(status=self.Status.SENT, sent_at=now, last_error="")

    def record_dropped(self) -> None:
        """It was never sent, so it does not count as one of this hour's."""
        self._record(status=self.Status.DROPPED, claimed_at=None)

    def record_refused(self, error: str) -> None:
        self._record(status=self.Status.REFUSED, last_error=error)

    def record_failed(self, now: datetime, error: str) -> None:
        """Owed again, after a pause that doubles from a minute to an hour."""
        pause = timedelta(minutes=min(2 ** min(self.attempts, 6), 60))
        self._record(claimed_at=None, due_at=now + pause, last_error=error)

    def _record(self, **changes: str | datetime | None) -> None:
        """Only while it is still in our hands: no other claim has this moment."""
        Mail.objects.filter(pk=self.pk, claimed_at=self.claimed_at).update(**changes)
