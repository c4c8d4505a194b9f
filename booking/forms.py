"""The forms for booking and for finding one's appointments. The JSON API books with the same form as the page."""

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking import languages, phone
from booking.models import Appointment, Provider, Service, offers
from booking.models.offers import Offer
from booking.schedule.diary import Diary, NotOnOffer
from booking.text import printable
from booking.zones import validate_time_zone

EMAIL_ERRORS = {
    "required": _("Enter an email address, like name@example.com."),
    "invalid": _("Enter an email address, like name@example.com."),
    "max_length": _("Enter an email address of at most 254 characters."),
}
EMAIL_INPUT = forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"})
# No zone's clocks are a day from UTC. So every zone can show a time between these, and none need guard against others.
FIRST_INSTANT = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
LAST_INSTANT = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


def parse_instant(text: str) -> datetime:
    """Read a time in ISO 8601 with its offset, and return it in UTC.

    In a query string an unquoted plus sign stands for a space, so a space is read as the plus sign it was meant to be.
    Raises ValueError, with a sentence for the client.
    """
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(printable(text).replace(" ", "+"))
        if moment.tzinfo and FIRST_INSTANT <= moment <= LAST_INSTANT:
            return moment.astimezone(UTC)
    raise ValueError(_("Give the time in ISO 8601 with its offset, like 2026-12-01T09:00+00:00."))


