"""Events, and their delivery to the site: signed as Stripe signs them, and repeated until a 2xx or for three days."""

import hmac
import json
import logging
import time
from datetime import datetime, timedelta
from threading import Thread

import requests
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from payments.sandbox import faults, objects
from payments.sandbox.models import Body, StripeObject, WebhookDelivery
from payments.sandbox.wire import NOBODY, ApiRequest

logger = logging.getLogger(__name__)

# What the site's webhook endpoint is subscribed to. All other events are kept, and not sent.
SUBSCRIBED_EVENTS = frozenset(
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
ANSWER_WITHIN = 10
"""Seconds that the site has to answer a webhook."""
AT_ONCE = 50
"""How many deliveries one round of tick makes at most, because the site's own duties come after them."""
# Longer than an attempt takes: if one was claimed so long ago and has no outcome, the process that began it has died.
CLAIM_LASTS = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=3)
THREAD_NAME = "sandbox webhook"


def emit(kind: str, subject: Body, cause: ApiRequest = NOBODY) -> StripeObject:
    """Write down that something happened to `subject`, as it is now, and plan to tell the site if it is subscribed."""
    is_sent = kind in SUBSCRIBED_EVENTS
    event = StripeObject.objects.keep(
        objects.event(kind, subject, cause, int(time.time()), pending_webhooks=int(is_sent))
    )
    if is_sent:
        delivery = WebhookDelivery.objects.create(event=event)
        if wait := faults.held_back(kind, delivery.pk):
            WebhookDelivery.objects.filter(pk=delivery.pk).update(next_attempt_at=timezone.now() + wait)
    return event


def deliver_and_wait(event: StripeObject) -> None:
    # The customer has paid, so nothing that goes wrong while the site is told may be raised.
    transaction.on_commit(lambda: deliver_event(event.pk), robust=True)


def deliver_in_background(event: StripeObject) -> None:
    thread = Thread(target=deliver_and_disconnect, args=[event.pk], name=THREAD_NAME, daemon=True)
    transaction.on_commit(thread.start)


def deliver_and_disconnect(event_id: str) -> None:
    try:
        deliver_event(event_id)
    finally:
        connection.close()


def deliver_event(event_id: str) -> None:
    try_to_deliver(WebhookDelivery.objects.select_related("event").get(event=event_id), timezone.now())


def deliver_due(now: datetime | None = None) -> int:
    """Make the deliveries that are due, and return how many were accepted. Several processes may do so at once."""
    now = now or timezone.now()
    due = WebhookDelivery.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at")
    return sum(try_to_deliver(delivery, now) for delivery in due.select_related("event")[:AT_ONCE])


def try_to_deliver(delivery: WebhookDelivery, now: datetime) -> bool:
    if not claim(delivery, now):
        return False
    answer = send(delivery)
    accepted = answer.isdigit() and answer.startswith("2")
    record(delivery, answer, accepted, now)
    return accepted


def claim(delivery: WebhookDelivery, now: datetime) -> bool:
    """Move `next_attempt_at` on; false if another process did so first, which then makes the delivery."""
    due = WebhookDelivery.objects.filter(pk=delivery.pk, next_attempt_at__lte=now)
    claimed = due.update(next_attempt_at=now + CLAIM_LASTS, attempts=F("attempts") + 1)
    delivery.refresh_from_db(fields=["attempts"])
    return claimed == 1


def send(delivery: WebhookDelivery) -> str:
    """Send the event and return what came of it. A fault may drop it, or send it twice; the first answer counts."""
    event = delivery.event.body
    if faults.happens("webhook.drop", event["type"], delivery.pk, delivery.attempts):
        return "dropped"
    answer = post(event)
    if faults.happens("webhook.duplicate", event["type"], delivery.pk, delivery.attempts):
        post(event)
    return answer


def post(event: Body) -> str:
    """Send the event once, with a new signature. Returns the HTTP status, or the name of what went wrong."""
    payload = json.dumps(event, indent=2)
    url = settings.SITE_URL + reverse("payments:webhook")
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(payload, int(time.time())),
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    with requests.Session() as session:
        # The site is on this machine or next to it, so a proxy that the environment names is not meant for it.
        session.trust_env = False
        try:
            answer = session.post(url, payload.encode(), headers=headers, timeout=ANSWER_WITHIN, allow_redirects=False)
        except requests.RequestException as error:
            return type(error).__name__
    return str(answer.status_code)


def signature(payload: str, timestamp: int) -> str:
    signed = f"{timestamp}.{payload}".encode()
    return f"t={timestamp},v1={hmac.new(settings.STRIPE_WEBHOOK_SECRET.encode(), signed, 'sha256').hexdigest()}"


def record(delivery: WebhookDelivery, answer: str, accepted: bool, now: datetime) -> None:
    delivery.last_answer = answer
    delivery.delivered_at = now if accepted else None
    delivery.next_attempt_at = None if accepted else next_attempt(delivery, now)
    delivery.save(update_fields=["last_answer", "delivered_at", "next_attempt_at"])
    delivery.event.change(pending_webhooks=int(not accepted))
    if not accepted:
        logger.warning(
            "webhook %s %s: attempt %d got %s",
            delivery.event_id,
            delivery.event.body["type"],
            delivery.attempts,
            answer,
        )


def next_attempt(delivery: WebhookDelivery, now: datetime) -> datetime | None:
    """After 5 s, 30 s, 3 min, 18 min, then every hour; None once three days have passed."""
    wait = timedelta(seconds=min(5 * 6 ** (delivery.attempts - 1), 3600))
    given_up = (now + wait).timestamp() > delivery.event.created + GIVE_UP_AFTER.total_seconds()
    return None if given_up else now + wait
