"""The story of an appointment: everything that happened to it, in order, each a plain sentence with its moment.

It is told from rows that are there for other reasons: the appointment's own columns, what staff and client have
changed, the mails, and the payments with their refunds.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from booking.models import Appointment, Change, Mail
from booking.templatetags.wording import price, short_day_and_clock
from payments.models import Payment, Refund

# Those of an appointment, or None for a reader who may see nothing of money: then no sentence has an amount.
Payments = Sequence[Payment] | None


class Event(NamedTuple):
    at: datetime
    sentence: str


def story(appointment: Appointment, payments: Payments) -> list[Event]:
    """All that happened, the first thing first. It takes one query for the changes and one for the mails."""
    return in_order([*without_mails(appointment, payments), *mailed(appointment.mails.all(), timezone.now())])


def in_order(events: Iterable[Event]) -> list[Event]:
    """Of two in the same second, the one that comes first stays first: a change before the mail that tells of it."""
    return sorted(events, key=lambda event: event.at.replace(microsecond=0))


def last_change(appointment: Appointment, payments: Payments) -> Event:
    """The last thing that happened to it, apart from mails: what somebody is told whose page was older than that."""
    return in_order(without_mails(appointment, payments))[-1]


def payments_of(appointment: Appointment) -> QuerySet[Payment]:
    """Its payments with their refunds, the first one first. Reading them takes two queries."""
    return appointment.payments.prefetch_related("refunds").order_by("created_at")


def without_mails(appointment: Appointment, payments: Payments) -> Iterator[Event]:
    changes = list(appointment.changes.all())
    kinds = {change.kind for change in changes}
    if Change.Kind.BOOKED not in kinds:
        yield Event(appointment.created_at, "The client booked it.")
    if lapsed_at := when_lapsed(appointment):
        yield Event(lapsed_at, "Its time was given back, as it was not paid in time.")
    yield from map(paid, payments or ())
    if appointment.confirmed_at and appointment.price:
        yield Event(appointment.confirmed_at, "It was confirmed.")
    for change in changes:
        sentence = sentence_of(change, appointment, sees_money=payments is not None)
        yield Event(change.at, sentence)
    # What was cancelled before there was a desk has no row that says by whom.
    if appointment.cancelled_at and Change.Kind.CANCELLED not in kinds:
        gone = "The time was given back before it was paid." if appointment.was_only_held else "It was cancelled."
        yield Event(appointment.cancelled_at, gone)
    yield from (Event(one.created_at, returned(one)) for payment in payments or () for one in payment.refunds.all())


def when_lapsed(appointment: Appointment) -> datetime | None:
    """When a hold was given back. One that ran out a moment ago is over before `manage.py tick` has written that."""
    has_run_out = appointment.state == Appointment.Status.EXPIRED
    return appointment.expired_at or (appointment.hold_expires_at if has_run_out else None)


# What staff and client have changed

CHANGES = {
    Change.Kind.BOOKED: "{who} booked it.",
    Change.Kind.MOVED: "{who} moved it from {was} to {became}.",
    Change.Kind.NEW_RULES: "New rules for clocks moved it from {was} to {became}.",
    Change.Kind.CANCELLED: "{who} cancelled it.",
    Change.Kind.CORRECTED: "{who} corrected {fields}.",
    Change.Kind.NO_SHOW: "{who} wrote down that the client did not come.",
    Change.Kind.CAME: "{who} wrote down that the client came after all.",
    Change.Kind.LINK: "{who} sent the link again.",
    Change.Kind.KEPT_LONGER: "{who} gave until {until} to pay.",
    Change.Kind.RETURNED: "{who} decided that {amount} goes back.",
}
GIVEN_BACK = "{who} gave the time back before it was paid."
BOOKED_FREE_OF_CHARGE = "{who} booked it, free of charge this time instead of {waived}."
CANCELLED_AND_MONEY_BACK = "{who} cancelled it, and {refund} goes back."
# For a reader who may see nothing of money.
FREE_OF_CHARGE_WITHOUT_AMOUNT = "{who} booked it, free of charge this time."
RETURNED_WITHOUT_AMOUNT = "{who} decided that money goes back."
FIELDS = {
    "client_name": "the name",
    "client_email": "the email address",
    "client_phone": "the phone number",
    "for_whom": "the name of who comes",
    "note": "the note",
}


def sentence_of(change: Change, appointment: Appointment, *, sees_money: bool) -> str:
    facts = {name: fact_in_words(name, fact, appointment) for name, fact in change.facts.items()}
    wording = wording_of(change, appointment, sees_money=sees_money)
    return wording.format(who=change.by_name or "The client", **facts)


def wording_of(change: Change, appointment: Appointment, *, sees_money: bool) -> str:
    kind = Change.Kind(change.kind)
    if kind == Change.Kind.CANCELLED and appointment.was_only_held:
        return GIVEN_BACK
    if "waived" in change.facts:
        return BOOKED_FREE_OF_CHARGE if sees_money else FREE_OF_CHARGE_WITHOUT_AMOUNT
    if "amount" in change.facts and not sees_money:
        return RETURNED_WITHOUT_AMOUNT
    if sees_money and Decimal(change.facts.get("refund", 0)):
        return CANCELLED_AND_MONEY_BACK
    return CHANGES[kind]


def fact_in_words(name: str, fact: str, appointment: Appointment) -> str:
    """Write one of the facts of a change, which Change.FACTS lists."""
    match name:
        case "was" | "became" | "until":
            return short_day_and_clock(datetime.fromisoformat(fact), appointment.provider.zone)
        case "waived" | "refund" | "amount":
            return price(Decimal(fact), appointment.currency)
        case "fields":
            return listed([FIELDS[field] for field in fact.split()])
    return fact


def listed(words: Sequence[str]) -> str:
    """Write `the name, the email address and the note`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


