"""What the page says to a client who comes back from Stripe's payment page: chosen by how the payment went."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from booking.models import Appointment
from booking.templatetags.wording import state_name
from payments.models import Payment


class Outcome(NamedTuple):
    heading: str
    sentence: str = ""
    """Empty where there is nothing to say of the payment: then the page says how the appointment stands."""


OF_A_PROBLEM = {
    Payment.Problem.PAID_TWICE: Outcome(
        gettext_noop("Your payment arrived, your money goes back"),
        gettext_noop(
            "It was for something that had been paid already, in full or in part. Your appointment stays confirmed, "
            "and all of this payment goes back to your card."
        ),
    ),
    Payment.Problem.TIME_GONE: Outcome(
        gettext_noop("Your payment arrived, your money goes back"),
        gettext_noop(
            "It arrived after the time had been given back, so you have no appointment at this time. All of your "
            "payment goes back to your card; you need to do nothing."
        ),
    ),
    Payment.Problem.MISMATCH: Outcome(
        gettext_noop("Your payment arrived, and we look into it"),
        gettext_noop(
            "It does not match what this appointment costs, so nothing was confirmed with it. The practice sees that "
            "and gets in touch or returns it. Do not pay again."
        ),
    ),
    Payment.Problem.UNKNOWN: Outcome(
        gettext_noop("We cannot find your payment"),
        gettext_noop(
            "Stripe does not know this payment page any more, so nothing was confirmed with it. If you paid, do not "
            "pay again: ask the practice, and have the address of this page at hand."
        ),
    ),
}
MISMATCH_RETURNED = Outcome(
    gettext_noop("Your payment arrived, your money goes back"),
    gettext_noop(
        "It did not match what this appointment costs, so nothing was confirmed with it, and all of it goes back."
    ),
)
NOT_PAID = Outcome(
    gettext_noop("Not paid"),
    gettext_noop("The payment page was closed before anything was paid, and nothing was charged."),
)
OF_A_STATUS = {
    Payment.Status.PROCESSING: Outcome(
        gettext_noop("Your payment is on its way"),
        gettext_noop(
            "Stripe has it, but it takes a while to arrive. We keep your time; nothing more is needed from you."
        ),
    ),
    Payment.Status.OPEN: Outcome(
        gettext_noop("Checking your payment"),
        gettext_noop(
            "We have not heard from Stripe yet that it is paid. Your payment is safe, and this page updates by itself."
        ),
    ),
    Payment.Status.EXPIRED: NOT_PAID,
    Payment.Status.FAILED: NOT_PAID,
}


def outcome(payment: Payment, appointment: Appointment) -> Outcome:
    """Choose what the page says. `appointment` has been read just now; `payment.appointment` may be older."""
    if payment.problem == Payment.Problem.MISMATCH and not payment.is_unexplained:
        return translated(MISMATCH_RETURNED)
    if payment.problem:
        return translated(OF_A_PROBLEM[Payment.Problem(payment.problem)])
    if payment.is_rest and payment.status == Payment.Status.PAID:
        return Outcome(_("Your payment has arrived"))
    confirmed = appointment.state == Appointment.Status.CONFIRMED and not payment.is_rest
    if payment.status == Payment.Status.PAID or confirmed:
        return Outcome(state_name(appointment))
    return translated(OF_A_STATUS[Payment.Status(payment.status)])


def translated(outcome: Outcome) -> Outcome:
    return Outcome(_(outcome.heading), _(outcome.sentence))
