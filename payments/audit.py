"""What must always be true of appointments and payments, proved from the rows.

Each check yields a line for each breach and repairs nothing. docs/payments.md says what to do about each line.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, RowRange, Window
from django.db.models.functions import Lead

from booking import money
from booking.models import Appointment, Mail
from payments import audit_of_receipts, audit_of_takings, audit_of_the_desk, audit_of_the_waiting_list
from payments.audit_of_the_desk import by_appointment
from payments.models import Payment, Refund, WebhookEvent, sum_of_refunds

# A tick that runs does what is owed much sooner than this.
OVERDUE = timedelta(hours=1)

Check = Callable[[datetime], Iterator[str]]


def audit(now: datetime) -> Iterator[str]:
    for check in CHECKS:
        yield from check(now)


# Appointments


def overlapping_appointments(now: datetime) -> Iterator[str]:
    """Name each pair once, by its later row."""
    for appointment in sorted(later_of_each_pair(in_some_overlap()), key=lambda row: row.pk):
        yield f"Appointment {appointment.pk} overlaps another live one of {appointment.provider_name}."


def in_some_overlap() -> QuerySet[Appointment]:
    """Those that begin before an earlier one has ended, or end after the next one begins: in order, in one reading."""
    in_order: dict[str, Any] = {"partition_by": "provider", "order_by": ["appointment_time", "pk"]}
    ends_before = Window(Max("blocked_until"), frame=RowRange(end=-1), **in_order)
    next_begins = Window(Lead("appointment_time"), **in_order)
    rows = Appointment.objects.occupying().alias(ends_before=ends_before, next_begins=next_begins)
    overlaps = Q(ends_before__gt=F("appointment_time")) | Q(next_begins__lt=F("blocked_until"))
    return rows.filter(overlaps).order_by("provider", "appointment_time", "pk")


def later_of_each_pair(rows: Iterable[Appointment]) -> set[Appointment]:
    """Of each two that overlap, the one with the higher key. The rows are in the order of provider and time."""
    later, lasting = set[Appointment](), list[Appointment]()
    for row in rows:
        lasting = [
            one for one in lasting if one.provider_id == row.provider_id and one.blocked_until > row.appointment_time
        ]
        later |= {max(one, row, key=lambda each: each.pk) for one in lasting}
        lasting.append(row)
    return later


def not_at_the_agreed_time(now: datetime) -> Iterator[str]:
    """A country changed its clocks, and tick could not move the appointment to when they show the agreed time."""
    for appointment in Appointment.objects.live(now).filter(appointment_time__gt=now).order_by("pk").iterator():
        if appointment.appointment_time != appointment.agreed_instant:
            yield f"Appointment {appointment.pk} is not at its agreed time: another is there, or tick does not run."


def confirmed_without_its_payment(now: datetime) -> Iterator[str]:
    settled = Payment.objects.filter(appointment=OuterRef("pk"), status=Payment.Status.PAID, problem="")
    due = Appointment.objects.filter(status=Appointment.Status.CONFIRMED, price__gt=F("due_at_practice"))
    for appointment in due.exclude(Exists(settled)).order_by("pk"):
        yield f"Appointment {appointment.pk} is confirmed and not paid."


def confirmed_by_another_amount(now: datetime) -> Iterator[str]:
    """What is due online is what was paid online: once before it was confirmed, and as the rest by link."""
    settled = Payment.objects.filter(status=Payment.Status.PAID, problem="")
    agreed = ("price", "due_at_practice", "rest_paid_online", "currency")
    facts = ("is_rest", "amount_captured", "currency", *(f"appointment__{name}" for name in agreed))
    for payments in by_appointment(settled, *facts):
        last, confirming = payments[-1], [one.amount_captured for one in payments if not one.is_rest][:1]
        rest, currency = last.appointment__rest_paid_online, last.appointment__currency
        as_booked = money.minor_units(last.appointment__price - last.appointment__due_at_practice - rest, currency)
        too_much_rest = money.minor_units(rest, currency) > sum(one.amount_captured for one in payments if one.is_rest)
        in_another = {one.currency for one in payments} != {currency}
        if in_another or too_much_rest or as_booked != sum(confirming):
            yield f"Payment {last.pk} settled appointment {last.appointment} with another amount."


def rest_otherwise_than_paid(now: datetime) -> Iterator[str]:
    """What of the rest was paid online and has not gone back is due at the practice no more, and the other part is.

    More may be due there only as far as it is taken: what a bank gives back to us was then paid twice.
    """
    rests = Payment.objects.filter(status=Payment.Status.PAID, problem="", is_rest=True).with_sum_gone()
    confirmed = rests.filter(appointment__status=Appointment.Status.CONFIRMED)
    said = ("due_at_practice", "taken_at_practice", "rest_paid_online")
    facts = ("currency", "amount_captured", "refund_due", "sum_gone", *(f"appointment__{name}" for name in said))
    for payments in by_appointment(confirmed, *facts):
        last = payments[-1]
        kept = sum(
            one.amount_captured - min(max(one.sum_gone, one.refund_due), one.amount_captured) for one in payments
        )
        all_taken = last.appointment__due_at_practice == last.appointment__taken_at_practice
        rest = money.minor_units(last.appointment__rest_paid_online, last.currency)
        if rest != kept and not (all_taken and rest < kept):
            yield f"Appointment {last.appointment} says that another part of the rest is paid online than is."


def settled_twice(now: datetime) -> Iterator[str]:
    settled = Payment.objects.filter(status=Payment.Status.PAID, problem="", is_rest=False)
    earlier = settled.filter(appointment=OuterRef("appointment"), pk__lt=OuterRef("pk"))
    for payment in settled.filter(Exists(earlier)).order_by("pk"):
        yield f"Payment {payment.pk} settled appointment {payment.appointment_id} a second time."


def kept_without_an_end(now: datetime) -> Iterator[str]:
    processing = Payment.objects.filter(appointment=OuterRef("pk"), status=Payment.Status.PROCESSING)
    kept = Appointment.objects.filter(status=Appointment.Status.HELD, hold_expires_at=None)
    for appointment in kept.exclude(Exists(processing)).order_by("pk"):
        yield f"Appointment {appointment.pk} is held without an end, and no payment is on its way."


def kept_with_an_end(now: datetime) -> Iterator[str]:
    """What a slow payment pays for is kept until it is known, however many days that takes."""
    processing = Payment.objects.filter(status=Payment.Status.PROCESSING, appointment__status=Appointment.Status.HELD)
    for payment in processing.exclude(appointment__hold_expires_at=None).order_by("pk"):
        yield f"Appointment {payment.appointment_id} is held with an end while payment {payment.pk} is on its way."


def held_shorter_than_its_session(now: datetime) -> Iterator[str]:
    payments = Payment.objects.open().filter(appointment__status=Appointment.Status.HELD)
    for payment in payments.filter(appointment__hold_expires_at__lt=F("expires_at")).order_by("pk"):
        yield f"Appointment {payment.appointment_id} is held shorter than payment {payment.pk} may take."


# Money


def paid_for_nothing(now: datetime) -> Iterator[str]:
    ended = (Appointment.Status.CONFIRMED, Appointment.Status.CANCELLED)
    settled = Payment.objects.filter(status=Payment.Status.PAID, problem="").exclude(appointment__status__in=ended)
    for payment in settled.select_related("appointment").order_by("pk"):
        yield f"Payment {payment.pk} is paid, and its appointment is {payment.appointment.status}."


def not_owed_in_full(now: datetime) -> Iterator[str]:
    """A payment that came late or twice is returned in full, unless the client's bank took it back."""
    late = Payment.objects.filter(status=Payment.Status.PAID, problem__in=Refund.AUTOMATIC)
    for payment in late.filter(refund_due__lt=F("amount_captured") - F("taken_back")).order_by("pk"):
        yield f"Payment {payment.pk} came {HOW_IT_CAME[payment.problem]}, and not all of it is owed back."


