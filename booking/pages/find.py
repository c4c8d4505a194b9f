"""The page for a client who lost our mail: it has the links to their coming appointments sent to them again."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from booking.by_reference import private
from booking.forms import FindForm
from booking.models import LinksRequest
from booking.responses import page


@private
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Whether an address has appointments is told only by mail to that address: this page answers alike for all."""
    form = FindForm(request.POST if request.method == "POST" else None)
    if settings.MAIL_IS_SENT and form.is_valid():
        LinksRequest.objects.ask(form.cleaned_data["client_email"], timezone.now())
        return HttpResponseRedirect(reverse("booking:asked"), status=303)
    return page(request, "booking/find.html", {"form": form}, status=422 if form.errors else 200)


@private
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    return page(request, "booking/find.html", {"asked": True})
