"""What a practice can set at its desk. Each field is read as the variable of its name in the environment is."""

import json
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from phonenumbers import SUPPORTED_REGIONS

from booking.in_force import LONGEST, require_times_to_book
from booking.text import validate_one_line
from staff.settings_as_typed import Texts, country, in_force_by, in_words, is_policy_decided, of_environment


class Asked(NamedTuple):
    """How a setting is asked for."""

    label: Promise
    hint: Promise
    refused: Promise | None = None
    """What to do about a text that cannot be read. Without one, the setting is a whole number."""
    may_be_empty: bool = False
    """An empty text is a value of its own. Otherwise it leaves the setting to the environment."""


ONE_LINE = gettext_lazy("Type it on one line.")

PRACTICE = {
    "PRACTICE_NAME": Asked(
        gettext_lazy("Name of the practice"), gettext_lazy("On pages, in mails and where clients pay."), ONE_LINE
    ),
    "PRACTICE_PHONE": Asked(
        gettext_lazy("Phone number"),
        gettext_lazy("At the foot of pages and mails. Leave it empty to show none."),
        gettext_lazy("Type a number like +353 1 555 0100, or leave this empty."),
        may_be_empty=True,
    ),
    "PRACTICE_ADDRESS": Asked(
        gettext_lazy("Postal address"), gettext_lazy("On receipts, on one line."), ONE_LINE, may_be_empty=True
    ),
    "TAX_LINE": Asked(
        gettext_lazy("Line about taxes"),
        gettext_lazy("On receipts: your tax number, or why there is no tax on your prices."),
        ONE_LINE,
        may_be_empty=True,
    ),
    "PRACTICE_COUNTRY": Asked(
        gettext_lazy("Country"),
        gettext_lazy("Says how dates, times and prices are written, and which public holidays there are."),
        gettext_lazy("Choose a country from the list."),
    ),
}
TERMS = {
    "CANCELLATION_POLICY": Asked(
        gettext_lazy("Cancellation policy"),
        gettext_lazy(
            "Hours of notice and how much then comes back, the longest notice first: 48h 100%, 24h 50%. If this is "
            "empty, nothing ever comes back. It holds for what is booked from now on."
        ),
        gettext_lazy(
            "Write it like 48h 100%, 24h 50%: the longest notice first, each share from 1 to 100%, and less for less "
            "notice."
        ),
        may_be_empty=True,
    ),
    "REMINDER_HOURS": Asked(
        gettext_lazy("Reminders"),
        gettext_lazy("How many hours before an appointment its client gets a mail: 24, or 48, 2. Empty: none."),
        gettext_lazy("Type hours from 1 to 720, separated by commas, like 48, 2. Or leave this empty."),
        may_be_empty=True,
    ),
    "CONFIRMATION_LINE": Asked(
        gettext_lazy("A line for the confirmation"),
        gettext_lazy("A sentence of yours, on the page and in the mail that confirm an appointment."),
        ONE_LINE,
        may_be_empty=True,
    ),
}
TIMES = {
    "NOTICE_MINUTES": Asked(
        gettext_lazy("Notice"),
        gettext_lazy("How long before it begins an appointment can still be booked. In minutes: 60 is one hour."),
    ),
    "HORIZON_DAYS": Asked(gettext_lazy("Horizon"), gettext_lazy("How many days ahead clients can book.")),
    "SLOT_STEP_MINUTES": Asked(
        gettext_lazy("Grid of times"),
        gettext_lazy(
            "With 30, times begin each half hour, and pages show all of them. If this is empty, pages show one time "
            "for the length of each visit, which leaves fewer gaps."
        ),
    ),
    "HOLD_MINUTES": Asked(
        gettext_lazy("Time to pay"),
        gettext_lazy("How many minutes a time is kept for a client who has not paid yet."),
    ),
}
LOOK = {
    "PRACTICE_COLOUR": Asked(
        gettext_lazy("Colour"),
        gettext_lazy("Of links, buttons and free days. Shades of it are made that everybody can read."),
        gettext_lazy("Choose a colour, or type one like #1f5c4d."),
    ),
}
GROUPS: tuple[tuple[Promise, dict[str, Asked]], ...] = (
    (pgettext_lazy("settings", "The practice"), PRACTICE),
    (pgettext_lazy("settings", "Terms"), TERMS),
    (pgettext_lazy("settings", "Times"), TIMES),
    (pgettext_lazy("settings", "Look"), LOOK),
)
ASKED = {name: asked for _heading, group in GROUPS for name, asked in group.items()}


