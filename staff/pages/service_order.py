"""The order in which clients see the services, changed by one press for each place."""

from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.models import Service
from booking.responses import only_posted
from staff.access import CHANGE_SERVICE, DeskRequest, desk


class Listed(NamedTuple):
    """A service in the list, with those between which it stands."""

    service: Service
    before: Service | None
    after: Service | None
    pressed: str
    """Which of its buttons is to have the focus, `before` or `after`: whoever moves one far presses it again."""


def listed(request: DeskRequest) -> list[Listed]:
    """All services. The query of the list's address says which one has just been moved, and where to."""
    services = list(Service.objects.all())
    moved, to = request.GET.get("moved"), request.GET.get("to")
    neighbours = zip(services, [None, *services], [*services[1:], None], strict=False)
    return [Listed(*row, pressed(*row[1:], str(to)) if row[0].slug == moved else "") for row in neighbours]


def pressed(before: Service | None, after: Service | None, to: str) -> str:
    """The button that was pressed or, of one that has come to an end of the list, the other one."""
    there = {"before": before, "after": after}
    return to if there.get(to) else next((name for name, one in there.items() if one), "")


@only_posted
@desk(CHANGE_SERVICE)
def service_order(request: DeskRequest, service: str) -> HttpResponse:
    """Put a service right before or after another one, which the page names: the same press twice moves it once."""
    moved, to = get_object_or_404(Service, slug=service), "after" if "after" in request.POST else "before"
    beside = Service.objects.filter(slug=Service.present_slug(request.POST.get(to, ""))).exclude(pk=moved.pk).first()
    if beside and (place := put_beside(request, moved, beside, after=to == "after")):
        sentence = _("“%(service)s” is number %(place)s in the list now, and clients see it there.")
        messages.success(request, sentence % {"service": moved, "place": place})
    query = urlencode({"moved": moved.slug, "to": to})
    return HttpResponseRedirect(f"{reverse('staff:services')}?{query}", status=303)


def put_beside(request: DeskRequest, moved: Service, other: Service, *, after: bool) -> int | None:
    """Put it there, with its history in the admin. Return its place, or None if it stands there already."""
    with transaction.atomic():
        place = moved.put_beside(other, after=after)
        if place:
            LogEntry.objects.log_actions(request.user.pk, [moved], CHANGE, "Moved in the list at the desk.")
    return place
