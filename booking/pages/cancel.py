"""The page on which a client cancels an appointment: it says what comes back, and its button gives exactly that."""

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.by_reference import get_by_reference, is_as_shown, private
from booking.models import Appointment, NotCancellable
from booking.pages.appointment import show_unchanged
from booking.responses import page, see_other


@private
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """A paid appointment is cancelled only for the refund that the page showed; otherwise the page is shown again."""
    appointment = get_by_reference(reference)
    refund = appointment.refund_at(timezone.now())
    was_shown = appointment.is_cancellable and request.POST.get("refund") == str(refund)
    if (
        request.method == "POST"
        and is_as_shown(appointment, request.POST)
        and (was_shown or not appointment.is_paid_online)
    ):
        with suppress(NotCancellable):
            appointment.cancel(refund if was_shown else None)
            return see_other("booking:appointment", reference)
    return show_what_comes_back(request, appointment)


def show_what_comes_back(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Answer a GET, or a POST that cancelled nothing, with the page as it is now if it can still be cancelled."""
    posted = request.method == "POST"
    if appointment.is_cancellable:
        context = {"appointment": appointment, "refused": posted, "refund": appointment.refund_at(timezone.now())}
        return page(request, "booking/cancel.html", context, status=409 if posted else 200)
    if posted and appointment.state == Appointment.Status.CONFIRMED:
        return show_unchanged(
            request, appointment, _("This appointment has begun or is over, so it was not cancelled.")
        )
    if posted and appointment.is_held:
        changed = _("It has changed since you opened that page, so it was not given back.")
        return show_unchanged(request, appointment, changed)
    return see_other("booking:appointment", appointment.reference)
