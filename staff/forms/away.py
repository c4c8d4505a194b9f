"""When somebody is away: from one day to another, whole days unless times are typed."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking.models import Provider, TimeOff
from booking.schedule.away import NoTimeOff, time_off
from staff.forms.moment import ClockField, DayField

# What is sent if everybody is chosen. No provider's slug can be that.
EVERYBODY = "*"


class AwayForm(forms.Form):
    """`providers` are those whose diaries the user may see. Whoever may see one diary chooses nobody.

    Anybody else has to choose: a practice is not to be closed because a field was overlooked.
    """

    provider = forms.ChoiceField(
        label=_("Who is away"),
        error_messages={
            "required": _("Choose who is away."),
            "invalid_choice": _("Choose who is away from the list."),
        },
    )
    first_day = DayField(
        label=_("First day"),
        error_messages=dict.fromkeys(["required", "invalid"], _("Enter the first day, like 2026-12-24.")),
    )
    begins = ClockField(
        label=pgettext_lazy("time off", "From (optional)"),
        required=False,
        error_messages={"invalid": _("Enter a time, like 13:30, or leave it empty.")},
    )
    last_day = DayField(
        label=_("Last day (optional)"),
        required=False,
        error_messages={"invalid": _("Enter the last day, like 2027-01-02, or leave it empty for one day.")},
    )
    ends = ClockField(
        label=pgettext_lazy("time off", "Until (optional)"),
        required=False,
        error_messages={"invalid": _("Enter a time, like 17:00, or leave it empty.")},
    )

    def __init__(self, data: QueryDict | None, *, providers: QuerySet[Provider], now: datetime, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.providers, self.now = list(providers), now
        names = [(provider.slug, str(provider)) for provider in self.providers]
        who: Any = self.fields["provider"]
        who.choices = [("", _("Choose who is away")), (EVERYBODY, _("Everybody")), *names]
        if len(names) == 1:
            who.widget, who.required, self.initial["provider"] = forms.HiddenInput(), False, names[0][0]

    def clean(self) -> dict[str, Any]:
        """Add `times_off`, which are not saved yet."""
        known: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                known["times_off"] = self.times_off(known)
            except NoTimeOff as refusal:
                self.add_error(None, str(refusal))
        return known

    def times_off(self, known: dict[str, Any]) -> list[TimeOff]:
        providers = [one for one in self.providers if known["provider"] in {one.slug, EVERYBODY, ""}]
        last_day = known["last_day"] or known["first_day"]
        times = {"begins": known["begins"], "ends": known["ends"], "now": self.now}
        return [time_off(provider, known["first_day"], last_day, **times) for provider in providers]
