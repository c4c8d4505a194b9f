"""How times, money and the state of an appointment read: on pages, in mail, in calendar files, in the admin.

Each is written in the language that is active, by the customs of the practice's country. The examples are en-IE.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.core import get_global
from django import template
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from booking import customs, languages, money
from booking import phone as phone_numbers
from booking.models import Appointment, TimeOff

register = template.Library()

# Zones whose clocks belong to many places at once. Babel's data names some of them after a single place, which most of
# their readers are nowhere near.
PLACELESS = frozenset(["CET", "CST6CDT", "EET", "EST", "EST5EDT", "HST", "MET", "MST", "MST7MDT", "PST8PDT", "WET"])

STANDINGS = {
    "held": pgettext_lazy("appointment", "Held"),
    "on-its-way": gettext_lazy("Payment on its way"),
    "paid": pgettext_lazy("appointment", "Paid"),
    "free": gettext_lazy("No fee"),
    "no-show": pgettext_lazy("appointment", "Did not come"),
    "cancelled": pgettext_lazy("appointment", "Cancelled"),
    "given-back": gettext_lazy("Given back before it was paid"),
    "expired": gettext_lazy("Given back, as it was not paid"),
}


@register.filter
def day(moment: datetime, zone: ZoneInfo) -> str:
    """Write the day on which the zone's calendar has that moment, as `Tuesday 1 December 2026`."""
    return day_name(moment.astimezone(zone).date())


@register.filter
def day_name(when: date) -> str:
    """Write a date as `Tuesday 1 December 2026`."""
    return customs.date_in_full(when)


@register.filter
def month_name(when: date) -> str:
    """Write the month that a date is in as a heading, as `December 2026`."""
    return customs.date_with(when, "yMMMM")


@register.filter
def weekday(when: date) -> str:
    """Write the day of the week, as `Tuesday`."""
    return customs.weekday_names()[when.weekday()][0]


@register.filter
def weekday_in_short(when: date) -> str:
    """Write the day of the week as the head of a column, as `Tue`."""
    return customs.weekday_names()[when.weekday()][1]


@register.filter
def month_in_short(when: date) -> str:
    """Write the month that a date is in, as `Dec`."""
    return customs.date_with(when, "MMM")


@register.filter
def until(moment: datetime, zone: ZoneInfo) -> str:
    """Write the end of something that lasts already: the clock is enough today, another day is named."""
    return clock(moment, zone) if is_today(moment, zone) else day_and_clock(moment, zone)


def until_in_short(moment: datetime, zone: ZoneInfo) -> str:
    return clock(moment, zone) if is_today(moment, zone) else short_day_and_clock(moment, zone)


def is_today(moment: datetime, zone: ZoneInfo) -> bool:
    return moment.astimezone(zone).date() == timezone.now().astimezone(zone).date()


@register.filter
def short_day(moment: datetime, zone: ZoneInfo) -> str:
    """Write the day on which the zone's calendar has that moment, as `Tue 1 Dec`."""
    return short_date(moment.astimezone(zone).date())


def short_date(when: date) -> str:
    """Write a date as `Tue 1 Dec`. CLDR puts a comma after the weekday where another follows before the clock."""
    return customs.date_with(when, "MMMEd").replace(",", "", 1)


@register.filter
def clock(moment: datetime, zone: ZoneInfo) -> str:
    """Write a time as `14:35`, or as `01:30 (UTC+1)` in the hour that comes twice when clocks go back."""
    local = moment.astimezone(zone)
    return f"{wall_clock(local.time())} ({utc_offset(local)})" if comes_twice(local) else wall_clock(local.time())


def wall_clock(shown: time) -> str:
    """Write what a clock on the wall shows, as `14:35`."""
    return customs.clock(shown.replace(second=0, microsecond=0))


@register.filter
def day_and_clock(moment: datetime, zone: ZoneInfo) -> str:
    """Write a time with its day, as `Tuesday 1 December 2026, 14:35`."""
    return _("%(day)s, %(time)s") % {"day": day(moment, zone), "time": clock(moment, zone)}


@register.filter
def short_day_and_clock(moment: datetime, zone: ZoneInfo) -> str:
    """Write a time with its day in short, as `Tue 1 Dec, 14:35`."""
    return _("%(day)s, %(time)s") % {"day": short_day(moment, zone), "time": clock(moment, zone)}


def comes_twice(local: datetime) -> bool:
    """Whether clocks that are put back show this time twice."""
    first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
    return first is not None and second is not None and first > second


@register.filter
def zone_city(zone: ZoneInfo, moment: datetime) -> str:
    """Name a zone without its offset, as `Dublin time`. A zone that has no place is named by its offset, as `UTC+2`.

    The offset is that of the moment.
    """
    city = city_of(zone)
    return _("%(city)s time") % {"city": city} if city else utc_offset(moment.astimezone(zone))


@register.filter
def zone_name(zone: ZoneInfo, moment: datetime) -> str:
    """Name a zone as `Dublin time (UTC+1)`, or as `UTC+2` if it has no place.

    The offset is the zone's at that moment, since it changes with the season.
    """
    offset, city = utc_offset(moment.astimezone(zone)), city_of(zone)
    return _("%(city)s time (%(offset)s)") % {"city": city, "offset": offset} if city else offset


def city_of(zone: ZoneInfo) -> str:
    """The city that a zone is named after, like `Dublin`; empty for a zone that has no place.

    Browsers still name some zones by the former names of cities, like Calcutta and Kiev. This returns the present ones.
    """
    name = get_global("zone_aliases").get(zone.key, zone.key)
    if name.startswith("Etc/") or zone.key in PLACELESS:
        return ""
    in_english = name.rpartition("/")[2].replace("_", " ")
    return in_english if languages.active() == "en" else customs.city(name) or in_english


