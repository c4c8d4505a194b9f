"""The booking page: a GET shows what can be chosen next, a POST books the chosen time.

One booking walks through this module as follows. The page's address says what has been chosen so far, and BookingChoice
reads it. Each further choice is a link to this same page, until a time is chosen and the page shows BookingForm. The
form is posted to this page: it is checked, compared with what the page had shown, and written to the database as a
hold, or as a confirmed appointment if nothing is due online. The answer sends the browser on to pay for the hold.
"""

from collections.abc import Collection

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_http_methods

from booking.forms import BookingForm
from booking.limits import MAX_HOLDS, LimitReached, network_of
from booking.models import SlotTaken, TooManyHolds
from booking.pages import changes_since_shown, embedding, reading_zone
from booking.pages.booking_choice import BookingChoice
from booking.pages.holds import Holds
from booking.responses import page, see_other

COOKIE_MISSING = gettext_noop(
    "Your browser did not send our cookie, so nothing was booked. What you typed is still here: press the button once "
    "more. If this comes back, allow cookies for this site."
)


@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest) -> HttpResponse:
    return hold(request) if request.method == "POST" else choose(request)


def choose(request: HttpRequest) -> HttpResponse:
    """Show what can be chosen next: first provider and service, then a day and a time, and at last the form.

    With the form the browser gets a cookie with a spare reference, for the appointment that it is going to book.
    """
    holds = Holds.of(request)
    choice = read_choice(request, request.GET, holds.references)
    if choice.redirect_url:
        # The redirect is temporary (302): browsers keep a permanent one for good, and the slug may get another owner.
        return redirect(choice.redirect_url)
    if not choice.time or choice.is_framed:
        return show_choices(request, choice)
    form = BookingForm(instance=choice.held_here, offer=choice.offer)
    response = page(request, "booking/book.html", {"booker": choice, "form": form}, status=choice.status)
    holds.hand_out_spare_reference(response)
    return response


@embedding.may_be_framed
def show_choices(request: HttpRequest, choice: BookingChoice) -> HttpResponse:
    return page(request, "booking/book.html", {"booker": choice}, status=choice.status)


def hold(request: HttpRequest) -> HttpResponse:
    """Book the chosen time. Whatever is in the way of that, the form is shown again with a sentence about it."""
    holds = Holds.of(request)
    form = BookingForm(request.POST, own_references=holds.references, begun_from=network_of(request))
    if not form.is_valid():
        return show_form_again(request, form, 422)
    if changes_since_shown.changes(request.POST, form.wanted_appointment):
        return show_form_again(request, form, 409)
    try:
        appointment = form.book(holds.spare_reference)
    except SlotTaken:
        busy = _("The diary was busy for a moment, and your time is not kept yet. Try again.")
        return show_form_again(request, form, 409, busy)
    except TooManyHolds:
        too_many = ngettext(
            "You keep an unpaid time already. Pay for it or give it back first.",
            "You keep %(count)d unpaid times already. Pay for one or give one back first.",
            MAX_HOLDS,
        )
        return show_form_again(request, form, 409, too_many % {"count": MAX_HOLDS})
    except LimitReached as limit:
        response = show_form_again(request, form, 429, str(limit))
        response["Retry-After"] = limit.retry_after
        return response
    response = see_other("payments:pay" if appointment.due_online else "booking:appointment", appointment.reference)
    holds.add(appointment.reference, response)
    return response


def show_form_again(request: HttpRequest, form: BookingForm, status: int, problem: str = "") -> HttpResponse:
    """Answer a POST that booked nothing: the form with all that was typed, beside what can be chosen by now.

    `problem` is shown only if reading the choices anew finds nothing wrong with them. If it finds that this browser has
    booked that very time before, the page says so and shows no form.
    """
    choice = read_choice(request, request.POST, form.own_references)
    if choice.own_appointment:
        return page(request, "booking/book.html", {"booker": choice}, status=status)
    changed = _(changes_since_shown.CHANGED) if choice.changes else ""
    choice.problem = choice.problem or problem or form.hidden_problem or changed
    return page(request, "booking/book.html", {"booker": choice, "form": form}, status=status)


def show_form_after_csrf_failure(request: HttpRequest) -> HttpResponse:
    """Answer a POST that came without a valid CSRF cookie: the page may have been left open until the cookie expired.

    The form comes back with all that was typed and a fresh cookie, so it is enough to press its button again.
    """
    holds = Holds.of(request)
    form = BookingForm(request.POST, own_references=holds.references)
    response = show_form_again(request, form, 403, _(COOKIE_MISSING))
    holds.hand_out_spare_reference(response)
    return response


def read_choice(request: HttpRequest, query: QueryDict, own_references: Collection[str]) -> BookingChoice:
    kept = embedding.kept_in_links(request)
    return BookingChoice(query, own_references, reading_zone.of_browser(request), kept=kept)
