"""A day and a time that staff type, by the clock of the provider whom they are about."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.zones import to_utc


class DayField(forms.DateField):
    """A day, chosen from the browser's calendar or typed like 2026-12-01."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class ClockField(forms.TimeField):
    """A time of day, to the minute, like 09:30."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(widget=widget, input_formats=["%H:%M"], **kwargs)


class MomentForm(forms.Form):
    """`zone` is the provider's. `initial_moment` is what the fields show at first."""

    day = DayField(
        label=pgettext_lazy("field", "Day"),
        error_messages=dict.fromkeys(["required", "invalid"], _("Enter a day, like 2026-12-01.")),
    )
    clock = ClockField(
        label=_("Time"),
        error_messages=dict.fromkeys(["required", "invalid"], _("Enter a time, like 09:30.")),
    )

    def __init__(self, data: QueryDict | None, *, zone: ZoneInfo, initial_moment: datetime | None = None) -> None:
        local = initial_moment.astimezone(zone) if initial_moment else None
        super().__init__(data, initial={"day": local.date(), "clock": local.time()} if local else {})
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        """Add `moment`, which is in UTC."""
        known: dict[str, Any] = super().clean() or self.cleaned_data
        if "day" in known and "clock" in known:
            try:
                known["moment"] = to_utc(known["day"], known["clock"], self.zone)
            except OverflowError:
                self.add_error("day", _("There is no such time on that day. Choose another day."))
        return known
