"""The page of one appointment, and its calendar file."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from booking.by_reference import get_by_reference, private
from booking.mail.calendar_file import calendar_file
from booking.models import Appointment
from booking.responses import page


@private
@require_safe
def appointment(request: HttpRequest, reference: str) -> HttpResponse:
    return page(request, "booking/appointment.html", {"appointment": get_by_reference(reference)})


@private
@require_safe
def calendar(request: HttpRequest, reference: str) -> HttpResponse:
    """A file for the client's own calendar: it adds a confirmed appointment, and removes a cancelled one again."""
    appointment = get_by_reference(reference)
    if not appointment.confirmed_at:
        raise Http404
    response = HttpResponse(calendar_file(appointment), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


def show_unchanged(request: HttpRequest, appointment: Appointment, problem: str) -> HttpResponse:
    """Answer a POST that changed nothing with the appointment's page as it is now. `problem` says why, in a sentence.

    The pages for cancelling and for moving an appointment use this.
    """
    return page(request, "booking/appointment.html", {"appointment": appointment, "problem": problem}, status=409)
