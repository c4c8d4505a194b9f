"""Time zones: those a client may read times in, chosen or said by their browser, and times as a wall shows them."""

import zoneinfo
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import tzdata
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from booking.schedule.availability import to_later_utc, to_utc

# Written by the site's script, which asks the browser; without it nothing is known until the client chooses.
COOKIE = "zone"
# The edition of the rules by which clocks change, like `2026f`: later ones sort after earlier ones.
RULES = tzdata.IANA_VERSION


@cache
def names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def find(name: str) -> ZoneInfo | None:
    return ZoneInfo(name) if name in names() else None


def validate_time_zone(name: str) -> None:
    if not find(name):
        raise ValidationError("Enter a time zone by its name, like Europe/Dublin.")


def of_browser(request: HttpRequest) -> ZoneInfo | None:
    return find(request.COOKIES.get(COOKIE, ""))


@cache
def options() -> SafeString:
    """Every zone with a place of its own, for a `<select>`; older names for the same are understood, not offered."""
    table = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text().splitlines()
    places = sorted(line.split("\t")[2] for line in table if not line.startswith("#"))
    return format_html_join("", '<option value="{}">{}', ((name, name.replace("_", " ")) for name in ["UTC", *places]))


def differ(one: ZoneInfo, other: ZoneInfo, moment: datetime) -> bool:
    """Whether their clocks show different times."""
    return moment.astimezone(one).utcoffset() != moment.astimezone(other).utcoffset()


def on_wall(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-12-01T10:00:00-03:00`: what that zone's clocks show, and how far from UTC they then are."""
    return moment.astimezone(zone).isoformat()


def instant_of(wall: str, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which that zone's clocks show it by the present rules, which may not be those of then.

    Of two, it is the one at the offset written down; a time that clocks skip by now moves to the gap's end.
    """
    local = datetime.fromisoformat(wall)
    first, later = to_utc(local.date(), local.time(), zone), to_later_utc(local.date(), local.time(), zone)
    return later if later == local.astimezone(UTC) else first
