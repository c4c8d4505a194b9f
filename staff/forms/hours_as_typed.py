"""The hours of a day as a line that people type: `09:00-13:00, 14:00-17:00`, `all day`, or nothing.

A line is shown as the language that is active writes its clocks, and what is shown can be typed. So can what people of
any of our languages would type: `9-13`, `9.00 bis 13.00`, `de 9h à 13h30`, `9 am to 1:30 pm`.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import time

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from booking.models import WorkingHours
from booking.templatetags.wording import wall_clock

# An hour with its minutes, or with a word that makes it one: `9:00`, `9.00 Uhr`, `9h`, `9 h 30`, `9 am`, `9:30 p. m.`
CLOCK = r"([0-9]{1,2})(?:\s?[:.h]\s?([0-9]{2}))?(?:\s?([ap])\.?\s?m\b\.?|\s?(h|uhr|uur)\b)?"
# Of all our languages: none of these words means anything else in another of them.
FROM = r"(?:(?:from|de|des|von|dalle|das|van|od)\s)?"
TO = r"\s?(?:[-–—]|\b(?:to|until|a|à|hasta|bis|alle|as|às|até|tot|do)\b)\s?"
OPENING = re.compile(f"{FROM}{CLOCK}{TO}{CLOCK}")
# The end of a day may be typed as 24:00, which is the same as 0:00.
MIDNIGHT = (24, 0)


def all_day() -> str:
    return _("all day")


def span(opens: time, closes: time) -> str:
    return f"{wall_clock(opens)}–{wall_clock(closes)}"


def hours_of(row: WorkingHours) -> str:
    return all_day() if row.all_day else span(row.opens, row.closes)


def line_of(rows: Iterable[WorkingHours]) -> str:
    """The hours of a day as somebody would type them."""
    return ", ".join(map(hours_of, rows))


def example() -> str:
    return ", ".join([span(time(9), time(13)), span(time(14), time(17))])


def overnight() -> str:
    return span(time(22, 30), time(2))


def read(day: WorkingHours.Weekday, line: str) -> list[WorkingHours]:
    """Read a line of hours. Raises ValidationError."""
    return [read_one(day, part.strip()) for part in re.split("[,;]", plain(line)) if part.strip()]


def plain(text: str) -> str:
    """In small letters and with single plain spaces: some languages put another kind of space into a clock."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def read_one(day: WorkingHours.Weekday, text: str) -> WorkingHours:
    if text in {"all day", plain(all_day())}:
        return WorkingHours(weekday=day, opens=time(0), closes=time(0), all_day=True)
    found = OPENING.fullmatch(text)
    if not found:
        raise ValidationError(what_is_missing(text) or how_to())
    begins, ends = found.groups()[:4], found.groups()[4:]
    closes = read_clock(*ends, is_end=True)
    opens = afternoon_before(closes, begins, ends) or read_clock(*begins)
    if opens == closes:
        sentence = _("It opens and closes at the same time. Change one, or write “%(all_day)s”.")
        raise ValidationError(sentence % {"all_day": all_day()})
    return WorkingHours(weekday=day, opens=opens, closes=closes)


def read_clock(hour: str, minute: str | None, half: str | None, _word: str | None, *, is_end: bool = False) -> time:
    """`half` is the `a` of am or the `p` of pm, and a bare `9` is nine in the morning. Raises ValidationError."""
    shown = (int(hour) % 12 + 12 * (half == "p") if half else int(hour), int(minute or 0))
    if is_end and shown == MIDNIGHT:
        return time(0)
    if shown >= MIDNIGHT or shown[1] > 59 or (half and not 1 <= int(hour) <= 12):
        raise ValidationError(how_to())
    return time(*shown)


def afternoon_before(closes: time, begins: Sequence[str], ends: Sequence[str]) -> time | None:
    """When it opens, if one pm holds for both: `1-5 pm` is an afternoon, and `9-5 pm` begins in the morning."""
    (hour, minute, half, word), (*_other, half_of_end, _word) = begins, ends
    if half or word or half_of_end != "p":
        return None
    with suppress(ValidationError):
        afternoon = read_clock(hour, minute, "p", None)
        return afternoon if afternoon < closes else None
    return None


def read_alone(text: str) -> time:
    """Read a clock in a field of its own. Raises ValidationError."""
    if found := re.fullmatch(CLOCK, plain(text)):
        with suppress(ValidationError):
            return read_clock(*found.groups(), is_end=True)
    raise ValidationError(_("Enter a time, like %(example)s.") % {"example": wall_clock(time(9))})


def what_is_missing(text: str) -> str:
    """The question when it ends, if only one time is typed; otherwise empty."""
    with suppress(ValidationError):
        opens = read_alone(text)
        closes = time(17) if opens < time(17) else time(0)
        return _("Enter when it ends as well, like %(example)s.") % {"example": span(opens, closes)}
    return ""


def how_to() -> str:
    sentence = _("Enter hours like %(example)s, or “%(all_day)s”, or leave it empty.")
    return sentence % {"example": example(), "all_day": all_day()}
