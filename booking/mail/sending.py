"""Sending the mails that are owed. Only `manage.py tick` does this, so that no page waits for a mail server."""

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
# How many mails one round of tick takes on, so that its other duties get their turn.
MAILS_A_ROUND = 20
# Errors of the server: the next mail would meet them as well, after another wait. A server may even lock the account
# after too many wrong passwords.
SERVER_ERRORS = (SMTPServerDisconnected, SMTPConnectError, SMTPHeloError, SMTPAuthenticationError)
# The answers "no such mailbox", "moved away" and "no such name". Any other refusal is about us rather than about the
# address, and may be over later.
NO_SUCH_ADDRESS = (550, 551, 553)


class ServerUnavailable(Exception):
    """The mail server cannot be reached, so there is no use in trying the next mail."""


def send_due(now: datetime) -> int:
    """Send the mails that are due. Returns how many were taken up, whether they were then sent, put off or dropped."""
    seen_to = 0
    with suppress(ServerUnavailable):
        for mail in Mail.objects.due(now)[:MAILS_A_ROUND] if settings.MAIL_IS_SENT else []:
            if mail.claim(timezone.now()):
                seen_to += 1
                send(mail)
    return seen_to


def send(mail: Mail) -> None:
    """Send a claimed mail with what is true by now, or drop it if it is not true any more. A failure leaves it owed.

    Raises ServerUnavailable.
    """
    mail.appointment = Appointment.objects.select_related("provider", "service").get(pk=mail.appointment_id)
    if not mail.is_still_true(timezone.now()):
        mail.record_dropped()
        return
    try:
        compose(mail).send()
    except Exception as error:  # noqa: BLE001 - no mail may stop those after it; the error is recorded and logged
        record_error(mail, error)
    else:
        mail.record_sent(timezone.now())


def record_error(mail: Mail, error: Exception) -> None:
    """Record and log an error by its name only, since what a mail server says may contain the address.

    Raises ServerUnavailable if the error is about the server and not about this mail.
    """
    name = type(error).__name__
    if isinstance(error, SMTPRecipientsRefused) and all(map(is_permanent, error.recipients.values())):
        mail.record_refused(name)
    else:
        mail.record_failed(timezone.now(), name)
    # The errors of smtplib and of sockets are OSErrors. Anything else is a mistake of ours, and needs its traceback.
    expected = isinstance(error, OSError)
    logger.warning("Mail %s was not sent: %s", mail.pk, name, exc_info=None if expected else error)
    if expected and (isinstance(error, SERVER_ERRORS) or not isinstance(error, SMTPException)):
        raise ServerUnavailable


def is_permanent(answer: tuple[int, bytes]) -> bool:
    """Whether the server's answer means that there is no such address.

    If 5.7 is in its words, the answer means "you are not allowed to", whatever its code is (RFC 3463).
    """
    code, words = answer
    return code in NO_SUCH_ADDRESS and b"5.7." not in words
