"""What is held about a person: shown to an owner, downloaded, and erased. Each of these is written down.

The person is named in the body of a POST, and so never in an address: Back leads to the form that asks.
"""

from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from booking.models import Appointment
from booking.personal_data import Person
from booking.responses import only_posted, page
from booking.templatetags.wording import day_and_clock
from payments.personal_data import InTheWay, NotErasable, Reason, erase, obstacles_to
from staff.access import SEE_PEOPLE, DeskRequest, desk
from staff.forms.person import PersonForm
from staff.held import Held
from staff.models import PersonLog

# So many appointments stand on the page, the latest first, and so many who have looked. The downloads have all.
SHOWN, LOOKS_SHOWN = 50, 10
WHY = {
    Reason.COMING: gettext_lazy("%(service)s on %(moment)s is still ahead. Cancel it first, or wait until it is over."),
    Reason.ON_ITS_WAY: gettext_lazy(
        "A payment for %(service)s on %(moment)s is on its way, or its page is open. Wait until it has come or failed."
    ),
    Reason.DISPUTED: gettext_lazy(
        "The client’s bank asks about the payment for %(service)s on %(moment)s. Wait until that is decided: you need "
        "what is held to answer it."
    ),
    Reason.RETURNING: gettext_lazy(
        "Money for %(service)s on %(moment)s is on its way back. Wait until it has arrived: if it does not, you have "
        "to reach the client."
    ),
    Reason.STILL_DUE: gettext_lazy(
        "Money for %(service)s on %(moment)s is still due back, as a refund failed. Return it first."
    ),
    Reason.UNEXPLAINED: gettext_lazy(
        "A payment for %(service)s on %(moment)s is not what was asked for. Return it first."
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@desk(SEE_PEOPLE)
def people(request: DeskRequest) -> HttpResponse:
    """Ask about whom, and show what is held."""
    if request.method != "POST":
        return ask(request, PersonForm())
    form = PersonForm(request.POST)
    return look(request, form.cleaned_data["who"]) if form.is_valid() else ask(request, form)


def ask(request: DeskRequest, form: PersonForm) -> HttpResponse:
    context = {"form": form, "months": settings.KEEP_PERSONAL_DATA_MONTHS}
    return page(request, "staff/people.html", context, status=422 if form.errors else 200)


def look(request: DeskRequest, person: Person) -> HttpResponse:
    looks = list(PersonLog.objects.about(person)[:LOOKS_SHOWN])
    PersonLog.objects.record(person, PersonLog.Kind.LOOKED, request.user, timezone.now())
    held = Held(person)
    shown = held.appointments[:SHOWN]
    context = {"held": held, "shown": shown, "more": len(held.appointments) - len(shown), "looks": looks}
    return page(request, "staff/person.html", {**context, "zone": timezone.get_current_timezone()})


def about_a_person(view: Callable[[DeskRequest, Person], HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate what a form of the person's page is sent to. It is asked again about whom, if it does not say.

    HTMX puts the address of such a page into the address bar, where it can be reloaded, and says nothing of anybody.
    """

    @wraps(view)
    def of_person(request: DeskRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(reverse("staff:people"))
        form = PersonForm(request.POST)
        return view(request, form.cleaned_data["who"]) if form.is_valid() else ask(request, form)

    return of_person


@only_posted
@desk(SEE_PEOPLE)
@about_a_person
def download(request: DeskRequest, person: Person) -> HttpResponse:
    """All of it as a file: to read, or for programs. Its name says nothing of the person."""
    now, held = timezone.now(), Held(person)
    PersonLog.objects.record(person, PersonLog.Kind.DOWNLOADED, request.user, now)
    if request.POST.get("kind") == "json":
        response: HttpResponse = JsonResponse(held.as_json(now), json_dumps_params={"indent": 2, "ensure_ascii": False})
    else:
        context = {"held": held, "now": now, "zone": timezone.get_current_timezone()}
        response = HttpResponse(render_to_string("staff/person_file.html", context, request))
    ending = "json" if request.POST.get("kind") == "json" else "html"
    response["Content-Disposition"] = f'attachment; filename="held-{timezone.localdate(now)}.{ending}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@desk(SEE_PEOPLE)
@about_a_person
def erase_person(request: DeskRequest, person: Person) -> HttpResponse:
    """Say what goes and what stays, and what is in the way. The button on that page erases."""
    if "sure" not in request.POST:
        return ask_whether_to_erase(request, person)
    now = timezone.now()
    if obstacles_to(person, now):
        return ask_whether_to_erase(request, person, status=409)
    # Written down first, as some of it is erased for good even if something stops the rest.
    PersonLog.objects.record(person, PersonLog.Kind.ERASED, request.user, now)
    try:
        erased = erase(person, now)
    except NotErasable:
        return ask_whether_to_erase(request, person, status=409)
    words = ngettext(
        "Erased: %(count)d appointment says no more who the client was.",
        "Erased: %(count)d appointments say no more who the client was.",
        erased,
    )
    messages.success(request, words % {"count": erased} if erased else _("Erased: nothing is held any more."))
    return HttpResponseRedirect(reverse("staff:people"), status=303)


class Obstacle(NamedTuple):
    sentence: str
    appointment: Appointment


def ask_whether_to_erase(request: DeskRequest, person: Person, *, status: int = 200) -> HttpResponse:
    """The page says what is held, so whoever is shown it has looked. Where nothing is held it asks nothing."""
    held = Held(person)
    if held.is_nothing:
        return look(request, person)
    PersonLog.objects.record(person, PersonLog.Kind.LOOKED, request.user, timezone.now())
    in_the_way = [obstacle(found) for found in obstacles_to(person, timezone.now())]
    context = {"held": held, "in_the_way": in_the_way, "was_refused": status == 409}
    return page(request, "staff/erase_person.html", context, status=status)


def obstacle(found: InTheWay) -> Obstacle:
    about = found.appointment
    moment = day_and_clock(about.appointment_time, about.provider.zone)
    words = {"service": about.translated_service, "moment": moment}
    return Obstacle(WHY[found.reason] % words, about)