class InstantField(forms.CharField):
    """A time as `parse_instant` reads it. Django's DateTimeField would also take one without an offset."""

    def clean(self, value: Any) -> datetime:
        text = super().clean(value)
        try:
            return parse_instant(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class MultilineField(forms.CharField):
    """A text whose line breaks count as one character each, as people count them. Browsers send two for each."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class PhoneField(forms.CharField):
    """A telephone number, typed as people of the practice's country do. Its clean value is in E.164, or empty."""

    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return phone.parse(text) if text else ""
        except phone.NoPhoneNumber:
            sentence = _("Enter a phone number, like %(example)s. Begin one of another country with +.")
            raise ValidationError(sentence, params={"example": phone.example()}) from None

    def prepare_value(self, value: Any) -> Any:
        """A number in E.164, from a row, is shown as people write it. What was typed stays as it is."""
        is_kept = isinstance(value, str) and re.fullmatch(r"\+\d{5,15}", value, re.ASCII)
        return phone.display(value) if is_kept else value


class FindForm(forms.ModelForm):
    """Asks for the links to the coming appointments of an e-mail address."""

    class Meta:
        model = Appointment
        fields = ["client_email"]
        labels = {"client_email": _("Email address")}
        error_messages = {"client_email": EMAIL_ERRORS}
        widgets = {"client_email": EMAIL_INPUT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client_email"].required = True


class BookingForm(forms.ModelForm):
    """Books an appointment. What was chosen is in hidden fields; the client's details are typed.

    `own_references` are the references of the appointments that belong to this browser, or to this request of a
    program: holds among them do not stand in its way. `begun_from` is the hash of the network that the request came
    from, as `limits.network_of` returns it. `offer` has the provider and the service, if the caller has read them.
    """

    # These two hold slugs, and `clean` puts the provider and the service in their place.
    provider = forms.Field(widget=forms.HiddenInput, error_messages={"required": _("Choose a provider.")})
    service = forms.Field(widget=forms.HiddenInput, error_messages={"required": _("Choose a service.")})
    appointment_time = InstantField(
        max_length=40,
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Choose a time."),
            "max_length": _("Give the time in ISO 8601 with its offset, like 2026-12-01T09:00+00:00."),
        },
    )

    zone = forms.CharField(required=False, validators=[validate_time_zone], widget=forms.HiddenInput)

    class Meta:
        model = Appointment
        fields = [
            "client_email",
            "client_name",
            "client_phone",
            "for_whom",
            "note",
        ]
        labels = {
            "client_email": _("Email address"),
            "client_name": _("Your name"),
            "client_phone": _("Phone number"),
            "for_whom": _("Who is it for?"),
            "note": _("Note"),
        }
        help_texts = {
            "client_email": _("For the confirmation, and so that the practice can reach you."),
            "client_name": _("Optional."),
            "client_phone": _("Optional. The practice may call you about this appointment."),
            "for_whom": _("Their name, such as your child’s or your parent’s."),
            "note": _("Optional. Anything the practice should know beforehand, in up to 1,000 characters."),
        }
        error_messages = {
            "client_email": EMAIL_ERRORS,
            "client_name": {"max_length": _("Enter a name of at most 100 characters.")},
            "for_whom": {"max_length": _("Enter a name of at most 100 characters.")},
            "client_phone": {
                "required": _("Enter a phone number: this service needs one."),
                "max_length": _("Enter a phone number of at most 32 characters."),
            },
            "note": {"max_length": _("Shorten the note to 1,000 characters or fewer.")},
        }
        field_classes = {"client_phone": PhoneField, "note": MultilineField}
        widgets = {
            "client_email": EMAIL_INPUT,
            "client_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "for_whom": forms.TextInput(attrs={"autocomplete": "off"}),
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(
        self,
        *args: Any,
        own_references: Collection[str] = (),
        begun_from: str | None = None,
        offer: Offer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        # Only staff may book for somebody who has no email address.
        self.fields["client_email"].required = True
        self.own_references, self.begun_from, self.offer = own_references, begun_from, offer
        if offer:
            self.ask_for_what_is_required(offer.service)
        for field in self.visible_fields():
            # With a maxlength attribute the browser silently cuts off what is pasted; without it our message says so.
            field.field.widget.attrs.pop("maxlength", None)

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or self.cleaned_data
        provider, service, moment = (cleaned_data.get(name) for name in ("provider", "service", "appointment_time"))
        offer = self.offer or (offers.find(provider, service) if provider and service else None)
        if not offer:
            self.say_why_there_is_no_offer()
            return cleaned_data
        cleaned_data["provider"], cleaned_data["service"] = offer
        self.ask_for_what_is_required(offer.service)
        if offer.service.phone_required and not cleaned_data.get("client_phone", "error"):
            self.add_error("client_phone", self.fields["client_phone"].error_messages["required"])
        if not offer.service.is_sellable:
            self.add_error("service", _("This service cannot be booked online at the moment. Ask the practice."))
        elif moment:
            try:
                self.diary_at(moment, offer).require_on_offer(moment)
            except NotOnOffer as refusal:
                self.add_error("appointment_time", str(refusal))
        return cleaned_data

    def diary_at(self, moment: datetime, offer: Offer) -> Diary:
        return Diary(offer.provider, offer.service, timezone.now(), at=moment)

    def ask_for_what_is_required(self, service: Service) -> None:
        if service.phone_required:
            self.fields["client_phone"].help_text = _("So that the practice can call you about this appointment.")

    def say_why_there_is_no_offer(self) -> None:
        """Add an error: to each that is not known, or that both are known and the one does not offer the other."""
        known = {}
        unknown = {
            "provider": _("We do not know this provider. Choose one from the list."),
            "service": _("We do not know this service. Choose one from the list."),
        }
        for model, name in ((Provider, "provider"), (Service, "service")):
            slug = model.present_slug(self.cleaned_data.get(name, ""))
            known[name] = model.objects.filter(active=True, slug=slug).first()
            if not known[name] and name in self.cleaned_data:
                self.add_error(name, unknown[name])
        if all(known.values()):
            sentence = _("%(provider)s does not offer this service. Choose another.")
            self.add_error("service", sentence % {"provider": known["provider"]})

    @property
    def errors_to_show(self) -> list[forms.BoundField]:
        """The visible fields that are filled in wrongly. What is wrong with the hidden ones is in `hidden_problem`."""
        return [field for field in self.visible_fields() if field.errors]

    @property
    def hidden_problem(self) -> str:
        """The first sentence about what was chosen rather than typed; empty if nothing is wrong with it."""
        return next((str(error) for field in self.hidden_fields() for error in field.errors), "")

    @property
    def wanted_appointment(self) -> Appointment:
        """The appointment that `book` would write, copied from the provider and service that the form has read."""
        provider, service, moment = (self.cleaned_data[name] for name in ("provider", "service", "appointment_time"))
        return Appointment.copied_from(provider, service, moment)

    def book(self, spare_reference: str = "") -> Appointment:
        """Write the appointment. `spare_reference` becomes its reference, unless that is in use by now.

        Raises SlotTaken, TooManyHolds or LimitReached.
        """
        fields = dict(self.cleaned_data)
        fields["client_time_zone"] = fields.pop("zone")
        booked = Appointment.objects.book(
            **fields,
            own_references=self.own_references,
            spare_reference=spare_reference,
            begun_from=self.begun_from,
        )
        # It may be one that was booked before, in another language.
        booked.go_on_in(languages.active())
        return booked
