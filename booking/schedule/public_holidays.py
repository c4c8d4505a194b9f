"""The public holidays of the practice's country, by the library `holidays`.

They are those of the whole country. A region may have more.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

import holidays
from babel import Locale
from django.conf import settings

from booking.models import Provider, TimeOff
from booking.schedule.availability import DAY
from booking.zones import to_utc


class UnknownHolidays(LookupError):
    """The library does not know the holidays of the practice's country. The message is a sentence for staff."""


def country() -> str:
    """The name of the practice's country, like `Ireland`."""
    return str(Locale("en").territories.get(settings.PRACTICE_COUNTRY, settings.PRACTICE_COUNTRY))


def of_year(year: int) -> dict[date, str]:
    """The holidays of a year in order, with their names: in English if the library has them. Raises UnknownHolidays."""
    try:
        found = holidays.country_holidays(settings.PRACTICE_COUNTRY, years=year, language="en_US")
    except NotImplementedError:  # so the library says that it does not know the country
        found = None
    if not found:
        sentence = f"We do not know the public holidays of {country()} in {year}. Add the days one by one above."
        raise UnknownHolidays(sentence)
    return dict(sorted(found.items()))


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
