"""manage.py audit prints one line for each wrong row. Each test writes one wrong row and expects only its line."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from booking import money, zones
from booking.models import Appointment, Mail
from booking.models.overlaps import OVERLAP_CONSTRAINT
from payments import audit_of_receipts, audit_of_takings, audit_of_the_desk, audit_of_the_waiting_list
from payments.audit import CHECKS
from payments.models import Refund, WebhookEvent
from tests.factories import in_days, make_appointment, make_payment, make_provider
from tests.manage import said_by

LONG_AGO = timedelta(hours=2)


def audit():
    """Return the exit status, and the lines that it printed."""
    return said_by("audit")


@pytest.fixture
def provider(db):
    return make_provider()


@pytest.fixture
def appointment(provider):
    """An appointment that is confirmed and paid, with nothing wrong."""
    row = make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed")
    make_payment(row)
    return row


def make_refund(payment, **facts):
    number = payment.refunds.count() + 1
    defaults = {"amount": 6000, "status": "succeeded", "reason": "staff", "refund_id": f"re_{number}"}
    refund = payment.refunds.create(attempt=number, idempotency_key=f"key-{number}", **{**defaults, **facts})
    if not payment.problem:
        change(payment.appointment, returned=money.from_minor_units(payment.amount_returning, "eur"))
    return refund


def change(appointment, **facts):
    Appointment.objects.filter(pk=appointment.pk).update(**facts)


def change_payment(appointment, **facts):
    appointment.payments.update(**facts)
    return appointment.payments.get()


def test_what_is_right_is_not_reported(appointment, provider):
    held = make_appointment(provider=provider, at=in_days(4, provider=provider))
    make_payment(held, status="open", amount_captured=0, expires_at=held.hold_expires_at)
    late = make_appointment(provider=provider, at=in_days(5, provider=provider), status="expired")
    gone = make_payment(late, problem="time gone", refund_due=6000, amount_refunded=6000)
    make_refund(gone, reason="time gone")
    assert audit() == (0, ["Nothing is wrong."])


def without_the_overlap_rule():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # PostgreSQL does not alter a table while checks of its foreign keys are still pending.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE booking_appointment DROP CONSTRAINT {OVERLAP_CONSTRAINT}")
            return
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'booking_appointment'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


def overlapping(appointment):
    without_the_overlap_rule()
    at = appointment.appointment_time + timedelta(minutes=15)
    other = make_appointment(provider=appointment.provider, at=at)
    return f"Appointment {other.pk} overlaps another live one of Dr Ada Byrne."


def not_at_its_agreed_time(appointment):
    hour_later = appointment.appointment_time + timedelta(hours=1)
    change(appointment, wall_time=zones.on_wall(hour_later, appointment.provider.zone))
    return f"Appointment {appointment.pk} is not at its agreed time: another is there, or tick does not run."


def not_paid(appointment):
    change_payment(appointment, status="expired", amount_captured=0)
    return f"Appointment {appointment.pk} is confirmed and not paid."


def another_amount(appointment):
    payment = change_payment(appointment, amount_captured=5999)
    return f"Payment {payment.pk} settled appointment {appointment.pk} with another amount."


def another_currency(appointment):
    payment = change_payment(appointment, currency="usd")
    return f"Payment {payment.pk} settled appointment {appointment.pk} with another amount."


def rest_otherwise_than_paid(appointment):
    """All was paid by link, and a part of it is said to be due at the practice again."""
    change_payment(appointment, is_rest=True)
    Appointment.objects.update(due_at_practice=20, rest_paid_online=40)
    return f"Appointment {appointment.pk} says that another part of the rest is paid online than is."


def settled_twice(appointment):
    second = make_payment(appointment)
    return f"Payment {second.pk} settled appointment {appointment.pk} a second time."


def without_an_end(appointment):
    at = in_days(4, provider=appointment.provider)
    held = make_appointment(provider=appointment.provider, at=at, hold_expires_at=None)
    return f"Appointment {held.pk} is held without an end, and no payment is on its way."


def with_an_end(appointment):
    held = make_appointment(provider=appointment.provider, at=in_days(4, provider=appointment.provider))
    payment = make_payment(held, status="processing", amount_captured=0)
    return f"Appointment {held.pk} is held with an end while payment {payment.pk} is on its way."


def held_too_short(appointment):
    held = make_appointment(provider=appointment.provider, at=in_days(4, provider=appointment.provider))
    payment = make_payment(held, status="open", amount_captured=0)
    return f"Appointment {held.pk} is held shorter than payment {payment.pk} may take."


def paid_and_expired(appointment):
    change(appointment, status="expired")
    return f"Payment {appointment.payments.get().pk} is paid, and its appointment is expired."


def late_and_not_owed(appointment):
    late = make_payment(appointment, problem="time gone")
    return f"Payment {late.pk} came too late, and not all of it is owed back."


def twice_and_not_owed(appointment):
    second = make_payment(appointment, problem="paid twice", refund_due=5999, amount_refunded=5999)
    make_refund(second, amount=5999)
    return f"Payment {second.pk} came a second time, and not all of it is owed back."


def promised(appointment):
    change(appointment, status="cancelled", refund_due=30)
    return f"Appointment {appointment.pk} promised more back than payment {appointment.payments.get().pk} owes."


def failed_refund(appointment):
    payment = change_payment(appointment, refund_due=6000)
    make_refund(payment, status="failed")
    change(appointment, failed_to_return=60)
    return f"Payment {payment.pk} owes money whose refund failed."


def too_much_returned(appointment):
    payment = change_payment(appointment, refund_due=6001, amount_refunded=6001)
    make_refund(payment, amount=6001)
    return f"Payment {payment.pk} returns more than was captured."


def other_total(appointment):
    payment = change_payment(appointment, refund_due=1000, amount_refunded=999)
    make_refund(payment, amount=1000)
    return f"Payment {payment.pk} has refunds that do not add up to Stripe's total."


def mismatch(appointment):
    other = make_payment(appointment, problem="mismatch")
    words = "amount, currency, mode or reference is not what was asked for"
    return f"Payment {other.pk} waits for staff: {words}"


def unknown(appointment):
    other = make_payment(appointment, status="failed", problem="unknown", amount_captured=0)
    words = "stripe knows no such session: was the secret key changed?"
    return f"Payment {other.pk} waits for staff: {words}"


def not_lapsed(appointment):
    at = in_days(4, provider=appointment.provider)
    held = make_appointment(provider=appointment.provider, at=at, hold_minutes=-61)
    return f"Appointment {held.pk} is held and ran out over an hour ago: is tick running?"


def not_settled(appointment):
    expired = make_appointment(
        provider=appointment.provider, at=in_days(4, provider=appointment.provider), status="expired"
    )
    payment = make_payment(expired, status="open", amount_captured=0, expires_at=timezone.now() - LONG_AGO)
    return f"Payment {payment.pk} is open, and its session ended over an hour ago: is tick running?"


def not_read(appointment):
    payment = change_payment(appointment, dispute="not read yet", paid_at=timezone.now() - LONG_AGO)
    return f"Payment {payment.pk} was paid over an hour ago and is not read yet: is tick running?"


def not_sent(appointment):
    payment = change_payment(appointment, refund_due=1000)
    refund = make_refund(payment, amount=1000, status="owed", refund_id=None)
    Refund.objects.update(created_at=timezone.now() - LONG_AGO)
    return f"Refund {refund.pk} of payment {payment.pk} is owed for over an hour: is tick running?"


def not_processed(appointment):
    WebhookEvent.objects.create(event_id="evt_1", type="x", object_id="y", livemode=False, last_error="Locked.")
    WebhookEvent.objects.update(received_at=timezone.now() - LONG_AGO)
    return "Event evt_1 waits for over an hour: Locked."


def mail_not_sent(appointment):
    mail = make_mail(appointment)
    return f"Mail {mail.pk} is owed since {mail.first_due_at:%Y-%m-%d %H:%M} UTC and was not sent."


def mail_failing(appointment):
    """The mail has failed seven times, and its next attempt is put off by two hours."""
    mail = make_mail(appointment, attempts=7, last_error="ZeroDivisionError", due_at=timezone.now() + LONG_AGO)
    return f"Mail {mail.pk} is owed since {mail.first_due_at:%Y-%m-%d %H:%M} UTC and was not sent."


def make_mail(appointment, number=1, **facts):
    """Save a mail to the client that became due two hours ago, unless `due_at` among the facts says otherwise."""
    mail = Mail.about(appointment, Mail.Kind.CONFIRMED, str(number), due_at=timezone.now() - LONG_AGO)
    for name, value in facts.items():
        setattr(mail, name, value)
    mail.save(force_insert=True)
    return mail


BREACHES = [
    overlapping,
    not_at_its_agreed_time,
    not_paid,
    another_amount,
    another_currency,
    rest_otherwise_than_paid,
    settled_twice,
    without_an_end,
    with_an_end,
    held_too_short,
    paid_and_expired,
    late_and_not_owed,
    twice_and_not_owed,
    promised,
    failed_refund,
    too_much_returned,
    other_total,
    mismatch,
    unknown,
    not_lapsed,
    not_settled,
    not_read,
    not_sent,
    not_processed,
    mail_not_sent,
    mail_failing,
]


@pytest.mark.parametrize("plant", BREACHES)
def test_a_planted_breach_is_the_one_line_that_comes_out(appointment, plant):
    line = plant(appointment)
    assert audit() == (1, [line])


def test_every_check_has_a_breach_that_it_alone_finds(db):
    """There are four more breaches than checks, since four checks have two breaches each.

    Those of takings, receipts, the desk and the waiting list are in modules of their own.
    """
    elsewhere = (audit_of_receipts, audit_of_takings, audit_of_the_desk, audit_of_the_waiting_list)
    assert len(BREACHES) == len(CHECKS) - sum(len(module.CHECKS) for module in elsewhere) + 4


def test_what_was_returned_by_hand_is_no_breach(appointment):
    payment = change_payment(appointment, refund_due=6000)
    make_refund(payment, status="failed")
    make_refund(payment, reason="by hand", refund_id=None)
    assert audit() == (0, ["Nothing is wrong."])


def test_a_mail_to_an_address_that_had_its_five_this_hour_only_waits(appointment):
    for number in range(1, 6):
        make_mail(appointment, number, status="sent", claimed_at=timezone.now())
    make_mail(appointment, 6)
    assert audit() == (0, ["Nothing is wrong."])


def test_nor_is_one_late_that_was_put_off_until_its_hour_has_passed(appointment):
    make_mail(appointment, due_at=timezone.now() - timedelta(seconds=20))
    assert audit() == (0, ["Nothing is wrong."])


def test_a_reminder_of_next_week_and_a_mail_of_this_hour_are_not_late(appointment):
    Mail.objects.enqueue(appointment, Mail.Kind.CONFIRMED)
    assert audit() == (0, ["Nothing is wrong."])


def test_where_no_mail_is_sent_none_is_late(appointment, settings):
    settings.MAIL_IS_SENT = False
    make_mail(appointment)
    assert audit() == (0, ["Nothing is wrong."])
