"""Sending what mail is owed. Only tick does: no page waits for a mail server."""

import logging
from contextlib import suppress
from datetime import datetime
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)

from django.conf import settings
from django.utils import timezone

from booking.mail.letters import compose
from booking.models import Appointment, Mail

logger = logging.getLogger(__name__)
# What one round takes on, so that the other duties of tick get their turn.
A_ROUND = 20
# Each of these would meet the next mail as well, after another wait; a wrong password too often locks the account.
NO_USE_TRYING = (SMTPServerDisconnected, SMTPConnectError, SMTPHeloError, SMTPAuthenticationError)
# No such mailbox, moved away, no such name. Other refusals are about us, and end.
NO_SUCH_ADDRESS = (550, 551, 553)


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
    except Exception as error:  # noqa: BLE001 - no mail may stop those after it: what went wrong is owed again, and logged
        record_error(mail, error)
    else:
        mail.record_sent(timezone.now())


def record_error(mail: Mail, error: Exception) -> None:
    """By its name only: what a mail server says may hold the address."""
    name = type(error).__name__
    if isinstance(error, SMTPRecipientsRefused) and all(map(is_for_good, error.recipients.values())):
        mail.record_refused(name)
    else:
        mail.record_failed(timezone.now(), name)
    # smtplib's own errors are OSErrors, too.
    expected = isinstance(error, OSError)
    logger.warning("Mail %s was not sent: %s", mail.pk, name, exc_info=None if expected else error)
    if expected and (isinstance(error, NO_USE_TRYING) or not isinstance(error, SMTPException)):
        raise ServerAway


def is_for_good(answer: tuple[int, bytes]) -> bool:
    """5.7 is "not allowed to", whatever the code before it (RFC 3463)."""
    code, words = answer
    return code in NO_SUCH_ADDRESS and b"5.7." not in words