class Row(NamedTuple):
    """A field with what else is said of it."""

    field: forms.BoundField
    name: str
    environments: str
    """What the site was set up with, in words, where the field says something else; otherwise empty."""


class SettingsForm(forms.Form):
    """The settings as they are when these `texts` are set, or as somebody has typed them."""

    def __init__(self, data: QueryDict | None, texts: Texts) -> None:
        self.texts = texts
        super().__init__(data, initial={name: in_force_by(texts, name) for name in ASKED})
        for name, asked in ASKED.items():
            self.fields[name] = field_for(name, asked)

    def clean(self) -> dict[str, Any]:
        for name in ASKED:
            if text := self.cleaned_data.get(name):
                self.require_readable(name, text)
        if not self.errors:
            self.require_times_to_book()
        return self.cleaned_data

    def require_readable(self, name: str, text: str) -> None:
        try:
            settings.SET_AT_THE_DESK[name].read(text)
        except ImproperlyConfigured:
            self.add_error(name, ValidationError(refusal_of(name)))

    def require_times_to_book(self) -> None:
        try:
            require_times_to_book(*(self.minutes_or_days(name) for name in ("NOTICE_MINUTES", "HORIZON_DAYS")))
        except ImproperlyConfigured:
            sentence = _("With this notice no time could be booked: choose one that is shorter than the horizon.")
            self.add_error("NOTICE_MINUTES", ValidationError(sentence))

    def minutes_or_days(self, name: str) -> int:
        """A whole number as it would be in force: of an empty field it is the environment's."""
        read: int = settings.SET_AT_THE_DESK[name].read(self.cleaned_data[name] or of_environment(name))
        return read

    @property
    def changes(self) -> dict[str, str | None]:
        """What is to be set, and with None what is to be left to the environment. Only of a form that is valid.

        Whoever saves has decided on the policy, even if it stays as it is.
        """
        wanted = {name: self.wanted(name) for name in ASKED}
        undecided = set() if is_policy_decided(self.texts) else {"CANCELLATION_POLICY"}
        return {name: text for name, text in wanted.items() if text != self.texts.get(name) or name in undecided}

    def wanted(self, name: str) -> str | None:
        typed: str = self.cleaned_data[name]
        if typed == self.texts.get(name):
            return typed
        is_left_out = not typed and not ASKED[name].may_be_empty
        return None if is_left_out or typed == of_environment(name) else typed

    @property
    def looked(self) -> str:
        """What would be saved, as the page sends it along for whoever has looked at it."""
        return json.dumps(self.changes, sort_keys=True)

    @property
    def groups(self) -> list[tuple[Promise, list[Row]]]:
        return [(heading, [self.row(name) for name in group]) for heading, group in GROUPS]

    def row(self, name: str) -> Row:
        differs = self[name].value() != of_environment(name)
        return Row(self[name], name, in_words(name, of_environment(name)) if differs else "")


def field_for(name: str, asked: Asked) -> forms.Field:
    known: dict[str, Any] = {"label": asked.label, "help_text": asked.hint, "required": False}
    if name == "PRACTICE_COUNTRY":
        countries = sorted(((code, country(code)) for code in SUPPORTED_REGIONS), key=lambda pair: pair[1])
        return forms.ChoiceField(**known, choices=countries, error_messages={"invalid_choice": str(asked.refused)})
    field = forms.CharField(**known, max_length=LONGEST, validators=[validate_one_line])
    field.widget.attrs = {"autocomplete": "off", **({} if asked.refused else {"inputmode": "numeric"})}
    if name == "PRACTICE_COLOUR":
        field.widget.input_type = "color"
    return field


def refusal_of(name: str) -> str:
    """What to do about a text that cannot be read."""
    if not ASKED[name].refused:
        least, most = settings.SET_AT_THE_DESK[name].between
        return _("Type a whole number from %(first)s to %(last)s.") % {"first": least, "last": most}
    return str(ASKED[name].refused)
