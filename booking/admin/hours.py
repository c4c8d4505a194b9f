"""How working hours and time off are typed, and what of them is refused."""

from collections.abc import Callable
from datetime import date, datetime, time
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.utils import timezone

from booking.models import TimeOff, WorkingHours
from booking.zones import to_later_utc, to_utc

MIDNIGHT = time(0)


class WorkingHoursForm(forms.ModelForm):
    """Whoever ticks `all day` need not type two midnights."""

    class Meta:
        model = WorkingHours
        fields = ["weekday", "opens", "closes", "all_day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("opens", "closes"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if facts.get("all_day"):
            return {**facts, "opens": MIDNIGHT, "closes": MIDNIGHT}
        for name in ("opens", "closes"):
            if name not in self.errors and facts.get(name) is None:
                self.add_error(name, "Enter a time, like 09:30, or tick “all day”.")
        return facts


class WorkingHoursFormSet(forms.BaseInlineFormSet):
    """Rows that overlap are refused: which of them was meant cannot be told, and a break between them would vanish."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms and form.is_valid()]
        for one, other in combinations([form.instance for form in kept if form.cleaned_data], 2):
            if one.overlaps(other):
                raise ValidationError(f"{one} and {other} overlap. Change one of them, or delete it.")


class WallTimeField(forms.SplitDateTimeField):
    """A time on the wall of the current time zone. Clocks that change skip some and bring others twice, and Django
    takes neither: `meant` says which instant is meant.
    """

    widget = AdminSplitDateTime

    def __init__(self, meant: Callable[[date, time, ZoneInfo], datetime]) -> None:
        super().__init__(error_messages={"required": "Enter a date and a time, like 2026-06-02 and 09:30."})
        self.meant = meant

    def compress(self, data_list: Any) -> datetime:
        day, clock = data_list
        return self.meant(day, clock, timezone.get_current_timezone())


class TimeOffForm(forms.ModelForm):
    """It begins at the first of two, and ends at the later of two, so all that is typed is off."""

    starts = WallTimeField(to_utc)
    ends = WallTimeField(to_later_utc)

    class Meta:
        model = TimeOff
        fields = ["starts", "ends"]
