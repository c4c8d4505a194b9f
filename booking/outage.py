"""Errors of the database that pass without anybody changing the code: it is away, or it cannot save anything."""

import sqlite3

from django.db import Error, InterfaceError, OperationalError

# The first characters of SQLSTATE codes: the connection failed (class 08), there are too many connections (53300), or
# the server is shutting down, has crashed or is starting (57P01 to 57P03).
# https://www.postgresql.org/docs/current/errcodes-appendix.html
AWAY = ("08", "53300", "57P0")
# The disk is full, reading or writing it fails, or the database may only be read, as after a failover.
CANNOT_SAVE = ("53100", "58030", "25006")
SQLITE_CANNOT_SAVE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)


def is_away(error: BaseException | None) -> bool:
    """Whether the same may succeed in a moment, because only the connection to the database has failed.

    The driver's own errors have no SQLSTATE: the connection was refused or lost, or the pool had none in time.
    """
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return primary_code(cause) == sqlite3.SQLITE_CANTOPEN
    sqlstate = getattr(cause, "sqlstate", "")
    return sqlstate is None or sqlstate.startswith(AWAY)


def cannot_save(error: BaseException | None) -> bool:
    cause = error.__cause__ if isinstance(error, Error) else None
    if isinstance(cause, sqlite3.Error):
        return primary_code(cause) in SQLITE_CANNOT_SAVE
    return getattr(cause, "sqlstate", None) in CANNOT_SAVE


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's code without its upper bits, which tell more closely what happened. 0 if the error is not SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
