"""Compare the desk's page of the month with the sandbox's balance, and with what was taken at the practice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from booking.models import Provider
from payments.models import Refund, Taking
from payments.month import Month
from payments.sandbox.models import StripeObject


def wrong() -> Iterator[str]:
    """Yield a line for each sum that is another one."""
    said = of_the_months()
    there = Taking.objects.aggregate(all=Sum("amount"))["all"] or 0
    for what, is_true in {**of_the_balance(), "practice": there}.items():
        if said[what] != is_true:
            yield f"The month says {said[what]} {what}, and it is {is_true}."


def of_the_months() -> Counter[str]:
    """The sums of this month and, as a run may last over its beginning, of the one before. In minor units."""
    today = timezone.localdate().replace(day=1)
    sums: Counter[str] = Counter()
    for first in (today, (today - timedelta(days=1)).replace(day=1)):
        total = Month(first, Provider.objects.all()).in_currency("eur").total
        sums.update(online=total.online, returned=total.returned, practice=total.practice)
    return sums


def of_the_balance() -> dict[str, int]:
    """What came in and went back through Stripe, and what was returned by hand, of which Stripe does not know."""
    sums: Counter[str] = Counter()
    for movement in StripeObject.objects.filter(type="balance_transaction").values_list("body", flat=True):
        sums[movement["type"]] += movement["amount"]
    by_hand = Refund.objects.filter(reason=Refund.Reason.BY_HAND).aggregate(all=Sum("amount"))["all"] or 0
    return {"online": sums["charge"], "returned": by_hand - sums["refund"] - sums["refund_failure"]}
