"""Booking for somebody who has called: the public page's choices within the reach of staff, and a form of its own.

Everything that is typed travels in the bodies of POSTs. Some of these only look something up, and answer with the form
as it is: `find` lists the known clients whom the typed letters fit, and `fill` takes the details of one of them.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import languages, phone
from booking.deadlines import NoDeadline
from booking.models import SlotTaken
from booking.models.search import known_clients
from booking.pages import changes_since_shown
from booking.responses import page
from booking.schedule.diary import NotOnOffer
from booking.schedule.in_a_row import BookedAlready
from booking.text import printable
from staff.access import BOOK, DeskRequest, appointments_of, desk
from staff.forms.caller import CallerForm, new_spare
from staff.pages.booked import address_of
from staff.pages.caller_choice import CallerChoice
from staff.row_numbers import row_numbers

CLIENT = ("client_name", "client_phone", "client_email")
KNOWN_CLIENTS = "known-clients"


@require_http_methods(["GET", "HEAD", "POST"])
@desk(BOOK)
def book(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        return choose(request)
    if "find" in request.POST:
        return find_client(request)
    return fill_in(request) if "fill" in request.POST else take(request)


def choose(request: DeskRequest) -> HttpResponse:
    choice = CallerChoice(request.GET, request.user)
    if choice.redirect_url:
        return redirect(choice.redirect_url)
    return show(request, choice, form_for(choice) if choice.time else None)


def take(request: DeskRequest) -> HttpResponse:
    """Book the chosen time. Whatever is in the way of that, the form is shown again with a sentence about it."""
    choice = CallerChoice(request.POST, request.user)
    if not choice.offer:
        return show(request, choice, None)
    form = form_for(choice, request.POST)
    if not form.is_valid():
        return show_again(request, choice, form, 422)
    if choice.changes:
        return show_again(request, choice, form, 409, changes_since_shown.CHANGED)
    return book_in_a_row(request, choice, form)


def book_in_a_row(request: DeskRequest, choice: CallerChoice, form: CallerForm) -> HttpResponse:
    try:
        done = form.book_in_a_row(request.user)
    except BookedAlready as before:
        sentence = _(
            "This form has booked that time for %(client)s already, with other details. Nothing was changed now."
        )
        choice.problem = sentence % {"client": before.appointment.client}
        return show_again(request, choice, form, 409, booked_already=before.appointment)
    except (SlotTaken, NotOnOffer):
        now = CallerChoice(request.POST, request.user)
        return show_again(request, now, form, 409, _("Try again: it was busy."))
    except NoDeadline as reason:
        return show_again(request, choice, form, 422, str(reason))
    return HttpResponseRedirect(address_of([one.pk for one in done.booked], done.not_free), status=303)


def find_client(request: DeskRequest) -> HttpResponse:
    """List the known clients whom the typed letters fit: below the field while typing, or on the whole page."""
    typed = {name: printable(request.POST.get(name, "")).strip() for name in CLIENT}
    words = f"{typed['client_name']} {typed['client_email']}".strip()
    texts = [words if len(words) > 1 else "", typed["client_phone"] if phone.beginning(typed["client_phone"]) else ""]
    clients, are_all = known_clients(appointments_of(request.user), *texts)
    known = {"clients": clients, "are_all": are_all, "asked": any(texts)}
    if request.headers.get("HX-Target") == KNOWN_CLIENTS:
        return render(request, "staff/partials/known_clients.html", known)
    return show_as_typed(request, {}, **known)


def fill_in(request: DeskRequest) -> HttpResponse:
    """Put the details of a known client into the form."""
    known = get_object_or_404(appointments_of(request.user), pk__in=row_numbers([request.POST["fill"]]))
    details = {name: getattr(known, name) for name in CLIENT}
    language = languages.of_tag(languages.tag_of(known.language))
    return show_as_typed(request, {**details, "language": language}, filled=True)


def show_as_typed(request: DeskRequest, better: dict[str, str], **context: Any) -> HttpResponse:
    """Answer a POST that has only looked something up: the form with all that was typed, and with what is known better.

    It may answer at an address that was taken meanwhile, and then says so.
    """
    choice = CallerChoice(request.POST, request.user)
    form = form_for(choice, initial={**request.POST.dict(), **better}) if choice.offer else None
    response = show(request, choice, form, **context)
    response["HX-Push-Url"] = "false"
    return response


def form_for(choice: CallerChoice, data: Any = None, initial: dict[str, str] | None = None) -> CallerForm:
    if not choice.offer:
        raise LookupError("There is a form only for a provider and a service.")
    begins = choice.time or choice.requested_time
    return CallerForm(data, offer=choice.offer, begins=begins, initial={"spare": new_spare(), **(initial or {})})


def show_again(
    request: DeskRequest, choice: CallerChoice, form: CallerForm, status: int, problem: str = "", **context: Any
) -> HttpResponse:
    choice.problem = choice.problem or problem or form.hidden_problem
    return show(request, choice, form, status=choice.status if choice.status >= 400 else status, **context)


def show(
    request: HttpRequest, choice: CallerChoice, form: CallerForm | None, *, status: int = 0, **context: Any
) -> HttpResponse:
    context = {"booker": choice, "choice": choice, "form": form, **context}
    return page(request, "staff/book.html", context, status=status or choice.status)
