"""The forms with which staff write down money taken at the practice, and take some of it off again."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from booking import money
from booking.models import Appointment
from booking.templatetags.wording import price, short_day_and_clock
from booking.zones import to_utc
from payments import takings
from payments.models import Taking
from staff.forms.moment import MomentForm

HOW_MUCH = gettext_lazy("Enter an amount above 0 in figures, like 20.")


class AmountField(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        wrong = ["required", "invalid", "min_value", "max_digits"]
        super().__init__(min_value=0, max_digits=8, error_messages=dict.fromkeys(wrong, HOW_MUCH), **kwargs)


class EntryForm(MomentForm):
    """How much money changed hands, and how, and when: between `earliest` and now.

    `at_most` is said of an amount above `most`, with `most` as its `amount`.
    """

    amount = AmountField(label=gettext_lazy("Amount"))
    method = forms.ChoiceField(
        label=pgettext_lazy("how it was paid", "How"),
        widget=forms.RadioSelect,
        choices=Taking.Method.choices,
        error_messages=dict.fromkeys(["required", "invalid_choice"], gettext_lazy("Choose how it was paid.")),
    )
    field_order = ("amount", "method", "day", "clock")

    def __init__(
        self, data: QueryDict | None, *, appointment: Appointment, most: Decimal, at_most: str, earliest: datetime
    ) -> None:
        super().__init__(data, zone=appointment.provider.zone, initial_moment=timezone.now())
        self.appointment, self.currency = appointment, appointment.currency
        self.most, self.at_most, self.earliest = most, at_most, earliest
        self.fields["amount"].initial = money.decimal_string(most, self.currency)

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        try:
            money.minor_units(amount, self.currency)
        except ValueError as error:
            raise ValidationError(_("The currency has no such fraction: use fewer decimals.")) from error
        if not amount:
            raise ValidationError(HOW_MUCH)
        if amount > self.most:
            raise ValidationError(self.at_most % {"amount": price(self.most, self.currency)})
        return amount

    def clean(self) -> dict[str, Any]:
        known = super().clean()
        moment = known.get("moment")
        if moment and moment > timezone.now():
            self.add_error("day", _("That is still to come. Enter when the money changed hands."))
        elif moment and moment < self.earliest:
            sentence = _("That is too early. Enter a moment since %(moment)s.")
            self.add_error("day", sentence % {"moment": short_day_and_clock(self.earliest, self.zone)})
        return known

    @property
    def how(self) -> dict[str, Any]:
        return {"method": self.cleaned_data["method"], "taken_at": self.cleaned_data["moment"]}


class TakingForm(EntryForm):
    """Write down money that was taken: all that is left to pay at the practice, or a part of it."""

    def __init__(self, data: QueryDict | None, *, appointment: Appointment) -> None:
        zone = appointment.provider.zone
        day_of_booking = to_utc(appointment.created_at.astimezone(zone).date(), time(0), zone)
        left, at_most = appointment.left_at_practice, _("At most %(amount)s is left to pay at the practice.")
        super().__init__(data, appointment=appointment, most=left, at_most=at_most, earliest=day_of_booking)

    def take(self, by: User) -> Taking:
        """Write it down. Raises ChangedMeanwhile."""
        return takings.take(self.appointment, self.cleaned_data["amount"], by=by, **self.how)


class UndoForm(EntryForm):
    """Take off again all that is left of an entry, or a part of it. How it went back is preset to how it came."""

    amount = AmountField(label=gettext_lazy("How much goes back"))

    def __init__(self, data: QueryDict | None, *, taking: Taking) -> None:
        # What is typed has no seconds.
        earliest = taking.taken_at.replace(second=0, microsecond=0)
        left, at_most = taking.left, _("Only %(amount)s is left of this entry.")
        super().__init__(data, appointment=taking.appointment, most=left, at_most=at_most, earliest=earliest)
        self.taking, method = taking, self.fields["method"]
        method.initial, method.label = taking.method, _("How it went back")

    def undo(self, by: User) -> Taking:
        """Write the counter-entry. Raises ChangedMeanwhile."""
        return takings.undo(self.taking, self.cleaned_data["amount"], by=by, **self.how)
