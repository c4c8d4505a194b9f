"""The pages of receipts for whoever knows the reference of the appointment. Those of the desk show the same papers."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking import languages
from booking.by_reference import get_by_reference, private
from booking.models import Appointment
from booking.pages.appointment import show_unchanged
from booking.responses import page, see_other
from payments import receipts
from payments.models import Receipt
from payments.receipts import Receipts


@private
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """The newest receipt of an appointment. Looking makes none, since each takes a number: a button makes it."""
    appointment = get_by_reference(reference)
    if request.method == "POST":
        return make(request, appointment)
    papers = receipts.receipts_of(appointment)
    if not papers.may_be_asked_for:
        return refuse(request, appointment)
    if not papers.newest:
        return page(request, "payments/no_receipt_yet.html", {"appointment": appointment})
    return show(request, papers, papers.newest)


def make(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """Make a receipt, or another one that corrects it. Pressed twice, the second press leads to what the first made."""
    try:
        receipts.issue(appointment)
    except receipts.NothingPaid:
        return refuse(request, appointment)
    return see_other("payments:receipt", appointment.reference)


def refuse(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    return show_unchanged(request, appointment, nothing_paid())


def nothing_paid() -> str:
    return _("Nothing was paid for this appointment so far, so there is no receipt yet.")


@private
@require_safe
def earlier(request: HttpRequest, reference: str, label: str) -> HttpResponse:
    """A receipt of the appointment by its number. One that was corrected says so, and stays as it was."""
    papers = receipts.receipts_of(get_by_reference(reference))
    return show(request, papers, labelled(papers, label))


def labelled(papers: Receipts, label: str) -> Receipt:
    """The one of this number. Raises Http404."""
    for one in papers.made:
        if one.label == label:
            return one
    raise Http404


def show(request: HttpRequest, papers: Receipts, shown: Receipt) -> HttpResponse:
    appointment = papers.appointment

    def address(label: str = "") -> str:
        names = [appointment.reference, label] if label else [appointment.reference]
        return reverse("payments:earlier-receipt" if label else "payments:receipt", args=names)

    return page(request, "payments/receipt.html", {"appointment": appointment, **facts(papers, shown, address)})


def facts(papers: Receipts, shown: Receipt, address: Callable[..., str]) -> dict[str, Any]:
    """What a page needs to show one of the receipts. `address` is that of the newest or, with a label, of another.

    All that is printed is in the language in which the receipt was made, whatever the page is read in.
    """
    position = papers.made.index(shown)
    return {
        "receipt": shown,
        "corrected": papers.made[position - 1] if position else None,
        "earlier": [(one.label, address(one.label)) for one in papers.made[:position][::-1]],
        "newest": papers.newest,
        "newest_page": address(),
        "is_outdated": shown == papers.newest and papers.is_outdated,
        "receipt_language": languages.tag_of(shown.language),
        "is_demonstration": settings.STRIPE_SANDBOX,
        "is_a_test": not settings.STRIPE_SANDBOX and receipts.is_a_test(shown),
    }
