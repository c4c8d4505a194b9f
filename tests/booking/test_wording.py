"""Times and prices in words. A time is on the clock that is asked for, whatever the server's is."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import customs, zones
from booking.templatetags import terms, wording
from config import languages

# These older names of zones are names of countries. Every other name without a slash belongs to no place.
# fmt: off
COUNTRIES = [
    "Cuba", "Egypt", "Eire", "GB", "GB-Eire", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan", "Kwajalein",
    "Libya", "Navajo", "NZ", "NZ-CHAT", "Poland", "Portugal", "PRC", "ROC", "ROK", "Singapore", "Turkey", "W-SU",
]
# fmt: on
ZONE_TAB = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text().splitlines()
PLACES = [line.split("\t")[2] for line in ZONE_TAB if not line.startswith("#")]
DUBLIN = ZoneInfo("Europe/Dublin")
NEW_YORK = ZoneInfo("America/New_York")
SUMMER = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
WINTER = datetime(2026, 12, 1, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "reads"),
    [
        (SUMMER, DUBLIN, ["Thursday 2 July 2026", "Thu 2 Jul", "00:30", "2026-07-02T00:30+01:00"]),
        (SUMMER, NEW_YORK, ["Wednesday 1 July 2026", "Wed 1 Jul", "19:30", "2026-07-01T19:30-04:00"]),
        (WINTER, DUBLIN, ["Tuesday 1 December 2026", "Tue 1 Dec", "09:05", "2026-12-01T09:05+00:00"]),
        (WINTER, NEW_YORK, ["Tuesday 1 December 2026", "Tue 1 Dec", "04:05", "2026-12-01T04:05-05:00"]),
    ],
)
def test_a_moment_reads_as_on_the_providers_wall(moment, zone, reads):
    assert [say(moment, zone) for say in (wording.day, wording.short_day, wording.clock, wording.iso)] == reads


def test_a_day_and_its_time_read_as_one():
    assert wording.day_and_clock(SUMMER, DUBLIN) == "Thursday 2 July 2026, 00:30"
    assert wording.short_day_and_clock(SUMMER, NEW_YORK) == "Wed 1 Jul, 19:30"


@pytest.mark.parametrize(
    ("zone", "reads"),
    [
        ("Europe/Dublin", "Dublin time"),
        ("America/New_York", "New York time"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
        ("Asia/Calcutta", "Kolkata time"),
        ("Europe/Kiev", "Kyiv time"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_called_by_its_city_as_it_is_written_today(zone, reads):
    assert wording.zone_city(ZoneInfo(zone), SUMMER) == reads


@pytest.mark.parametrize(
    ("zone", "reads"),
    [
        ("Etc/GMT-2", "UTC+2"),
        ("Etc/GMT+3", "UTC-3"),
        ("EST", "UTC-5"),
        ("MST", "UTC-7"),
        ("EST5EDT", "UTC-4"),
        ("CET", "UTC+2"),
        ("Factory", "UTC"),
        ("GMT", "UTC"),
        ("Etc/Zulu", "UTC"),
        ("Asia/Kolkata", "Kolkata time (UTC+5:30)"),
    ],
)
def test_a_zone_without_a_place_is_named_by_its_offset_alone(zone, reads):
    assert wording.zone_name(ZoneInfo(zone), SUMMER) == reads
    assert wording.in_full(SUMMER, ZoneInfo(zone)).endswith(f" {reads}")


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(zones.names())), st.integers(0, 50 * 365 * 24))
def test_every_zone_is_named_by_a_place_of_its_clock_or_by_its_offset(key, hour):
    """Browsers know a zone by several names. The place that is named always has the clock that is shown."""
    zone, moment = ZoneInfo(key), datetime(1995, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    offset = wording.utc_offset(moment.astimezone(zone))
    name = wording.zone_name(zone, moment)
    places = [place for place in PLACES if f"{city(place)} time ({offset})" == name]
    assert (name == offset) == (("/" not in key and key not in COUNTRIES) or key.startswith("Etc/"))
    assert name == offset or [place for place in places if not zones.differ(ZoneInfo(place), zone, moment)] != []


def test_every_place_on_the_list_is_named_by_its_city():
    assert [key for key in PLACES if wording.zone_city(ZoneInfo(key), SUMMER) != f"{city(key)} time"] == []


def city(key):
    return key.rpartition("/")[2].replace("_", " ")


def test_a_moment_given_in_another_zone_reads_the_same():
    assert wording.clock(SUMMER.astimezone(NEW_YORK), DUBLIN) == "00:30"


def test_the_two_times_of_one_clock_are_told_apart():
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert (wording.clock(first, DUBLIN), wording.clock(second, DUBLIN)) == ("01:30 (UTC+1)", "01:30 (UTC)")
    assert wording.in_full(first, DUBLIN) == "Sunday 25 October 2026, 01:30 Dublin time (UTC+1)"
    assert wording.iso(first, DUBLIN) == "2026-10-25T01:30+01:00"
    assert wording.iso(second, DUBLIN) == "2026-10-25T01:30+00:00"


@pytest.mark.parametrize(
    ("key", "moment", "name"),
    [
        ("Europe/Dublin", SUMMER, "Dublin time (UTC+1)"),
        ("Europe/Dublin", WINTER, "Dublin time (UTC)"),
        ("America/New_York", WINTER, "New York time (UTC-5)"),
        ("America/Argentina/Buenos_Aires", WINTER, "Buenos Aires time (UTC-3)"),
        ("Asia/Kolkata", WINTER, "Kolkata time (UTC+5:30)"),
        ("Asia/Kathmandu", WINTER, "Kathmandu time (UTC+5:45)"),
        ("America/St_Johns", WINTER, "St Johns time (UTC-3:30)"),
        ("Pacific/Kiritimati", WINTER, "Kiritimati time (UTC+14)"),
        ("UTC", WINTER, "UTC"),
        ("Etc/UTC", WINTER, "UTC"),
    ],
)
def test_a_zone_is_named_by_its_city_and_the_offset_of_that_moment(key, moment, name):
    assert wording.zone_name(ZoneInfo(key), moment) == name


def test_a_date_has_no_leading_zero():
    assert wording.day_name(date(2026, 12, 1)) == "Tuesday 1 December 2026"


@pytest.mark.parametrize(
    ("language", "heads"),
    [
        ("en-ie", "Mon Tue Wed Thu Fri Sat Sun"),
        ("es-es", "lun mar mié jue vie sáb dom"),
        ("fr-fr", "lun. mar. mer. jeu. ven. sam. dim."),
        ("de-de", "Mo Di Mi Do Fr Sa So"),
        ("it-it", "lun mar mer gio ven sab dom"),
        ("pt-pt", "S T Q Q S S D"),
        ("nl-nl", "ma di wo do vr za zo"),
        ("pl-pl", "P W Ś C P S N"),
    ],
)
def test_the_head_of_a_column_is_an_abbreviation_or_a_letter_and_never_a_word_cut_off(language, heads):
    with translation.override(language):
        week = [wording.weekday_in_short(date(2026, 6, day)) for day in range(1, 8)]
    assert " ".join(week) == heads


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (5, "5 minutes"),
        (50, "50 minutes"),
        (60, "1 hour"),
        (75, "1 hour 15 minutes"),
        (120, "2 hours"),
        (150, "2 hours 30 minutes"),
        (720, "12 hours"),
    ],
)
def test_a_length_reads_in_hours_and_minutes(minutes, words):
    assert wording.length_in_words(minutes) == words


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("", "nothing"),
        ("0h 100%", "all of it until it begins, and nothing after that"),
        ("48h 100%, 24h 50%", "all of it until 48 hours before, 50% until 24 hours before, and nothing after that"),
    ],
)
def test_cancellation_terms_read_as_a_sentence(policy, words):
    assert terms.terms_in_words(policy) == words


@pytest.mark.parametrize(("amount", "currency", "text"), [("60.00", "eur", "€60.00"), ("0.00", "eur", "free")])
def test_a_price_reads_with_its_symbol(amount, currency, text):
    assert wording.price(Decimal(amount), currency) == text


def test_one_minute_is_singular():
    assert wording.length_in_words(61) == "1 hour 1 minute"


@pytest.mark.parametrize(
    ("language", "reads"), [("en-ie", "50%"), ("fr-fr", "50\N{NO-BREAK SPACE}%"), ("it-it", "50%")]
)
def test_a_share_reads_as_the_language_writes_it(language, reads):
    with translation.override(language):
        assert (terms.percent(50), terms.step_in_words(0, 50).startswith(reads)) == (reads, True)


@pytest.mark.parametrize(
    ("language", "day_and_reads"),
    [
        ("fr-fr", {1: "mardi 1er décembre 2026", 11: "vendredi 11 décembre 2026", 21: "lundi 21 décembre 2026"}),
        ("fr-ie", {31: "jeudi 31 décembre 2026"}),
        ("pt-br", {1: "terça-feira, 1º de dezembro de 2026", 11: "sexta-feira, 11 de dezembro de 2026"}),
        ("pt-pt", {1: "terça-feira, 1 de dezembro de 2026"}),
        ("en-ie", {1: "Tuesday 1 December 2026"}),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_where_the_language_wants_it(language, day_and_reads):
    with translation.override(language):
        assert {day: wording.day_name(date(2026, 12, day)) for day in day_and_reads} == day_and_reads


def test_every_way_to_write_a_day_in_french_knows_the_first_of_a_month():
    first, ninth = date(2026, 12, 1), date(2026, 12, 9)
    with translation.override("fr-fr"):
        assert [customs.day_of_year(first), wording.short_date(first)] == ["mardi 1er décembre", "mar. 1er déc."]
        assert customs.days_from_to(first, ninth) == "1er–9 déc. 2026"
        assert customs.days_from_to(date(2026, 11, 30), first) == "30 nov. – 1er déc. 2026"
        assert (customs.date_with(first, "MMMd"), wording.month_name(first)) == ("1er déc.", "décembre 2026")


@pytest.mark.parametrize("tag", [f"{code}-ie" for code in languages.NAMES])
def test_hours_and_minutes_are_words_in_each_language(tag):
    with translation.override(tag):
        assert [length for length in map(wording.length_in_words, (1, 60, 120, 335)) if "duration" in length] == []


@pytest.mark.parametrize(
    ("address", "reads"),
    [
        ("mary.murphy@example.com", "mary<wbr>.murphy<wbr>@example<wbr>.com"),
        ("o'neill&co@example.com", "o&#x27;neill&amp;co<wbr>@example<wbr>.com"),
        ("", ""),
    ],
)
def test_an_email_address_may_go_on_in_a_new_line_before_its_parts(address, reads):
    assert wording.email(address) == reads
