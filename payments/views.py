"""The pages of paying: the pay page, the way to Stripe's page and back, and the webhook that Stripe calls."""

from copy import copy

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from booking import floods, languages
from booking.by_reference import get_by_reference, is_as_shown, private
from booking.limits import TooOften
from booking.models import Appointment
from booking.responses import only_posted, page, see_other
from booking.text import printable
from payments import gateway, ledger
from payments.checkout import RETRY_AFTER, AlreadyPaid, NotHeld, open_session
from payments.dues import due_now
from payments.gateway import StripeUnavailable, WebhookRefused
from payments.models import Payment
from payments.outcome import outcome
from payments.settlement import settle


@private
@require_safe
def pay(request: HttpRequest, reference: str) -> HttpResponse:
    """The pay page of a held appointment, or of a confirmed one of which the rest is asked for.

    While it is open in a browser, the page asks here whether what it shows is still true. If so, the answer is 204.
    """
    appointment = get_by_reference(reference)
    if not appointment.is_held:
        return show_rest(request, appointment)
    # When it asks, the page sends the end of the hold that it shows: in seconds since 1970, or empty if there is none.
    until = date_format(appointment.hold_expires_at, "U") if appointment.hold_expires_at else ""
    if request.GET.get("until") == until and is_as_shown(appointment, request.GET):
        return HttpResponse(status=204)
    return page(request, "payments/pay.html", {"appointment": appointment})


def show_rest(request: HttpRequest, appointment: Appointment, problem: str = "", *, status: int = 200) -> HttpResponse:
    """The pay page of a confirmed appointment of which the rest is asked for; otherwise lead to the appointment."""
    due = due_now(appointment)
    if not due:
        return see_other("booking:appointment", appointment.reference)
    # What comes back to a client who cancels is reckoned from all that is then paid online.
    once_paid = copy(appointment)
    once_paid.due_at_practice -= due.amount
    once_paid.rest_paid_online += due.amount
    context = {"appointment": appointment, "once_paid": once_paid, "due": due, "problem": problem}
    return page(request, "payments/rest.html", context, status=status)


@private
@only_posted
def checkout(request: HttpRequest, reference: str) -> HttpResponse:
    """The button of the pay page: open a Checkout Session and send the client to Stripe's page."""
    appointment = get_by_reference(reference)
    if not is_due_as_shown(appointment, request.POST):
        problem = _("Your appointment has changed since you opened that page. Look at it, and pay if it is right.")
        return pay_page_again(request, reference, problem, 409)
    appointment.go_on_in(languages.active())
    try:
        payment = open_session(appointment)
    except AlreadyPaid:
        problem = _(
            "A payment for this time has come or is on its way. Do not pay again; ask the practice if in doubt."
        )
        return pay_page_again(request, reference, problem, 409)
    except NotHeld:
        return page(request, "booking/appointment.html", {"appointment": get_by_reference(reference)}, status=409)
    except StripeUnavailable as problem:
        response = pay_page_again(request, reference, str(problem), 503)
        response["Retry-After"] = RETRY_AFTER
        return response
    return redirect_to_stripe(request, payment.url)


def is_due_as_shown(appointment: Appointment, shown: QueryDict) -> bool:
    """Whether what is to pay is still as on the page whose button was pressed. If nothing is, there is no such page."""
    due = due_now(appointment)
    if not due:
        return True
    return is_as_shown(appointment, shown) and shown.get("rest", str(due.amount)) == str(due.amount)


def pay_page_again(request: HttpRequest, reference: str, problem: str, status: int) -> HttpResponse:
    """The pay page as it is by now, with a sentence that says why the client is not sent to Stripe."""
    appointment = get_by_reference(reference)
    if appointment.status == Appointment.Status.CONFIRMED:
        return show_rest(request, appointment, problem, status=status)
    context = {"appointment": appointment, "problem": problem}
    return page(request, "payments/pay.html", context, status=status)


def redirect_to_stripe(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to another site. htmx cannot follow a redirect there, so a header tells it to leave the page."""
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url, status=303)


@private
@require_safe
def success(request: HttpRequest, reference: str) -> HttpResponse:
    """The page to which Stripe sends a client who is done. We ask Stripe, because the webhook may not have come yet.

    As long as Stripe has not said how the payment ends, the open page asks here again. If nothing has changed, the
    answer is 204.
    """
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
    context = {"payment": payment, "appointment": appointment, "outcome": outcome(payment, appointment)}
    return page(request, "payments/success.html", context)


def settle_if_stripe_answers(payment: Payment) -> None:
    """Settle the payment. If Stripe does not answer in a moment, the page says that we are checking, and asks again."""
    try:
        with gateway.within(gateway.A_MOMENT):
            settle(payment)
    except StripeUnavailable:
        payment.refresh_from_db()


@private
@require_safe
def cancelled(request: HttpRequest, reference: str) -> HttpResponse:
    """The page to which the link back on Stripe's page leads: the pay page, as long as the time is still kept."""
    appointment = get_by_reference(reference)
    if appointment.state != Appointment.Status.HELD:
        return show_rest(request, appointment)
    return page(request, "payments/pay.html", {"appointment": appointment, "came_back": True})


@floods.uncounted
@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Store the event, act on it, and only then answer 2xx: after any other answer Stripe sends it again."""
    if not settings.STRIPE_WEBHOOK_SECRET:
        return plain("Set STRIPE_WEBHOOK_SECRET to receive webhooks.", 503)
    try:
        event = ledger.receive(request.body, request.headers.get("Stripe-Signature", ""))
    except WebhookRefused:
        return refuse_webhook(request)
    try:
        with gateway.within(gateway.A_MOMENT):
            ledger.process(event)
    except StripeUnavailable:
        return plain("Stored, but not processed yet. Send it again.", 503)
    return plain("Thank you.", 200)


def refuse_webhook(request: HttpRequest) -> HttpResponse:
    """Refuse what Stripe did not sign. It counts as a POST of the network it came from; what is signed never does."""
    try:
        floods.count_post(request)
    except TooOften as refusal:
        response = plain("Too much that was not signed for this endpoint came from this network.", 429)
        response["Retry-After"] = refusal.retry_after
        return response
    return plain("Not a current event signed for this endpoint. Check the webhook secret and the clock.", 400)


def plain(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain")
