"""A week of working hours, typed as a line for each day: `9:00-13:00, 14:00-17:00`, `all day`, or nothing."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from booking import customs
from booking.models import Provider, WorkingHours
from booking.schedule.new_week import in_words
from booking.templatetags.wording import wall_clock

Weekday = WorkingHours.Weekday
OPENING = re.compile(r"(\d{1,2})[:.](\d\d)\s*(?:-|–|to)\s*(\d{1,2})[:.](\d\d)", re.ASCII)
# The end of a day may be typed as 24:00, which is the same as 0:00.
MIDNIGHT = (24, 0)


def name_of(day: int) -> str:
    return f"day_{day}"


def days_in_order() -> list[Weekday]:
    """The days of a week, which begins as weeks do in the practice's country."""
    first = customs.first_weekday(settings.PRACTICE_COUNTRY)
    return [Weekday((first + number) % 7) for number in range(7)]


class WeekForm(forms.Form):
    """`providers` are the others who may be given the same week."""

    def __init__(self, data: QueryDict | None, *, week: Sequence[WorkingHours], providers: Sequence[Provider]) -> None:
        super().__init__(data, initial={name_of(day): typed(week, day) for day in Weekday})
        for day in days_in_order():
            label = capfirst(customs.weekday_names()[day][0])
            self.fields[name_of(day)] = forms.CharField(label=label, required=False, max_length=200)
            # What is pasted must not be cut off silently.
            self.fields[name_of(day)].widget.attrs = {"autocomplete": "off"}
        self.others = list(providers)
        self.fields["also"] = forms.MultipleChoiceField(
            label=_("Give the same week to"),
            required=False,
            choices=[(one.slug, str(one)) for one in self.others],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": _("Choose providers from the list.")},
        )

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[name_of(day)] for day in days_in_order()]

    def clean(self) -> dict[str, Any]:
        """Add `week`, whose rows belong to nobody yet, and the `providers` that it is also for."""
        known: dict[str, Any] = super().clean() or self.cleaned_data
        week: list[WorkingHours] = []
        for day in Weekday:
            try:
                week += rows_of(day, known.get(name_of(day), ""))
            except ValidationError as error:
                self.add_error(name_of(day), error)
        if overlapping := WorkingHours.overlapping(week):
            one, other = map(row_for_people, overlapping)
            sentence = _("%(one)s and %(other)s overlap. Change one of them, or delete it.")
            self.add_error(None, sentence % {"one": one, "other": other})
        known["week"] = week
        known["providers"] = [one for one in self.others if one.slug in known.get("also", [])]
        return known

    @property
    def in_words(self) -> str:
        """What is typed and for whom, in one way however it was typed. Only of a form that is valid."""
        return ", ".join([in_words(self.cleaned_data["week"]), *(one.slug for one in self.cleaned_data["providers"])])


def typed(week: Sequence[WorkingHours], day: int) -> str:
    """The hours of a day as somebody would type them."""
    rows = [row for row in week if row.weekday == day]
    return ", ".join(_("all day") if row.all_day else f"{row.opens:%H:%M}–{row.closes:%H:%M}" for row in rows)


def for_people(week: Sequence[WorkingHours]) -> str:
    """A week as a sentence says it."""
    return "; ".join(map(row_for_people, week)) or _("closed all week")


def row_for_people(row: WorkingHours) -> str:
    hours = _("all day") if row.all_day else f"{wall_clock(row.opens)}–{wall_clock(row.closes)}"
    return _("%(weekday)s %(hours)s") % {"weekday": customs.weekday_names()[row.weekday][0], "hours": hours}


def rows_of(day: Weekday, text: str) -> list[WorkingHours]:
    """Read a line of hours. Raises ValidationError."""
    parts = [part.strip() for part in text.lower().split(",") if part.strip()]
    return [row_of(day, part) for part in parts]


def row_of(day: Weekday, text: str) -> WorkingHours:
    if text in {"all day", _("all day").lower()}:
        return WorkingHours(weekday=day, opens=time(0), closes=time(0), all_day=True)
    found = OPENING.fullmatch(text)
    if not found:
        raise ValidationError(how_to())
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    try:
        opens, closes = (
            time(from_hour, from_minute),
            time(0 if (to_hour, to_minute) == MIDNIGHT else to_hour, to_minute),
        )
    except ValueError:
        raise ValidationError(how_to()) from None
    if opens == closes:
        raise ValidationError(_("It opens and closes at the same time. Change one, or write “all day”."))
    return WorkingHours(weekday=day, opens=opens, closes=closes)


def how_to() -> str:
    return _("Enter hours like 9:00–13:00, 14:00–17:00, or “all day”, or leave it empty.")
