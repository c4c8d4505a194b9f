"""A receipt: what was paid for an appointment, by whom and to whom, as it was at one moment, under a number."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple, NoReturn, Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import pgettext_lazy

from booking import money
from booking.in_force import in_force
from booking.models import Appointment
from payments.models.taking import NeverEdited, Taking


class NumberedYear(models.Model):
    """How many receipts a year has. Whoever takes the next number locks this row until that receipt is committed.

    A number that is rolled back is therefore free again, as one of a database's sequence would not be.
    """

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0, help_text="The last number that was given out.")

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"

    @classmethod
    def next_number(cls, year: int) -> int:
        """Take the next number of a year. Call this in the transaction that writes the receipt."""
        cls.objects.get_or_create(year=year)
        cls.objects.filter(year=year).update(last=F("last") + 1)
        return cls.objects.get(year=year).last


class Line(NamedTuple):
    """One amount on a receipt; below zero if it went back."""

    words: str
    amount: Decimal
    at: datetime | None
    reference: str
    """The id under which Stripe knows the payment, if it was one of Stripe's."""


# By what a line is known, wherever the same money is written as well: an entry at the practice by its key, and what
# Stripe has moved by the payment, the amount, which is below zero if it went back, and the moment.
LineKey = tuple[str | int, ...]


def key_of_entry(entry: int) -> LineKey:
    return (entry,)


def key_of_stripe(payment_intent_id: str, amount: int, at: datetime) -> LineKey:
    return (payment_intent_id, amount, at.isoformat())


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def update(self, **facts: Any) -> NoReturn:
        raise NeverEdited

    def delete(self) -> NoReturn:
        raise NeverEdited

    def erase_clients(self) -> int:
        """Blank who the clients were, together with their appointments. Nothing else of a receipt is ever changed."""
        return super().update(**dict.fromkeys(Receipt.PERSONAL, ""))


class Receipt(models.Model):
    """All that it says is copied, since a receipt stays as it was. One that is no longer true is corrected by another.

    The receipts of an appointment are a chain, in which each corrects the one before it, and the last one counts.
    """

    class Kind(models.TextChoices):
        """What a line is about. What was taken at the practice has the names that it has there."""

        ONLINE = "online", pgettext_lazy("line of a receipt", "Paid online, through Stripe")
        REFUND = "refund", pgettext_lazy("line of a receipt", "Returned, through Stripe")
        BY_HAND = "by hand", pgettext_lazy("line of a receipt", "Returned by the practice")
        BANK = "bank", pgettext_lazy("line of a receipt", "Taken back by the bank")
        CASH = Taking.Method.CASH, pgettext_lazy("line of a receipt", "Paid at the practice, in cash")
        TERMINAL = Taking.Method.TERMINAL, pgettext_lazy("line of a receipt", "Paid at the practice, by card")
        TRANSFER = Taking.Method.TRANSFER, pgettext_lazy("line of a receipt", "Paid by bank transfer")
        UNDONE = "undone", pgettext_lazy("line of a receipt", "Taken off again at the practice")

    # The lines of what was paid and then went back. What was taken off again at the practice is due there again.
    WENT_BACK: ClassVar = (Kind.REFUND, Kind.BY_HAND, Kind.BANK)
    # Whom it names.
    WHOM: ClassVar = ("client", "for_whom")
    # The columns that say something of a client: they are blanked when the client's data is erased.
    PERSONAL: ClassVar = (*WHOM, "email_hash", "number_hash")
    # What two receipts of an appointment are compared by. By which clock its days are written makes none untrue.
    SAID: ClassVar = (
        "language",
        "practice_name",
        "practice_address",
        "tax_line",
        *WHOM,
        "service_name",
        "provider_name",
        "appointment_time",
        "time_zone",
        "cancelled_at",
        "is_no_show",
        "price",
        "currency",
        "lines",
    )

    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(help_text="Counted from 1 in each year, without gaps.")
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="receipts")
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    issued_at = models.DateTimeField()
    language = models.CharField(max_length=2, help_text="The client's, in which all of it is written.")
    practice_name = models.TextField()
    practice_address = models.TextField(blank=True)
    tax_line = models.TextField(blank=True)
    practice_zone = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="The time zone by which it writes its days. Empty if a release made it that did not copy it.",
    )
    client = models.CharField(max_length=254, blank=True, help_text="Their name, or else their address or number.")
    for_whom = models.CharField(max_length=100, blank=True)
    email_hash = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="A keyed hash of the client's address, by which it is found when the appointment has another since.",
    )
    number_hash = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="The same of their phone number."
    )
    service_name = models.TextField()
    provider_name = models.TextField()
    appointment_time = models.DateTimeField()
    time_zone = models.CharField(max_length=64, help_text="That of the wall by whose clock that time is written.")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    is_no_show = models.BooleanField(default=False)
    price = models.PositiveIntegerField(help_text="In minor units.")
    currency = models.CharField(max_length=3)
    lines = models.JSONField(help_text="What was paid and what went back, each with its amount in minor units.")
    total = models.IntegerField(help_text="In minor units: what the lines add up to.")

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="payments_receipt_number"),
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(corrects=None), name="payments_receipt_one_first"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NeverEdited
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NeverEdited

    @property
    def label(self) -> str:
        """Its number as people read it, like `2026-0001`."""
        return f"{self.year}-{self.number:04}"

    def says_the_same_as(self, other: Self) -> bool:
        return all(getattr(self, fact) == getattr(other, fact) for fact in self.SAID)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def practice_clock(self) -> ZoneInfo:
        """By which it writes when it was made, and when each amount came or went: the practice's of then."""
        return ZoneInfo(self.practice_zone) if self.practice_zone else in_force.zone

    @property
    def decimal_price(self) -> Decimal:
        return money.from_minor_units(self.price, self.currency)

    @property
    def has_returned(self) -> bool:
        """Whether one of its lines takes something off what was paid."""
        return any(line["amount"] < 0 for line in self.lines)

    @property
    def left_to_pay(self) -> Decimal | None:
        """What of the price was not paid yet when it was made; None where it cannot tell.

        That is so once something went back of what was paid online: a rest that went back is due again, and what was
        given back out of goodwill is not.
        """
        if self.cancelled_at:
            return Decimal(0)
        if any(line["kind"] in self.WENT_BACK for line in self.lines):
            return None
        return money.from_minor_units(max(self.price - self.total, 0), self.currency)

    @property
    def decimal_total(self) -> Decimal:
        return money.from_minor_units(self.total, self.currency)

    @property
    def line_keys(self) -> list[LineKey]:
        return [
            key_of_entry(line["entry"]) if line["entry"] else (line["reference"], line["amount"], line["at"])
            for line in self.lines
        ]

    @property
    def lines_in_words(self) -> list[Line]:
        return [
            Line(
                words=str(self.Kind(line["kind"]).label),
                amount=money.from_minor_units(line["amount"], self.currency),
                at=parse_datetime(line["at"]) if line["at"] else None,
                reference=line["reference"],
            )
            for line in self.lines
        ]
