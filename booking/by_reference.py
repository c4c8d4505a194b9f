"""What only somebody who knows an appointment's reference may read or change: fetching it, keeping it private."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404

from booking.models import Appointment


def get_by_reference(reference: str) -> Appointment:
    """Knowing the reference, 128 random bits, is the permission. Raises Http404."""
    return get_object_or_404(Appointment.objects.select_related("provider", "service"), reference=reference)


def is_as_shown(appointment: Appointment, query: QueryDict) -> bool:
    """Whether it still is what the page showed whose button was pressed: another tab may have changed it since."""
    return query.get("seen", appointment.seen_as) == appointment.seen_as


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever has the address of such a page may use it, so no cache, crawler or foreign site may learn it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "same-origin"
        return response

    return guarded
