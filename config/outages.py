"""What a visitor is told while the database is busy, full or away, and how long to wait before trying again.

Each of these passes without anybody changing the code. Any other error of the database is a mistake of ours.
"""

import logging
from typing import NamedTuple

from django.db import OperationalError
from django.utils.translation import gettext as _

from booking.in_force import in_force
from booking.models import is_contention
from booking.outage import cannot_save, is_away


class Outage(NamedTuple):
    heading: str
    to_people: str
    to_programs: str
    retry_after: str
    """Seconds, for the Retry-After header."""
    log_level: int = logging.ERROR


def outage_of(error: BaseException | None) -> Outage | None:
    """What the error of the database is for a visitor; None if it is no outage but a mistake of ours."""
    if isinstance(error, OperationalError) and is_contention(error):
        again = _("Nothing was changed. Try again in a moment.")
        return Outage(_("We are very busy at the moment"), again, again, "1", logging.INFO)
    if cannot_save(error):
        return Outage(_("We cannot save anything at the moment"), try_later(), try_later(), "60")
    if is_away(error):
        # Nobody knows whether what was sent has been saved, for the connection may have broken after that.
        return Outage(
            _("We cannot answer just now"),
            _("Wait a few seconds and try again. Nothing is booked or paid twice."),
            _("Send it again in a few seconds, and a POST with the same Idempotency-Key."),
            "5",
        )
    return None


def try_later() -> str:
    if not in_force.PRACTICE_PHONE:
        return _(
            "Nothing was changed. If you were paying, your payment is safe and we will find it. Try again in a few "
            "minutes."
        )
    return _(
        "Nothing was changed. If you were paying, your payment is safe and we will find it. Try again in a few "
        "minutes, or call us on %(phone)s."
    ) % {"phone": in_force.PRACTICE_PHONE}


def name_of(error: BaseException) -> str:
    """The error's name in the log, such as DiskFull or SQLITE_FULL. Its message may hold what was typed."""
    cause = error.__cause__ or error
    return getattr(cause, "sqlite_errorname", type(cause).__name__)
