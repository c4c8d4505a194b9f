"""What staff correct of a client's details."""

from copy import copy
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from booking import languages
from booking.forms import BookingForm, MultilineField, PhoneField
from booking.models import Appointment
from staff.forms.as_shown import AsShownForm
from staff.forms.language import LanguageField


class CorrectForm(AsShownForm):
    """The details as they are, to be typed over. Either an email address or a phone number is needed."""

    language = LanguageField()

    class Meta:
        model = Appointment
        fields = ["client_name", "for_whom", "client_email", "client_phone", "note"]
        labels = {**BookingForm.Meta.labels, "client_name": _("Name")}
        help_texts = {
            "client_name": "",
            "for_whom": _("If it is not the client."),
            "client_email": _("What waits to be mailed goes to this address. Without one, nothing is mailed."),
            "client_phone": "",
            "note": "",
        }
        error_messages = BookingForm.Meta.error_messages
        field_classes = {"client_phone": PhoneField, "note": MultilineField}
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, data: QueryDict | None, *, appointment: Appointment) -> None:
        # The form writes what is typed into its instance, and the appointment has to stay as it was read.
        super().__init__(data, instance=copy(appointment))
        self.appointment = appointment
        # It may have been booked before there were languages, or in one that is not offered any more.
        self.initial["language"] = languages.of_tag(languages.tag_of(appointment.language))
        if len(languages.offered()) == 1:
            del self.fields["language"]
        for field in self.fields.values():
            # The browser would suggest what belongs to whoever sits at the desk.
            field.widget.attrs["autocomplete"] = "off"
            # With a maxlength attribute the browser silently cuts off what is pasted; without it our message says so.
            field.widget.attrs.pop("maxlength", None)

    def clean(self) -> dict[str, Any]:
        known: dict[str, Any] = super().clean() or self.cleaned_data
        if not known.get("client_email", "invalid") and not known.get("client_phone", "invalid"):
            sentence = _("Enter an email address or a phone number, so that the client can be reached.")
            self.add_error("client_email", sentence)
        return known

    @property
    def on_record(self) -> list[tuple[forms.BoundField, str]]:
        """What is on record by now and is not what is typed: for somebody who typed over what a colleague changed."""
        names = dict(languages.offered())
        on_record = {name: self.shown[name] for name in self.changed_data}
        return [(self[name], names.get(value, value)) for name, value in on_record.items()]

    def correct(self, by: User) -> None:
        """Raises ChangedMeanwhile."""
        unchanged_language = {"language"} - set(self.changed_data)
        details = {name: value for name, value in self.cleaned_data.items() if name not in unchanged_language}
        self.appointment.correct(by, **details)
