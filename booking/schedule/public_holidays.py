"""The public holidays of the practice's country, by the library `holidays`.

They are those of the whole country. A region may have more.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

import holidays
from django.utils.translation import gettext as _

from booking import customs, languages
from booking.in_force import in_force
from booking.models import Provider, TimeOff
from booking.schedule.availability import DAY
from booking.zones import to_utc


class UnknownHolidays(LookupError):
    """The library does not know the holidays of the practice's country. The message is a sentence for staff."""


def country() -> str:
    """The name of the practice's country in the active language, like `Ireland`."""
    return str(customs.locale().territories.get(in_force.PRACTICE_COUNTRY, in_force.PRACTICE_COUNTRY))


def language() -> str:
    """The active language by its name in the library, like `pt_PT`, if that has the holidays in it; else English."""
    known = holidays.list_localized_countries().get(in_force.PRACTICE_COUNTRY, [])
    active = languages.active()
    return next((name for name in known if active != "en" and name.partition("_")[0] == active), "en_US")


def of_year(year: int) -> dict[date, str]:
    """The holidays of a year in order, with their names (see `language`). Raises UnknownHolidays."""
    try:
        found = holidays.country_holidays(in_force.PRACTICE_COUNTRY, years=year, language=language())
    except NotImplementedError:  # so the library says that it does not know the country
        found = None
    if not found:
        sentence = _("We do not know the public holidays of %(country)s in %(year)s. Add the days one by one above.")
        raise UnknownHolidays(sentence % {"country": country(), "year": year})
    return dict(sorted(found.items()))


def days_if_known(year: int) -> list[date]:
    """The holidays of a year, or none where they are not known."""
    try:
        return list(of_year(year))
    except UnknownHolidays:
        return []


def time_off(days: Iterable[date], providers: Iterable[Provider], now: datetime) -> list[TimeOff]:
    """The days as whole days off, by each provider's own clock, as far as they are still to come. None is saved yet."""
    whole = [
        TimeOff(
            provider=provider,
            starts=to_utc(day, time(0), provider.zone),
            ends=to_utc(day + DAY, time(0), provider.zone),
        )
        for day in days
        for provider in providers
    ]
    return [off for off in whole if off.ends > now]
