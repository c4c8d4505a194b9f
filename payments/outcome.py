"""What the page says to a client who comes back from Stripe's payment page: chosen by how the payment went."""

from typing import NamedTuple

from booking.models import Appointment
from booking.templatetags.wording import state_name
from payments.models import Payment


class Outcome(NamedTuple):
    heading: str
    sentence: str = ""
    """Empty where there is nothing to say of the payment: then the page says how the appointment stands."""


OF_A_PROBLEM = {
    Payment.Problem.PAID_TWICE: Outcome(
        "Your payment arrived, your money goes back",
        "This appointment was paid already and is confirmed. All of the second payment goes back to your card; you "
        "need to do nothing.",
    ),
    Payment.Problem.TIME_GONE: Outcome(
        "Your payment arrived, your money goes back",
        "It arrived after the time had been given back, so you have no appointment at this time. All of your payment "
        "goes back to your card; you need to do nothing.",
    ),
    Payment.Problem.MISMATCH: Outcome(
        "Your payment arrived, and we look into it",
        "It does not match what this appointment costs, so nothing was confirmed with it. The practice sees that and "
        "gets in touch or returns it. Do not pay again.",
    ),
    Payment.Problem.UNKNOWN: Outcome(
        "We cannot find your payment",
        "Stripe does not know this payment page any more, so nothing was confirmed with it. If you paid, do not pay "
        "again: call the practice, and have the address of this page at hand.",
    ),
}
NOT_PAID = Outcome(
    "Not paid",
    "The payment page was closed before anything was paid, and nothing was charged.",
)
OF_A_STATUS = {
    Payment.Status.PROCESSING: Outcome(
        "Your payment is on its way",
        "Stripe has it, but it takes a while to arrive. We keep your time; nothing more is needed from you.",
    ),
    Payment.Status.OPEN: Outcome(
        "Checking your payment",
        "We have not heard from Stripe yet that it is paid. Your payment is safe, and this page updates by itself.",
    ),
    Payment.Status.EXPIRED: NOT_PAID,
    Payment.Status.FAILED: NOT_PAID,
}


def outcome(payment: Payment, appointment: Appointment) -> Outcome:
    """Choose what the page says. `appointment` has been read just now; `payment.appointment` may be older."""
    if payment.problem:
        return OF_A_PROBLEM[Payment.Problem(payment.problem)]
    if payment.status == Payment.Status.PAID or appointment.state == Appointment.Status.CONFIRMED:
        return Outcome(state_name(appointment))
    return OF_A_STATUS[Payment.Status(payment.status)]
