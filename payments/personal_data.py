"""Erasing what is held about a client, with what was sent to Stripe: at the desk, and by tick after some months.

Nobody is erased whom the practice may still have to reach, or whose payment it may still have to explain. What Stripe
keeps of a payment, Stripe alone can erase: docs/payments.md says how.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from booking.claims import IN_ONE_TRANSACTION, lock_portion
from booking.models import Appointment, Change
from booking.personal_data import Person, erase_appointments, erase_beside_appointments, forget_answers_about
from payments.models import Payment, Receipt, Refund
from payments.models.payment import PaymentQuerySet
from payments.models.receipt import ReceiptQuerySet

# What payments holds of a client: whole columns, or some parts of a column that has other things besides.
OF_A_CLIENT: Mapping[type[models.Model], Mapping[str, Sequence[str]]] = {
    Payment: {"params": ["customer_email"]},
    Receipt: dict.fromkeys(Receipt.PERSONAL, ()),
}


class Reason(models.TextChoices):
    """Why an appointment, or a payment for it, cannot be erased yet."""

    COMING = "coming"
    ON_ITS_WAY = "on its way"
    DISPUTED = "disputed"
    RETURNING = "returning"
    STILL_DUE = "still due"
    UNEXPLAINED = "unexplained"


class InTheWay(NamedTuple):
    reason: Reason
    appointment: Appointment


class NotErasable(Exception):
    """Something is in the way, and nothing more was erased."""


UNFINISHED = {
    Reason.ON_ITS_WAY: Q(status__in=Payment.AWAITED),
    Reason.DISPUTED: Q(dispute__in=[*Payment.FROZEN, *Payment.INQUIRED]),
    Reason.RETURNING: Q(
        Exists(Refund.objects.filter(payment=OuterRef("pk"), status__in=[Refund.Status.OWED, *Refund.UNDER_WAY]))
    ),
    Reason.STILL_DUE: Q(refund_due__gt=F("sum_gone")),
    Reason.UNEXPLAINED: Q(problem=Payment.Problem.MISMATCH, amount_captured__gt=F("sum_gone")),
}


def unfinished(payments: PaymentQuerySet) -> PaymentQuerySet:
    """Those of the payments of which more may become, each with its `reason`."""
    reasons = (When(condition, then=Value(reason.value)) for reason, condition in UNFINISHED.items())
    of_each: Any = Case(*reasons, default=Value(""), output_field=models.CharField())
    return payments.with_sum_gone().annotate(reason=of_each).exclude(reason="")


def in_the_way(appointments: QuerySet[Appointment], payments: PaymentQuerySet, now: datetime) -> list[InTheWay]:
    """What keeps these from being erased, by the times of the appointments. It takes two queries."""
    related = ("provider", "service")
    coming = Appointment.objects.live(now).filter(pk__in=appointments.values("pk"), end__gt=now)
    found = [InTheWay(Reason.COMING, one) for one in coming.select_related(*related)]
    of_payments = unfinished(payments).select_related(*(f"appointment__{name}" for name in related))
    # `unfinished` annotates the reason, which is no attribute of the model that mypy knows.
    found += [InTheWay(Reason(getattr(one, "reason")), one.appointment) for one in of_payments]  # noqa: B009
    return sorted(found, key=lambda each: each.appointment.appointment_time)


def payments_for(appointments: QuerySet[Appointment]) -> PaymentQuerySet:
    return Payment.objects.filter(appointment__in=appointments.values("pk"))


def payments_under(person: Person) -> PaymentQuerySet:
    """Payments of appointments that had this address when Stripe was called, and have another since."""
    if not person.email:
        return Payment.objects.none()
    corrected = Change.objects.filter(kind=Change.Kind.CORRECTED, facts__fields__icontains="client_email")
    sent = Payment.objects.filter(appointment__in=corrected.values("appointment"))
    return sent.filter(params__customer_email__iexact=person.email)


def receipts_under(person: Person) -> ReceiptQuerySet:
    """Receipts that were made while the appointment had their address or number, also if it has another since.

    One of a release that kept no hash is found if it names them by that address or number, as it does without a name.
    """
    made_then = Q(email_hash=person.hashed) | Q(number_hash=person.hashed)
    return Receipt.objects.filter(made_then | Q(client__iexact=str(person)))


def payments_of(person: Person) -> PaymentQuerySet:
    return Payment.objects.any_of(payments_for(person.appointments).values("pk"), payments_under(person).values("pk"))


def obstacles_to(person: Person, now: datetime) -> list[InTheWay]:
    return in_the_way(person.appointments, payments_of(person), now)


def erase(person: Person, now: datetime) -> int:
    """Erase all that is held about a person. Returns of how many appointments.

    It is done in portions, so that nobody waits long. Raises NotErasable if something is in the way, mostly before
    anything is erased; what comes in between stops it, and whoever tries again goes on from there.
    """
    if obstacles_to(person, now):
        raise NotErasable
    with transaction.atomic():
        strip(payments_under(person))
        receipts_under(person).erase_clients()
        erase_beside_appointments(person)
    erased = 0
    while portion := erase_portion(person, now):
        erased += portion
    return erased


def erase_portion(person: Person, now: datetime) -> int:
    """Erase some of their appointments. Locks are taken in the order appointment, payment."""
    with transaction.atomic():
        theirs = person.appointments.select_for_update(of=["self"], no_key=True).order_by("pk")
        rows = list(theirs[:IN_ONE_TRANSACTION])
        locked = Appointment.objects.filter(pk__in=[row.pk for row in rows])
        if in_the_way(locked, payments_for(locked), now):
            raise NotErasable
        forget_answers_about(rows)
        erase_with_payments(rows, now)
    return len(rows)


def erase_with_payments(rows: Sequence[Appointment], now: datetime) -> None:
    erase_appointments(rows, now)
    keys = [row.pk for row in rows]
    strip(Payment.objects.filter(appointment__in=keys))
    Receipt.objects.filter(appointment__in=keys).erase_clients()


def strip(payments: PaymentQuerySet) -> None:
    """Take out of the calls to Stripe what says who pays. None of these is made again: the sessions are over."""
    names = OF_A_CLIENT[Payment]["params"]
    stripped = list(payments.filter(params__has_any_keys=names).select_for_update(no_key=True).order_by("pk"))
    for payment in stripped:
        payment.params = {name: value for name, value in payment.params.items() if name not in names}
    Payment.objects.bulk_update(stripped, ["params"])


# What tick does


def erase_due(now: datetime) -> int:
    """Erase some of what was kept for as long as KEEP_PERSONAL_DATA_MONTHS says. Returns how many appointments.

    What has something in the way has its turn once that is over. Answers to programs and wishes for a time are
    forgotten much sooner in any case.
    """
    if not settings.KEEP_PERSONAL_DATA_MONTHS:
        return 0
    over = Appointment.objects.over_before(months_before(now, settings.KEEP_PERSONAL_DATA_MONTHS))
    # Mostly there are none, and then this costs a round of tick the least.
    if not over.values("pk").first():
        return 0
    more_to_come = unfinished(Payment.objects.filter(appointment=OuterRef("pk")))
    with transaction.atomic():
        rows = lock_portion(over.exclude(Exists(more_to_come)), IN_ONE_TRANSACTION)
        erase_with_payments(rows, now)
    return len(rows)


def months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months earlier, or the last day of that month if it has no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
