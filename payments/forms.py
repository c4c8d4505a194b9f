"""The form with which staff return money of one payment, at the desk and in the admin."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from booking import money
from payments import refunds
from payments.models import Payment, Refund


class RefundForm(forms.Form):
    """Return a part of a payment, or all of it. `seen` is how many refunds of it the page showed."""

    amount = forms.DecimalField(label=gettext_lazy("Amount"), min_value=0, max_digits=8)
    seen = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=pgettext_lazy("returning money", "How"),
        choices=[
            (Refund.Reason.STAFF, gettext_lazy("By Stripe, to the card")),
            (Refund.Reason.BY_HAND, gettext_lazy("Given back another way")),
        ],
    )

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.payment = payment
        self.fields["amount"].initial = money.from_minor_units(payment.amount_refundable, payment.currency)
        self.fields["seen"].initial = payment.refunds.count()

    def clean_amount(self) -> int:
        """Return the amount in minor units."""
        amount: Decimal = self.cleaned_data["amount"]
        try:
            units = money.minor_units(amount, self.payment.currency)
        except ValueError as error:
            raise ValidationError(_("The currency has no such fraction: use fewer decimals.")) from error
        if not 0 < units <= self.payment.amount_refundable:
            raise ValidationError(self.too_much())
        return units

    def too_much(self) -> str:
        left = money.from_minor_units(self.payment.amount_refundable, self.payment.currency)
        amount = money.display(left, self.payment.currency)
        return _("At most %(amount)s is left to return.") % {"amount": amount}

    def return_money(self, by: User) -> bool:
        """Return the money, as `by` decided. False, with an error on the form, if some was returned meanwhile."""
        try:
            refunds.return_money(self.payment, by=by, **self.cleaned_data)
        except (refunds.MoreThanIsLeft, refunds.ReturnedMeanwhile):
            self.add_error(None, _("Money was returned since you opened this page. Open it anew."))
            self.add_error(None, self.too_much())
            return False
        return True
