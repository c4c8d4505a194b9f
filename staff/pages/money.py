"""The month: what was taken and returned, by provider, by service and by day, and as CSV for a spreadsheet."""

import re
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.responses import page
from payments.month import Month, month_after, month_before
from staff.access import RETURN_MONEY, DeskRequest, desk, providers_of
from staff.movements import as_csv
from staff.sums import Section

# What is before and after that is surely a slip of the hand.
FIRST, LAST = date(2000, 1, 1), date(2099, 12, 1)


@require_safe
@desk(RETURN_MONEY)
def money(request: DeskRequest) -> HttpResponse:
    return show(request, MonthChoice(request))


def show(request: DeskRequest, choice: "MonthChoice") -> HttpResponse:
    month, before = choice.read(choice.first), choice.read(month_before(choice.first))
    sections = [Section(one, month, before) for one in month.currencies]
    context: dict[str, Any] = {"choice": choice, "month": month, "sections": sections}
    return page(request, "staff/money.html", context, status=422 if choice.problem else 200)


@require_safe
@desk(RETURN_MONEY)
def movements(request: DeskRequest) -> HttpResponse:
    """The month's movements as a file. It has no client's name, so it can be given to whoever does the books."""
    choice = MonthChoice(request)
    if choice.problem:
        return show(request, choice)
    response = HttpResponse(as_csv(choice.read(choice.first)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="money-{choice.first:%Y-%m}.csv"'
    return response


class MonthChoice:
    """Which month is looked at, read from the page's address."""

    def __init__(self, request: DeskRequest) -> None:
        self.request, self.today = request, timezone.localdate()
        self.problem = ""
        self.first = self.read_month(request.GET.get("month") or f"{self.today:%Y-%m}")

    def read_month(self, text: str) -> date:
        if re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
            return date.fromisoformat(f"{text}-01")
        self.problem = _(
            "There is no such month in the books, so this is the present one. "
            "Type a month from 2000 to 2099, like 2026-12."
        )
        return self.today.replace(day=1)

    def read(self, first: date) -> Month:
        return Month(first, providers_of(self.request.user))

    @property
    def is_present(self) -> bool:
        return self.first == self.today.replace(day=1)

    @property
    def before(self) -> date | None:
        return month_before(self.first) if self.first > FIRST else None

    @property
    def after(self) -> date | None:
        return month_after(self.first) if self.first < LAST else None
