"""The public holidays of this year and the next as time off, for whoever does not have them yet, in one press."""

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

    @property
    def lacking(self) -> str:
        """Who does not have it off yet, by name."""
        return ", ".join(str(off.provider) for off in self.times_off)


class ComingHolidays:
    """The holidays that are still to come this year and in the next, with whom each touches.

    Those of later years may still change. Whoever is not offered at present needs none.
    """

    def __init__(self, request: DeskRequest) -> None:
        self.request, self.now, self.problem, self.status = request, timezone.now(), "", 200
        self.providers = list(providers_of(request.user).filter(active=True))
        self.holidays = self.read_holidays()

    def report(self, problem: str, status: int) -> None:
        self.problem, self.status = problem, status

    def read_holidays(self) -> list[Holiday]:
        this_year = timezone.localdate(self.now).year
        try:
            names = {**known_holidays.of_year(this_year), **known_holidays.of_year(this_year + 1)}
        except known_holidays.UnknownHolidays as unknown:
            self.report(str(unknown), 422)
            return []
        new = without_known(known_holidays.time_off(names, self.providers, self.now), self.now)
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
    def lacks_alike(self) -> bool:
        """Whether nobody has any of the days yet that are to be added, so that nobody needs to be named."""
        return all(len(holiday.times_off) == len(self.providers) for holiday in self.to_add)

    @property
    def known_already(self) -> list[str]:
        return [holiday.name for holiday in self.holidays if not holiday.times_off]

    @property
    def has_others_than_sent(self) -> bool:
        """Whether a day would be added that the page did not have: there is another country in force since, or year."""
        sent = self.request.POST.getlist("day")
        return any(holiday.day.isoformat() not in sent for holiday in self.to_add)

    @property
    def seen(self) -> list[str]:
        """What the page shows of those whom it touches, which its form sends along."""
        return [shown(one) for holiday in self.holidays for one in holiday.touched]


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CLOSE)
def public_holidays(request: DeskRequest) -> HttpResponse:
    """Show the days and whom each touches. A POST writes down all that are not yet, as whole days.

    It sends along what its page had: nobody is away on a day, and nobody's booking is passed over, that was not read.
    """
    choice = ComingHolidays(request)
    if request.method != "POST" or choice.problem:
        return show(request, choice)
    if choice.has_others_than_sent:
        choice.report(
            _("Nothing was added yet, as other days are public holidays here by now. Read the list first."), 409
        )
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
        return done(request, what_was_added(saved))
    return show(request, choice)


def what_was_added(saved: list[TimeOff]) -> str:
    days = len({off.starts.astimezone(off.provider.zone).date() for off in saved})
    if not days:
        return _("Nothing was left to add.")
    return ngettext("One public holiday added.", "%(days)d public holidays added.", days) % {"days": days}


def show(request: DeskRequest, choice: ComingHolidays) -> HttpResponse:
    context = {"choice": choice, "country": known_holidays.country(), "may_change": request.user.has_perm(CHANGE)}
    return page(request, "staff/holidays.html", context, status=choice.status)
