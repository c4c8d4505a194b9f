"""The forms with which staff cancel an appointment and say what goes back, at the desk and in the admin."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import money
from booking.models import Appointment
from booking.templatetags.wording import price


class DecidedRefundForm(forms.Form):
    """Cancels a paid appointment and returns what staff decide on.

    The amount is preset to all that is left, unless `initial` has another: the desk presets what was promised.
    """

    refund = forms.DecimalField(min_value=0, max_digits=8, label=gettext_lazy("Goes back to the client"))

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = appointment.currency
        refund = self.fields["refund"]
        refund.initial = left = appointment.not_returned
        if left:
            refund.help_text = _("Not gone back yet: %(amount)s.") % {"amount": price(left, self.currency)}
        else:
            refund.help_text = _("Not gone back yet: nothing.")
        refund.validators.append(MaxValueValidator(left, _("That is more than is left.")))

    def clean_refund(self) -> Decimal:
        refund: Decimal = self.cleaned_data["refund"]
        try:
            money.minor_units(refund, self.currency)
        except ValueError as error:
            sentence = _("%(currency)s has no such fraction: use fewer decimals.")
            raise ValidationError(sentence % {"currency": self.currency.upper()}) from error
        return refund


class PromisedRefundForm(forms.Form):
    """Cancels an appointment and returns what was promised, which staff cannot raise by moving it first.

    The page says how much that is and sends the amount along. If another amount is promised by then, nothing is
    cancelled. `is_limited` is whether the client's own button would return more, and `is_a_part` whether who decides on
    money could.
    """

    refund = forms.DecimalField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = timezone.now()
        self.promised = appointment.refund_by_staff_at(now)
        self.is_limited = self.promised < appointment.refund_at(now)
        self.is_a_part = appointment.is_paid_online and self.promised < appointment.not_returned

    def clean(self) -> None:
        if self.cleaned_data.get("refund") != self.promised:
            sentence = _("What goes back is not what this page said: see what it is now, and press again.")
            raise ValidationError(sentence)
