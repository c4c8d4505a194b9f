"""How working hours and time off are typed, and what of them is refused."""

from collections.abc import Callable
from datetime import date, datetime, time
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
    """A row of working hours. Whoever ticks `all day` need not type two midnights."""

    class Meta:
        model = WorkingHours
        fields = ["weekday", "opens", "closes", "all_day"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("opens", "closes"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or self.cleaned_data
        if cleaned_data.get("all_day"):
            return {**cleaned_data, "opens": MIDNIGHT, "closes": MIDNIGHT}
        for name in ("opens", "closes"):
            if name not in self.errors and cleaned_data.get(name) is None:
                self.add_error(name, "Enter a time, like 09:30, or tick “all day”.")
        return cleaned_data


class WorkingHoursFormSet(forms.BaseInlineFormSet):
    """Refuses rows that overlap."""

    def clean(self) -> None:
        super().clean()
        valid_forms = [form for form in self.forms if form not in self.deleted_forms and form.is_valid()]
        # A form without cleaned data is an empty row, for more hours to be typed.
        WorkingHours.require_apart(form.instance for form in valid_forms if form.cleaned_data)


class WallTimeField(forms.SplitDateTimeField):
    """A date and a time by the clocks of the current time zone.

    When clocks change they skip some times and show others twice. Django's own field refuses both; here `to_instant`
    says which instant is meant.
    """

    widget = AdminSplitDateTime

    def __init__(self, to_instant: Callable[[date, time, ZoneInfo], datetime]) -> None:
        super().__init__(error_messages={"required": "Enter a date and a time, like 2026-06-02 and 09:30."})
        self.to_instant = to_instant

    def compress(self, data_list: Any) -> datetime:
        day, clock = data_list
        try:
            return self.to_instant(day, clock, timezone.get_current_timezone())
        except OverflowError:
            raise ValidationError(self.error_messages["required"]) from None


class TimeOffForm(forms.ModelForm):
    """A row of time off. If clocks show a typed time twice, it starts at the first and ends at the second of them."""

    starts = WallTimeField(to_utc)
    ends = WallTimeField(to_later_utc)

    class Meta:
        model = TimeOff
        fields = ["starts", "ends"]
