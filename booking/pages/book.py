"""The booking page: a GET shows what can be chosen next, a POST holds the chosen time."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from booking.forms import BookingForm
from booking.limits import LimitReached, begun_from
from booking.models import MAX_HOLDS, SlotTaken, TooManyHolds
from booking.pages import changes_since_shown, reading_zone
from booking.pages.booking_choice import BookingChoice
from booking.pages.holds import Holds
from booking.responses import page, see_other

COOKIE_GONE = (
    "Your browser did not send our cookie, so nothing was booked. What you typed is still here: press the button once "
    "more. If this comes back, allow cookies for this site."
)


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    return hold(request) if request.method == "POST" else choose(request)


def choose(request: HttpRequest) -> HttpResponse:
    holds = Holds.of(request)
    booker = BookingChoice(request.GET, holds.references, reading_zone.of_browser(request))
    if booker.present_address:
        # For now, as a browser keeps what is said to be for good, and the slug may become somebody else's.
        return redirect(booker.present_address)
    context: dict[str, Any] = {"booker": booker}
    if booker.time:
        context["form"] = BookingForm(instance=booker.held_here)
    response = page(request, "booking/book.html", context, status=booker.status)
    if booker.time:
        holds.hand_out_spare(response)
    return response


def hold(request: HttpRequest) -> HttpResponse:
    holds = Holds.of(request)
    form = BookingForm(request.POST, own_references=holds.references, begun_from=begun_from(request))
    if not form.is_valid():
        return refuse(request, form, 422)
    if changes_since_shown.changes(request.POST, form.wanted):
        return refuse(request, form, 409)
    try:
        appointment = form.book(holds.spare)
    except SlotTaken:
        return refuse(request, form, 409, "The diary was busy for a moment, and your time is not kept yet. Try again.")
    except TooManyHolds:
        problem = f"You keep {MAX_HOLDS} unpaid times already. Pay for one or give one back first."
        return refuse(request, form, 409, problem)
    except LimitReached as limit:
        response = refuse(request, form, 429, str(limit))
        response["Retry-After"] = limit.retry_after
        return response
    response = see_other("payments:pay" if appointment.price else "booking:appointment", appointment.reference)
    holds.add(appointment.reference, response)
    return response


def refuse(request: HttpRequest, form: BookingForm, status: int, problem: str = "") -> HttpResponse:
    """The form again with everything typed, beside the choices as they are now: they know best what is wrong.

    Who has that very time already needs no form.
    """
    booker = BookingChoice(request.POST, form.own_references, reading_zone.of_browser(request))
    if booker.own:
        return page(request, "booking/book.html", {"booker": booker}, status=status)
    booker.problem = (
        booker.problem or problem or form.hidden_problem or (changes_since_shown.CHANGED if booker.changes else "")
    )
    return page(request, "booking/book.html", {"booker": booker, "form": form}, status=status)


def refuse_without_cookie(request: HttpRequest) -> HttpResponse:
    """A page left open for long outlives its cookie. The form comes back with a fresh one: pressing again is enough."""
    holds = Holds.of(request)
    form = BookingForm(request.POST, own_references=holds.references)
    response = refuse(request, form, 403, COOKIE_GONE)
    holds.hand_out_spare(response)
    return response
