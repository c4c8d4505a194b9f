"""How often somebody has tried something lately: a row for each that the processes of all machines share.

Each try is forgotten after a while, one by one, so that whoever waits has another. This is the "generic cell rate
algorithm": instead of a count the row has the moment at which all tries will be forgotten, and each try adds a share.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection, models
from django.db.models import F
from django.utils.crypto import salted_hmac

from booking.limits import TooOften

# One statement, so that two processes cannot both have the last try. It changes no row if there is none left. Half a
# share is no try: so much is left for fractions that are rounded.
TAKE = """
    INSERT INTO booking_tries AS tries (key, forgotten_at) VALUES (%(key)s, %(now)s + %(share)s)
    ON CONFLICT (key) DO UPDATE SET forgotten_at = %(share)s + CASE
        WHEN tries.forgotten_at BETWEEN %(now)s AND %(now)s + 2 * %(within)s THEN tries.forgotten_at ELSE %(now)s END
    WHERE tries.forgotten_at NOT BETWEEN %(now)s + %(within)s - %(share)s / 2 AND %(now)s + 2 * %(within)s
"""


class Limit(NamedTuple):
    """So many tries of something within that time."""

    what: str
    most: int
    within: timedelta

    @property
    def share(self) -> float:
        """Seconds after which one of the tries is forgotten."""
        return self.within.total_seconds() / self.most


class TriesQuerySet(models.QuerySet["Tries"]):
    def take(self, limit: Limit, who: str, now: datetime) -> None:
        """Take a try before it is made. Raises TooOften, and then it must not be made.

        A row that reaches further ahead than any could was written by a machine whose clock is wrong, and does not
        count.
        """
        key, seconds = key_of(limit, who), limit.within.total_seconds()
        with connection.cursor() as cursor:
            cursor.execute(TAKE, {"key": key, "now": now.timestamp(), "share": limit.share, "within": seconds})
            if cursor.rowcount:
                return
        forgotten_at = self.filter(key=key).values_list("forgotten_at", flat=True).first() or now.timestamp()
        raise TooOften(datetime.fromtimestamp(forgotten_at - seconds + limit.share, UTC))

    def give_back(self, limit: Limit, who: str) -> None:
        """Give back a try that turned out to be right, so that it does not count."""
        self.filter(key=key_of(limit, who)).update(forgotten_at=F("forgotten_at") - limit.share)

    def forget(self, now: datetime) -> int:
        """Delete the rows that say nothing any more. Returns how many."""
        return self.filter(forgotten_at__lte=now.timestamp()).delete()[0]


def key_of(limit: Limit, who: str) -> str:
    """A hash that is keyed with the site's secret: a network or a name cannot be read from the table."""
    return salted_hmac("booking.tries", f"{limit.what} {who}", algorithm="sha256").hexdigest()


class Tries(models.Model):
    key = models.CharField(max_length=64, primary_key=True)
    forgotten_at = models.FloatField(help_text="Seconds since 1970, by the clock of the machine that counted.")

    objects = TriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "tries"

    def __str__(self) -> str:
        return f"Tries, forgotten at {datetime.fromtimestamp(self.forgotten_at, UTC):%H:%M:%S}"
