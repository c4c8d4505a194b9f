"""What a practice can set at its desk. Each field is read as the variable of its name in the environment is."""

import json
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from phonenumbers import SUPPORTED_REGIONS

from booking import refund_policy, zones
from booking.in_force import in_force, require_times_to_book
from booking.text import validate_one_line
from staff.settings_as_typed import Texts, country, in_force_by, in_words, is_policy_decided, of_environment


class Asked(NamedTuple):
    """How a setting is asked for."""

    label: Promise
    hint: Promise
    refused: Promise
    """What to do about a text that cannot be read."""
    may_be_empty: bool = False
    """An empty text is a value of its own. Otherwise it leaves the setting to the environment."""
    is_number: bool = False
    """The setting is a whole number: what to do then names its bounds."""
    remark: Promise | None = None
    """What else somebody should know who decides on it."""


ONE_LINE = gettext_lazy("Type it on one line.")
MINUTES = gettext_lazy("Type a whole number of minutes from %(first)s to %(last)s: 60 is one hour.")
DAYS = gettext_lazy("Type a whole number of days from %(first)s to %(last)s.")

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
        gettext_lazy("Postal address"),
        gettext_lazy("On receipts, and where clients come unless a provider is elsewhere. On one line."),
        ONE_LINE,
        may_be_empty=True,
        remark=gettext_lazy(
            "Whoever is booked already reads a new address on the page of their appointment and in reminders. No mail "
            "about it goes out by itself."
        ),
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
    "TIME_ZONE": Asked(
        gettext_lazy("Time zone"),
        gettext_lazy(
            "The month’s money and receipts go by its days, and a new provider has it too. Whoever is a provider "
            "already keeps their own: that is changed in the admin."
        ),
        gettext_lazy("Choose a time zone from the list."),
    ),
}
TERMS = {
    "CANCELLATION_POLICY": Asked(
        gettext_lazy("Cancellation policy"),
        gettext_lazy(
            "Hours of notice and how much then comes back, the longest notice first: 48h 100%, 24h 50%. If this is "
            "empty, nothing ever comes back. It holds for what is booked from now on."
        ),
        gettext_lazy("Write it like 48h 100%, 24h 50%."),
        may_be_empty=True,
        remark=gettext_lazy(
            "Clients may cancel until an appointment begins. Until then they may also move what was not paid online; "
            "what was paid online they may move as long as all of it would come back."
        ),
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
        gettext_lazy("Shortest notice"),
        gettext_lazy("Until how many minutes before it begins a time can be booked: 60 is one hour."),
        MINUTES,
        is_number=True,
    ),
    "HORIZON_DAYS": Asked(
        gettext_lazy("How far ahead clients can book"),
        gettext_lazy("In days: 60 is about two months."),
        DAYS,
        is_number=True,
    ),
    "SLOT_STEP_MINUTES": Asked(
        gettext_lazy("Minutes between the times on offer"),
        gettext_lazy(
            "With 30, times begin each half hour, and pages show all of them. If this is empty, pages show one time "
            "for the length of each visit, which leaves fewer gaps."
        ),
        MINUTES,
        is_number=True,
    ),
    "HOLD_MINUTES": Asked(
        gettext_lazy("Time to pay"),
        gettext_lazy("How many minutes a time is kept for a client who has not paid yet."),
        MINUTES,
        is_number=True,
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
FOR_NEW_BOOKINGS = {"CANCELLATION_POLICY", "REMINDER_HOURS", *TIMES}  # what is booked before they are set keeps its own


class Row(NamedTuple):
    """A field with what else is said of it."""

    field: forms.BoundField
    environments: str
    """What the site was set up with, in words, where that is something else than the field says; otherwise empty."""
    remark: str


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
        if policy := self.cleaned_data.get("CANCELLATION_POLICY"):
            # It is kept in the one way in which each release writes it, however it was typed.
            self.cleaned_data["CANCELLATION_POLICY"] = refund_policy.as_kept(policy)
        self.require_a_name()
        if not self.errors:
            self.require_times_to_book()
        return self.cleaned_data

    def require_readable(self, name: str, text: str) -> None:
        try:
            settings.SET_AT_THE_DESK[name].read(text)
        except ImproperlyConfigured:
            self.add_error(name, ValidationError(refusal_of(name, text)))

    def require_a_name(self) -> None:
        """An empty name would leave it to the environment, and where that has none to the one of our example."""
        example = settings.SET_AT_THE_DESK["PRACTICE_NAME"].default
        if self.cleaned_data.get("PRACTICE_NAME") == "" and of_environment("PRACTICE_NAME") == example:
            sentence = _("Type a name. Without one, pages and mails would say %(practice)s, the name of our example.")
            self.add_error("PRACTICE_NAME", ValidationError(sentence % {"practice": example}))

    def require_times_to_book(self) -> None:
        try:
            require_times_to_book(*(self.minutes_or_days(name) for name in ("NOTICE_MINUTES", "HORIZON_DAYS")))
        except ImproperlyConfigured:
            sentence = _(
                "With this notice no time could be booked. Choose a shorter one, or let clients book further ahead."
            )
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
    def is_for_new_bookings(self) -> bool:
        """Whether something changes by which only those go who book from now on."""
        return any(name in FOR_NEW_BOOKINGS for name in self.changes)

    @property
    def groups(self) -> list[tuple[Promise, list[Row]]]:
        return [(heading, [self.row(name) for name in group]) for heading, group in GROUPS]

    def row(self, name: str) -> Row:
        environments = of_environment(name)
        differs = environments and self[name].value() != environments
        remark = self.about_the_zone if name == "TIME_ZONE" else str(ASKED[name].remark or "")
        return Row(self[name], in_words(name, environments) if differs else "", remark)

    @property
    def about_the_zone(self) -> str:
        """That all clocks of the country go by another zone than the one that is chosen; otherwise empty."""
        code, now = self["PRACTICE_COUNTRY"].value(), timezone.now()
        chosen, usual = zones.find(self["TIME_ZONE"].value()), zones.find(zones.of_all(code, now))
        if not (chosen and usual) or not zones.differ(chosen, usual, now):
            return ""
        return _("All clocks in %(country)s go by %(zone)s.") % {"country": country(code), "zone": usual.key}


def field_for(name: str, asked: Asked) -> forms.Field:
    known: dict[str, Any] = {"label": asked.label, "help_text": asked.hint, "required": False}
    if name in CHOICES:
        return forms.ChoiceField(
            **known, choices=CHOICES[name](), error_messages={"invalid_choice": str(asked.refused)}
        )
    field = forms.CharField(**known, max_length=refund_policy.LONGEST, validators=[validate_one_line])
    field.widget.attrs = {"autocomplete": "off", **({"inputmode": "numeric"} if asked.is_number else {})}
    if name == "PRACTICE_COLOUR":
        field.widget.input_type = "color"
    return field


def countries() -> list[tuple[str, str]]:
    return sorted(((code, country(code)) for code in SUPPORTED_REGIONS), key=lambda pair: pair[1])


def time_zones() -> list[tuple[str, str]]:
    """Each zone that has a place of its own, and the one in force, which may be called by an older name."""
    names = {"UTC", *zones.places(), of_environment("TIME_ZONE"), in_force.TIME_ZONE}
    return [(name, name.replace("_", " ")) for name in sorted(names)]


def what_is_wrong_with(policy: str) -> str:
    try:
        refund_policy.as_kept(policy)
    except refund_policy.NoPolicy as problem:
        return str(problem)
    return ""


CHOICES = {"PRACTICE_COUNTRY": countries, "TIME_ZONE": time_zones}


def refusal_of(name: str, text: str) -> str:
    """What to do about a text that cannot be read."""
    if name == "CANCELLATION_POLICY":
        return what_is_wrong_with(text)
    refused = str(ASKED[name].refused)
    if ASKED[name].is_number:
        least, most = settings.SET_AT_THE_DESK[name].between
        return refused % {"first": least, "last": most}
    return refused
