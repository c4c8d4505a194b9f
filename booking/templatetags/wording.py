"""How times and money read, everywhere a person reads them."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django import template

from booking import money

register = template.Library()


@register.filter
def day(moment: datetime, zone: ZoneInfo) -> str:
    return day_name(moment.astimezone(zone).date())


@register.filter
def day_name(when: date) -> str:
    """`Tuesday 1 December 2026`"""
    return f"{when:%A} {when.day} {when:%B %Y}"


@register.filter
def short_day(moment: datetime, zone: ZoneInfo) -> str:
    """`Tue 1 Dec`"""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b}"


@register.filter
def clock(moment: datetime, zone: ZoneInfo) -> str:
    """`14:35`"""
    return f"{moment.astimezone(zone):%H:%M}"


@register.filter
def zone_name(zone: ZoneInfo, moment: datetime) -> str:
    """`Dublin time (UTC+1)`: the offset is that of the moment, since it changes with the season."""
    city = zone.key.rpartition("/")[2].replace("_", " ")
    if city == "UTC":
        return city
    offset = f"{moment.astimezone(zone):%z}"
    hours, minutes = int(offset[1:3]), offset[3:5]
    behind = f"{offset[0]}{hours}{':' + minutes if minutes != '00' else ''}" if int(offset[1:5]) else ""
    return f"{city} time (UTC{behind})"


@register.filter
def price(amount: Decimal, currency: str) -> str:
    return money.display(amount, currency)


@register.filter
def iso(moment: datetime, zone: ZoneInfo) -> str:
    """`2026-12-01T09:00+00:00`: for addresses and forms, not for people."""
    return moment.astimezone(zone).isoformat(timespec="minutes")


@register.filter
def length_in_words(minutes: int) -> str:
    """`50 minutes`, `1 hour 30 minutes`"""
    counts = zip(divmod(minutes, 60), ("hour", "minute"), strict=True)
    return " ".join(f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in counts if count)
