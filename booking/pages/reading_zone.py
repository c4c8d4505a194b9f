"""The time zone that a client reads times in: the one that their browser names, or one they chose from a list."""

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from booking import zones

# Written by the site's script, which asks the browser. Without JavaScript there is none until the client chooses.
COOKIE = "zone"


def of_browser(request: HttpRequest) -> ZoneInfo | None:
    return zones.find(request.COOKIES.get(COOKIE, ""))


@cache
def options() -> SafeString:
    """Every zone with a place of its own, for a `<select>`; older names for the same are understood, not offered."""
    table = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text().splitlines()
    places = sorted(line.split("\t")[2] for line in table if not line.startswith("#"))
    return format_html_join("", '<option value="{}">{}', ((name, name.replace("_", " ")) for name in ["UTC", *places]))