HOW_IT_CAME: dict[str, str] = {Payment.Problem.TIME_GONE: "too late", Payment.Problem.PAID_TWICE: "a second time"}


def promised_and_not_owed(now: datetime) -> Iterator[str]:
    """What cancelling promised must be owed, unless all of the payment has gone back another way.

    What we learn after the cancelling was returned in Stripe's dashboard counts as well: what is owed of a payment of
    which less is left was lowered by that.
    """
    cancelled = Payment.objects.filter(status=Payment.Status.PAID, problem="", appointment__refund_due__gt=0)
    since = {"created_at__gte": OuterRef("appointment__cancelled_at"), "status__in": Refund.NOT_FAILED}
    at_stripe = sum_of_refunds(reason=Refund.Reason.DASHBOARD, **since)
    owed = sum_of_refunds(reason=Refund.Reason.CANCELLED) + at_stripe + F("taken_back")
    facts = ("currency", "amount_captured", "owed", "sum_gone", "appointment__refund_due")
    for payments in by_appointment(cancelled.with_sum_gone().annotate(owed=owed), *facts):
        last, some_is_left = payments[-1], any(one.amount_captured > one.sum_gone for one in payments)
        promised = money.minor_units(last.appointment__refund_due, last.currency)
        if some_is_left and promised > sum(one.owed for one in payments):
            yield f"Appointment {last.appointment} promised more back than payment {last.pk} owes."


