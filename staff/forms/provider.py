"""What is asked of a provider at the desk. Of a new one it is also when they work, in the simplest form.

Hours that differ from day to day have a page of their own. What is rare is in the admin.
"""

from contextlib import suppress
from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import zones
from booking.in_force import in_force
from booking.models import Provider, Service, WorkingHours
from booking.schedule import public_holidays
from booking.templatetags.wording import wall_clock
from staff.forms import hours_as_typed
from staff.forms.offer import OfferForm
from staff.forms.week import days_in_order, label_of

MONDAY_TO_FRIDAY = range(5)
MIDNIGHT = time(0)
PRESET = {"opens": time(9), "closes": time(17)}


class ProviderForm(OfferForm):
    class Meta:
        model = Provider
        fields = ["name", "title", "services", "place", "time_zone"]
        labels = {
            "name": gettext_lazy("Name"),
            "title": gettext_lazy("Profession or title"),
            "services": gettext_lazy("Services"),
            "place": gettext_lazy("Where clients come"),
            "time_zone": gettext_lazy("Which city’s clock do they work by?"),
        }
        help_texts = {
            "name": gettext_lazy("As clients know them: Dr Ada Byrne."),
            "title": gettext_lazy("Optional. It stands below the name: Physiotherapist."),
            "time_zone": gettext_lazy("The nearest city in the same time zone. Hours and times go by its clock."),
        }
        widgets = {"services": forms.CheckboxSelectMultiple}
        error_messages = {
            "name": {
                "required": gettext_lazy("Enter the name that clients know."),
                "unique": gettext_lazy("There is a provider of this name already. Choose another name."),
                "max_length": gettext_lazy("Enter a name of at most 100 characters."),
            },
            "title": {"max_length": gettext_lazy("Enter a title of at most 100 characters.")},
            "place": {"max_length": gettext_lazy("Enter a place of at most 200 characters.")},
            "services": dict.fromkeys(
                ["invalid_choice", "invalid_pk_value", "invalid_list"], gettext_lazy("Choose services from the list.")
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.pk is None
        chosen = Q() if is_new else Q(providers=self.instance)
        offered: Any = self.fields["services"]
        offered.queryset = Service.objects.filter(Q(active=True) | chosen).distinct()
        if is_new:
            self.initial.update(time_zone=likely_zone(), services=list(offered.queryset))
            self.fields["time_zone"] = zone_field(self.fields["time_zone"], self.initial["time_zone"])
        else:
            # Time off and what is booked go by it. The admin takes them along, and says whom a change leaves behind.
            self.zone = (self.fields.pop("time_zone").label, in_words(self.instance.time_zone))
        self.fields["place"].help_text = about_the_place(in_force.PRACTICE_ADDRESS)
        self.take_all_that_is_typed("name", "title", "place")

    def write_what_belongs_to(self, row: Provider) -> None:
        """Forget what the place was called in other languages: whoever reads those would go to the earlier one."""
        super().write_what_belongs_to(row)
        if "place" in self.changed_data:
            present = Provider.objects.get(pk=row.pk)
            present.translations["place"] = {}
            present.save(update_fields=["translations"])


class NewProviderForm(ProviderForm):
    """Asks for the same hours on each of some days as well."""

    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Works on"),
        coerce=int,
        required=False,
        initial=list(MONDAY_TO_FRIDAY),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("Choose days from the list.")},
    )
    opens = forms.CharField(label=gettext_lazy("From"), required=False, max_length=20)
    closes = forms.CharField(label=gettext_lazy("Until"), required=False, max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days: Any = self.fields["days"]
        days.choices = [(int(day), label_of(day)) for day in days_in_order()]
        for name, clock in PRESET.items():
            self.initial[name] = wall_clock(clock)
            self.fields[name].widget.attrs = {"autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        known: dict[str, Any] = super().clean() or self.cleaned_data
        if known.get("days"):
            opens, closes = self.clock("opens"), self.clock("closes")
            if opens is not None and closes is not None and opens >= closes != MIDNIGHT:
                sentence = _("It is to end after it begins. For five in the afternoon, enter %(example)s.")
                self.add_error("closes", sentence % {"example": wall_clock(time(17))})
            known["opens"], known["closes"], known["all_day"] = opens, closes, opens == closes
        elif "days" in known and any(map(self.is_typed, PRESET)):
            self.add_error("days", _("You entered hours and no day. Choose the days, or empty both times."))
        return known

    def is_typed(self, name: str) -> bool:
        """Whether somebody has typed another time than the one that the form came with."""
        typed = self.cleaned_data.get(name, "")
        with suppress(ValidationError):
            return bool(typed) and hours_as_typed.read_alone(typed) != PRESET[name]
        return True

    def clock(self, name: str) -> time | None:
        try:
            return hours_as_typed.read_alone(self.cleaned_data.get(name, ""))
        except ValidationError as error:
            self.add_error(name, error)
            return None

    def write_what_belongs_to(self, row: Provider) -> None:
        super().write_what_belongs_to(row)
        known = self.cleaned_data
        hours = {name: known[name] for name in ("opens", "closes", "all_day") if known["days"]}
        WorkingHours.objects.bulk_create(WorkingHours(provider=row, weekday=day, **hours) for day in known["days"])


def about_the_place(practices: str) -> str:
    if not practices:
        return _(
            "An address, or how to join by video. If this is empty, they come to the practice, whose address is not in "
            "the settings yet."
        )
    sentence = _(
        "If this is empty, they come to the practice: %(address)s. Whoever works at home or by video says so here."
    )
    return sentence % {"address": practices}


def likely_zone() -> str:
    """The practice's zone if anybody chose it, and otherwise the one of its country; empty where that has several."""
    is_chosen = "TIME_ZONE" in in_force.set_at_the_desk.values
    if is_chosen or settings.SET_AT_THE_DESK["TIME_ZONE"].default != in_force.TIME_ZONE:
        return in_force.TIME_ZONE
    return zones.of_all(in_force.PRACTICE_COUNTRY, timezone.now())


def zone_field(typed: forms.Field, present: str) -> forms.ChoiceField:
    """A list in the place of a field to type in. The practice's country comes first, and then each city by its name.

    Where none is likely, none is chosen: a browser would choose the first one.
    """
    of_country = zones.of_countries().get(in_force.PRACTICE_COUNTRY, ())
    every = {*zones.places(), "UTC", *filter(None, [present])}
    others = sorted(every - {*of_country}, key=in_words)
    return forms.ChoiceField(
        label=typed.label,
        help_text=typed.help_text,
        choices=[
            *([] if present else [("", _("Choose a city"))]),
            (public_holidays.country(), [(name, in_words(name)) for name in of_country]),
            (_("Elsewhere"), [(name, in_words(name)) for name in others]),
        ],
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Choose a city from the list.")),
    )


def in_words(zone: str) -> str:
    """The city first, so that a list is found by typing its name: `Berlin (Europe)`."""
    region, _slash, city = zone.replace("_", " ").rpartition("/")
    return f"{city} ({region})" if region else city
