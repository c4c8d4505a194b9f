"""The story of an appointment: everything that happened to it, in order, each a plain sentence with its moment.

It is told from rows that are there for other reasons: the appointment's own columns, what staff and client have
changed, the mails, the payments with their refunds, and the receipts.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from babel.lists import format_list
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from booking import customs
from booking.models import Appointment, Change, Mail
from booking.templatetags.wording import price, short_day_and_clock
from payments.models import Payment, Receipt, Refund, Taking

# Those of an appointment, or None for a reader who may see nothing of money: then no sentence has an amount.
Payments = Sequence[Payment] | None


class Event(NamedTuple):
    at: datetime
    sentence: str


def story(appointment: Appointment, payments: Payments, receipts: Iterable[Receipt]) -> list[Event]:
    """All that happened, the first thing first. It takes one query for the changes and one for the mails.

    `receipts` are those that the reader may see.
    """
    told = (without_mails(appointment, payments), map(made, receipts), mailed(appointment.mails.all(), timezone.now()))
    return in_order(chain.from_iterable(told))


def in_order(events: Iterable[Event]) -> list[Event]:
    """Of two in the same second, the one that comes first stays first: a change before the mail that tells of it."""
    return sorted(events, key=lambda event: event.at.replace(microsecond=0))


def last_change(appointment: Appointment, payments: Payments) -> Event:
    """The last thing that happened to it: what somebody is told whose page was older than that.

    Mails and receipts are left out, since they change nothing that a page acts on.
    """
    return in_order(without_mails(appointment, payments))[-1]


def payments_of(appointment: Appointment) -> QuerySet[Payment]:
    """Its payments with their refunds, the first one first. Reading them takes two queries."""
    return appointment.payments.prefetch_related("refunds").order_by("created_at")


def without_mails(appointment: Appointment, payments: Payments) -> Iterator[Event]:
    changes = list(appointment.changes.all())
    kinds = {change.kind for change in changes}
    if Change.Kind.BOOKED not in kinds:
        yield Event(appointment.created_at, _("The client booked it."))
    if lapsed_at := when_lapsed(appointment):
        yield Event(lapsed_at, _("Its time was given back, as it was not paid in time."))
    yield from map(paid, payments or ())
    if appointment.confirmed_at and appointment.due_online:
        yield Event(appointment.confirmed_at, _("It was confirmed."))
    # A kind that is missing here is one of the next release's, which runs beside this one or did before: there are no
    # words for it yet.
    for change in (one for one in changes if one.kind in CHANGES):
        sentence = sentence_of(change, appointment, sees_money=payments is not None)
        yield Event(change.at, sentence)
    # What was cancelled before there was a desk has no row that says by whom.
    if appointment.cancelled_at and Change.Kind.CANCELLED not in kinds:
        given_back, cancelled = _("The time was given back before it was paid."), _("It was cancelled.")
        gone = given_back if appointment.was_only_held else cancelled
        yield Event(appointment.cancelled_at, gone)
    yield from (Event(one.created_at, returned(one)) for payment in payments or () for one in payment.refunds.all())
    if appointment.erased_at:
        yield Event(appointment.erased_at, _("It was erased who the client was."))


def when_lapsed(appointment: Appointment) -> datetime | None:
    """When a hold was given back. One that ran out a moment ago is over before `manage.py tick` has written that."""
    has_run_out = appointment.state == Appointment.Status.EXPIRED
    return appointment.expired_at or (appointment.hold_expires_at if has_run_out else None)


# What staff and client have changed

CHANGES = {
    Change.Kind.BOOKED: gettext_lazy("%(who)s booked it."),
    Change.Kind.MOVED: gettext_lazy("%(who)s moved it from %(was)s to %(became)s."),
    Change.Kind.NEW_RULES: gettext_lazy("New rules for clocks moved it from %(was)s to %(became)s."),
    Change.Kind.CANCELLED: gettext_lazy("%(who)s cancelled it."),
    Change.Kind.CORRECTED: gettext_lazy("%(who)s corrected %(fields)s."),
    Change.Kind.NO_SHOW: gettext_lazy("%(who)s wrote down that the client did not come."),
    Change.Kind.CAME: gettext_lazy("%(who)s wrote down that the client came after all."),
    Change.Kind.LINK: gettext_lazy("%(who)s mailed the client the link again."),
    Change.Kind.KEPT_LONGER: gettext_lazy("%(who)s gave until %(until)s to pay."),
    Change.Kind.RETURNED: gettext_lazy("%(who)s decided that %(amount)s goes back."),
    Change.Kind.TAKEN: gettext_lazy("%(who)s recorded %(amount)s taken at the practice: %(method)s."),
    Change.Kind.UNDONE: gettext_lazy("%(who)s recorded %(amount)s as taken off again at the practice: %(method)s."),
    Change.Kind.ASKED: gettext_lazy("%(who)s asked for the rest of %(amount)s by link."),
}
GIVEN_BACK = gettext_lazy("%(who)s gave the time back before it was paid.")
BOOKED_FREE_OF_CHARGE = gettext_lazy("%(who)s booked it, free of charge this time instead of %(waived)s.")
BOOKED_TO_BE_PAID_HERE = gettext_lazy("%(who)s booked it, to be paid at the practice instead of online.")
CANCELLED_AND_MONEY_BACK = gettext_lazy("%(who)s cancelled it, and %(refund)s goes back.")
# For a reader who may see nothing of money.
FREE_OF_CHARGE_WITHOUT_AMOUNT = gettext_lazy("%(who)s booked it, free of charge this time.")
WITHOUT_AMOUNT = {
    Change.Kind.RETURNED: gettext_lazy("%(who)s decided that money goes back."),
    Change.Kind.TAKEN: gettext_lazy("%(who)s recorded money taken at the practice."),
    Change.Kind.UNDONE: gettext_lazy("%(who)s recorded money as taken off again at the practice."),
    Change.Kind.ASKED: gettext_lazy("%(who)s asked for the rest by link."),
}
# What somebody corrected: the object of the sentence above.
FIELDS = {
    "client_name": pgettext_lazy("corrected", "the name"),
    "client_email": pgettext_lazy("corrected", "the email address"),
    "client_phone": pgettext_lazy("corrected", "the phone number"),
    "language": pgettext_lazy("corrected", "the language of the mails"),
    "for_whom": pgettext_lazy("corrected", "the name of who comes"),
    "note": pgettext_lazy("corrected", "the note"),
}
# How money was taken at the practice, or went back: it stands at the end of a sentence.
METHODS = {
    Taking.Method.CASH: pgettext_lazy("taken", "cash"),
    Taking.Method.TERMINAL: pgettext_lazy("taken", "by card terminal"),
    Taking.Method.TRANSFER: pgettext_lazy("taken", "by bank transfer"),
}


def sentence_of(change: Change, appointment: Appointment, *, sees_money: bool) -> str:
    facts = {name: fact_in_words(name, fact, appointment) for name, fact in change.facts.items()}
    wording = wording_of(change, appointment, sees_money=sees_money)
    return wording % {"who": change.by_name or pgettext("who did it", "The client"), **facts}


def wording_of(change: Change, appointment: Appointment, *, sees_money: bool) -> str:
    kind = Change.Kind(change.kind)
    if kind == Change.Kind.CANCELLED and appointment.was_only_held:
        return str(GIVEN_BACK)
    if "waived" in change.facts:
        return str(BOOKED_FREE_OF_CHARGE if sees_money else FREE_OF_CHARGE_WITHOUT_AMOUNT)
    if "at_practice" in change.facts:
        return str(BOOKED_TO_BE_PAID_HERE)
    if "amount" in change.facts and not sees_money:
        return str(WITHOUT_AMOUNT[kind])
    if sees_money and Decimal(change.facts.get("refund", 0)):
        return str(CANCELLED_AND_MONEY_BACK)
    return str(CHANGES[kind])


def fact_in_words(name: str, fact: str, appointment: Appointment) -> str:
    """Write one of the facts of a change, which Change.FACTS lists."""
    match name:
        case "was" | "became" | "until":
            return short_day_and_clock(datetime.fromisoformat(fact), appointment.provider.zone)
        case "waived" | "refund" | "amount":
            return price(Decimal(fact), appointment.currency)
        case "method":
            return str(METHODS[Taking.Method(fact)])
        case "fields":
            return format_list([str(FIELDS[field]) for field in fact.split()], locale=customs.locale())
    return fact


# Money

PAID = {
    "": gettext_lazy("The client paid %(amount)s."),
    Payment.Problem.TIME_GONE: gettext_lazy("The client paid %(amount)s, after the time had been given back."),
    Payment.Problem.PAID_TWICE: gettext_lazy("The client paid %(amount)s once more."),
    Payment.Problem.MISMATCH: gettext_lazy("A payment came that is not what was asked for."),
    Payment.Problem.UNKNOWN: gettext_lazy("A payment came of which Stripe knows nothing."),
}
# By whether it is there already, and whether it was decided at Stripe.
WENT_BACK = {
    (True, True): gettext_lazy("%(amount)s went back to the card, as was decided at Stripe."),
    (True, False): gettext_lazy("%(amount)s went back to the card."),
    (False, True): gettext_lazy("%(amount)s goes back to the card, as was decided at Stripe."),
    (False, False): gettext_lazy("%(amount)s goes back to the card."),
}


def paid(payment: Payment) -> Event:
    """That it was paid, or else that the client went to pay."""
    amount = {"amount": price(payment.decimal_amount, payment.currency)}
    if not payment.paid_at:
        return Event(payment.created_at, _("The client opened Stripe’s page to pay %(amount)s.") % amount)
    return Event(payment.paid_at, PAID[payment.problem] % amount)


def made(receipt: Receipt) -> Event:
    return Event(receipt.issued_at, _("Receipt %(number)s was made.") % {"number": receipt.label})


def returned(refund: Refund) -> str:
    return wording_of_refund(refund) % {
        "amount": price(refund.decimal_amount, refund.payment.currency),
        "reason": refund.failure,
    }


def wording_of_refund(refund: Refund) -> str:
    if refund.reason == Refund.Reason.BY_HAND:
        return _("%(amount)s was returned, and not by Stripe.")
    if refund.has_failed and refund.failure_reason:
        return _("%(amount)s did not go back to the card: %(reason)s.")
    if refund.has_failed:
        return _("%(amount)s did not go back to the card: Stripe does not say why.")
    if refund.waits_for_the_bank:
        return _("%(amount)s goes back to the card if the dispute is won. Until then it waits.")
    is_there, decided_there = refund.status == Refund.Status.SUCCEEDED, refund.reason == Refund.Reason.DASHBOARD
    return str(WENT_BACK[is_there, decided_there])


# Mails

MAILS = {
    Mail.Kind.CONFIRMED: pgettext_lazy("mail", "the confirmation"),
    Mail.Kind.CHANGED: pgettext_lazy("mail", "the new time"),
    Mail.Kind.NEW_RULES: pgettext_lazy("mail", "the word on new rules for clocks"),
    Mail.Kind.IN_THE_WAY: pgettext_lazy("mail", "the word that another one is in the way"),
    Mail.Kind.CANCELLED: pgettext_lazy("mail", "the cancellation"),
    Mail.Kind.RETURNED: pgettext_lazy("mail", "the word that money was returned"),
    Mail.Kind.NOT_RETURNED: pgettext_lazy("mail", "the word that money could not be returned"),
    Mail.Kind.MISMATCHED: pgettext_lazy("mail", "the word that a payment does not match"),
    Mail.Kind.DISPUTED: pgettext_lazy("mail", "the word that the bank disputes a payment"),
    Mail.Kind.INQUIRED: pgettext_lazy("mail", "the word that the bank asks about a payment"),
    Mail.Kind.REMINDER: pgettext_lazy("mail", "the reminder"),
    Mail.Kind.GIVEN_BACK: pgettext_lazy("mail", "the word that the time was given back"),
    Mail.Kind.LINKS: pgettext_lazy("mail", "the links of all coming appointments"),
    Mail.Kind.PAYMENT_LINK: pgettext_lazy("mail", "the link to pay"),
    Mail.Kind.REST_LINK: pgettext_lazy("mail", "the link to pay the rest"),
}
# What became of a mail to the client. Its name comes last, so that no other word has to agree with it.
TO_CLIENT = {
    "sent": gettext_lazy("Mailed to %(address)s: %(mail)s."),
    "refused": gettext_lazy("Could not be mailed, as there is no %(address)s: %(mail)s."),
    "given up": gettext_lazy("Tried in vain, and not mailed to %(address)s any more: %(mail)s."),
    "tried again": gettext_lazy("Could not be mailed to %(address)s yet, and is tried again: %(mail)s."),
    "due": gettext_lazy("On its way to %(address)s: %(mail)s."),
}
# What stands instead of that once the address is erased.
TO_ERASED = {
    "sent": gettext_lazy("Mailed to the client: %(mail)s."),
    "refused": gettext_lazy("Could not be mailed, as there was no such address: %(mail)s."),
    "given up": gettext_lazy("Tried in vain, and not mailed to the client any more: %(mail)s."),
}
TO_PRACTICE = {
    "sent": gettext_lazy("Mailed to the practice: %(mail)s."),
    "refused": gettext_lazy("Could not be mailed to the practice, as its address is not there: %(mail)s."),
    "given up": gettext_lazy("Tried in vain, and not mailed to the practice any more: %(mail)s."),
    "tried again": gettext_lazy("Could not be mailed to the practice yet, and is tried again: %(mail)s."),
    "due": gettext_lazy("On its way to the practice: %(mail)s."),
}

# What stands instead of that it was sent, where mail goes to the mailbox of the demonstration.
KEPT = {
    Mail.Reader.CLIENT: gettext_lazy("Kept under “Mails” for the client, as no mail leaves this site: %(mail)s."),
    Mail.Reader.PRACTICE: gettext_lazy("Kept under “Mails” for the practice, as no mail leaves this site: %(mail)s."),
}


def mailed(mails: Iterable[Mail], now: datetime) -> Iterator[Event]:
    """What was sent, what could not be sent, and what is due and waits.

    Left out is what is due later, and what was not true any more when its turn came.
    """
    for mail in mails:
        match mail.status:
            case Mail.Status.SENT:
                yield Event(mail.sent_at or mail.created_at, became_of(mail, "sent"))
            case Mail.Status.REFUSED:
                yield Event(mail.claimed_at or mail.due_at, became_of(mail, "refused"))
            case Mail.Status.DROPPED if mail.last_error:
                yield Event(mail.due_at, became_of(mail, "given up"))
            case Mail.Status.OWED if mail.last_error:
                yield Event(mail.first_due_at, became_of(mail, "tried again"))
            case Mail.Status.OWED if mail.first_due_at <= now:
                yield Event(mail.first_due_at, became_of(mail, "due"))


def became_of(mail: Mail, what: str) -> str:
    facts = {"address": mail.address, "mail": MAILS[Mail.Kind(mail.kind)]}
    if what == "sent" and settings.MAILBOX:
        return KEPT[Mail.Reader(mail.reader)] % facts
    to_client = TO_CLIENT if mail.address else TO_ERASED
    sentences = to_client if mail.reader == Mail.Reader.CLIENT else TO_PRACTICE
    return sentences[what] % facts
