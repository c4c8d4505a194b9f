from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from booking.by_reference import get_by_reference, is_as_shown, private
from booking.models import Appointment
from booking.responses import page, see_other
from booking.text import printable
from payments import gateway, ledger
from payments.checkout import NotHeld, PaymentInTheWay, open_session, settle
from payments.gateway import StripeUnavailable, WebhookRefused
from payments.models import Payment

RETRY_AFTER = "30"


@private
@require_safe
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    appointment = get_by_reference(reference)
    if not appointment.is_held:
        return see_other("booking:appointment", reference)
    if request.GET.get("until") == end_of_hold(appointment) and is_as_shown(appointment, request.GET):
        return HttpResponse(status=204)
    return page(request, "payments/pay.html", {"appointment": appointment})


def end_of_hold(appointment: Appointment) -> str:
    """What an open pay page says when it asks whether it is still true: if so, nothing is swapped, and focus stays."""
    return date_format(appointment.hold_expires_at, "U") if appointment.hold_expires_at else ""


@private
@require_POST
def checkout(request: HttpRequest, reference: str) -> HttpResponse:
    appointment = get_by_reference(reference)
    if appointment.is_held and not is_as_shown(appointment, request.POST):
        problem = "Your appointment has changed since you opened that page. Look at it, and pay if it is right."
        return not_yet(request, reference, problem, 409)
    try:
        payment = open_session(appointment)
    except PaymentInTheWay:
        problem = "A payment for this time has come or is on its way. Do not pay again; ask the practice if in doubt."
        return not_yet(request, reference, problem, 409)
    except NotHeld:
        return page(request, "booking/appointment.html", {"appointment": get_by_reference(reference)}, status=409)
    except StripeUnavailable as problem:
        response = not_yet(request, reference, str(problem), 503)
        response["Retry-After"] = RETRY_AFTER
        return response
    return leave_for(request, payment.url)


def not_yet(request: HttpRequest, reference: str, problem: str, status: int) -> HttpResponse:
    """The pay page as it is by now, and why it was not left for Stripe's."""
    context = {"appointment": get_by_reference(reference), "problem": problem}
    return page(request, "payments/pay.html", context, status=status)


def leave_for(request: HttpRequest, url: str) -> HttpResponse:
    """A full redirect either way: htmx cannot follow one to another site by itself."""
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url, status=303)


@private
@require_safe
def success(request: HttpRequest, reference: str) -> HttpResponse:
    payment = get_object_or_404(
        Payment.objects.select_related("appointment__provider", "appointment__service"),
        appointment__reference=reference,
        checkout_session_id=printable(request.GET.get("session_id", "")),
    )
    if payment.status != Payment.Status.PAID:
        settle_if_stripe_answers(payment)
    appointment = get_by_reference(reference)
    if payment.is_awaited and request.GET.get("status") == payment.status and is_as_shown(appointment, request.GET):
        return HttpResponse(status=204)
    return page(request, "payments/success.html", {"payment": payment, "appointment": appointment})


def settle_if_stripe_answers(payment: Payment) -> None:
    """Not knowing is not a failure: the page says that it is being checked, and asks again."""
    try:
        with gateway.within(gateway.A_MOMENT):
            settle(payment)
    except StripeUnavailable:
        payment.refresh_from_db()


@private
@require_safe
def cancelled(request: HttpRequest, reference: str) -> HttpResponse:
    appointment = get_by_reference(reference)
    if appointment.state != Appointment.Status.HELD:
        return see_other("booking:appointment", reference)
    return page(request, "payments/pay.html", {"appointment": appointment, "came_back": True})


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Stripe is answered 2xx once the event is acted on, and 5xx to be asked again."""
    if not settings.STRIPE_WEBHOOK_SECRET:
        return plain("Set STRIPE_WEBHOOK_SECRET to receive webhooks.", 503)
    try:
        event = ledger.receive(request.body, request.headers.get("Stripe-Signature", ""))
    except WebhookRefused:
        return plain("Not a current event signed for this endpoint. Check the webhook secret and the clock.", 400)
    try:
        with gateway.within(gateway.A_MOMENT):
            ledger.process(event)
    except StripeUnavailable:
        return plain("Stored, but not processed yet. Send it again.", 503)
    return plain("Thank you.", 200)


def plain(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain")
