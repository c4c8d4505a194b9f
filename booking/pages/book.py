from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from booking import zones
from booking.forms import BookingForm, FindForm
from booking.limits import LimitReached, begun_from
from booking.mail.calendar_file import calendar_file
from booking.models import (
    MAX_HOLDS,
    Appointment,
    LinksRequest,
    NotCancellable,
    NotMovable,
    NotNow,
    SlotTaken,
    TooManyHolds,
)
from booking.pages import changes_since_shown as seen
from booking.pages.booking_choice import Booker
from booking.pages.holds import Holds
from booking.pages.reschedule import Rescheduling
from booking.responses import page, private

COOKIE_GONE = (
    "Your browser did not send our cookie, so nothing was booked. What you typed is still here: press the button once "
    "more. If this comes back, allow cookies for this site."
)


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    return hold(request) if request.method == "POST" else choose(request)


def choose(request: HttpRequest) -> HttpResponse:
    holds = Holds.of(request)
    booker = Booker(request.GET, holds.references, zones.of_browser(request))
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
    if seen.changes(request.POST, form.wanted):
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
    booker = Booker(request.POST, form.own_references, zones.of_browser(request))
    if booker.own:
        return page(request, "booking/book.html", {"booker": booker}, status=status)
    booker.problem = booker.problem or problem or form.hidden_problem or (seen.CHANGED if booker.changes else "")
    return page(request, "booking/book.html", {"booker": booker, "form": form}, status=status)


def refuse_without_cookie(request: HttpRequest) -> HttpResponse:
    """A page left open for long outlives its cookie. The form comes back with a fresh one: pressing again is enough."""
    holds = Holds.of(request)
    form = BookingForm(request.POST, own_references=holds.references)
    response = refuse(request, form, 403, COOKIE_GONE)
    holds.hand_out_spare(response)
    return response


def see_other(url_name: str, reference: str) -> HttpResponse:
    return HttpResponseRedirect(reverse(url_name, args=[reference]), status=303)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """For whoever lost our mail: whether an address has appointments is told to nobody but its own mailbox."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if settings.MAIL_IS_SENT and form.is_valid():
        LinksRequest.objects.ask(form.cleaned_data["client_email"], timezone.now())
        return HttpResponseRedirect(reverse("booking:asked"), status=303)
    return page(request, "booking/find.html", {"form": form}, status=422 if form.errors else 200)


@private
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    return page(request, "booking/find.html", {"asked": True})


@private
@require_safe
def appointment(request: HttpRequest, reference: str) -> HttpResponse:
    return page(request, "booking/appointment.html", {"appointment": fetch(reference)})


@private
@require_safe
def calendar(request: HttpRequest, reference: str) -> HttpResponse:
    """For the client's own calendar: what is confirmed goes in, and what was cancelled goes out again."""
    appointment = fetch(reference)
    if not appointment.confirmed_at:
        raise Http404
    response = HttpResponse(calendar_file(appointment), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@private
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """The step shows when it is and what comes back, and its button gives exactly that; else it is shown again."""
    appointment = fetch(reference)
    refund = appointment.refund_at(timezone.now())
    shown = appointment.is_cancellable and request.POST.get("refund") == str(refund)
    if request.method == "POST" and is_as_seen(appointment, request.POST) and (shown or not appointment.is_paid):
        with suppress(NotCancellable):
            appointment.cancel(refund if shown else None)
            return see_other("booking:appointment", reference)
    return cancel_step(request, appointment)


def is_as_seen(appointment: Appointment, query: QueryDict) -> bool:
    """Whether it is what the page showed that asks, which may be open since before a change in another tab."""
    return query.get("seen", appointment.seen_as) == appointment.seen_as


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


def unchanged(request: HttpRequest, appointment: Appointment, problem: str) -> HttpResponse:
    """The appointment as it is now, and why it is not what was asked for."""
    return page(request, "booking/appointment.html", {"appointment": appointment, "problem": problem}, status=409)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: HttpRequest, reference: str) -> HttpResponse:
    """Another free time is chosen as at booking; a last step shows both, and its button moves the appointment."""
    appointment = fetch(reference)
    if request.method == "POST":
        return move(request, appointment)
    if not appointment.is_movable:
        return see_other("booking:appointment", reference)
    return reschedule_step(request, Rescheduling(appointment, request.GET, zones.of_browser(request)))


def move(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    choice = Rescheduling(appointment, request.POST, zones.of_browser(request))
    was_paid, problem = appointment.is_paid, try_to_move(appointment, choice)
    now = fetch(appointment.reference)
    if choice.asked == now.appointment_time:
        return see_other("payments:pay" if now.is_held else "booking:appointment", now.reference)
    if now.is_paid and not was_paid:
        return unchanged(request, now, "It was paid a moment ago, so it is confirmed at this time and was not moved.")
    if not now.is_movable:
        return unchanged(request, now, "The time of this appointment can no longer be changed here.")
    choice = Rescheduling(now, request.POST, zones.of_browser(request))
    choice.refuse(*problem)
    return reschedule_step(request, choice)


def try_to_move(appointment: Appointment, choice: Rescheduling) -> tuple[int, str]:
    """What is to be said if it did not move: a status and a sentence."""
    changed = (409, "It was changed since you opened this page, perhaps in another tab. Look at it, and choose again.")
    if not is_as_seen(appointment, choice.query):
        return changed
    try:
        if choice.time:
            appointment.reschedule(choice.time, client_time_zone=choice.zone.key)
    except SlotTaken:
        return 409, "The diary was busy for a moment, and nothing was changed. Try again."
    except NotNow as reason:
        return 503, str(reason)
    except NotMovable:
        return changed
    return 422, "Choose a time from the calendar."


def reschedule_step(request: HttpRequest, choice: Rescheduling) -> HttpResponse:
    context = {"choice": choice, "appointment": choice.appointment}
    return page(request, "booking/reschedule.html", context, status=choice.status)


def fetch(reference: str) -> Appointment:
    """Knowing the reference is the permission."""
    return get_object_or_404(Appointment.objects.select_related("provider", "service"), reference=reference)
