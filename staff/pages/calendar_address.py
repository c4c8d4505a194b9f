"""The address by which a provider's own calendar shows their diary: made, made anew, taken back."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from booking.models import CalendarAddress, Provider
from booking.models.calendar_addresses import edition_of, url_of
from booking.responses import page
from staff import qr_codes
from staff.access import LOOK, DeskRequest, desk, providers_of


@require_http_methods(["GET", "HEAD", "POST"])
@desk(LOOK)
def calendar_address(request: DeskRequest, provider: str) -> HttpResponse:
    """Show whether there is one. A POST makes one, after which any before leads nowhere. `remove` takes it back."""
    providers = providers_of(request.user).select_related("calendar_address")
    chosen = get_object_or_404(providers, slug=provider)
    if request.method != "POST":
        return show(request, chosen)
    return remove(request, chosen) if "remove" in request.POST else make(request, chosen)


def remove(request: DeskRequest, provider: Provider) -> HttpResponse:
    """Without any, nothing has to be removed: a second press does no harm."""
    if not CalendarAddress.objects.remove(provider, edition=request.POST.get("seen"), by=request.user):
        return show_changed_meanwhile(request, provider)
    messages.success(request, _("The address is removed. A calendar that had it shows nothing new from now on."))
    return HttpResponseRedirect(reverse("staff:calendar", args=[provider.slug]), status=303)


@sensitive_variables("key")
def make(request: DeskRequest, provider: Provider) -> HttpResponse:
    """Answer with the address itself, as no other page can show it. Sent once more, the same form makes no other."""
    key = CalendarAddress.objects.make(provider, instead_of=request.POST.get("seen"), by=request.user)
    return show(request, provider, key) if key else show_changed_meanwhile(request, provider)


def show_changed_meanwhile(request: DeskRequest, provider: Provider) -> HttpResponse:
    problem = _(
        "Nothing was changed now: the address was made, made anew or removed since you opened the page. "
        "This is how it is."
    )
    return show(request, provider, problem=problem)


@sensitive_variables("key")
def show(request: DeskRequest, provider: Provider, key: str = "", problem: str = "") -> HttpResponse:
    address = CalendarAddress.objects.filter(provider=provider).first()
    others = providers_of(request.user).exclude(pk=provider.pk).select_related("calendar_address")
    context = {"provider": provider, "address": address, "seen": edition_of(address), "others": others}
    made = addresses_of(url_of(key)) if key else {}
    return page(request, "staff/calendar.html", context | made | {"problem": problem}, status=409 if problem else 200)


def addresses_of(url: str) -> dict[str, str]:
    """The address as programs take it that ask for one, and as telephones take it that open a calendar by a press."""
    opened = f"webcal://{url.partition('://')[2]}"
    return {"url": url, "opened": opened, "picture": qr_codes.drawn(opened, _("QR code with the address"))}