# Money

PAID = {
    "": "The client paid {amount}.",
    Payment.Problem.TIME_GONE: "The client paid {amount}, after the time had been given back.",
    Payment.Problem.PAID_TWICE: "The client paid {amount} once more.",
    Payment.Problem.MISMATCH: "A payment came that is not what was asked for.",
    Payment.Problem.UNKNOWN: "A payment came of which Stripe knows nothing.",
}


def paid(payment: Payment) -> Event:
    """That it was paid, or else that the client went to pay."""
    amount = price(payment.decimal_amount, payment.currency)
    if not payment.paid_at:
        return Event(payment.created_at, f"The client opened Stripe’s page to pay {amount}.")
    return Event(payment.paid_at, PAID[payment.problem].format(amount=amount))


def returned(refund: Refund) -> str:
    amount = price(refund.decimal_amount, refund.payment.currency)
    if refund.reason == Refund.Reason.BY_HAND:
        return f"{amount} was returned, and not by Stripe."
    if refund.has_failed:
        return f"{amount} did not go back to the card: {refund.failure_reason or 'Stripe does not say why'}."
    went = "went" if refund.status == Refund.Status.SUCCEEDED else "goes"
    decided = ", as was decided at Stripe" if refund.reason == Refund.Reason.DASHBOARD else ""
    return f"{amount} {went} back to the card{decided}."


# Mails

MAILS = {
    Mail.Kind.CONFIRMED: "The confirmation",
    Mail.Kind.CHANGED: "The new time",
    Mail.Kind.NEW_RULES: "The word on new rules for clocks",
    Mail.Kind.IN_THE_WAY: "The word that another one is in the way",
    Mail.Kind.CANCELLED: "The word that it is cancelled",
    Mail.Kind.RETURNED: "The word that money was returned",
    Mail.Kind.NOT_RETURNED: "The word that money could not be returned",
    Mail.Kind.MISMATCHED: "The word that a payment does not match",
    Mail.Kind.DISPUTED: "The word that the bank disputes a payment",
    Mail.Kind.INQUIRED: "The word that the bank asks about a payment",
    Mail.Kind.REMINDER: "The reminder",
    Mail.Kind.GIVEN_BACK: "The word that the time was given back",
    Mail.Kind.LINKS: "The links of all coming appointments",
    Mail.Kind.PAYMENT_LINK: "The link to pay",
}


def mailed(mails: Iterable[Mail], now: datetime) -> Iterator[Event]:
    """What was sent, what could not be sent, and what is due and waits.

    Left out is what is due later, and what was not true any more when its turn came.
    """
    for mail in mails:
        what = MAILS[Mail.Kind(mail.kind)]
        reader = mail.address if mail.reader == Mail.Reader.CLIENT else "the practice"
        match mail.status:
            case Mail.Status.SENT:
                yield Event(mail.sent_at or mail.created_at, f"{what} was mailed to {reader}.")
            case Mail.Status.REFUSED:
                yield Event(mail.claimed_at or mail.due_at, f"{what} could not be mailed: there is no {reader}.")
            case Mail.Status.DROPPED if mail.last_error:
                yield Event(mail.due_at, f"{what} was tried in vain, and is not mailed to {reader} any more.")
            case Mail.Status.OWED if mail.last_error:
                yield Event(mail.first_due_at, f"{what} could not be mailed to {reader} yet, and is tried again.")
            case Mail.Status.OWED if mail.first_due_at <= now:
                yield Event(mail.first_due_at, f"{what} is on its way to {reader}.")
