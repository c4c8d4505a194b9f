"""The ledger of Stripe's events: each is stored before it is acted on, and its row keeps what went wrong.

What an event says is not believed. It only tells which payment to ask Stripe about.
"""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from payments import gateway, reconciliation, settlement
from payments.gateway import StripeUnavailable, WebhookRefused
from payments.models import Payment, WebhookEvent, read_payments
from payments.turns import LATELY, take_turns, turn_has_come

# What the webhook endpoint must be subscribed to. Whatever else comes is stored, and nothing is done about it.
NEEDED_EVENTS = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.closed",
    }
)
ABOUT_A_SESSION = "checkout.session."
ABOUT_RETURNED_MONEY = ("refund.", "charge.refund", "charge.dispute.")


def receive(body: bytes, signature: str) -> WebhookEvent:
    """Check the signature, and store the event unless it is stored already.

    Raises WebhookRefused, also for an event that has the id of another one.
    """
    event_id, facts = gateway.read_event(body, signature)
    # Nearly all are new, so none is looked for before it is inserted.
    try:
        event = WebhookEvent.objects.create(event_id=event_id, **facts)
    except IntegrityError:
        event = WebhookEvent.objects.get(event_id=event_id)
    if (event.type, event.object_id) != (facts["type"], facts["object_id"]):
        raise WebhookRefused
    return event


def process(event: WebhookEvent) -> None:
    """Act on an event, unless that was done before. An event of another account or mode is only marked as processed.

    Raises StripeUnavailable, and whatever else went wrong; the reason stays in the event's row.
    """
    if event.processed_at:
        return
    is_ours = event.livemode == settings.STRIPE_LIVEMODE and not event.account
    try:
        if is_ours:
            act_on(event)
    except Exception as error:
        reason = error.reason if isinstance(error, StripeUnavailable) else type(error).__name__
        WebhookEvent.objects.filter(pk=event.pk, processed_at=None).update(last_error=reason)
        raise
    note = "" if is_ours else "Of another account or mode: nothing was done."
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=timezone.now(), last_error=note)


def act_on(event: WebhookEvent) -> None:
    """Ask Stripe about the payment that the event is about, if it is one of ours."""
    if event.type.startswith(ABOUT_A_SESSION):
        for payment in read_payments(session=event.object_id):
            settlement.settle(payment)
    elif event.type.startswith(ABOUT_RETURNED_MONEY) and event.payment_intent_id:
        for payment in Payment.objects.filter(payment_intent_id=event.payment_intent_id):
            reconciliation.reconcile(payment)


def process_again(event: WebhookEvent) -> None:
    """For staff: act on an event even if that was done before. To ask Stripe twice does no harm.

    Raises what `process` raises.
    """
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=None)
    event.refresh_from_db()
    process(event)


def process_due(now: datetime) -> int:
    """Process again the events for which that failed or was cut off. Stripe repeats them too, but only for three days.

    Returns how many were tried.
    """
    lately = Q(received_at__gt=now - LATELY)
    return take_turns(process, WebhookEvent.objects.filter(turn_has_come(now, lately), processed_at=None))
