"""The day: who comes when, to whom, and which time is free. For one provider it is a week.

The page asks by itself whether anything has changed, and names what it shows: 204 says that it still shows all.
"""

from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking import customs
from booking.in_force import in_force
from booking.models import Provider
from booking.responses import page
from booking.schedule.agenda import read_agendas
from booking.schedule.availability import DAY
from booking.templatetags.wording import day_name
from staff import opening
from staff.access import BOOK, LOOK, SEE_MONEY, TAKE_MONEY, DeskRequest, appointments_of, desk, providers_of
from staff.health import on_the_day
from staff.pages.drawing import Drawing
from staff.pages.timetable import Timetable
from staff.sums import taken_in_words

# What is before and after that is surely a slip of the hand.
FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)


@require_safe
@desk(LOOK)
def day(request: DeskRequest) -> HttpResponse:
    choice = DayChoice(request)
    timetable = choice.timetable
    shown = request.GET.get("shown") if "HX-Request" in request.headers else None
    if shown == timetable.digest:
        return HttpResponse(status=204)
    template = "staff/partials/timetable.html" if shown else "staff/day.html"
    context = {"choice": choice, "timetable": timetable}
    if not shown:
        context["opening"] = opening.on_the_day(request)
    return page(request, template, context, status=422 if choice.problem else 200)


class DayChoice:
    """Which day or week of whom is looked at, read from the page's address.

    Raises Http404 for a provider that there is not, or whose diary is another's.
    """

    def __init__(self, request: DeskRequest) -> None:
        self.request, self.now = request, timezone.now()
        self.today = timezone.localdate(self.now)
        self.problem = ""
        self.day = self.read_day(request.GET.get("day") or self.today.isoformat())
        self.providers = list(providers_of(request.user))
        self.provider = self.read_provider(request.GET["provider"]) if request.GET.get("provider") else None

    def read_day(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if FIRST <= day <= LAST:
            return day
        self.problem = _(
            "There is no such day in the diary, so this is today. Type a day from 2000 to 2099, like 2026-12-01."
        )
        return self.today

    def read_provider(self, slug: str) -> Provider:
        for provider in self.providers:
            if provider.slug == slug:
                return provider
        raise Http404

    @property
    def step(self) -> timedelta:
        return 7 * DAY if self.provider else DAY

    @property
    def first(self) -> date:
        since_week_began = (self.day.weekday() - customs.first_weekday(in_force.PRACTICE_COUNTRY)) % 7
        return self.day - since_week_began * DAY if self.provider else self.day

    @property
    def last(self) -> date:
        return self.first + self.step - DAY

    @property
    def heading(self) -> str:
        if not self.provider:
            return day_name(self.day)
        week = customs.days_from_to(self.first, self.last)
        return _("%(provider)s, %(week)s") % {"provider": self.provider, "week": week}

    @property
    def address(self) -> str:
        query = {"day": self.day, **({"provider": self.provider.slug} if self.provider else {})}
        return f"{reverse('staff:day')}?{urlencode(query)}"

    @property
    def is_today(self) -> bool:
        return self.first <= self.today <= self.last

    @property
    def before(self) -> date:
        return self.day - self.step

    @property
    def after(self) -> date:
        return self.day + self.step

    @cached_property
    def timetable(self) -> Timetable:
        user = self.request.user
        providers = [self.provider] if self.provider else self.providers
        agendas = read_agendas(providers, self.first, self.last, appointments_of(user), self.now)
        may = {"may_book": user.has_perm(BOOK), "may_take": user.has_perm(TAKE_MONEY)}
        drawing = Drawing(agendas, self.now, is_week=bool(self.provider), **may)
        return replace(drawing.timetable(), not_well=on_the_day(self.request, self.now), taken=self.taken)

    @property
    def taken(self) -> tuple[str, ...]:
        """What was taken at the practice on this day, for who counts the drawer, which is not one provider's."""
        user = self.request.user
        if self.provider or self.day > self.today or not (user.has_perm(TAKE_MONEY) or user.has_perm(SEE_MONEY)):
            return ()
        return taken_in_words(self.day, self.providers)
