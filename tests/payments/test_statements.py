"""The statements about payments that are written by hand: they read what the ORM reads, and lock in one order."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from booking.models import Appointment, lock_provider
from payments.models import Payment, WebhookEvent, lock_payment, mark_untouched, read_payments
from tests.factories import in_days, make_appointment, make_payment
from tests.payments.events import post_event, signed_event
from tests.payments.standing import state_of

IN_TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")


def columns(row):
    """Return the values of all columns of the row, by which alone two rows can be told apart."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def both(payment):
    return columns(payment), columns(payment.appointment)


@pytest.mark.parametrize("wanted", [0, 1])
def test_a_payment_is_read_with_its_appointment_as_from_the_orm(provider, wanted):
    appointments = [make_appointment(provider=provider, at=in_days(days, provider=provider)) for days in (3, 4)]
    made = make_payment(appointments[wanted], params={"mode": "payment"})
    make_payment(appointments[1 - wanted], checkout_session_id=None, status="open", payment_intent_id="")
    found = Payment.objects.select_related("appointment").get(pk=made.pk)
    assert [both(one) for one in read_payments(payment=made.pk)] == [both(found)]
    assert [both(one) for one in read_payments(session=made.checkout_session_id)] == [both(found)]
    assert (read_payments(session="cs_of_another_site"), read_payments(session="")) == ([], [])


def test_whoever_waits_for_the_provider_has_locked_nothing_and_reads_what_was_written_meanwhile(paid, together):
    is_locked = threading.Event()

    def change_it():
        with transaction.atomic():
            lock_provider(paid.appointment.provider_id)
            is_locked.set()
            time.sleep(0.3)  # until the other one waits for that lock
            Appointment.objects.filter(pk=paid.appointment_id).update(note="written meanwhile")
            Payment.objects.filter(pk=paid.pk).update(refund_due=1000)

    def read_it():
        is_locked.wait(timeout=10)
        with transaction.atomic():
            lock_payment(paid)

    together(change_it, read_it)
    assert (paid.appointment.note, paid.refund_due) == ("written meanwhile", 1000)


def test_without_a_transaction_there_is_no_lock(paid):
    with pytest.raises(transaction.TransactionManagementError):
        lock_payment(paid)


@pytest.mark.parametrize(
    ("event", "dispute", "untouched"),
    [
        ("checkout.session.completed", Payment.NOT_READ, True),
        ("checkout.session.completed", "", True),
        ("checkout.session.completed", "lost", False),
        ("charge.refunded", Payment.NOT_READ, False),
        ("charge.dispute.created", Payment.NOT_READ, False),
    ],
)
def test_untouched_is_a_payment_of_which_no_event_has_come_but_those_of_its_session(paid, event, dispute, untouched):
    Payment.objects.update(dispute=dispute)
    for number, (kind, intent) in enumerate([(event, paid.payment_intent_id), ("refund.created", "pi_of_another")]):
        facts = {"event_id": f"evt_{number}", "type": kind, "livemode": False}
        WebhookEvent.objects.create(**facts, payment_intent_id=intent)
    paid.refresh_from_db()
    assert mark_untouched(paid) == untouched
    assert (paid.dispute, Payment.objects.get().dispute) == (("", "") if untouched else (dispute, dispute))


@pytest.mark.parametrize("others", [1, 20])
def test_a_payment_that_a_webhook_tells_of_costs_eight_statements_however_many_others_there_are(
    provider, held, pay, others
):
    payment = pay(held)
    for day in range(others):
        make_payment(make_appointment(provider=provider, at=in_days(5 + day, provider=provider), status="confirmed"))
    told = signed_event(payment.checkout_session_id)
    with CaptureQueriesContext(connection) as asked:
        assert post_event(*told).status_code == 200
    sent = [query["sql"] for query in asked.captured_queries if not query["sql"].startswith(IN_TRANSACTIONS)]
    assert (len(sent), state_of(held).status) == (8, "confirmed")
