"""Close the Checkout Session of an appointment whose time is given back or moved, so that nobody pays for that time.

The same is done where somebody could pay what has been paid at the practice by now.
"""

import logging
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from booking.models import Appointment, NotMovable, NotNow
from payments import gateway
from payments.gateway import InvalidRequest, KeyRefused, StripeUnavailable
from payments.models import Payment
from payments.settlement import settle

logger = logging.getLogger(__name__)


def on_cancelled(appointment: Appointment, **kwargs: Any) -> None:
    """Receive booking's signal that an appointment is cancelled. Stripe is called once that is committed."""
    transaction.on_commit(lambda: close_sessions(appointment), robust=True)


@gateway.within(gateway.A_MOMENT)
def close_sessions(appointment: Appointment) -> None:
    """Close the open session of an appointment, as nobody is to pay on it any more.

    If Stripe does not answer, tick does it later.
    """
    for payment in appointment.payments.open().exclude(checkout_session_id=None):
        try:
            close_session(payment)
        except StripeUnavailable:
            logger.warning("The session of payment %s is still to be expired", payment.pk)


def close_session(payment: Payment) -> None:
    """Expire the session at Stripe, and settle it.

    Stripe refuses to expire a session that is no longer open. That one may have been paid, so it is settled as well.

    Raises StripeUnavailable.
    """
    with suppress(InvalidRequest):
        gateway.expire_session(payment.checkout_session_id or "")
    settle(payment)


@gateway.within(gateway.AS_LONG_AS_A_PAGE_WAITS, retries=1)
def on_moving(appointment: Appointment, **kwargs: Any) -> None:
    """Receive booking's signal that a held appointment is about to move, and close its session.

    If the session turns out to be paid, the appointment is confirmed at its old time when this returns.
    Raises NotNow.
    """
    for payment in appointment.payments.open():
        if not payment.checkout_session_id:
            raise NotNow(_("A payment page is just being opened, so nothing was changed. Try again in a minute."))
        try:
            close_session(payment)
        except KeyRefused:
            raise NotNow(
                _("Your payment page cannot be closed just now. Nothing was changed: please get in touch with us.")
            ) from None
        except StripeUnavailable:
            raise NotNow(_("Stripe cannot be reached at the moment, so nothing was changed. Try again soon.")) from None


def on_moved(appointment: Appointment, **kwargs: Any) -> None:
    """Receive booking's signal that a held appointment has moved, in a transaction that locks its row.

    Raises NotMovable if a session was begun since the last one was closed.
    """
    if appointment.payments.open().exists():
        raise NotMovable
