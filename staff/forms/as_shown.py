"""What a page has shown in its fields, so that whoever types over some of them undoes nothing that others change.

The page carries it along in a hidden field. What somebody left as it was shown is then known from what they typed.
"""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict


def brought_up_to_date(sent: QueryDict, was: Mapping[str, Any], now: Mapping[str, Any]) -> QueryDict:
    """What somebody has typed; where they left a field as it `was` shown, what it shows `now`."""
    typed = sent.copy()
    for name in was.keys() & now.keys():
        # Of a choice among several nothing is sent where none is chosen. Of any other field something always is.
        is_left_out = name not in sent and not isinstance(was[name], list)
        if is_left_out or compared(sent.getlist(name)) == compared(was[name]):
            typed.setlist(name, texts(now[name]))
    return typed


def texts(value: Any) -> list[str]:
    """What a browser sends of a field with this value."""
    values = value if isinstance(value, list) else [value]
    return ["" if one is None else str(one) for one in values]


def compared(value: Any) -> list[str]:
    """Browsers send two characters for a line break. Neither these nor spaces around a text are a change of it."""
    return sorted(text.replace("\r\n", "\n").strip() for text in texts(value))


class AsShownForm(forms.ModelForm):
    """A form of a row. Its page carries along what it showed of that, as `was`."""

    data: Any

    @property
    def was(self) -> str:
        """What the row said as somebody was shown it, also on a page that shows what they have typed once more."""
        return self.data.get("was", "") if self.is_bound else self.row_says

    @property
    def row_says(self) -> str:
        """What the row says now. A page that was shown something else is out of date."""
        return json.dumps({**self.initial, **self.shown}, default=str, sort_keys=True)

    @property
    def shown(self) -> dict[str, Any]:
        """What each field shows of the row, as long as nobody types in it."""
        fields = self.fields.items()
        return {name: field.prepare_value(self.get_initial_for_field(field, name)) for name, field in fields}

    def bring_up_to_date(self) -> None:
        """Keep of what was typed only what somebody has changed. All else is what is on record by now."""
        typed = brought_up_to_date(self.data, read(self.was), self.shown)
        typed["was"] = self.row_says
        self.data = typed


def read(was: str) -> Mapping[str, Any]:
    """What our page sends along; nothing where somebody has typed over that."""
    try:
        known = json.loads(was)
    except (ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}
