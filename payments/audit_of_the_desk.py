"""What must always be true of what staff do at the desk: deadlines, no-shows, what is written down of changes, refunds.

Like payments/audit.py, from which these checks are called, it repairs nothing. What happened before there was a desk
has no changes, so a change that is missing is no breach unless only the desk can do what it would tell.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from booking import money
from booking.models import Appointment, Change, Mail
from booking.personal_data import BLANKED
from payments.models import Payment, Receipt, Refund
from payments.personal_data import OF_A_CLIENT

Kind = Change.Kind
# What only staff can do.
OF_STAFF = (
    Kind.BOOKED,
    Kind.CORRECTED,
    Kind.NO_SHOW,
    Kind.CAME,
    Kind.LINK,
    Kind.KEPT_LONGER,
    Kind.RETURNED,
    Kind.TAKEN,
    Kind.UNDONE,
    Kind.ASKED,
)

# Kept for somebody who has called


def kept_until_after_it_begins(now: datetime) -> Iterator[str]:
    kept = Appointment.objects.filter(status=Appointment.Status.HELD, kept_until__gt=F("appointment_time"))
    for appointment in kept.order_by("pk"):
        yield f"Appointment {appointment.pk} is kept unpaid until after it begins."


def held_shorter_than_its_deadline(now: datetime) -> Iterator[str]:
    held = Appointment.objects.filter(status=Appointment.Status.HELD, hold_expires_at__lt=F("kept_until"))
    for appointment in held.order_by("pk"):
        yield f"Appointment {appointment.pk} is held shorter than until the deadline that staff gave."


def kept_by_nobody(now: datetime) -> Iterator[str]:
    given = Change.objects.filter(appointment=OuterRef("pk"), kind__in=[Kind.BOOKED, Kind.KEPT_LONGER])
    for appointment in Appointment.objects.exclude(kept_until=None).exclude(Exists(given)).order_by("pk"):
        yield f"Appointment {appointment.pk} has a deadline for paying that nobody of the staff gave."


def waived_and_priced(now: datetime) -> Iterator[str]:
    """What staff booked free of charge this time costs nothing, whatever the service costs."""
    waived = Change.objects.filter(kind=Kind.BOOKED, facts__has_key="waived", appointment__price__gt=0)
    for change in waived.order_by("pk"):
        yield f"Appointment {change.appointment_id} was booked free of charge and has a price."


def let_pay_here_and_due_online(now: datetime) -> Iterator[str]:
    """Of what staff booked to be paid at the practice this time, nothing was due online when it was booked."""
    here = Q(kind=Kind.BOOKED, facts__has_key="at_practice")
    as_booked = F("appointment__due_at_practice") + F("appointment__rest_paid_online")
    for change in Change.objects.filter(here).exclude(appointment__price=as_booked).order_by("pk"):
        yield f"Appointment {change.appointment_id} was booked to be paid at the practice, and something is due online."


def out_of_reach(now: datetime) -> Iterator[str]:
    nobody = Appointment.objects.live(now).filter(client_email="", client_phone="", erased_at=None)
    for appointment in nobody.order_by("pk"):
        yield f"Appointment {appointment.pk} is of a client without email address and phone number."


def erased_and_still_known(now: datetime) -> Iterator[str]:
    """Nothing says who its client was: not its row, its mails and receipts, nor what was sent to Stripe."""
    mailed = Mail.objects.filter(appointment=OuterRef("pk"), reader=Mail.Reader.CLIENT).exclude(address="")
    sent = Payment.objects.filter(appointment=OuterRef("pk"), params__has_any_keys=OF_A_CLIENT[Payment]["params"])
    on_paper = Receipt.objects.filter(appointment=OuterRef("pk")).exclude(**dict.fromkeys(Receipt.PERSONAL, ""))
    known = ~Q(**BLANKED[Appointment]) | Exists(mailed) | Exists(sent) | Exists(on_paper)
    for appointment in Appointment.objects.exclude(erased_at=None).filter(known).order_by("pk"):
        yield f"Appointment {appointment.pk} is erased, and something of its client is still there."


def mailed_to_nobody(now: datetime) -> Iterator[str]:
    for mail in Mail.objects.filter(status=Mail.Status.OWED, address="").order_by("pk"):
        yield f"Mail {mail.pk} is owed to a client without email address."


# Who did not come


def no_show_of_what_was_not_confirmed(now: datetime) -> Iterator[str]:
    marked = Appointment.objects.exclude(no_show_at=None)
    never_confirmed, too_soon = Q(confirmed_at=None), Q(no_show_at__lt=F("appointment_time"))
    for appointment in marked.filter(never_confirmed | too_soon).order_by("pk"):
        yield f"Appointment {appointment.pk} is a no-show, and was not confirmed or had not begun."


def no_show_otherwise_than_said(now: datetime) -> Iterator[str]:
    """Whether a client came is what staff said last. Whoever is moved may come to the new time."""
    about = (Kind.NO_SHOW, Kind.CAME, Kind.MOVED, Kind.NEW_RULES)
    said = last_changes(*about).filter(kind=Kind.NO_SHOW).values("appointment")
    marked, said_so = Q(no_show_at__isnull=False), Q(pk__in=said)
    for appointment in Appointment.objects.filter((marked & ~said_so) | (~marked & said_so)).order_by("pk"):
        yield f"Appointment {appointment.pk} is a no-show, or is not, otherwise than staff said last."


# What is written down of changes


def last_changes(*kinds: Kind) -> QuerySet[Change]:
    """Of each appointment the last of the changes that are of these kinds."""
    later = Change.objects.filter(appointment=OuterRef("appointment"), kind__in=kinds, pk__gt=OuterRef("pk"))
    return Change.objects.filter(~Exists(later), kind__in=kinds).order_by("appointment")


def changed_by_nobody(now: datetime) -> Iterator[str]:
    for change in Change.objects.filter(kind__in=OF_STAFF, by_name="").order_by("pk"):
        yield f"Appointment {change.appointment_id} has a change of staff that names nobody: {change.kind}."


def moved_elsewhere(now: datetime) -> Iterator[str]:
    facts = ("appointment", "facts", "appointment__appointment_time")
    for appointment, move, begins in last_changes(Kind.MOVED, Kind.NEW_RULES).values_list(*facts).iterator():
        if datetime.fromisoformat(move["became"]) != begins:
            yield f"Appointment {appointment} is not at the time to which it was moved last."


def cancelled_otherwise(now: datetime) -> Iterator[str]:
    facts = ("appointment", "facts", "appointment__status", "appointment__refund_due")
    cancelled = Change.objects.filter(kind=Kind.CANCELLED).order_by("pk")
    for appointment, change, status, due in cancelled.values_list(*facts).iterator():
        if status != Appointment.Status.CANCELLED or Decimal(change["refund"]) != due:
            yield f"Appointment {appointment} is not cancelled with the refund that is written down."


# Money that staff return


def decided_and_not_returned(now: datetime) -> Iterator[str]:
    """Each decision of staff has its refund, whatever became of that at Stripe."""
    decided, returned = defaultdict[int, Decimal](Decimal), defaultdict[int, Decimal](Decimal)
    for appointment, change in Change.objects.filter(kind=Kind.RETURNED).values_list("appointment", "facts"):
        decided[appointment] += Decimal(change["amount"])
    by_staff = Refund.objects.filter(reason__in=[Refund.Reason.STAFF, Refund.Reason.BY_HAND])
    for refund in by_staff.select_related("payment"):
        returned[refund.payment.appointment_id] += refund.decimal_amount
    # What a bank has taken counts towards what staff decided: so much less was sent.
    for payment in Payment.objects.exclude(dispute="").filter(appointment__in=decided):
        returned[payment.appointment_id] += money.from_minor_units(payment.taken_back, payment.currency)
    for appointment in sorted(decided):
        if decided[appointment] > returned[appointment]:
            yield f"Appointment {appointment} has less returned than staff decided."


def shown_otherwise_than_returned(now: datetime) -> Iterator[str]:
    """What is promised is reckoned from what the appointment says has gone back of its price, or has failed to."""
    settled = Payment.objects.filter(status=Payment.Status.PAID, problem="")
    some = settled.filter(Q(refunds__isnull=False) | Q(taken_back__gt=0)).values("appointment")
    said_so = Q(appointment__returned__gt=0) | Q(appointment__failed_to_return__gt=0)
    shown = settled.filter(said_so | Q(appointment__in=some)).with_sum_gone()
    said = tuple(f"appointment__{name}" for name in ("returned", "failed_to_return", "rest_paid_online"))
    facts = ("currency", "is_rest", "amount_captured", "refund_due", "taken_back", "sum_gone")
    for payments in by_appointment(shown, *facts, *said):
        last = payments[-1]
        rests, others = ([one for one in payments if one.is_rest == is_rest] for is_rest in (True, False))
        # What went back of the rest is due at the practice again, and so nothing that staff gave back of the price.
        captured = sum(one.amount_captured for one in rests)
        due_again = captured - money.minor_units(last.appointment__rest_paid_online, last.currency)
        expected = sum(map(gone, others)) + max(sum(map(gone, rests)) - due_again, 0)
        failed = sum(max(one.refund_due - gone(one), 0) for one in others)
        amounts = (last.appointment__returned, last.appointment__failed_to_return)
        if [money.minor_units(amount, last.currency) for amount in amounts] != [expected, failed]:
            yield f"Appointment {last.appointment} says that another amount has gone back than its payment does."


def gone(payment: Any) -> int:
    """What has gone back of it. What was returned and a bank took as well counts once."""
    sum_gone: int = payment.sum_gone
    return min(sum_gone, payment.amount_captured) if payment.taken_back else sum_gone


def by_appointment(payments: QuerySet[Payment], *facts: str) -> Iterator[list[Any]]:
    """These facts of the payments of one appointment after the other. Nearly always it has one payment."""
    rows = payments.order_by("appointment", "pk").values_list("pk", "appointment", *facts, named=True)
    return (list(group) for _, group in groupby(rows.iterator(), key=attrgetter("appointment")))


CHECKS = (
    kept_until_after_it_begins,
    held_shorter_than_its_deadline,
    kept_by_nobody,
    waived_and_priced,
    let_pay_here_and_due_online,
    out_of_reach,
    erased_and_still_known,
    mailed_to_nobody,
    no_show_of_what_was_not_confirmed,
    no_show_otherwise_than_said,
    changed_by_nobody,
    moved_elsewhere,
    cancelled_otherwise,
    decided_and_not_returned,
    shown_otherwise_than_returned,
)
