"""Disputes: the bank takes the money back until the dispute is decided. In an inquiry it only asks, and takes nothing.

As in Stripe's test mode, a dispute is decided by evidence that is one of three texts.
"""

import time

from django.db import transaction

from payments.sandbox import balance, objects, webhooks
from payments.sandbox.models import Body, StripeObject
from payments.sandbox.wire import ApiRequest, StripeError, no_such

WINNING, LOSING, ESCALATING = "winning_evidence", "losing_evidence", "escalate_inquiry_evidence"
VERDICTS = {WINNING: "won", LOSING: "lost"}
VERDICTS_ON_INQUIRIES = {WINNING: "warning_closed", LOSING: "warning_closed", ESCALATING: "needs_response"}
DECIDED = ("won", "lost", "warning_closed")


def open_on(charge: StripeObject, status: str, amount: int) -> None:
    """Open a dispute about so much of a charge, or an inquiry."""
    charge.change(disputed=True)
    now = int(time.time())
    dispute = StripeObject.objects.keep(balance.disputed(objects.dispute(charge.body, status, amount, now), now))
    webhooks.deliver_in_background(webhooks.emit("charge.dispute.created", dispute.body))


def took_the_money(charge: Body) -> bool:
    """Whether the bank has the money of a charge back, for now or for good, so that it cannot be refunded."""
    disputes = StripeObject.objects.filter(type="dispute", body__charge=charge["id"])
    return disputes.exclude(body__is_charge_refundable=True).exists()


def close_inquiry(charge: Body, cause: ApiRequest) -> None:
    """Close the inquiries about a charge, if all of it was refunded."""
    inquiries = StripeObject.objects.filter(type="dispute", body__charge=charge["id"], body__is_charge_refundable=True)
    for inquiry in inquiries.exclude(body__status__in=DECIDED) if charge["refunded"] else []:
        change_status(inquiry, "warning_closed", cause)


def submit_evidence(dispute_id: str, evidence: str, cause: ApiRequest) -> StripeObject:
    """Decide the dispute if the evidence is one of the three texts; with any other it is under review."""
    with transaction.atomic():
        dispute = StripeObject.objects.select_for_update().filter(pk=dispute_id, type="dispute").first()
        if dispute is None:
            raise no_such("dispute", dispute_id, param="dispute")
        if dispute.body["status"] in DECIDED:
            raise StripeError("This dispute is already closed.")
        if dispute.body["status"].startswith("warning_"):
            verdict = VERDICTS_ON_INQUIRIES.get(evidence, "warning_under_review")
        else:
            verdict = VERDICTS.get(evidence, "under_review")
        change_status(dispute, verdict, cause)
    return dispute


def move_money(dispute: StripeObject, status: str) -> None:
    """What a new status does to the balance. The money of a dispute that is lost has gone when it was opened."""
    if status == "won":
        balance.dispute_won(dispute, int(time.time()))
    elif status == "needs_response":
        balance.escalated(dispute, int(time.time()))


def change_status(dispute: StripeObject, status: str, cause: ApiRequest) -> None:
    move_money(dispute, status)
    dispute.change(status=status, is_charge_refundable=status == "won" or status.startswith("warning_"))
    if status in DECIDED:
        webhooks.deliver_in_background(webhooks.emit("charge.dispute.closed", dispute.body, cause))
    else:
        webhooks.emit("charge.dispute.updated", dispute.body, cause)
