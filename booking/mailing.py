"""Sending what mail is owed. Only tick does: no page waits for a mail server."""

import logging
from contextlib import suppress
from datetime import datetime
from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.utils import timezone

from booking.letters import compose
from booking.models import Appointment, Mail

logger = logging.getLogger(__name__)
# What one round takes on, so that the other duties of tick get their turn.
A_ROUND = 20


class ServerAway(Exception):
    """The mail server cannot be reached: there is no use in trying the next mail."""


def send_owed(now: datetime) -> int:
    seen_to = 0
    with suppress(ServerAway):
        for mail in Mail.objects.due(now)[:A_ROUND] if settings.MAIL_IS_SENT else []:
            if mail.claim(timezone.now()):
                seen_to += 1
                send(mail)
    return seen_to


def send(mail: Mail) -> None:
    """Written from the appointment as it is by now. What went wrong is owed again.

    Raises ServerAway.
    """
    mail.appointment = Appointment.objects.select_related("provider", "service").get(pk=mail.appointment_id)
    if not mail.is_still_true(timezone.now()):
        mail.record_dropped()
        return
    try:
        compose(mail).send()
    except Exception as error:  # noqa: BLE001 - recorded and logged, whatever it was
        record_error(mail, error)
    else:
        mail.record_sent(timezone.now())


def record_error(mail: Mail, error: Exception) -> None:
    """By its name only: what a mail server says may hold the address."""
    name = type(error).__name__
    if isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _ in error.recipients.values()):
        mail.record_refused(name)
    else:
        mail.record_failed(timezone.now(), name)
    said_by_server, no_answer = isinstance(error, SMTPException), isinstance(error, OSError)
    logger.warning("Mail %s was not sent: %s", mail.pk, name, exc_info=None if no_answer else error)
    if no_answer and not said_by_server:
        raise ServerAway
