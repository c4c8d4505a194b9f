"""A provider: added with the hours of a week in the same step, and changed."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.models import Appointment, ChangedMeanwhile, Provider, Service
from booking.responses import page
from booking.schedule.no_longer_offered import no_longer_offered
from staff.access import ADD_PROVIDER, CHANGE, CHANGE_PROVIDER, SET_HOURS, DeskRequest, desk, providers_of
from staff.forms.provider import NewProviderForm, ProviderForm
from staff.pages.led_on import list_for
from staff.pages.services import changed_meanwhile, save


@require_http_methods(["GET", "HEAD", "POST"])
@desk(ADD_PROVIDER)
def add_provider(request: DeskRequest) -> HttpResponse:
    """Who may not set hours adds a provider without any."""
    with_hours = request.user.has_perm(SET_HOURS)
    form = (NewProviderForm if with_hours else ProviderForm)(request.POST if request.method == "POST" else None)
    if form.is_valid() and (saved := save(form, request)):
        return saved
    return show(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CHANGE_PROVIDER)
def provider(request: DeskRequest, provider: str) -> HttpResponse:
    """Show the provider, and who stays booked for what is not offered any more.

    Whoever leaves somebody behind by a change of services comes back here, to read whom.
    """
    chosen = get_object_or_404(providers_of(request.user), slug=provider)
    now = timezone.now()
    known: dict[str, Any] = {"name": chosen.name, "left": left_by(chosen, now)}
    form = ProviderForm(request.POST if request.method == "POST" else None, instance=chosen)
    try:
        if form.is_valid() and (saved := save(form, request)):
            leaves_more = {*left_by(chosen, now)} - {*known["left"]}
            return HttpResponseRedirect(request.path, status=303) if leaves_more else saved
    except ChangedMeanwhile:
        form = ProviderForm(request.POST, instance=Provider.objects.get(pk=chosen.pk))
        known |= {"name": form.instance.name, **changed_meanwhile(form)}
    return show(request, form, **known)


def left_by(provider: Provider, now: datetime) -> list[Appointment]:
    return [one for one in no_longer_offered(now) if one.provider_id == provider.pk]


def show(request: DeskRequest, form: ProviderForm, **context: Any) -> HttpResponse:
    status = context.pop("status", 422 if form.errors else 200)
    title = context.get("name") or _("Add a provider")
    known = {"form": form, "title": title, "was": form.was, "list": list_for(request.user)}
    known |= {"may_change": request.user.has_perm(CHANGE), "has_services": Service.objects.exists()}
    return page(request, "staff/provider.html", {**known, **context}, status=status)
