"""A year's public holidays as time off, in one press."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from booking.models import Appointment, SlotTaken, TimeOff
from booking.responses import page
from booking.schedule import public_holidays as known_holidays
from booking.schedule.away import Touches, is_in, shown, touched, without_known, write_down
from staff.access import CHANGE, CLOSE, DeskRequest, appointments_of, desk, providers_of
from staff.pages.away import BUSY, done


class Holiday(NamedTuple):
    day: date
    name: str
    times_off: list[TimeOff]
    """What is to be written down for it; empty if all are away then already, or the day is over."""
    touched: list[Appointment]


class HolidaysOfYear:
    """The holidays that are still to come in the year that is asked for, with whom each touches."""

    def __init__(self, request: DeskRequest) -> None:
        self.request, self.now, self.problem, self.status = request, timezone.now(), "", 200
        this_year = timezone.localdate(self.now).year
        self.years = [this_year, this_year + 1]
        given = request.POST if request.method == "POST" else request.GET
        self.year = self.read_year(given.get("year", str(this_year)))
        self.holidays = self.read_holidays()

    def report(self, problem: str, status: int) -> None:
        self.problem, self.status = problem, status

    def read_year(self, text: str) -> int:
        if text in map(str, self.years):
            return int(text)
        self.report(_("Choose this year or the next, since holidays further ahead may still change."), 422)
        return self.years[0]

    def read_holidays(self) -> list[Holiday]:
        try:
            names = known_holidays.of_year(self.year)
        except known_holidays.UnknownHolidays as unknown:
            self.report(str(unknown), 422)
            return []
        providers = list(providers_of(self.request.user))
        new = without_known(known_holidays.time_off(names, providers, self.now), self.now)
        in_it = touched(new, appointments_of(self.request.user), self.now)
        return [
            self.holiday(day, name, new, in_it) for day, name in names.items() if day >= timezone.localdate(self.now)
        ]

    def holiday(self, day: date, name: str, new: Sequence[TimeOff], in_it: list[Appointment]) -> Holiday:
        times_off = [off for off in new if off.starts.astimezone(off.provider.zone).date() == day]
        return Holiday(day, name, times_off, [one for one in in_it if is_in(one, times_off)])

    @property
    def to_add(self) -> list[Holiday]:
        return [holiday for holiday in self.holidays if holiday.times_off]

    @property
    def known_already(self) -> list[str]:
        return [holiday.name for holiday in self.holidays if not holiday.times_off]

    @property
    def seen(self) -> list[str]:
        """What the page shows of those whom it touches, which its form sends along."""
        return [shown(one) for holiday in self.holidays for one in holiday.touched]


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CLOSE)
def public_holidays(request: DeskRequest) -> HttpResponse:
    """Show the days and whom each touches. A POST writes down all that are not yet, as whole days."""
    choice = HolidaysOfYear(request)
    if request.method != "POST" or choice.problem:
        return show(request, choice)
    times_off = [off for holiday in choice.holidays for off in holiday.times_off]
    try:
        saved = write_down(
            times_off, appointments_of(request.user), request.POST.getlist("seen"), request.user, choice.now
        )
    except Touches:
        sentence = _("Nothing was added yet, as these appointments are booked on such days. Read the list first.")
        choice.report(sentence, 409)
    except SlotTaken:
        choice.report(str(BUSY), 409)
    else:
        return done(request, what_was_added(saved, choice.year))
    return show(request, choice)


def what_was_added(saved: list[TimeOff], year: int) -> str:
    days = len({off.starts.astimezone(off.provider.zone).date() for off in saved})
    if not days:
        return _("Nothing was left to add.")
    added = ngettext("One public holiday of %(year)d added.", "%(days)d public holidays of %(year)d added.", days)
    return added % {"days": days, "year": year}


def show(request: DeskRequest, choice: HolidaysOfYear) -> HttpResponse:
    context = {"choice": choice, "country": known_holidays.country(), "may_change": request.user.has_perm(CHANGE)}
    return page(request, "staff/holidays.html", context, status=choice.status)