def failed_to_return(now: datetime) -> Iterator[str]:
    for payment in Payment.objects.with_shortfall().order_by("pk"):
        yield f"Payment {payment.pk} owes money whose refund failed."


def returned_more_than_came(now: datetime) -> Iterator[str]:
    returning = sum_of_refunds(status__in=Refund.NOT_FAILED)
    for payment in Payment.objects.alias(returning=returning).filter(returning__gt=F("amount_captured")).order_by("pk"):
        yield f"Payment {payment.pk} returns more than was captured."


def other_total_than_stripes(now: datetime) -> Iterator[str]:
    at_stripe = sum_of_refunds(status__in=(*Refund.UNDER_WAY, Refund.Status.SUCCEEDED), refund_id__isnull=False)
    for payment in Payment.objects.alias(at_stripe=at_stripe).exclude(at_stripe=F("amount_refunded")).order_by("pk"):
        yield f"Payment {payment.pk} has refunds that do not add up to Stripe's total."


def unexplained_money(now: datetime) -> Iterator[str]:
    for payment in Payment.objects.unexplained().order_by("pk"):
        yield f"Payment {payment.pk} waits for staff: {payment.get_problem_display().lower()}"


# What tick should have done


def holds_that_did_not_lapse(now: datetime) -> Iterator[str]:
    for appointment in Appointment.objects.lapsed(now - OVERDUE).order_by("pk"):
        yield f"Appointment {appointment.pk} is held and ran out over an hour ago: is tick running?"


def sessions_not_settled(now: datetime) -> Iterator[str]:
    for payment in Payment.objects.open().filter(expires_at__lt=now - OVERDUE).order_by("pk"):
        yield f"Payment {payment.pk} is open, and its session ended over an hour ago: is tick running?"


def payments_not_read(now: datetime) -> Iterator[str]:
    for payment in Payment.objects.filter(dispute=Payment.NOT_READ, paid_at__lt=now - OVERDUE).order_by("pk"):
        yield f"Payment {payment.pk} was paid over an hour ago and is not read yet: is tick running?"


def refunds_not_sent(now: datetime) -> Iterator[str]:
    owed = Refund.objects.filter(status=Refund.Status.OWED, created_at__lt=now - OVERDUE)
    for refund in owed.exclude(payment__dispute__in=Payment.DISPUTED).order_by("pk"):
        yield f"Refund {refund.pk} of payment {refund.payment_id} is owed for over an hour: is tick running?"


def events_not_processed(now: datetime) -> Iterator[str]:
    waiting = WebhookEvent.objects.filter(processed_at=None, received_at__lt=now - OVERDUE)
    for event in waiting.order_by("pk"):
        yield f"Event {event.event_id} waits for over an hour: {event.last_error or 'nobody tried'}"


def mails_not_sent(now: datetime) -> Iterator[str]:
    """A mail that waits because its address has had enough for this hour is not overdue."""
    owed = Mail.objects.not_sent_since(now - OVERDUE).order_by("pk") if settings.MAIL_IS_SENT else []
    for mail in owed:
        if not mail.next_turn(now):
            yield f"Mail {mail.pk} is owed since {mail.first_due_at:%Y-%m-%d %H:%M} UTC and was not sent."


CHECKS: tuple[Check, ...] = (
    overlapping_appointments,
    not_at_the_agreed_time,
    confirmed_without_its_payment,
    confirmed_by_another_amount,
    rest_otherwise_than_paid,
    settled_twice,
    kept_without_an_end,
    kept_with_an_end,
    held_shorter_than_its_session,
    paid_for_nothing,
    not_owed_in_full,
    promised_and_not_owed,
    failed_to_return,
    returned_more_than_came,
    other_total_than_stripes,
    unexplained_money,
    *audit_of_takings.CHECKS,
    *audit_of_receipts.CHECKS,
    *audit_of_the_desk.CHECKS,
    *audit_of_the_waiting_list.CHECKS,
    holds_that_did_not_lapse,
    sessions_not_settled,
    payments_not_read,
    refunds_not_sent,
    events_not_processed,
    mails_not_sent,
)
