"""Several want the same time at the same moment: the lock by which they queue, and what it means when one was first."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, OperationalError

from booking.models.overlaps import OVERLAP_CONSTRAINT
from booking.models.practice import Provider


class SlotTaken(Exception):
    """Another live appointment is in the way, or so many are booking with this provider that the database gave up."""


@contextmanager
def contention_as_slot_taken() -> Iterator[None]:
    """Turn database errors that mean that somebody else was first into SlotTaken, and let all others through."""
    try:
        yield
    except (IntegrityError, OperationalError) as error:
        if is_contention(error):
            raise SlotTaken from error
        raise


def is_contention(error: Exception) -> bool:
    """Whether a database error means that somebody else was first.

    It does if it is about the overlap constraint, a deadlock (SQLSTATE 40P01), a lock that was not available in time
    (55P03), SQLite's lock on the whole database, or a reference that two requests used at once.
    """
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    said = str(error)
    # The last two name the unique reference, for SQLite and for PostgreSQL: two tabs may bring the same spare reference
    # at the same moment, and the second has to try again.
    known = (OVERLAP_CONSTRAINT, "database is locked", "booking_appointment.reference", "booking_appointment_reference")
    return sqlstate in ("40P01", "55P03") or any(words in said for words in known)


def lock_provider(pk: int) -> None:
    """Lock the provider's row until the transaction ends.

    Every booking and move takes this lock first, so that a crowd on one provider queues instead of deadlocking.
    """
    Provider.objects.select_for_update(no_key=True).get(pk=pk)


def lock_providers(pks: Collection[int]) -> None:
    """Lock the rows of several providers until the transaction ends.

    All are locked in the same order, so that two who do this at once cannot wait for each other.
    """
    rows = Provider.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk")
    list(rows.values_list("pk"))