def utc_offset(local: datetime) -> str:
    """Write the offset of a time from UTC, as `UTC`, `UTC+1` or `UTC-3:30`."""
    offset = f"{local:%z}"
    hours, minutes = int(offset[1:3]), offset[3:5]
    return f"UTC{offset[0]}{hours}{':' + minutes if minutes != '00' else ''}" if int(offset[1:5]) else "UTC"


@register.filter
def in_full(moment: datetime, zone: ZoneInfo) -> str:
    """Write a time with its day and zone, as `Tuesday 1 December 2026, 10:00 Madrid time (UTC+1)`."""
    return with_zone(day(moment, zone), moment, zone)


def short_in_full(moment: datetime, zone: ZoneInfo) -> str:
    """Write a time with its day in short and its zone, as `Tue 1 Dec, 10:00 Madrid time (UTC+1)`."""
    return with_zone(short_day(moment, zone), moment, zone)


def with_zone(day: str, moment: datetime, zone: ZoneInfo) -> str:
    shown = wall_clock(moment.astimezone(zone).time())
    return _("%(day)s, %(time)s %(zone)s") % {"day": day, "time": shown, "zone": zone_name(zone, moment)}


@register.filter
def dialled(number: str) -> str:
    """Write a telephone number without spaces and brackets, as `+35315550100`, for a link that dials it."""
    return "".join(key for key in number if key in "+0123456789")


@register.filter
def price(amount: Decimal, currency: str) -> str:
    """Write a price as `€60.00` or `free`. Where it stands alone, Django's `capfirst` makes that `Free`."""
    return money.display(amount, currency)


@register.filter
def months_to(first: date, last: date) -> str:
    """Write the months that two dates are in as one heading, as `Nov-Dec 2026`."""
    return customs.months_from_to(first, last)


@register.filter
def iso(moment: datetime, zone: ZoneInfo, precision: str = "minutes") -> str:
    """Write a time for URLs, forms and programs rather than for people, as `2026-12-01T09:00+00:00`."""
    return moment.astimezone(zone).isoformat(timespec=precision)


@register.filter
def iso_day(moment: datetime, zone: ZoneInfo) -> str:
    """Write the day on which the zone's calendar has that moment for a URL, as `2026-12-01`."""
    return moment.astimezone(zone).date().isoformat()


@register.filter
def length_in_words(minutes: int) -> str:
    """Write a length as `50 minutes` or `1 hour 30 minutes`."""
    hours, rest = divmod(minutes, 60)
    in_hours = customs.length(hours, "hour") if hours else ""
    in_minutes = customs.length(rest, "minute") if rest else ""
    return " ".join(filter(None, [in_hours, in_minutes]))


@register.filter
def state_name(appointment: Appointment) -> str:
    """The heading of a page about an appointment. The template `booking/partials/state.html` has the words below it."""
    match appointment.state:
        case Appointment.Status.CONFIRMED:
            return _("Appointment confirmed")
        case Appointment.Status.HELD:
            return _("Your time is kept")
        case Appointment.Status.CANCELLED if not appointment.was_only_held:
            return _("Appointment cancelled")
        case _:
            return _("This time was given back")


@register.filter
def standing_in_words(appointment: Appointment) -> str:
    """What staff read of an appointment: `Paid`, `To pay €40.00`, or `Held until 14:35` by the provider's clock."""
    match appointment.standing:
        case "held" if appointment.hold_expires_at:
            kept_until = until_in_short(appointment.hold_expires_at, appointment.provider.zone)
            return _("Held until %(time)s") % {"time": kept_until}
        case "to-pay":
            left = price(appointment.left_at_practice, appointment.currency)
            return pgettext("appointment", "To pay %(amount)s") % {"amount": left}
        case "no-show" if appointment.left_at_practice:
            left = price(appointment.left_at_practice, appointment.currency)
            return pgettext("appointment", "Did not come, %(amount)s to pay") % {"amount": left}
        case standing:
            return str(STANDINGS[standing])


@register.filter
def phone(number: str) -> str:
    """Write a telephone number in E.164 as people do, with its country, as `+353 87 123 4567`."""
    return phone_numbers.display(number)


@register.filter
def email(address: str) -> SafeString:
    """Let an address go on in a new line before its @ or a dot. Where it may break anywhere, it loses a last letter."""
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in re.split(r"(?=[@.])", address)))


@register.filter
def when_away(off: TimeOff) -> str:
    """Write time off by the provider's clock, as `Friday 25 December 2026, all day`."""
    zone = off.provider.zone
    starts, ends = (moment.astimezone(zone).replace(tzinfo=None) for moment in (off.starts, off.ends))
    first, last = starts.date(), (ends - timedelta(minutes=1)).date()
    whole_days = starts.time() == ends.time() == time(0)
    words = {
        (True, True): _("%(first)s, all day"),
        (True, False): _("%(first)s to %(last)s, all day"),
        (False, True): _("%(first)s, %(start)s to %(end)s"),
        (False, False): _("%(first)s, %(start)s to %(last)s, %(end)s"),
    }[whole_days, first == last]
    end = _("midnight") if ends.time() == time(0) else clock(off.ends, zone)
    days = {"first": day_name(first), "last": day_name(last)}
    return words % {**days, "start": clock(off.starts, zone), "end": end}
