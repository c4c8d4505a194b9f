"""The page for clients who have lost our mail: the links to their coming appointments are sent to them again."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking.by_reference import private
from booking.forms import FindForm
from booking.models import LinksRequest
from booking.responses import page


@private
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Ask for the links of an e-mail address.

    The page answers the same whether or not there are appointments: only a mail to that address tells.
    """
    form = FindForm(request.POST if request.method == "POST" else None)
    if settings.MAIL_IS_SENT and form.is_valid():
        LinksRequest.objects.ask(form.cleaned_data["client_email"], timezone.now())
        return HttpResponseRedirect(reverse("booking:asked"), status=303)
    context = {"heading": _("Find your appointment"), "form": form}
    return page(request, "booking/find.html", context, status=422 if form.errors else 200)


@private
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """What is shown once somebody has asked: that a mail is on its way if there is anything to send."""
    return page(request, "booking/find.html", {"heading": _("Look in your mail"), "asked": True})
