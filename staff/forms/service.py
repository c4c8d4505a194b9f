"""What is asked of a service at the desk: what clients see and pay. What is rare is in the admin."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import money
from booking.models import Service
from staff.forms.offer import OfferForm

HOW_LONG = gettext_lazy("Enter how many minutes it takes, from 5 to 720.")
HOW_MUCH = gettext_lazy("Enter the price in figures, like 60, or 0 if it is free of charge.")
WHICH_PART = gettext_lazy("Enter the deposit in figures, like 20.")
AMOUNT_ERRORS = ["invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"]


class ServiceForm(OfferForm):
    class Meta:
        model = Service
        fields = ["name", "duration_minutes", "price", "payment", "deposit", "description"]
        labels = {
            "name": gettext_lazy("What is it called?"),
            "duration_minutes": gettext_lazy("Length in minutes"),
            "payment": gettext_lazy("How is it paid?"),
            "description": gettext_lazy("Description"),
        }
        help_texts = {
            "name": gettext_lazy("As clients know it: First consultation."),
            "price": gettext_lazy("0 if it is free of charge."),
            "deposit": gettext_lazy("Only if a deposit is paid online. The rest is paid at the practice."),
            "description": gettext_lazy("Optional. A line below its name, for clients who choose."),
        }
        widgets = {"payment": forms.RadioSelect}
        error_messages = {
            "name": {
                "required": gettext_lazy("Enter what clients know it as."),
                "unique": gettext_lazy("There is a service of this name already. Choose another name."),
                "max_length": gettext_lazy("Enter a name of at most 100 characters."),
            },
            "duration_minutes": dict.fromkeys(["required", "invalid", "min_value", "max_value"], HOW_LONG),
            "price": dict.fromkeys(["required", *AMOUNT_ERRORS], HOW_MUCH),
            "payment": dict.fromkeys(["required", "invalid_choice"], gettext_lazy("Choose how it is paid.")),
            "deposit": dict.fromkeys(AMOUNT_ERRORS, WHICH_PART),
            "description": {"max_length": gettext_lazy("Shorten the description to 300 characters or fewer.")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = settings.CURRENCY
        for name, label in {"price": _("Price in %(currency)s"), "deposit": _("Deposit in %(currency)s")}.items():
            self.fields[name].label = label % {"currency": currency.upper()}
            amount = self.initial.get(name)
            self.initial[name] = money.decimal_string(amount, currency) if amount is not None else ""
        if not self.instance.deposit:
            self.initial["deposit"] = ""
        if not self.instance.pk:
            self.initial.update(price="", duration_minutes=60)
        self.fields["deposit"].required = False
        self.take_all_that_is_typed("name", "description")

    def save(self, commit: bool = True) -> Any:
        """A new one comes after those that there are."""
        if self.instance.pk is None:
            self.instance.position = Service.next_position()
        return super().save(commit)

    def clean_deposit(self) -> Decimal:
        """Where none is paid, none need be typed. What a deposit may be is up to the service itself."""
        typed: Decimal | None = self.cleaned_data["deposit"]
        chosen = self.cleaned_data.get("payment")
        if typed is None and chosen == Service.Payment.DEPOSIT:
            raise ValidationError(str(WHICH_PART))
        # On record it may stand for another time, and stays there as long as nobody touches it.
        is_touched = (typed, chosen) != (self.instance.deposit, self.instance.payment)
        if is_touched and chosen and chosen != Service.Payment.DEPOSIT and (typed or 0) > 0:
            raise ValidationError(not_asked_for(chosen))
        return typed or Decimal(0)


def not_asked_for(chosen: str) -> str:
    """Why a deposit is refused beside another way of paying, and both ways out."""
    sentence = _("With “%(chosen)s” no deposit is asked for. Choose “%(deposit)s”, or empty this box.")
    return sentence % {"chosen": Service.Payment(chosen).label, "deposit": Service.Payment.DEPOSIT.label}
