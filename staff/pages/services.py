"""What can be booked: the services with their prices, and the providers. Each is added and changed on a short page."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking.models import ChangedMeanwhile, Service
from booking.responses import page
from staff import opening
from staff.access import ADD_SERVICE, CHANGE_SERVICE, DeskRequest, desk, providers_of
from staff.forms.offer import OfferForm
from staff.forms.service import ServiceForm
from staff.pages.led_on import lead_on, list_for
from staff.pages.service_order import listed
from staff.with_links import Link, with_links


@require_safe
@desk(CHANGE_SERVICE)
def services(request: DeskRequest) -> HttpResponse:
    """List all services and providers, also those that are not offered at the moment."""
    rows = listed(request)
    context = {"services": rows, "providers": providers_of(request.user), "moved": any(row.pressed for row in rows)}
    return page(request, "staff/services.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(ADD_SERVICE)
def add_service(request: DeskRequest) -> HttpResponse:
    form = ServiceForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (saved := save(form, request)):
        return saved
    return show(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CHANGE_SERVICE)
def service(request: DeskRequest, service: str) -> HttpResponse:
    chosen = get_object_or_404(Service, slug=service)
    name = chosen.name
    form = ServiceForm(request.POST if request.method == "POST" else None, instance=chosen)
    try:
        if form.is_valid() and (saved := save(form, request)):
            return saved
    except ChangedMeanwhile:
        form = ServiceForm(request.POST, instance=Service.objects.get(pk=chosen.pk))
        return show(request, form, form.instance.name, **changed_meanwhile(form))
    return show(request, form, name)


def save(form: OfferForm, request: DeskRequest) -> HttpResponse | None:
    """Write the row, and lead on. None if somebody has given that name to another in this moment.

    Raises ChangedMeanwhile.
    """
    is_new, lacked_something = form.instance.pk is None, opening.next_step(request) is not None
    try:
        form.write(request.user, was=request.POST.get("was", ""))
    except IntegrityError:
        form.add_error("name", form.fields["name"].error_messages["unique"])
        return None
    answer = lead_on(request, form.instance, is_new=is_new, lacked_something=lacked_something)
    for sentence in what_others_still_read(form, request.user):
        messages.info(request, sentence)
    return answer


def what_others_still_read(form: OfferForm, user: User) -> list[str]:
    """A sentence for each translation of what was changed. With the last one a link to where all are changed."""
    sentence = _("%(language)s: clients still read “%(words)s”.")
    said = [sentence % {"language": language, "words": words} for language, words in form.still_read]
    if said and user.is_staff:
        where = f"admin:booking_{form.instance._meta.model_name}_change"
        link = Link(reverse(where, args=[form.instance.pk]), _("Change what they read there"))
        return [*said[:-1], with_links(said[-1], link)]
    return said


def changed_meanwhile(form: OfferForm) -> dict[str, Any]:
    """What a page shows besides the `form` of the row as it is by now: what was changed stays, to be sent once more.

    What is on record and is not what was sent is listed, be it that somebody typed over it or had left it as it was.
    """
    sentence = _(
        "Nothing was saved, as somebody else has changed this since you opened the page. This is how it is now."
    )
    on_record = form.on_record
    form.bring_up_to_date()
    return {"problem": sentence, "on_record": on_record, "was": form.was, "status": 409}


def show(request: DeskRequest, form: ServiceForm, name: str = "", **context: Any) -> HttpResponse:
    status = context.pop("status", 422 if form.errors else 200)
    known = {"form": form, "title": name or _("Add a service"), "name": name, "was": form.was}
    known["list"] = list_for(request.user)
    return page(request, "staff/service.html", {**known, **context}, status=status)
