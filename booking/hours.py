"""How working hours are typed, and what of them is refused."""

from datetime import time
from itertools import combinations
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from booking.models import WorkingHours

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
