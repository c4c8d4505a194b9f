"""The ledger of webhook events: each is stored once before it is acted on, and keeps what went wrong."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from payments import checkout, gateway, refunds
from payments.gateway import StripeUnavailable, WebhookRefused
from payments.models import Payment, WebhookEvent
from payments.turns import LATELY, its_turn, see_to

# What an endpoint must be subscribed to. Whatever else comes is kept, and nothing is done about it.
NEEDED = frozenset(
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
ABOUT_REFUNDS = ("refund.", "charge.refund", "charge.dispute.")


def receive(body: bytes, signature: str) -> WebhookEvent:
    """Raises WebhookRefused, also for an id that we know with another story to it."""
    event_id, facts = gateway.read_event(body, signature)
    event, _ = WebhookEvent.objects.get_or_create(event_id=event_id, defaults=facts)
    if (event.type, event.object_id) != (facts["type"], facts["object_id"]):
        raise WebhookRefused
    return event


def process(event: WebhookEvent) -> None:
    """An event is a nudge to ask. One of a kind, an account or an object that is not ours needs nothing done.

    Raises StripeUnavailable, and whatever else went wrong, with the reason kept in the ledger.
    """
    if event.processed_at:
        return
    try:
        if is_ours(event):
            act_on(event)
    except Exception as error:
        reason = error.reason if isinstance(error, StripeUnavailable) else type(error).__name__
        WebhookEvent.objects.filter(pk=event.pk, processed_at=None).update(last_error=reason)
        raise
    note = "" if is_ours(event) else "Of another account or mode: nothing was done."
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=timezone.now(), last_error=note)


def is_ours(event: WebhookEvent) -> bool:
    return event.livemode == settings.STRIPE_LIVEMODE and not event.account


def act_on(event: WebhookEvent) -> None:
    if event.type.startswith("checkout.session."):
        for payment in Payment.objects.filter(checkout_session_id=event.object_id):
            checkout.settle(payment)
    elif event.type.startswith(ABOUT_REFUNDS) and event.payment_intent_id:
        for payment in Payment.objects.filter(payment_intent_id=event.payment_intent_id):
            refunds.reconcile(payment)


def process_again(event: WebhookEvent) -> None:
    """Staff ask for it: done anew even where it was done before. Asking Stripe twice harms nothing."""
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=None)
    event.refresh_from_db()
    process(event)


def process_owed(now: datetime) -> int:
    """Events whose processing failed, or was killed. Stripe sends them again too, but not for ever."""
    new = Q(received_at__gt=now - LATELY)
    return see_to(process, WebhookEvent.objects.filter(its_turn(now, new), processed_at=None))
