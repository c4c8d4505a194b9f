"""The page on which a client moves an appointment to another free time, at the same price and length."""

from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import zones
from booking.by_reference import get_by_reference, is_as_shown, private
from booking.cancellation import Term
from booking.models import Appointment, NotMovable, NotNow, SlotTaken
from booking.pages import reading_zone
from booking.pages.appointment import show_unchanged
from booking.pages.time_choice import TimeChoice
from booking.responses import page, see_other
from booking.schedule.diary import Diary


class NewTimeChoice(TimeChoice):
    """The choice of another time for an appointment, in the diary of its provider."""

    def __init__(self, appointment: Appointment, query: QueryDict, browser_zone: ZoneInfo | None = None) -> None:
        self.appointment = appointment
        super().__init__(query, zones.find(appointment.client_time_zone) or browser_zone)

    @cached_property
    def diary(self) -> Diary:
        provider = self.appointment.provider
        zone = self.zone_for(provider.zone)
        return Diary(provider, self.appointment, self.now, zone=zone, moving=self.appointment)

    @property
    def provider_zone(self) -> ZoneInfo | None:
        zone = self.appointment.provider.zone
        return zone if zone != self.zone else None

    def own_appointment_at(self, moment: datetime) -> Appointment | None:
        return self.appointment if moment == self.appointment.appointment_time else None

    @property
    def open_day(self) -> date:
        """The day whose times are listed. Before a day is chosen, it is the appointment's if that has a free time.

        Most people who move an appointment want to stay near it.
        """
        present = self.diary.day_of(self.appointment.appointment_time)
        return self.day or (present if self.diary.free(present) else super().open_day)

    @property
    def refund_terms(self) -> list[Term]:
        """What cancelling would return until when, if the appointment were at the chosen time."""
        return self.appointment.refund_terms_at(self.time or self.appointment.appointment_time)

    @property
    def path(self) -> str:
        return reverse("booking:reschedule", args=[self.appointment.reference])

    @property
    def zone_form_fields(self) -> dict[str, str]:
        return {"date": self.open_day.isoformat()}

    @cached_property
    def url_so_far(self) -> str:
        return f"{self.path}?{urlencode({'zone': self.zone.key})}"


@private
@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: HttpRequest, reference: str) -> HttpResponse:
    """Let the client choose another time, as at booking, and show it beside the present one. A POST takes it."""
    appointment = get_by_reference(reference)
    if request.method == "POST":
        return move(request, appointment)
    if not appointment.is_movable:
        return see_other("booking:appointment", reference)
    return show_choice(request, NewTimeChoice(appointment, request.GET, reading_zone.of_browser(request)))


def move(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Move the appointment if it can be moved.

    The answer depends on how the appointment is afterwards, since another request may have changed it meanwhile.
    """
    choice = NewTimeChoice(appointment, request.POST, reading_zone.of_browser(request))
    was_paid = appointment.is_paid_online
    status, problem = try_to_move(appointment, choice)
    now = get_by_reference(appointment.reference)
    if choice.requested_time == now.appointment_time:
        return see_other("payments:pay" if now.is_held else "booking:appointment", now.reference)
    if now.is_paid_online and not was_paid:
        paid = _("It was paid a moment ago, so it is confirmed at this time and was not moved.")
        return show_unchanged(request, now, paid)
    if not now.is_movable:
        return show_unchanged(request, now, _("The time of this appointment can no longer be changed here."))
    choice = NewTimeChoice(now, request.POST, reading_zone.of_browser(request))
    choice.report_problem(status, problem)
    return show_choice(request, choice)


def try_to_move(appointment: Appointment, choice: NewTimeChoice) -> tuple[int, str]:
    """Take the chosen time. Returns a status and a sentence, which are the answer if the appointment was not moved."""
    changed = (
        409,
        _("It was changed since you opened this page, perhaps in another tab. Look at it, and choose again."),
    )
    if not is_as_shown(appointment, choice.query):
        return changed
    try:
        if choice.time:
            appointment.reschedule(choice.time, client_time_zone=choice.zone.key)
    except SlotTaken:
        return 409, _("The diary was busy for a moment, and nothing was changed. Try again.")
    except NotNow as reason:
        return 503, str(reason)
    except NotMovable:
        return changed
    return 422, _("Choose a time from the calendar.")


def show_choice(request: HttpRequest, choice: NewTimeChoice) -> HttpResponse:
    context = {"choice": choice, "appointment": choice.appointment}
    return page(request, "booking/reschedule.html", context, status=choice.status)
