"""Who may see and do what at the desk. Every appointment and provider that a page shows comes from here.

What somebody may do is a permission of Django's. The groups that migration 0002 makes, one for each role, are only
sets of these, and the practice may change them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from booking.by_reference import private
from booking.models import Appointment, Provider
from booking.models.appointment.queryset import AppointmentQuerySet

# What the permissions mean at the desk.
LOOK = "booking.view_appointment"
BOOK = "booking.add_appointment"
CHANGE = "booking.change_appointment"  # move, cancel, correct, no-show, send a link
SEE_MONEY = "payments.view_payment"
RETURN_MONEY = "payments.add_refund"  # decide how much goes back; without it, what was promised goes back
CLOSE = "booking.add_timeoff"  # write down when somebody is away, and take that back
SET_HOURS = "booking.change_workinghours"
EVERY_DIARY = "staff.see_every_diary"

# What the header leads to: each page has a label, the name of its URL, and the permission that one needs for it.
PAGES = (
    ("Day", "staff:day", LOOK),
    ("Book", "staff:book", BOOK),
    ("Away", "staff:away", CLOSE),
    ("Find", "staff:find", LOOK),
    ("Hours", "staff:hours", SET_HOURS),
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
    pages = [(label, address_of(name)) for label, name, permission in PAGES if user.has_perm(permission)]
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
                return redirect_to_login(request.get_full_path(), reverse("staff:login"))
            if not request.user.has_perms([LOOK, permission]):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return private(guarded)

    return decorate
