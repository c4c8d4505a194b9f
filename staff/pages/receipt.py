"""The receipt at the desk: the client's paper, within the desk's frame."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from booking.models import Appointment
from payments import receipt_pages, receipts
from payments.models import Receipt
from payments.receipts import Receipts
from staff.access import SEE_MONEY, DeskRequest, desk
from staff.pages.appointment import fetch, show, show_appointment


@require_http_methods(["GET", "HEAD", "POST"])
@desk(SEE_MONEY)
def receipt(request: DeskRequest, pk: int) -> HttpResponse:
    """The newest receipt of an appointment. Looking makes none: a button makes it, or another one that corrects it."""
    appointment = fetch(request, pk)
    if request.method == "POST":
        return make(request, appointment)
    papers = receipts.receipts_of(appointment)
    if not papers.may_be_asked_for:
        return refuse(request, appointment)
    if not papers.newest:
        return show(request, "staff/no_receipt_yet.html", appointment)
    return show_receipt(request, papers, papers.newest)


def make(request: DeskRequest, appointment: Appointment) -> HttpResponse:
    """Make it. Pressed twice, the second press leads to what the first made."""
    try:
        receipts.issue(appointment)
    except receipts.NothingPaid:
        return refuse(request, appointment)
    return HttpResponseRedirect(address_of(appointment), status=303)


def refuse(request: DeskRequest, appointment: Appointment) -> HttpResponse:
    return show_appointment(request, appointment, receipt_pages.nothing_paid(), status=409)


@require_safe
@desk(SEE_MONEY)
def earlier(request: DeskRequest, pk: int, label: str) -> HttpResponse:
    """A receipt of the appointment by its number."""
    papers = receipts.receipts_of(fetch(request, pk))
    return show_receipt(request, papers, receipt_pages.labelled(papers, label))


def show_receipt(request: DeskRequest, papers: Receipts, shown: Receipt) -> HttpResponse:
    facts = receipt_pages.facts(papers, shown, lambda label="": address_of(papers.appointment, label))
    return show(request, "staff/receipt.html", papers.appointment, **facts)


def address_of(appointment: Appointment, label: str = "") -> str:
    names = [appointment.pk, label] if label else [appointment.pk]
    return reverse("staff:earlier-receipt" if label else "staff:receipt", args=names)
