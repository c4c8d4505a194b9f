"""How the language that is active, in the practice's country, writes dates, clocks and money: CLDR's data, by Babel."""

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Concatenate, Literal, ParamSpec

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.languages import get_official_languages
from babel.numbers import format_currency, format_percent
from babel.units import format_unit

from booking import languages

Values = ParamSpec("Values")

# Whose customs a language has in a country for which CLDR knows none. Babel would take those of its largest country.
CUSTOMARY = {"en": "en_GB", "pt": "pt_PT"}

# How the first day of a month is written where it is an ordinal. CLDR's patterns write each day as a plain number.
FIRST_OF_MONTH = {"fr": "1er", "pt_BR": "1º"}

# So many letters of the head of a column have room in a month on the narrowest phone.
LONGEST_HEAD = 4


def locale() -> Locale:
    """The customs by which the active language is written."""
    return locale_of(languages.active_tag())


@lru_cache
def locale_of(tag: str) -> Locale:
    try:
        return Locale.parse(tag, sep="-")
    except UnknownLocaleError:
        return Locale.parse(customary(languages.of_tag(tag)))


def customary(language: str) -> str:
    """The tag of the customs by which a language is written, as long as nobody says in which country."""
    return CUSTOMARY.get(language, language)


@lru_cache
def first_weekday(country: str) -> int:
    """The day with which a week on the wall begins in that country: 0 is Monday and 6 is Sunday."""
    for spoken in get_official_languages(country, regional=True, de_facto=True):
        try:
            return Locale(spoken, country).first_week_day
        except UnknownLocaleError:
            continue
    return 0


def weekday_names() -> list[tuple[str, str]]:
    """The days of the week, in full and as the head of a column, as (`Monday`, `Mon`). The first is Monday.

    A head is the usual abbreviation or, where one of the seven is too long for a column, a letter as on a wall
    calendar. CLDR's form in between is cut off: the Sunday of Poland would be `nie`, which says no.
    """
    days = locale().days["stand-alone"]
    is_long = max(map(len, days["abbreviated"].values())) > LONGEST_HEAD
    heads = days["narrow" if is_long else "abbreviated"]
    return [(days["wide"][number], heads[number]) for number in range(7)]


def in_the_active_language(write: Callable[Concatenate[Locale, Values], str]) -> Callable[Values, str]:
    """Decorate a function of a locale and values: it gets the present locale, and what it writes is remembered.

    A page names many days and times, and a moment of Babel's for each of them would be most of its work.
    """
    remembered = lru_cache(maxsize=4096)(write)

    @wraps(write)
    def written(*values: Values.args, **named: Values.kwargs) -> str:
        return remembered(locale(), *values, **named)  # type: ignore[arg-type]  # no type says that all are hashable

    return written


def with_its_first(locale: Locale, written: str) -> str:
    """Put an ordinal for the first day of a month where the language wants it. The month is written in letters."""
    first = FIRST_OF_MONTH.get(str(locale)) or FIRST_OF_MONTH.get(locale.language, "1")
    return re.sub(r"\b1\b", first, written)


@in_the_active_language
def day_of_year(locale: Locale, when: date) -> str:
    """Write a date in full but for its year, as `Tuesday 1 December`."""
    without_year = re.sub(r"(,| 'de')? *y$", "", locale.date_formats["full"].pattern)
    return with_its_first(locale, format_date(when, without_year, locale))


@in_the_active_language
def date_in_full(locale: Locale, when: date) -> str:
    return with_its_first(locale, format_date(when, "full", locale))


@in_the_active_language
def date_with(locale: Locale, when: date, parts: str) -> str:
    """Write the parts of a date that CLDR's skeleton names (https://unicode.org/reports/tr35/tr35-dates.html)."""
    return with_its_first(locale, format_skeleton(parts, when, locale=locale))


@in_the_active_language
def days_from_to(locale: Locale, first: date, last: date) -> str:
    """Write some days from one to another, as a heading has them: with plain spaces, which every font has."""
    written = str(format_interval(first, last, "yMMMd", locale=locale))
    return with_its_first(locale, written.replace("\N{THIN SPACE}", " "))


@in_the_active_language
def months_from_to(locale: Locale, first: date, last: date) -> str:
    """Write two months as a heading has them, as `Nov-Dec 2026`: with plain spaces, which every font has."""
    return str(format_interval(first, last, "yMMM", locale=locale)).replace("\N{THIN SPACE}", " ")


@in_the_active_language
def clock(locale: Locale, shown: time) -> str:
    """Write a time of a day, as `14:35` or `2:35 PM`. No line breaks within it, at a space that every font has."""
    return re.sub(r"\s", "\N{NO-BREAK SPACE}", format_time(shown, "short", locale=locale))


def has_long_clocks() -> bool:
    """Whether a clock says which half of the day it shows, and so needs more room than `14:35`."""
    return len(clock(time(12))) > len("14:35")


@in_the_active_language
def money(locale: Locale, amount: Decimal, currency: str) -> str:
    formatted = format_currency(amount, currency.upper(), locale=locale)
    # Babel puts no space between letters and figures. A space belongs there, and no line may break at it.
    return re.sub(r"(?<=[A-Za-z])(?=\d)", "\N{NO-BREAK SPACE}", formatted)


@in_the_active_language
def percent(locale: Locale, whole: int) -> str:
    """Write that many hundredths, as `50%`: with a space before the sign where one belongs, which every font has."""
    written = format_percent(Decimal(whole) / 100, locale=locale)
    return written.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")


@in_the_active_language
def length(locale: Locale, count: float, unit: Literal["hour", "minute"]) -> str:
    name = f"duration-{unit}"
    written = format_unit(count, name, "long", locale=locale)
    # Where CLDR has no long form, as of the Dutch hour, Babel writes the name of the unit.
    return format_unit(count, name, "short", locale=locale) if name in written else written


@in_the_active_language
def city(locale: Locale, zone_name: str) -> str:
    """The city of a zone in a language, like `Lisboa`; empty where it is called as in English."""
    return str(locale.time_zones.get(zone_name, {}).get("city", ""))
