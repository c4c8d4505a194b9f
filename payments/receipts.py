"""Receipts: what one says of an appointment now, and making it.

A receipt is made when somebody asks for it, and not when money comes: most clients want none, and nobody who pays has
to wait for a number. docs/decisions/0037-receipts.md says more.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone, translation
from django.utils.functional import cached_property

from booking import languages, money
from booking.in_force import in_force
from booking.models import Appointment
from booking.personal_data import Person
from payments.models import NumberedYear, Payment, Receipt, Refund, Taking

Kind = Receipt.Kind


class NothingPaid(Exception):
    """Nothing was paid for the appointment, so there is nothing that a receipt could say."""


@dataclass(frozen=True)
class Receipts:
    """The receipts of an appointment, in order, each but the last corrected by the next."""

    appointment: Appointment
    made: list[Receipt]

    @property
    def newest(self) -> Receipt | None:
        return self.made[-1] if self.made else None

    @cached_property
    def now(self) -> Receipt:
        """What one would say that is made now. It takes three queries."""
        return as_it_is_now(self.appointment, self.made)

    @property
    def is_outdated(self) -> bool:
        """Whether the newest no longer says what is true."""
        return self.newest is not None and not self.newest.says_the_same_as(self.now)

    @property
    def may_be_asked_for(self) -> bool:
        """Whether there is one, or something to say on one."""
        return bool(self.made or self.now.lines)


def receipts_of(appointment: Appointment) -> Receipts:
    return Receipts(appointment, list(appointment.receipts.all()))


def issue(appointment: Appointment) -> Receipt:
    """Return the receipt that says what is true now: the newest, or one more, which corrects that.

    Raises NothingPaid.
    """
    with transaction.atomic():
        # Whatever is written about an appointment's money is written under a lock on its row.
        appointment = Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)
        made = list(appointment.receipts.all())
        receipt = as_it_is_now(appointment, made)
        if not receipt.lines:
            raise NothingPaid
        if made and made[-1].says_the_same_as(receipt):
            return made[-1]
        receipt.corrects = made[-1] if made else None
        give_number(receipt, timezone.now())
    return receipt


def is_a_test(receipt: Receipt) -> bool:
    """Whether something on it was paid in test mode, or in a demonstration, so that no money moved.

    Its payments tell that for ever. What the site is set to may be another thing by now.
    """
    references = {line["reference"] for line in receipt.lines if line["reference"]}
    if not references:
        return False
    on_it = Payment.objects.filter(appointment=receipt.appointment_id, payment_intent_id__in=references)
    return on_it.filter(checkout_session_id__startswith=Payment.OF_TEST_MODE).exists()


def give_number(receipt: Receipt, now: datetime) -> None:
    """Number and save it, in the year that the practice's calendar has."""
    receipt.issued_at, receipt.year = now, now.astimezone(receipt.practice_clock).year
    receipt.number = NumberedYear.next_number(receipt.year)
    receipt.save()


def as_it_is_now(appointment: Appointment, made: list[Receipt]) -> Receipt:
    """A receipt that is not saved, with all that it says now. `made` are those that the appointment has, in order."""
    with translation.override(languages.tag_of(appointment.language)):
        service_name = appointment.translated_service
    # What has no moment comes last.
    lines = sorted(lines_of(appointment, made), key=lambda line: (not line["at"], line["at"]))
    return Receipt(
        appointment=appointment,
        language=appointment.language,
        **practice_now(),
        client=who_paid(appointment),
        for_whom=appointment.for_whom,
        **hashes_of_client(appointment),
        service_name=service_name,
        provider_name=appointment.provider_name,
        appointment_time=appointment.appointment_time,
        time_zone=appointment.wall_zone,
        cancelled_at=appointment.cancelled_at,
        is_no_show=appointment.no_show_at is not None,
        price=money.minor_units(appointment.price, appointment.currency),
        currency=appointment.currency,
        lines=lines,
        total=sum(line["amount"] for line in lines),
    )


def who_paid(appointment: Appointment) -> str:
    """The client by name, or else as they can be reached. Nobody is named whose data was erased."""
    return "" if appointment.erased_at else appointment.client


