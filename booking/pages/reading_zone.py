"""The time zone that a client reads times in: the one that their browser names, or one they chose from a list."""

from functools import cache
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from booking import zones

# The site's script asks the browser for its zone and writes it to this cookie. Without JavaScript there is no cookie.
COOKIE = "zone"


def of_browser(request: HttpRequest) -> ZoneInfo | None:
    return zones.find(request.COOKIES.get(COOKIE, ""))


@cache
def options() -> SafeString:
    """The `<option>` elements of a `<select>`: every zone that has a place of its own.

    Zones have other names as well. These are understood if somebody sends one, but they are not offered. An option
    sends what it shows, with spaces: a value beside it would be a twentieth of a first visit.
    """
    return format_html_join("", "<option>{}", ((name.replace("_", " "),) for name in ["UTC", *zones.places()]))
