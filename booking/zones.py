"""Time zones, and the arithmetic between instants (in UTC) and wall times (what a zone's clocks show).

All of it is done in Python, and none in the database, so that both engines have the same rules for clocks.
"""

import zoneinfo
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import tzdata
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# The edition of the rules by which clocks change, like `2026f`. A later edition sorts after an earlier one.
RULES = tzdata.IANA_VERSION


@cache
def of_countries() -> dict[str, tuple[str, ...]]:
    """The zones that have a place of their own, by their country's two letters, as tzdata's zone.tab has them.

    Their order says nothing of where people live: Australia begins with Lord Howe Island.
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in (resources.files("tzdata.zoneinfo") / "zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            country, _place, name = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), name)
    return found


def places() -> list[str]:
    return sorted(name for zones in of_countries().values() for name in zones)


def of_all(country: str, now: datetime) -> str:
    """The zone by which all clocks of a country go, in winter and in summer; empty where they do not go alike."""
    names = of_countries().get(country, ())
    zones = [ZoneInfo(name) for name in names]
    differing = any(differ_in_a_year(zones[0], zone, now) for zone in zones)
    return names[0] if names and not differing else ""


@cache
def names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def find(name: str) -> ZoneInfo | None:
    """The zone of that name, or None if there is none: the name may come from a URL or a cookie."""
    return ZoneInfo(name) if name in names() else None


def validate_time_zone(name: str) -> None:
    if not find(name):
        raise ValidationError(_("Enter a time zone by its name, like Europe/Dublin."))


def differ(one: ZoneInfo, other: ZoneInfo, moment: datetime) -> bool:
    """Whether the clocks of the two zones show different times at that moment."""
    return one is not other and moment.astimezone(one).utcoffset() != moment.astimezone(other).utcoffset()


def differ_in_a_year(one: ZoneInfo, other: ZoneInfo, now: datetime) -> bool:
    """Whether their clocks show different times now or in half a year: summer and winter may differ."""
    return any(differ(one, other, moment) for moment in (now, now + timedelta(days=182)))


def to_utc(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The instant at which the zone's clocks show that time on that day.

    In the hour that comes twice when clocks go back, it is the first of the two instants. For a time that is skipped
    when clocks go forward, it is the end of the gap.
    """
    local = datetime.combine(day, clock, zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        return gap_end(local.replace(fold=1).astimezone(UTC), instant, zone)
    return instant


def to_later_utc(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Like `to_utc`, except that in the hour that comes twice it is the second of the two instants."""
    second = datetime.combine(day, clock, zone).replace(fold=1).astimezone(UTC)
    return max(second, to_utc(day, clock, zone))


def gap_end(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between `before` and `after` at which the zone's clocks go forward."""
    new_offset = after.astimezone(zone).utcoffset()
    seconds = range(int((after - before).total_seconds()) + 1)
    moved = bisect_left(
        seconds,
        True,
        key=lambda passed: (before + timedelta(seconds=passed)).astimezone(zone).utcoffset() == new_offset,
    )
    return before + timedelta(seconds=moved)


def on_wall(moment: datetime, zone: ZoneInfo) -> str:
    """The wall time at that moment, with its offset from UTC: `2026-12-01T10:00:00-03:00`."""
    return moment.astimezone(zone).isoformat()


def instant_of(wall: str, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the zone's clocks show the wall time that `on_wall` wrote down.

    The rules of today count: a country may have changed them since it was written. In the hour that comes twice, it is
    the instant with the offset that was written down. If clocks skip that time by now, it is the end of the gap.
    """
    local = datetime.fromisoformat(wall)
    first, later = to_utc(local.date(), local.time(), zone), to_later_utc(local.date(), local.time(), zone)
    return later if later == local.astimezone(UTC) else first
