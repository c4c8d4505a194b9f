"""Cancelling an appointment, with what goes back; and returning money of one that stays as it is."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking import money
from booking.models import Appointment, NotCancellable
from booking.refund_forms import DecidedRefundForm, PromisedRefundForm
from booking.schedule.who_waits import count_told_if_freed
from booking.templatetags.wording import price
from payments.forms import RefundForm
from payments.models import Payment, Refund
from staff.access import CHANGE, RETURN_MONEY, DeskRequest, desk
from staff.pages.appointment import (
    back,
    changed_meanwhile,
    done,
    fetch,
    is_as_seen,
    payments_seen,
    permitted,
    show,
    show_changed,
)
from staff.story import payments_of


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CHANGE)
def cancel(request: DeskRequest, pk: int) -> HttpResponse:
    """Cancel it. Who may return money decides what goes back; others give back what the client was promised."""
    appointment = fetch(request, pk)
    posted = request.method == "POST"
    if not permitted(request, appointment)["cancel"]:
        return show_changed(request, pk) if posted else back(appointment)
    form = cancel_form(request, appointment)
    if not posted:
        return show_cancel(request, appointment, form)
    if not is_as_seen(request, appointment):
        return show_cancel(request, appointment, form, changed_meanwhile(request, appointment), status=409)
    if not form.is_valid():
        # Nothing is typed where the amount is the one that the page said, and then another one is right by now.
        return show_cancel(request, appointment, form, status=422 if form.visible_fields() else 409)
    try:
        if appointment.cancel(form.cleaned_data["refund"], by=request.user):
            only_held = appointment.was_only_held
            return done(request, appointment, _("The time is given back.") if only_held else _("It is cancelled."))
    except NotCancellable:
        pass
    return show_changed(request, pk)


def cancel_form(request: DeskRequest, appointment: Appointment) -> forms.Form:
    """What was promised is preset for who decides."""
    typed = request.POST if request.method == "POST" else None
    if appointment.is_paid_online and request.user.has_perm(RETURN_MONEY):
        promised = appointment.refund_at(timezone.now())
        return DecidedRefundForm(typed, initial={"refund": promised}, appointment=appointment)
    return PromisedRefundForm(typed, appointment=appointment)


def show_cancel(
    request: DeskRequest, appointment: Appointment, form: forms.Form, problem: str = "", *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "problem": problem,
        "promised": appointment.refund_at(timezone.now()),
        "payments": payments_seen(request, appointment),
        "told_in_turn": count_told_if_freed(appointment, timezone.now()),
    }
    return show(request, "staff/cancel.html", appointment, status=status, **context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(RETURN_MONEY)
def refund(request: DeskRequest, pk: int, payment_pk: int) -> HttpResponse:
    """Return a part of a payment, or all of it. The appointment stays as it is."""
    appointment = fetch(request, pk)
    payment = get_object_or_404(payments_of(appointment), pk=payment_pk, status=Payment.Status.PAID)
    posted = request.method == "POST"
    if not posted and not payment.amount_refundable:
        return back(appointment)
    form = RefundForm(request.POST if posted else None, payment=payment)
    if not posted:
        return show_refund(request, appointment, payment, form)
    if not form.is_valid():
        return show_refund(request, appointment, payment, form, status=422)
    if form.return_money(request.user):
        return done(request, appointment, what_goes_back(payment, form.cleaned_data))
    payment = payments_of(appointment).get(pk=payment_pk)
    typed = RefundForm(initial={"amount": request.POST["amount"]}, payment=payment)
    return show_refund(request, appointment, payment, typed, changed_meanwhile(request, appointment), status=409)


def what_goes_back(payment: Payment, decided: dict[str, Any]) -> str:
    """What becomes of the amount that somebody has just decided to return."""
    amount = price(money.from_minor_units(decided["amount"], payment.currency), payment.currency)
    if decided["reason"] == Refund.Reason.BY_HAND:
        return _("%(amount)s is written down as given back another way.") % {"amount": amount}
    if payment.is_disputed:
        return _("%(amount)s goes back to the card if the dispute is won. Until then it waits.") % {"amount": amount}
    return _("%(amount)s goes back to the card. It takes 5 to 10 days.") % {"amount": amount}


def show_refund(
    request: DeskRequest,
    appointment: Appointment,
    payment: Payment,
    form: RefundForm,
    problem: str = "",
    *,
    status: int = 200,
) -> HttpResponse:
    units = {
        "paid": payment.amount_captured,
        "returned": payment.amount_captured - payment.amount_refundable,
        "left": payment.amount_refundable,
    }
    amounts = {name: money.from_minor_units(amount, payment.currency) for name, amount in units.items()}
    context = {"payment": payment, "form": form, "problem": problem, **amounts}
    return show(request, "staff/refund.html", appointment, status=status, **context)
