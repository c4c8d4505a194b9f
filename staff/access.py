"""Who may see and do what at the desk. Every appointment and provider that a page shows comes from here.

Only what is held about one person (staff/held.py) is read without regard to diaries, for those who may see all of it.

What somebody may do is a permission of Django's. The groups that migration 0002 makes, one for each role, are only
sets of these, and the practice may change them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from booking.by_reference import private
from booking.models import Appointment, Provider
from booking.models.appointment.queryset import AppointmentQuerySet
from booking.responses import page
from booking.sign_in import SignInForm
from staff.interrupted import Interrupted, is_of_another_site

# What the permissions mean at the desk.
LOOK = "booking.view_appointment"
BOOK = "booking.add_appointment"
CHANGE = "booking.change_appointment"  # move, cancel, correct, no-show, send a link
SEE_MONEY = "payments.view_payment"
# Decide how much goes back, without which what was promised goes back; and see the practice's whole month.
RETURN_MONEY = "payments.add_refund"
TAKE_MONEY = "payments.add_taking"  # write down what was taken at the practice, and undo that
CLOSE = "booking.add_timeoff"  # write down when somebody is away, and take that back
SET_HOURS = "booking.change_workinghours"
ADD_SERVICE, CHANGE_SERVICE = "booking.add_service", "booking.change_service"
ADD_PROVIDER, CHANGE_PROVIDER = "booking.add_provider", "booking.change_provider"
SETTINGS = "booking.change_practicesetting"
CHANGE_PORTRAIT = "booking.change_portrait"
EVERY_DIARY = "staff.see_every_diary"
LOOK_AFTER = "payments.view_webhookevent"  # see whether what runs beside the site works, and examine that
SEE_PEOPLE = "staff.see_people"  # all that is held about a person, in whichever diary; download it, and erase it

# What the header leads to: each page has a label, the name of its URL, and the permission that one needs for it.
PAGES = (
    (pgettext_lazy("page", "Day"), "staff:day", LOOK),
    (pgettext_lazy("page", "Book"), "staff:book", BOOK),
    (pgettext_lazy("page", "Away"), "staff:away", CLOSE),
    (pgettext_lazy("page", "Find"), "staff:find", LOOK),
    (gettext_lazy("Money"), "staff:money", RETURN_MONEY),
    (pgettext_lazy("page", "Hours"), "staff:hours", SET_HOURS),
    (gettext_lazy("Services"), "staff:services", CHANGE_SERVICE),
    (pgettext_lazy("page", "Links"), "staff:links", SET_HOURS),
    (pgettext_lazy("page", "Health"), "staff:health", LOOK_AFTER),
    (pgettext_lazy("page", "Settings"), "staff:settings", SETTINGS),
)

View = Callable[..., HttpResponse]


class DeskRequest(HttpRequest):
    """The request of somebody who has signed in."""

    user: User


def providers_of(user: User | AnonymousUser) -> QuerySet[Provider]:
    """The providers whose diaries somebody may see: all, or their own, or none."""
    if user.has_perm(EVERY_DIARY):
        return Provider.objects.all()
    return Provider.objects.filter(login__user=user.pk)


def appointments_of(user: User | AnonymousUser) -> AppointmentQuerySet[Appointment]:
    """The appointments that somebody may see."""
    seen = Appointment.objects.select_related("provider", "service")
    return seen if user.has_perm(EVERY_DIARY) else seen.filter(provider__in=providers_of(user))


def pages_of(user: User | AnonymousUser) -> list[tuple[str, str]]:
    """The label and the address of each page that somebody may open."""
    pages = [(str(label), address_of(name)) for label, name, permission in PAGES if user.has_perm(permission)]
    return [(label, address) for label, address in pages if address]


def address_of(name: str, *args: object) -> str:
    """The address of a page of the desk, or empty if the desk has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def desk(permission: str) -> Callable[[View], View]:
    """Decorate a page of the desk: for those who have signed in and may look and have this permission."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            if reason := refusal(request.user, permission):
                return over_all(page(request, "staff/refused.html", reason._asdict(), status=403))
            return view(request, *args, **kwargs)

        answer = private(guarded)
        # A mark of ours for config/errors.py, which mypy cannot know.
        answer.after_csrf_failure = "staff.pages.again.show_again_after_csrf_failure"  # type: ignore[attr-defined]
        return answer

    return decorate


def own_login(view: View) -> View:
    """Decorate a page on which somebody changes their own login: for all who have signed in, whatever they may do."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.path, reverse("staff:login"))
        return view(request, *args, **kwargs)

    return private(guarded)


class Refusal(NamedTuple):
    """Why somebody who has signed in does not see a page, and what they can do."""

    heading: str
    sentence: str
    shows_day: bool = False
    """Whether the day is theirs to see, so that they can go back to it."""


def refusal(user: User | AnonymousUser, permission: str) -> Refusal | None:
    """Why this user may not see what needs this permission, or None if they may."""
    if not user.has_perm(LOOK):
        sentence = _("Your login has no role at the desk yet. Ask the owner of the practice to choose one for it.")
        return Refusal(_("You have signed in, and may not look yet"), sentence)
    if not (user.has_perm(EVERY_DIARY) or providers_of(user).exists()):
        sentence = _(
            "Your login belongs to no provider yet, so there is no diary to show. Ask the owner to choose one."
        )
        return Refusal(_("Whose diary is yours?"), sentence)
    if not user.has_perm(permission):
        sentence = _("Your role at the desk does not include this, so nothing was changed. Ask the owner if it should.")
        return Refusal(_("This is not yours to do"), sentence, shows_day=True)
    return None


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Answer somebody who is not signed in, or not any more, so that they lose nothing of what they have typed.

    A page that asks something by itself may stand beside a form that is being filled in, or be one: it stays as it is.
    """
    if "HX-Request" in request.headers and "HX-Boosted" not in request.headers:
        return HttpResponse(_("You are signed out. Nothing was changed."), status=401, content_type="text/plain")
    if request.method == "POST":
        interrupted, is_ours = Interrupted.by(request), not is_of_another_site(request)
        context = {"form": SignInForm(request), "interrupted": interrupted, "was_signed_out": is_ours}
        return over_all(page(request, "staff/login.html", context, status=403))
    return redirect_to_login(request.get_full_path(), reverse("staff:login"))


def over_all(response: HttpResponse) -> HttpResponse:
    """Have HTMX replace all of `<main>` with this, whichever part of the page was to be replaced."""
    response["HX-Retarget"], response["HX-Reswap"] = "#main", "innerHTML"
    return response
