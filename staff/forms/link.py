"""The form that makes a link to the booking page, for the practice's own pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from booking import languages
from booking.models.offers import Offer


class LinkForm(forms.Form):
    """What the link chooses beforehand. Whatever is left open, the client chooses."""

    provider = forms.ChoiceField(required=False)
    service = forms.ChoiceField(required=False)
    language = forms.ChoiceField(required=False)

    def __init__(self, data: QueryDict, offers: Sequence[Offer]) -> None:
        super().__init__(data)
        self.offered = {(offer.provider.slug, offer.service.slug) for offer in offers}
        self.name_of_provider = {offer.provider.slug: offer.provider.name for offer in offers}
        self.services = {offer.service.slug: offer.service for offer in offers}
        self.set_choices("provider", _("Provider"), self.name_of_provider)
        names = {slug: service.translated["name"] for slug, service in self.services.items()}
        self.set_choices("service", _("Service"), names)
        self.set_choices("language", _("Language"), dict(languages.offered()))
        if len(languages.offered()) == 1:
            del self.fields["language"]

    def set_choices(self, name: str, label: str, choices: dict[str, str]) -> None:
        field: Any = self.fields[name]
        nothing = _("The browser’s own") if name == "language" else _("The client chooses")
        field.label, field.choices = label, [("", nothing), *choices.items()]
        field.error_messages["invalid_choice"] = _("Choose one from the list.")

    def clean(self) -> dict[str, Any]:
        known: dict[str, Any] = super().clean() or self.cleaned_data
        pair = provider, service = known.get("provider"), known.get("service")
        if provider and service and pair not in self.offered:
            sentence = _("%(provider)s does not offer this. Choose another service, or another provider.")
            self.add_error("service", sentence % {"provider": self.name_of_provider[provider]})
        return known

    @property
    def query(self) -> dict[str, str]:
        """What the query of the link says. Only of a form that is valid."""
        return {name: value for name, value in self.cleaned_data.items() if value}
