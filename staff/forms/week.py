"""A week of working hours, typed as a line for each day: see hours_as_typed.py."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from booking import customs
from booking.in_force import in_force
from booking.models import Provider, WorkingHours
from booking.schedule.new_week import in_words
from staff.forms import hours_as_typed

Weekday = WorkingHours.Weekday


def name_of(day: int) -> str:
    return f"day_{day}"


def days_in_order() -> list[Weekday]:
    """The days of a week, which begins as weeks do in the practice's country."""
    first = customs.first_weekday(in_force.PRACTICE_COUNTRY)
    return [Weekday((first + number) % 7) for number in range(7)]


def label_of(day: int) -> str:
    """A weekday as it stands alone, like `Monday`."""
    return str(capfirst(customs.weekday_names()[day][0]))


def lines_of(week: Sequence[WorkingHours]) -> dict[str, str]:
    """What the field of each day shows of this week."""
    return {name_of(day): hours_as_typed.line_of(row for row in week if row.weekday == day) for day in Weekday}


class WeekForm(forms.Form):
    """`providers` are the others who may be given the same week."""

    data: Any

    def __init__(self, data: QueryDict | None, *, week: Sequence[WorkingHours], providers: Sequence[Provider]) -> None:
        super().__init__(data, initial=lines_of(week))
        for day in days_in_order():
            self.fields[name_of(day)] = forms.CharField(label=label_of(day), required=False, max_length=200)
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
                week += hours_as_typed.read(day, known.get(name_of(day), ""))
            except ValidationError as error:
                self.add_error(name_of(day), error)
        if overlapping := WorkingHours.overlapping(week):
            one, other = map(row_for_people, overlapping)
            sentence = _("%(one)s and %(other)s overlap. Change one of them, or delete it.")
            self.add_error(None, sentence % {"one": one, "other": other})
        known["week"] = week
        known["providers"] = [one for one in self.others if one.slug in known.get("also", [])]
        return known

    def brought_up_to_date(self, was: str, present: Sequence[WorkingHours]) -> "WeekForm":
        """The form of the present week, with the days that are typed otherwise than the week that `was` shown.

        That one is told as it is `in_words`. Only of a form that is valid.
        """
        typed = self.data.copy()
        for day in Weekday:
            shown = {row for row in was.split("; ") if row.startswith(f"{day.label} ")}
            if shown == {str(row) for row in self.cleaned_data["week"] if row.weekday == day}:
                typed[name_of(day)] = lines_of(present)[name_of(day)]
        return WeekForm(typed, week=present, providers=self.others)

    @property
    def in_words(self) -> str:
        """What is typed and for whom, in one way however it was typed. Only of a form that is valid."""
        return ", ".join([in_words(self.cleaned_data["week"]), *(one.slug for one in self.cleaned_data["providers"])])


def for_people(week: Sequence[WorkingHours]) -> str:
    """A week as a sentence says it."""
    return "; ".join(map(row_for_people, week)) or _("closed all week")


def row_for_people(row: WorkingHours) -> str:
    weekday = customs.weekday_names()[row.weekday][0]
    return _("%(weekday)s %(hours)s") % {"weekday": weekday, "hours": hours_as_typed.hours_of(row)}
