"""Moving an appointment: to a free time of the provider's calendar, or to any time that staff type."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.forms import parse_instant
from booking.models import Appointment, NotMovable, NotNow, SlotTaken
from booking.pages.reschedule import NewTimeChoice
from booking.pages.time_choice import InvalidChoice
from booking.schedule import chosen_by_hand
from booking.schedule.diary import Diary, NotOnOffer
from booking.templatetags.wording import short_day_and_clock
from staff.access import CHANGE, DeskRequest, desk
from staff.forms.moment import MomentForm
from staff.pages.appointment import (
    back,
    changed_meanwhile,
    done,
    fetch,
    is_as_seen,
    permitted,
    show,
    show_changed,
)


class AnyTimeChoice(NewTimeChoice):
    """The choice of any time that no other appointment occupies, on the provider's own clock.

    The query has `time` as a client's has it, or `day` and `clock`, which were typed. `warnings` has a sentence for
    each reason for which a client could not choose that time, by a short name.
    """

    def __init__(self, appointment: Appointment, query: QueryDict) -> None:
        typed = query if {"day", "clock"} & query.keys() else None
        self.typed = MomentForm(typed, zone=appointment.provider.zone, initial_moment=appointment.appointment_time)
        self.warnings: dict[str, str] = {}
        self.in_the_way: Appointment | None = None
        super().__init__(appointment, query)

    @cached_property
    def diary(self) -> Diary:
        return Diary(self.appointment.provider, self.appointment, self.now, moving=self.appointment)

    def thinned(self, times: Sequence[datetime]) -> Sequence[datetime]:
        """Every time: a caller may be able to come only at a quarter past."""
        return times

    @property
    def new_deadline(self) -> datetime | None:
        """The deadline for paying that comes with the chosen time, if that is another one than before."""
        deadline = self.appointment.deadline_at(self.time) if self.time else None
        return deadline if deadline != self.appointment.kept_until else None

    @property
    def path(self) -> str:
        return reverse("staff:move", args=[self.appointment.pk])

    def read(self) -> None:
        if not self.typed.is_bound:
            super().read()
        elif self.typed.is_valid():
            self.choose(self.typed.cleaned_data["moment"])
        else:
            raise InvalidChoice(422, _("Enter a day and a time, or choose them from the calendar."))

    def read_time(self, text: str) -> None:
        try:
            moment = parse_instant(text)
        except ValueError:
            problem = _("We could not read that time. Choose one from the calendar, or type it.")
            raise InvalidChoice(422, problem) from None
        self.choose(moment)

    def choose(self, moment: datetime) -> None:
        """Choose the time, and open its day, unless it cannot be or another appointment is in the way."""
        self.requested_time = moment
        try:
            chosen_by_hand.require_possible(moment, self.now)
        except NotOnOffer as refusal:
            raise InvalidChoice(422, str(refusal)) from refusal
        if self.diary.earliest <= moment <= self.diary.latest:
            self.day = self.diary.day_of(moment)
        if moment == self.appointment.appointment_time:
            raise InvalidChoice(422, _("It is at that time already. Choose another."))
        self.in_the_way = chosen_by_hand.in_the_way(self.appointment, moment, self.now)
        if self.in_the_way:
            self.alternatives = self.diary.nearest_free(moment)
            raise InvalidChoice(409, _("Another appointment is in the way then."))
        self.time = moment
        self.warnings = chosen_by_hand.warnings_of_move(self.appointment, moment, self.now)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CHANGE)
def move(request: DeskRequest, pk: int) -> HttpResponse:
    """Show the calendar, then the chosen time beside the present one with all there is to know. A POST takes it."""
    appointment = fetch(request, pk)
    posted = request.method == "POST"
    choice = AnyTimeChoice(appointment, request.POST if posted else request.GET)
    if posted and choice.requested_time == appointment.appointment_time:
        return back(appointment)
    if not permitted(request, appointment)["move"]:
        return show_changed(request, pk) if posted else back(appointment)
    if not posted:
        return show_choice(request, choice)
    if not is_as_seen(request, appointment):
        choice.report_problem(409, changed_meanwhile(request, appointment))
    elif choice.warnings.keys() - request.POST.get("warned", "").split():
        choice.report_problem(409, _("Nothing was moved yet. Read this first, and press again if it is right."))
    return show_choice(request, choice) if choice.problem else take_time(request, choice)


def take_time(request: DeskRequest, choice: AnyTimeChoice) -> HttpResponse:
    """Move it to the chosen time, if nobody is quicker."""
    appointment, moment = choice.appointment, choice.time
    if not moment:
        choice.report_problem(422, _("Choose a time from the calendar, or type it."))
        return show_choice(request, choice)
    try:
        appointment.reschedule(moment, by=request.user)
    except SlotTaken:
        choice.report_problem(409, _("The diary was busy for a moment, and nothing was moved. Try again."))
    except NotNow:
        problem = _(
            "Stripe did not close the payment page that the client has open, so nothing was moved. Try again soon."
        )
        choice.report_problem(503, problem)
    except NotMovable:
        return show_changed(request, appointment.pk)
    else:
        moved_to = short_day_and_clock(moment, appointment.provider.zone)
        return done(request, appointment, _("Moved to %(moment)s.") % {"moment": moved_to})
    return show_choice(request, choice)


def show_choice(request: DeskRequest, choice: AnyTimeChoice) -> HttpResponse:
    return show(request, "staff/move.html", choice.appointment, status=choice.status, choice=choice)
