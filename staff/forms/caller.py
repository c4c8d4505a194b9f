"""The form with which staff book for somebody who has called."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from booking import deadlines, languages
from booking.forms import BookingForm
from booking.models import ByStaff, Service, new_reference
from booking.models.offers import Offer
from booking.schedule import in_a_row
from booking.schedule.diary import Diary, Reach
from booking.schedule.in_a_row import InARow
from booking.templatetags.wording import clock, price, short_day_and_clock
from staff.forms.language import LanguageField

HOW_MANY = format_lazy(_("Choose a number from 2 to {most}."), most=in_a_row.MOST)
AT_PRACTICE, FREE, OTHER = "at practice", "free", "other"
WORDS = {
    "2 hours": _("By link, within 2 hours: until %(time)s"),
    "tonight": _("By link, until tonight, %(time)s"),
    "tomorrow": _("By link, until tomorrow, %(time)s"),
    "3 days": _("By link, until %(moment)s"),
    "begins": _("By link, until it begins"),
    OTHER: _("By link, until another time"),
    AT_PRACTICE: _("At the practice: %(price)s"),
    FREE: _("Free of charge this time"),
}
# A form brings the reference of what it will book. It is signed, so that nobody can choose one that others can guess.
signer = Signer(salt="staff.caller")


def new_spare() -> str:
    return signer.sign(new_reference())


def read_spare(text: str) -> str:
    """The reference that one of our forms has brought, or a new one."""
    try:
        return signer.unsign(text)
    except BadSignature:
        return new_reference()


class CallerForm(BookingForm):
    """Books once or several times in a row, within the reach of staff. One of email and phone number is required.

    `begins` is the chosen time, if there is one: which deadlines are offered depends on it.
    """

    every = forms.TypedChoiceField(
        label=_("How often"),
        required=False,
        coerce=int,
        choices=[("", _("Once")), ("1", _("Every week")), ("2", _("Every two weeks"))],
    )
    times = forms.IntegerField(
        label=_("How many in all"),
        required=False,
        min_value=1,
        max_value=in_a_row.MOST,
        initial=6,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], HOW_MANY),
    )
    paying = forms.ChoiceField(
        label=_("How it is paid"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose how it is paid."),
            "invalid_choice": _("That deadline can no longer be met. Choose another."),
        },
    )
    day = forms.CharField(
        label=pgettext_lazy("field", "Day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    clock = forms.CharField(label=_("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    language = LanguageField(required=False)
    spare = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta(BookingForm.Meta):
        fields = ["client_name", "client_phone", "client_email", "for_whom", "note"]
        labels: Any = {**BookingForm.Meta.labels, "client_name": _("Name")}
        help_texts: Any = {
            "client_name": _("Optional. Without one, the day shows the email address or the phone number."),
            "client_phone": _("One of these two is needed."),
            "client_email": _("Without one, nothing is mailed."),
            "for_whom": _("Optional, if it is not the client."),
            "note": _("Optional. The client can read it."),
        }
        widgets = {
            "client_email": forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            "client_name": forms.TextInput(attrs={"autocomplete": "off"}),
            "for_whom": forms.TextInput(attrs={"autocomplete": "off"}),
            "note": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, offer: Offer, begins: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, offer=offer, **kwargs)
        self.chosen, self.deadlines = offer, dict[str, datetime]()
        self.fields["client_email"].required = False
        self.fields["client_phone"].widget.attrs["autocomplete"] = "off"
        self.initial.setdefault("language", languages.of_practice())
        if len(languages.offered()) == 1:
            del self.fields["language"]
        if not offer.service.due_online:
            del self.fields["day"], self.fields["clock"]
        if offer.service.price:
            self.ask_how_it_is_paid(offer, begins)
        else:
            del self.fields["paying"]

    def ask_how_it_is_paid(self, offer: Offer, begins: datetime | None) -> None:
        """By a link until a deadline where something is due online, or at the practice; or not at all this time."""
        by_link: list[str] = []
        if offer.service.due_online:
            self.deadlines = deadlines.choices(begins, timezone.now(), offer.provider.zone) if begins else {}
            by_link = [*self.deadlines, OTHER]
        paying: Any = self.fields["paying"]
        paying.initial = deadlines.preferred(self.deadlines) or (OTHER if by_link else AT_PRACTICE)
        paying.choices = [(name, self.words_for(name, offer)) for name in (*by_link, AT_PRACTICE, FREE)]

    def words_for(self, name: str, offer: Offer) -> str:
        moment, zone = self.deadlines.get(name), offer.provider.zone
        at = {"time": clock(moment, zone), "moment": short_day_and_clock(moment, zone)} if moment else {}
        return WORDS[name] % {"price": price(offer.service.price, offer.service.currency), **at}

    def diary_at(self, moment: datetime, offer: Offer) -> Diary:
        return Diary(offer.provider, offer.service, timezone.now(), at=moment, reach=Reach.of_staff())

    def ask_for_what_is_required(self, service: Service) -> None:
        """Nothing: a phone number that a service requires says of itself that it is missing."""

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean()
        if not any(cleaned_data.get(name, "error") for name in ("client_email", "client_phone")):
            sentence = _("Enter a phone number or an email address: one of the two is needed.")
            self.add_error("client_phone", sentence)
        every, times = cleaned_data.get("every"), cleaned_data.get("times", "error")
        if every and times in {None, 1}:
            self.add_error("times", HOW_MANY)
        if every == "" and "times" in self.changed_data and times not in {None, 1, "error"}:
            sentence = _("With “Once” it is one appointment. Choose every week or every two, or empty “%(how_many)s”.")
            self.add_error("every", sentence % {"how_many": self.fields["times"].label})
        if cleaned_data.get("paying") == OTHER:
            self.read_deadline(cleaned_data)
        return cleaned_data

    def read_deadline(self, cleaned_data: dict[str, Any]) -> None:
        """Put the deadline that was typed among the others, or say what is wrong with it."""
        moment, day, clock_time = (cleaned_data.get(name) for name in ("appointment_time", "day", "clock"))
        try:
            typed = deadlines.typed(f"{day}T{clock_time}", self.chosen.provider.zone)
            if moment:
                deadlines.require(typed, moment, timezone.now())
            self.deadlines[OTHER] = typed
        except deadlines.NoDeadline as reason:
            self.add_error("day", str(reason))

    def book_in_a_row(self, user: User) -> InARow:
        """Book for the caller, in the name of this user. Raises SlotTaken, NotOnOffer or NoDeadline."""
        known = self.cleaned_data
        every = known["every"] or 0
        first, count = known["appointment_time"], known["times"] if every else 1
        client = {name: known[name] for name in (*self.Meta.fields, "language") if name in known}
        paying = known.get("paying", "")
        staff = ByStaff(
            user, self.deadlines.get(paying), free_of_charge=paying == FREE, at_practice=paying == AT_PRACTICE
        )
        times = in_a_row.moments(first, every, count, self.chosen.provider.zone)
        return in_a_row.book(*self.chosen, times, read_spare(known["spare"]), staff, **client)
