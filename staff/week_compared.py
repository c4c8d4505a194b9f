"""What staff read of a typed week before it is saved: what it changes, day by day, and which hours may be a slip."""

from collections.abc import Iterator, Sequence
from datetime import time
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking.models import Provider, WorkingHours
from staff.forms import hours_as_typed
from staff.forms.week import days_in_order, label_of

Week = Sequence[WorkingHours]
# Whoever types an hour between these two may have meant the same hour of the afternoon.
EARLY = (time(1), time(7))
NOON = time(12)


class DayStep(NamedTuple):
    """A day whose hours change: what they were and what they become, in words."""

    day: str
    was: list[str]
    becomes: list[str]


class Compared(NamedTuple):
    """Whose week it is, and which days of theirs change."""

    provider: Provider
    steps: list[DayStep]


def steps(old: Week, new: Week) -> list[DayStep]:
    compared = [DayStep(label_of(day), hours_on(day, old), hours_on(day, new)) for day in days_in_order()]
    return [step for step in compared if step.was != step.becomes]


def hours_on(day: int, week: Week) -> list[str]:
    rows = sorted((row for row in week if row.weekday == day), key=lambda row: row.opens)
    return list(map(hours_as_typed.hours_of, rows)) or [pgettext("a day", "closed")]


def questions(week: Week) -> list[str]:
    """A sentence for all hours that end on the next day or are early in the morning: some are meant, some are slips.

    Hours that several days have are asked about once.
    """
    return list(filter(None, (question(rows) for rows in alike(week))))


def alike(week: Week) -> Iterator[list[WorkingHours]]:
    """The rows of equal hours together, in the order of the days."""
    together: dict[tuple[time, time], list[WorkingHours]] = {}
    place = {int(day): number for number, day in enumerate(days_in_order())}
    for row in sorted(week, key=lambda row: place[row.weekday]):
        together.setdefault((row.opens, row.closes), []).append(row)
    yield from together.values()


def question(rows: Week) -> str:
    row, later = rows[0], in_the_afternoon(rows[0])
    known = {"weekdays": ", ".join(label_of(one.weekday) for one in rows), "hours": hours_as_typed.hours_of(row)}
    if row.ends_on_the_next_day and not later:
        return _("%(weekdays)s: %(hours)s ends on the next day.") % known
    if row.ends_on_the_next_day:
        sentence = _("%(weekdays)s: %(hours)s ends on the next day. For the afternoon, enter %(afternoon)s.")
        return sentence % {**known, "afternoon": later}
    if EARLY[0] <= row.opens < EARLY[1] and later:
        sentence = _("%(weekdays)s: %(hours)s is early in the morning. For the afternoon, enter %(afternoon)s.")
        return sentence % {**known, "afternoon": later}
    return ""


def in_the_afternoon(row: WorkingHours) -> str:
    """The hours that were meant if morning was typed for afternoon; empty if that cannot be."""
    closes = twelve_hours_later(row.closes) if time(0) < row.closes < NOON else None
    opens = row.opens if row.ends_on_the_next_day else twelve_hours_later(row.opens)
    return hours_as_typed.span(opens, closes) if closes and opens < closes else ""


def twelve_hours_later(clock: time) -> time:
    return clock.replace(hour=(clock.hour + 12) % 24)
