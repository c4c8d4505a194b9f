"""Disputes: the bank takes the money back until it is decided. Evidence decides as in Stripe's own test mode."""

import time

from django.db import transaction

from payments.sandbox import objects, webhooks
from payments.sandbox.models import Body, StripeObject
from payments.sandbox.wire import ApiRequest, StripeError, no_such

WINNING, LOSING = "winning_evidence", "losing_evidence"
DECIDED = ("won", "lost")


def open_on(charge: StripeObject) -> None:
    charge.change(disputed=True)
    dispute = StripeObject.objects.keep(objects.dispute(charge.body, int(time.time())))
    webhooks.deliver_in_background(webhooks.emit("charge.dispute.created", dispute.body))


def is_open_on(charge: Body) -> bool:
    disputes = StripeObject.objects.filter(type="dispute", body__charge=charge["id"])
    return disputes.exclude(body__status="won").exists()


def answer(dispute_id: str, accepted: Body, cause: ApiRequest) -> StripeObject:
    """Evidence submitted; only the two texts that Stripe's test mode knows decide anything."""
    text = accepted.get("evidence", {}).get("uncategorized_text", "")
    verdict = {WINNING: "won", LOSING: "lost"}.get(text, "under_review")
    return decide(dispute_id, verdict, cause)


def decide(dispute_id: str, verdict: str, cause: ApiRequest) -> StripeObject:
    with transaction.atomic():
        dispute = StripeObject.objects.select_for_update().filter(pk=dispute_id, type="dispute").first()
        if dispute is None:
            raise no_such("dispute", dispute_id, param="dispute")
        if dispute.body["status"] in DECIDED:
            raise StripeError("This dispute is already closed.")
        dispute.change(status=verdict, is_charge_refundable=verdict == "won")
        if verdict in DECIDED:
            webhooks.deliver_in_background(webhooks.emit("charge.dispute.closed", dispute.body, cause))
    return dispute