def hashes_of_client(appointment: Appointment) -> dict[str, str]:
    email, number = appointment.client_email.lower(), appointment.client_phone
    return {
        "email_hash": Person(email=email).hashed if email else "",
        "number_hash": Person(number=number).hashed if number else "",
    }


def practice_now() -> dict[str, str]:
    """What the practice says of itself at the head of a receipt."""
    return {
        "practice_name": in_force.PRACTICE_NAME,
        "practice_address": in_force.PRACTICE_ADDRESS,
        "tax_line": in_force.TAX_LINE,
        "practice_zone": in_force.TIME_ZONE,
    }


# The lines

# Of a payment that is on receipts. `is_on_receipts` says the same of one that was read already.
ON_RECEIPTS: dict[str, Any] = {"status": Payment.Status.PAID, "problem": "", "amount_captured__gt": 0}


def is_on_receipts(payment: Payment) -> bool:
    return payment.status == Payment.Status.PAID and not payment.problem and payment.amount_captured > 0


def can_be_asked_for(appointment: Appointment) -> bool:
    """Whether there is a receipt of it, or something to say on one: `may_be_asked_for` in one query at most.

    Only what is wholly due at the practice, with nothing taken there, has to be looked up: the rest may have been paid
    by link and have gone back, and what was taken may have been undone.
    """
    if appointment.something_was_paid or not appointment.due_at_practice:
        return appointment.something_was_paid
    of_it = {"appointment": appointment.pk}
    on_receipts = Exists(Payment.objects.filter(**of_it, **ON_RECEIPTS))
    return Appointment.objects.filter(on_receipts | Exists(Receipt.objects.filter(**of_it)), pk=appointment.pk).exists()


def lines_of(appointment: Appointment, made: list[Receipt]) -> Iterator[dict[str, Any]]:
    """What was paid for it and what went back. A payment that did not pay its price has gone back, and is left out."""
    for payment in appointment.payments.filter(**ON_RECEIPTS).prefetch_related("refunds"):
        yield from lines_of_payment(payment)
    for taking in takings_on_receipts(appointment, made):
        kind = taking.method if taking.undoes_id is None else Kind.UNDONE
        yield line(kind, taking.amount, taking.taken_at, entry=taking.pk)


def lines_of_payment(payment: Payment) -> Iterator[dict[str, Any]]:
    """The payment, and what has gone back of it or is on its way."""
    reference = payment.payment_intent_id
    paid_at = payment.paid_at or payment.created_at
    yield line(Kind.ONLINE, payment.amount_captured, paid_at, reference)
    for refund in payment.refunds.all():
        if refund.status in Refund.NOT_FAILED:
            kind = Kind.BY_HAND if refund.reason == Refund.Reason.BY_HAND else Kind.REFUND
            yield line(kind, -refund.amount, refund.created_at, reference)
    if by_bank := payment.amount_gone - payment.amount_returning:
        yield line(Kind.BANK, -by_bank, None, reference)


def takings_on_receipts(appointment: Appointment, made: list[Receipt]) -> list[Taking]:
    """What was taken at the practice. An entry of which nothing is left is there only if an earlier receipt has it.

    Most entries that are wholly undone were slips, of which the client knows nothing. But whoever has one on paper must
    see on the next paper what became of it.
    """
    on_paper = {line["entry"] for receipt in made for line in receipt.lines if line["entry"]}
    # Counter-entries are among the rows, so what is left of each entry needs no query, as `Taking.left` would.
    rows, left = list(appointment.takings.all()), Counter[int]()
    for one in rows:
        left[one.undoes_id or one.pk] += one.amount
    shown = on_paper | {entry for entry, amount in left.items() if amount}
    return [one for one in rows if {one.pk, one.undoes_id} & shown]


def line(kind: str, amount: int, at: datetime | None, reference: str = "", entry: int | None = None) -> dict[str, Any]:
    """A line as it is saved: in JSON, with the amount in minor units. `entry` is the key of what was taken."""
    return {
        "kind": str(kind),
        "amount": amount,
        "at": at.isoformat() if at else "",
        "reference": reference,
        "entry": entry,
    }
