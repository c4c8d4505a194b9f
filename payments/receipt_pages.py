"""The pages of receipts, for whoever knows the reference of the appointment: its client, and staff, who print it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking import languages
from booking.by_reference import get_by_reference, private
from booking.models import Appointment
from booking.pages.appointment import show_unchanged
from booking.responses import page, see_other
from payments import receipts
from payments.models import Receipt


@private
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """The newest receipt of an appointment. Looking makes none, since each takes a number: a button makes it."""
    appointment = get_by_reference(reference)
    if request.method == "POST":
        return make(request, appointment)
    made = list(appointment.receipts.all())
    now = receipts.as_it_is_now(appointment, made)
    if not now.lines and not made:
        return refuse(request, appointment)
    if not made:
        return page(request, "payments/no_receipt_yet.html", {"appointment": appointment})
    return show(request, appointment, made[-1], made, is_true=made[-1].says_the_same_as(now))


def make(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Make a receipt, or another one that corrects it. Pressed twice, the second press leads to what the first made."""
    try:
        receipts.issue(appointment)
    except receipts.NothingPaid:
        return refuse(request, appointment)
    return see_other("payments:receipt", appointment.reference)


def refuse(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    sentence = _("Nothing was paid for this appointment so far, so there is no receipt yet.")
    return show_unchanged(request, appointment, sentence)


@private
@require_safe
def earlier(request: HttpRequest, reference: str, label: str) -> HttpResponse:
    """A receipt of the appointment by its number. One that was corrected says so, and stays as it was."""
    appointment = get_by_reference(reference)
    made = list(appointment.receipts.all())
    for one in made:
        if one.label == label:
            return show(request, appointment, one, made)
    raise Http404


def show(
    request: HttpRequest, appointment: Appointment, shown: Receipt, made: list[Receipt], *, is_true: bool = True
) -> HttpResponse:
    """Show one of the receipts that were made. `is_true` is False if it is the newest and something has changed."""
    position = made.index(shown)
    context = {
        "appointment": appointment,
        "receipt": shown,
        "document": in_its_language(request, shown, made[position - 1] if position else None),
        "earlier": made[:position][::-1],
        "newest": made[-1],
        "is_true": is_true,
    }
    return page(request, "payments/receipt.html", context)


def in_its_language(request: HttpRequest, receipt: Receipt, corrected: Receipt | None) -> SafeString:
    """The receipt itself. It stays in the language that it was made in, whatever the page around it is read in."""
    frame = {"swapped": "HX-Request" in request.headers, "practice_zone": receipts.practice_zone()}
    context = {"receipt": receipt, "corrected": corrected, **frame}
    with translation.override(languages.tag_of(receipt.language)):
        return render_to_string("payments/partials/receipt.html", context)
