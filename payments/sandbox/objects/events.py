"""An event, and the webhook endpoint to which events are sent."""

from django.conf import settings
from django.urls import reverse

from payments.sandbox.models import Body
from payments.sandbox.wire import API_VERSION, ApiRequest, new_id


def event(kind: str, subject: Body, cause: ApiRequest, now: int, *, pending_webhooks: int) -> Body:
    """An event of that kind about `subject` as it is now, caused by an API call or by a customer."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": pending_webhooks,
        "request": {"id": cause.id, "idempotency_key": cause.idempotency_key},
        "type": kind,
    }


def webhook_endpoint(events: list[str]) -> Body:
    """The one endpoint there is: the webhook of this site."""
    return {
        "id": "we_" + "0" * 24,
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "application": None,
        "created": 0,
        "description": None,
        "enabled_events": events,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": settings.SITE_URL + reverse("payments:webhook"),
    }
