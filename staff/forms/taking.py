"""The forms with which staff write down money taken at the practice, and undo such an entry."""

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

HOW_MUCH = gettext_lazy("Enter how much was taken, in figures.")


class EntryForm(MomentForm):
    """How and when money changed hands: between `earliest` and now."""

    method = forms.ChoiceField(
        label=pgettext_lazy("how it was paid", "How"),
        widget=forms.RadioSelect,
        choices=Taking.Method.choices,
        error_messages=dict.fromkeys(["required", "invalid_choice"], gettext_lazy("Choose how it was paid.")),
    )
    field_order = ("amount", "method", "day", "clock")

    def __init__(self, data: QueryDict | None, *, appointment: Appointment, earliest: datetime) -> None:
        super().__init__(data, zone=appointment.provider.zone, initial_moment=timezone.now())
        self.appointment, self.earliest = appointment, earliest

    def clean(self) -> dict[str, Any]:
        known = super().clean()
        moment = known.get("moment")
        if moment and moment > timezone.now():
            self.add_error("day", _("That is still to come. Enter when the money changed hands."))
        elif moment and moment < self.earliest:
            sentence = _("That is too early. Enter a moment since %(moment)s.")
            self.add_error("day", sentence % {"moment": short_day_and_clock(self.earliest, self.zone)})
        return known


class TakingForm(EntryForm):
    """Write down money that was taken: all that is left to pay at the practice, or a part of it."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        min_value=0,
        max_digits=8,
        error_messages=dict.fromkeys(["required", "invalid", "min_value", "max_digits"], HOW_MUCH),
    )

    def __init__(self, data: QueryDict | None, *, appointment: Appointment) -> None:
        zone = appointment.provider.zone
        day_of_booking = appointment.created_at.astimezone(zone).date()
        super().__init__(data, appointment=appointment, earliest=to_utc(day_of_booking, time(0), zone))
        left = money.decimal_string(appointment.left_at_practice, appointment.currency)
        self.fields["amount"].initial = left

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        try:
            money.minor_units(amount, self.appointment.currency)
        except ValueError as error:
            raise ValidationError(_("The currency has no such fraction: use fewer decimals.")) from error
        if not amount:
            raise ValidationError(HOW_MUCH)
        if amount > self.appointment.left_at_practice:
            left = price(self.appointment.left_at_practice, self.appointment.currency)
            raise ValidationError(_("At most %(amount)s is left to pay at the practice.") % {"amount": left})
        return amount

    def take(self, by: User) -> Taking:
        """Write it down. Raises ChangedMeanwhile."""
        known = self.cleaned_data
        how = {"method": known["method"], "taken_at": known["moment"]}
        return takings.take(self.appointment, known["amount"], by=by, **how)


class UndoForm(EntryForm):
    """Undo an entry: money went back as it came, unless somebody chooses otherwise."""

    def __init__(self, data: QueryDict | None, *, taking: Taking) -> None:
        # What is typed has no seconds.
        earliest = taking.taken_at.replace(second=0, microsecond=0)
        super().__init__(data, appointment=taking.appointment, earliest=earliest)
        self.taking, method = taking, self.fields["method"]
        method.initial, method.label = taking.method, _("How it went back")

    def undo(self, by: User) -> Taking:
        """Write the counter-entry. Raises ChangedMeanwhile."""
        known = self.cleaned_data
        return takings.undo(self.taking, method=known["method"], taken_at=known["moment"], by=by)
