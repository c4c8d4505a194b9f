"""What was booked for a caller, with what is to be read out to them, and the times that could not be booked.

The address has the numbers of the appointments and the times, so it can be opened again, and nothing personal.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.forms import parse_instant
from booking.models import Appointment, SlotTaken
from booking.responses import only_posted, page
from booking.schedule import in_a_row
from booking.schedule.diary import Diary, NotOnOffer, Reach
from staff.access import BOOK, DeskRequest, appointments_of, desk
from staff.forms.caller import new_spare, read_spare
from staff.row_numbers import row_numbers


def address_of(booked: Collection[int], not_free: Collection[datetime]) -> str:
    query = [("booked", pk) for pk in booked] + [("not_free", moment.isoformat()) for moment in not_free]
    return f"{reverse('staff:booked')}?{urlencode(query)}"


class NotFree(NamedTuple):
    """A time that could not be booked, with the free ones nearest to it."""

    moment: datetime
    nearest: list[datetime]


class Done:
    """What was booked for one caller, as far as this user may see it. Raises Http404 if that is nothing."""

    def __init__(self, query: QueryDict, user: User) -> None:
        theirs = appointments_of(user).filter(pk__in=row_numbers(query.getlist("booked")[: in_a_row.MOST]))
        self.appointments = list(theirs.order_by("appointment_time"))
        if not self.appointments:
            raise Http404
        self.query = query

    @property
    def first(self) -> Appointment:
        return self.appointments[0]

    @cached_property
    def not_free(self) -> list[datetime]:
        return list(self._read_times())

    def _read_times(self) -> Iterator[datetime]:
        for text in self.query.getlist("not_free")[: in_a_row.MOST]:
            with suppress(ValueError):
                yield parse_instant(text)

    @cached_property
    def others(self) -> list[NotFree]:
        """The times that could not be booked, each with the nearest that can."""
        first = self.first
        diary = Diary(first.provider, first.service, timezone.now(), reach=Reach.of_staff())
        return [NotFree(moment, diary.nearest_free(moment)) for moment in self.not_free]

    @property
    def spare(self) -> str:
        return new_spare()

    @property
    def day_address(self) -> str:
        day = self.first.appointment_time.astimezone(self.first.provider.zone).date()
        return f"{reverse('staff:day')}?{urlencode({'day': day.isoformat()})}"

    @property
    def book_again_address(self) -> str:
        chosen = {"provider": self.first.provider.slug, "service": self.first.service.slug}
        return f"{reverse('staff:book')}?{urlencode(chosen)}"


@require_safe
@desk(BOOK)
def booked(request: DeskRequest) -> HttpResponse:
    return page(request, "staff/booked.html", {"done": Done(request.GET, request.user)})


@only_posted
@desk(BOOK)
def book_another(request: DeskRequest) -> HttpResponse:
    """Book another time for the same client at the same terms, in the place of one that was not free."""
    done = Done(request.POST, request.user)
    try:
        moment, instead_of = (parse_instant(request.POST.get(name, "")) for name in ("time", "instead_of"))
        another = in_a_row.book_like(done.first, moment, read_spare(request.POST.get("spare", "")), request.user)
    except SlotTaken:
        taken = _("That time was taken a moment ago, and nothing was booked. Choose another.")
        return show_again(request, done, taken, status=409)
    except NotOnOffer as reason:
        return show_again(request, done, str(reason), status=409)
    except ValueError as reason:
        return show_again(request, done, str(reason), status=422)
    left = [one for one in done.not_free if one != instead_of]
    return HttpResponseRedirect(address_of([*(one.pk for one in done.appointments), another.pk], left), status=303)


def show_again(request: DeskRequest, done: Done, problem: str, *, status: int) -> HttpResponse:
    return page(request, "staff/booked.html", {"done": done, "problem": problem}, status=status)
