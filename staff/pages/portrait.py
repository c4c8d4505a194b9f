"""The portrait of a provider: put up, changed for another, taken down."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.models import Portrait, Provider
from booking.responses import page
from staff.access import CHANGE_PORTRAIT, DeskRequest, desk, providers_of
from staff.forms.portrait import PortraitForm


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CHANGE_PORTRAIT)
def portrait(request: DeskRequest, provider: str) -> HttpResponse:
    """Show it, with the form for another. A POST puts up the picture that was chosen or, with `remove`, removes it."""
    providers = providers_of(request.user)
    chosen = get_object_or_404(providers, slug=provider)
    form = PortraitForm(request.POST, request.FILES) if request.method == "POST" else PortraitForm()
    if "remove" in request.POST:
        Portrait.objects.take_down(chosen, by=request.user)
        return back(request, chosen, _("The portrait is removed. Clients see the initials again."))
    if form.is_valid():
        Portrait.objects.put_up(chosen, form.cleaned_data["picture"], by=request.user)
        return back(request, chosen, _("This is the portrait that clients see from now on."))
    context = {"provider": chosen, "form": form, "others": providers.exclude(pk=chosen.pk)}
    return page(request, "staff/portrait.html", context, status=422 if form.is_bound else 200)


# A mark of ours for config/guards.py, which mypy cannot know.
portrait.takes_a_file = True  # type: ignore[attr-defined]


def back(request: DeskRequest, provider: Provider, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("staff:portrait", args=[provider.slug]), status=303)
