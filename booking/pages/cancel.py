"""The page on which a client cancels an appointment: it says what comes back, and its button gives exactly that."""

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from booking.by_reference import get_by_reference, is_as_shown, private
from booking.models import Appointment, NotCancellable
from booking.pages.appointment import unchanged
from booking.responses import page, see_other


@private
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """A paid appointment is cancelled only for the refund that the page showed; otherwise it is shown again."""
    appointment = get_by_reference(reference)
    refund = appointment.refund_at(timezone.now())
    shown = appointment.is_cancellable and request.POST.get("refund") == str(refund)
    if request.method == "POST" and is_as_shown(appointment, request.POST) and (shown or not appointment.is_paid):
        with suppress(NotCancellable):
            appointment.cancel(refund if shown else None)
            return see_other("booking:appointment", reference)
    return cancel_step(request, appointment)


def cancel_step(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    posted = request.method == "POST"
    context = {"appointment": appointment, "refused": posted}
    if appointment.is_cancellable:
        context["refund"] = appointment.refund_at(timezone.now())
        return page(request, "booking/cancel.html", context, status=409 if posted else 200)
    if posted and appointment.state == Appointment.Status.CONFIRMED:
        return unchanged(request, appointment, "This appointment has begun or is over, so it was not cancelled.")
    if posted and appointment.is_held:
        return unchanged(request, appointment, "It has changed since you opened that page, so it was not given back.")
    return see_other("booking:appointment", appointment.reference)
