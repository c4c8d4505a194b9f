"""How `manage.py tick` takes up what is due: a portion at a time, several rows at once, on any number of machines.

A process claims rows by locking them, passing over those that another one has locked, and moving on the column that
says when a row was taken up last. So no two work on one row at the same moment, and none waits for another. The rows
that a process leaves behind when it dies are due again some time later.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Lock
from typing import TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from booking import request_id

Row = TypeVar("Row", bound=Model)

# How many rows are claimed together, and worked on at once. The threads that do so mostly wait for a server.
AT_ONCE = 4
# How many rows a duty changes in one transaction, if it waits for no server. On SQLite nobody else writes meanwhile.
IN_ONE_TRANSACTION = 50
# Seconds after which a duty of tick claims no more rows in this round, because the other duties have their turn.
ROUND_SECONDS = 10


def lock_portion(due: QuerySet[Row], size: int) -> list[Row]:
    """The first rows that nobody else has locked, locked until the transaction ends.

    On SQLite a transaction begins by locking the whole database, so nobody else has locked any.
    """
    # Mostly nothing is due, and a query for the keys alone costs half as much.
    keys = [row.pk for row in due.only("pk").select_for_update(of=["self"], no_key=True, skip_locked=True)[:size]]
    found = due.model._default_manager.in_bulk(keys)
    return [found[key] for key in keys]


def claim(due: QuerySet[Row], column: str, now: datetime) -> list[Row]:
    """Claim the first of these rows by setting the column to now. From then on they may not be among the due ones."""
    with transaction.atomic():
        rows = lock_portion(due, AT_ONCE)
        due.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**{column: now})
    for row in rows:
        setattr(row, column, now)
    return rows


class Claims(Iterator[Row]):
    """Rows for several threads, each given to one of them: claimed when none is left, until the round is over."""

    def __init__(self, claim: Callable[[], list[Row]]) -> None:
        self.claim, self.lock = claim, Lock()
        self.until = time.monotonic() + ROUND_SECONDS
        self.rows = claim()

    def __next__(self) -> Row:
        with self.lock:
            if not self.rows and time.monotonic() < self.until:
                self.rows = self.claim()
            if not self.rows:
                raise StopIteration
            return self.rows.pop(0)


def work_off(claim: Callable[[], list[Row]], work: Callable[[Row], object], *, a_second: int | None = None) -> int:
    """Work on all that `claim` returns until it returns nothing, or the round is over. Returns for how many rows.

    Several threads do so, but no more than `a_second` rows are begun in a second.
    """
    claims = Claims(claim)
    if not claims.rows:
        return 0
    at_once = min(AT_ONCE, settings.DATABASE_POOL - 1)
    if len(claims.rows) == 1 or at_once < 2:
        return work_on(claims, work)
    seconds = at_once / a_second if a_second else 0
    # Each thread logs under the number of this round.
    under_this_number = partial(request_id.current.set, request_id.current.get())
    with ThreadPoolExecutor(at_once, initializer=under_this_number) as threads:
        return sum(threads.map(work_in_thread, [claims] * at_once, [work] * at_once, [seconds] * at_once))


def work_in_thread(claims: Claims[Row], work: Callable[[Row], object], seconds: float) -> int:
    try:
        return work_on(claims, work, seconds)
    finally:
        connection.close()


def work_on(claims: Claims[Row], work: Callable[[Row], object], seconds: float = 0) -> int:
    """Work on the rows one after the other, on each for so many seconds at least."""
    worked_on = 0
    for row in claims:
        begun = time.monotonic()
        work(row)
        worked_on += 1
        time.sleep(max(0, begun + seconds - time.monotonic()))
    return worked_on
