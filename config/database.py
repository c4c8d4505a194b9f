"""How the two engines are connected to, so that nobody waits long for a database that is busy or gone."""

from pathlib import Path
from typing import Any


def with_options(database: dict[str, Any], pool: int, *, test_file: Path) -> dict[str, Any]:
    """An entry of Django's DATABASES, completed. `pool` is the most connections of one process to PostgreSQL."""
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # Tests use a file, since an in-memory database has no second connection.
        return {**database, "OPTIONS": sqlite(), "TEST": {"NAME": test_file}}
    # A connection is tried before a request gets it, as PostgreSQL may have been started again since it was used.
    return {**database, "ENGINE": "config.postgresql", "OPTIONS": {**postgresql(pool), **database.get("OPTIONS", {})}}


def sqlite() -> dict[str, Any]:
    """With IMMEDIATE, a transaction takes the write lock when it begins: two bookings queue instead of failing."""
    return {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}


def postgresql(pool: int) -> dict[str, Any]:
    """The pool keeps connections, and with a pool Django wants CONN_MAX_AGE to stay 0.

    Whoever waits five seconds for a connection is told to try again in a moment, and so is whoever waits as long for a
    lock. A pool that cannot connect tries again after pauses that double, for five minutes if not told otherwise: after
    a long absence of PostgreSQL they would last minutes. So it gives up soon, and begins anew for the next request.
    """
    # If the other machine is gone, or the way to it, nothing says so. Then we give up an answer after some ten seconds,
    # and PostgreSQL a transaction of ours, with its locks. Operating systems wait for fifteen minutes or even hours.
    # Linux counts the ten seconds of tcp_user_timeout for probes too, and two must fit in: a single one may get lost.
    silent = {"keepalives_idle": 4, "keepalives_interval": 3, "keepalives_count": 2}  # while nothing is under way
    sending = {"tcp_user_timeout": 10_000}  # in milliseconds, while something is
    # booking/models/statements.py reads times as ISO 8601, whatever style of dates the server has.
    session = {"lock_timeout": "5s", "DateStyle": "ISO", **{f"tcp_{name}": value for name, value in silent.items()}}
    return {
        "pool": {"min_size": 1, "max_size": pool, "timeout": 5, "reconnect_timeout": 5},
        "options": " ".join(f"-c {name}={value}" for name, value in (session | sending).items()),
        "connect_timeout": 5,
        **(silent | sending),
    }
