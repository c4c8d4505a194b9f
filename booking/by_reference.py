"""What pages and operations need that are open to whoever knows a reference: the appointment, and private headers."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from booking.models import Appointment, Provider, Service
from booking.models.statements import APPOINTMENT, Columns

COLUMNS = Columns(appointment=Appointment, provider=Provider, service=Service)


def get_by_reference(reference: str) -> Appointment:
    """Fetch the appointment. Whoever knows its reference, which has 128 random bits, may see and change it.

    Raises Http404.
    """
    rows = COLUMNS.read(APPOINTMENT, reference=reference)
    if not rows:
        raise Http404
    appointment: Appointment
    appointment, appointment.provider, appointment.service = COLUMNS.instances(rows[0])
    return appointment


def is_as_shown(appointment: Appointment, query: QueryDict) -> bool:
    """Whether the appointment is still as it was on the page whose button was pressed.

    Another tab may have changed it since. `seen` in `query` is what the page showed. It is missing if no page sent the
    request, and then there is nothing to compare.
    """
    return query.get("seen", appointment.shown_state) == appointment.shown_state


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view whose URL has a reference: no cache, search engine or other site may learn such a URL."""

    @wraps(view)
    def with_private_headers(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "same-origin"
        return response

    return with_private_headers
