"""What must always be true of receipts.

Like payments/audit.py, from which these checks are called, it repairs nothing. That two receipts have one number, that
one is corrected twice, or that an appointment has two first ones, is refused by the database itself. A receipt that
says something else than payments say now is not wrong: it says what was so when it was made.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, F, Max, Q

from payments.models import NumberedYear, Receipt


def numbered_with_gaps(now: datetime) -> Iterator[str]:
    """As no number is there twice and none is below 1, as many as the highest number means all up to it."""
    years = Receipt.objects.order_by("year").values_list("year").annotate(count=Count("pk"), highest=Max("number"))
    there = {year: (count, highest) for year, count, highest in years}
    given_out = dict(NumberedYear.objects.values_list("year", "last"))
    for year in sorted({*there, *given_out}):
        last = given_out.get(year, 0)
        if there.get(year, (0, 0)) != (last, last):
            yield f"Receipts of {year} are not those that were numbered from 1 to {last}."


def sums_otherwise_than_lines(now: datetime) -> Iterator[str]:
    for receipt in Receipt.objects.only("year", "number", "lines", "total").iterator():
        if receipt.total != sum(line["amount"] for line in receipt.lines):
            yield f"Receipt {receipt.label} has another sum than its lines."


def corrects_another(now: datetime) -> Iterator[str]:
    """It corrects an earlier one of its own appointment."""
    chained = Q(corrects__appointment=F("appointment"), corrects__pk__lt=F("pk"))
    for receipt in Receipt.objects.exclude(corrects=None).exclude(chained).select_related("corrects"):
        yield f"Receipt {receipt.label} corrects {receipt.corrects}, which is no earlier one of its appointment."


CHECKS = (numbered_with_gaps, sums_otherwise_than_lines, corrects_another)
