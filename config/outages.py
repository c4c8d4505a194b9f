"""What a visitor is told while the database is busy, full, or away, and how long to wait before trying again.

Each of these passes without anybody changing the code. Any other error of the database is a mistake of ours.
"""

import logging
import sqlite3
from typing import NamedTuple

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError

from booking.models import is_contention


class Outage(NamedTuple):
    heading: str
    sentence: str
    retry_after: str
    """Seconds, for the Retry-After header."""
    log_level: int = logging.ERROR


def outage_of(error: Exception) -> Outage | None:
    """What the error of the database is for a visitor; None if it is no outage but a mistake of ours."""
    if not isinstance(error, Error):
        return None
    if isinstance(error, OperationalError) and is_contention(error):
        return Outage(
            "We are very busy at the moment", "Nothing was changed. Try again in a moment.", "1", logging.INFO
        )
    if cannot_write(error):
        return Outage(
            "We cannot save anything at the moment",
            "Nothing was changed. If you were paying, your payment is safe and we will find it. "
            f"Try again in a few minutes{or_call()}.",
            "60",
        )
    if is_away(error):
        return Outage(
            "We cannot open our diary at the moment",
            "If you were paying, your payment is safe and we will find it. Try again in a moment: nothing is booked or "
            "paid twice.",
            "5",
        )
    return None


def or_call() -> str:
    return f", or call us on {settings.PRACTICE_PHONE}" if settings.PRACTICE_PHONE else ""


def name_of(error: Exception) -> str:
    """The error's name in the log, such as DiskFull or SQLITE_FULL. Its message may hold what was typed."""
    cause = error.__cause__ or error
    return getattr(cause, "sqlite_errorname", type(cause).__name__)


def cannot_write(error: Exception) -> bool:
    """Whether the disk is full or broken, or the database may only be read, as after a failover."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return primary_code(cause) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
    return getattr(cause, "sqlstate", None) in ("53100", "58030", "25006")


def is_away(error: Exception) -> bool:
    """Whether the database cannot be reached, has ended the connection, or cannot take another."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return primary_code(cause) == sqlite3.SQLITE_CANTOPEN
    return isinstance(error, OperationalError | InterfaceError)


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's code without its upper bits, which tell more closely what happened. 0 if the error is not SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
