"""Time zones a client may read times in: the one they chose, or the one that their browser says they are in."""

import zoneinfo
from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

# Written by the site's script, which asks the browser; without it nothing is known until the client chooses.
COOKIE = "zone"


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
