from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from booking.models import Appointment, Provider, Service
from booking.schedule.diary import Diary, NotOnOffer
from booking.text import printable
from booking.zones import validate_time_zone

ADDRESS_ERRORS = {
    "required": "Enter an email address, like name@example.com.",
    "invalid": "Enter an email address, like name@example.com.",
    "max_length": "Enter an email address of at most 254 characters.",
}
ADDRESS_INPUT = forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"})


def parse_instant(text: str) -> datetime:
    """ISO 8601 with an offset, as UTC. An address that lost its plus sign to a space is read as meant.

    Raises ValueError, with a sentence for the client.
    """
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(printable(text).replace(" ", "+"))
        if moment.tzinfo:
            return moment.astimezone(UTC)
    raise ValueError("Give the time in ISO 8601 with its offset, like 2026-12-01T09:00+00:00.")


class InstantField(forms.CharField):
    def clean(self, value: Any) -> datetime:
        text = super().clean(value)
        try:
            return parse_instant(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class MultilineField(forms.CharField):
    """Counts a line break as one character, as people do; browsers send two."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class NamedField(forms.ModelChoiceField):
    """By its slug, or by one that it had when the page was opened."""

    widget = forms.HiddenInput

    def __init__(self, model: type[Provider] | type[Service], **kwargs: Any) -> None:
        super().__init__(model.objects.filter(active=True), to_field_name="slug", **kwargs)
        self.model = model

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError:
            return super().to_python(self.model.present_slug(value))


class FindForm(forms.ModelForm):
    class Meta:
        model = Appointment
        fields = ["client_email"]
        labels = {"client_email": "Email address"}
        error_messages = {"client_email": ADDRESS_ERRORS}
        widgets = {"client_email": ADDRESS_INPUT}


class BookingForm(forms.ModelForm):
    provider = NamedField(
        Provider,
        error_messages={
            "required": "Choose a provider.",
            "invalid_choice": "We do not know this provider. Choose one from the list.",
        },
    )
    service = NamedField(
        Service,
        error_messages={
            "required": "Choose a service.",
            "invalid_choice": "We do not know this service. Choose one from the list.",
        },
    )
    appointment_time = InstantField(
        max_length=40,
        widget=forms.HiddenInput,
        error_messages={
            "required": "Choose a time.",
            "max_length": "Give the time in ISO 8601 with its offset, like 2026-12-01T09:00+00:00.",
        },
    )

    zone = forms.CharField(required=False, validators=[validate_time_zone], widget=forms.HiddenInput)

    class Meta:
        model = Appointment
        fields = ["client_email", "client_name", "note"]
        labels = {"client_email": "Email address", "client_name": "Your name", "note": "Note"}
        help_texts = {
            "client_email": "For the confirmation, and so that the practice can reach you.",
            "client_name": "Optional.",
            "note": "Optional. Anything the practice should know beforehand, in up to 1,000 characters.",
        }
        error_messages = {
            "client_email": ADDRESS_ERRORS,
            "client_name": {"max_length": "Enter a name of at most 100 characters."},
            "note": {"max_length": "Shorten the note to 1,000 characters or fewer."},
        }
        field_classes = {"note": MultilineField}
        widgets = {
            "client_email": ADDRESS_INPUT,
            "client_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "note": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(
        self, *args: Any, own_references: Collection[str] = (), begun_from: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.own_references, self.begun_from = own_references, begun_from
        for field in self.visible_fields():
            # A browser that is told the length cuts what is pasted, in the middle of a word and without one.
            field.field.widget.attrs.pop("maxlength", None)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        provider, service, moment = (facts.get(name) for name in ("provider", "service", "appointment_time"))
        if provider and service and not provider.services.contains(service):
            self.add_error("service", f"{provider} does not offer this service. Choose another.")
        elif provider and service and not service.is_sellable:
            self.add_error("service", "This service cannot be booked online at the moment. Call the practice.")
        elif provider and service and moment:
            self.check_on_offer(Diary(provider, service, timezone.now()), moment)
        return facts

    def check_on_offer(self, diary: Diary, moment: datetime) -> None:
        try:
            diary.require_on_offer(moment)
        except NotOnOffer as refusal:
            self.add_error("appointment_time", str(refusal))

    @property
    def errors_to_show(self) -> list[forms.BoundField]:
        """The fields a person filled in wrongly; what is wrong with the hidden ones is the page's to say."""
        return [field for field in self.visible_fields() if field.errors]

    @property
    def hidden_problem(self) -> str:
        """The first sentence about what a person chose rather than typed."""
        return next((str(error) for field in self.hidden_fields() for error in field.errors), "")

    @property
    def wanted(self) -> Appointment:
        """What `book` would write, copied from the same provider and service as they were when the form was read."""
        provider, service, moment = (self.cleaned_data[name] for name in ("provider", "service", "appointment_time"))
        return Appointment.copied_from(provider, service, moment)

    def book(self, spare_reference: str = "") -> Appointment:
        """Raises SlotTaken, TooManyHolds or LimitReached."""
        facts = dict(self.cleaned_data)
        facts["client_time_zone"] = facts.pop("zone")
        return Appointment.objects.book(
            **facts,
            own_references=self.own_references,
            spare_reference=spare_reference,
            begun_from=self.begun_from,
        )
