"""Sending the mails that are owed. Only `manage.py tick` does this, so that no page waits for a mail server."""

import logging
from datetime import datetime
from functools import partial
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from booking.claims import work_off
from booking.mail.claiming import claim_due
from booking.mail.letters import compose
from booking.models import Appointment, Mail, WaitingEntry
from booking.schedule import telling

logger = logging.getLogger(__name__)
# How long no mail is tried after an error of the server, and the name in the cache of this process that says so.
REST_SECONDS, RESTING = 10, "the-mail-server-was-not-available"
# Errors of the server: the next mail would meet them as well, after another wait. A server may even lock the account
# after too many wrong passwords.
SERVER_ERRORS = (SMTPServerDisconnected, SMTPConnectError, SMTPHeloError, SMTPAuthenticationError)
# The answers "no such mailbox", "moved away" and "no such name". Any other refusal is about us rather than about the
# address, and may be over later.
NO_SUCH_ADDRESS = (550, 551, 553)


def send_due(now: datetime) -> int:
    """Send the mails that are due. Returns how many were taken up, whether they were then sent, put off or dropped."""
    return work_off(partial(claim, now), send)


def claim(now: datetime) -> list[Mail]:
    return claim_due(now) if settings.MAIL_IS_SENT and not cache.get(RESTING) else []


def send(mail: Mail) -> None:
    """Send a claimed mail with what is true by now, or drop it if it is not true any more. A failure leaves it owed."""
    if cache.get(RESTING):
        mail.release()
        return
    read_anew(mail)
    try:
        # Nothing is sent either if there is no address to which it could go.
        sent = is_still_true(mail, timezone.now()) and compose(mail).send() != 0
    except Exception as error:  # noqa: BLE001 - no mail may stop those after it; the error is recorded and logged
        record_error(mail, error)
        return
    if sent:
        mail.record_sent(timezone.now())
    else:
        mail.record_dropped()


def is_still_true(mail: Mail, now: datetime) -> bool:
    """Whether it may still be sent. Of a time that has become free only the diary knows whether it still is."""
    freed = mail.kind == Mail.Kind.TIME_FREED
    return mail.is_still_true(now) and (not freed or telling.holds_good(mail, now))


def read_anew(mail: Mail) -> None:
    """Read what the mail is about as it is now. The entry of somebody who waited may have been deleted meanwhile."""
    if mail.waiting_id:
        mail.waiting = WaitingEntry.objects.select_related("service", "provider").filter(pk=mail.waiting_id).first()
    if mail.appointment_id:
        mail.appointment = Appointment.objects.select_related("provider", "service").get(pk=mail.appointment_id)


def record_error(mail: Mail, error: Exception) -> None:
    """Record and log an error by its name only, since what a mail server says may contain the address.

    If the error is about the server and not about this mail, there is no use in trying the next one.
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
        cache.set(RESTING, True, REST_SECONDS)


def is_permanent(answer: tuple[int, bytes]) -> bool:
    """Whether the server's answer means that there is no such address.

    If 5.7 is in its words, the answer means "you are not allowed to", whatever its code is (RFC 3463).
    """
    code, words = answer
    return code in NO_SUCH_ADDRESS and b"5.7." not in words
