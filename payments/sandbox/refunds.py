"""Refunds of a charge. Whoever makes or changes one has locked the charge's row, so no more goes back than came."""

import time

from django.db import transaction

from payments.sandbox import balance, disputes, objects, webhooks, wire
from payments.sandbox.models import Body, StripeObject
from payments.sandbox.money import money
from payments.sandbox.wire import ApiRequest, StripeError, no_such

# With some test cards a refund changes its status later, after so many seconds.
SECONDS_A_STATUS = 10


def create(accepted: Body, cause: ApiRequest) -> StripeObject:
    with transaction.atomic():
        charge = StripeObject.objects.select_for_update().get(pk=charge_asked_for(accepted))
        amount = amount_to_return(charge.body, accepted)
        status, *later = charge.internal["refunds"]
        now = int(time.time())
        body = balance.refunded(objects.refund(charge.body, amount, accepted, status, now), now)
        refund = StripeObject.objects.keep(body, later=later)
        add_to_refunded(charge, amount)
        webhooks.deliver_in_background(webhooks.emit("charge.refunded", charge.body, cause))
        webhooks.deliver_in_background(webhooks.emit("refund.created", body, cause))
        disputes.close_inquiry(charge.body, cause)
    return refund


def charge_asked_for(accepted: Body) -> str:
    if "payment_intent" in accepted:
        intent = find("payment_intent", accepted["payment_intent"])
        if intent.body["status"] != "succeeded":
            words = f"This PaymentIntent ({intent.pk}) does not have a successful charge to refund."
            raise StripeError(words, param="payment_intent")
        return str(intent.body["latest_charge"])
    return find("charge", accepted["charge"]).pk


def find(kind: str, object_id: str) -> StripeObject:
    found = StripeObject.objects.filter(pk=object_id, type=kind).first()
    if found is None:
        raise no_such(kind, object_id, param=kind)
    return found


def amount_to_return(charge: Body, accepted: Body) -> int:
    if disputes.took_the_money(charge):
        words = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeError(words, code="charge_disputed")
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    amount: int = accepted.get("amount", left)
    if not left:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        asked, unrefunded = (money(units, charge["currency"]) for units in (amount, left))
        words = f"Refund amount ({asked}) is greater than unrefunded amount on charge ({unrefunded})"
        raise StripeError(words, param="amount")
    return amount


def add_to_refunded(charge: StripeObject, amount: int) -> None:
    """A refund counts as soon as it is made. When it fails it is taken off again, as a negative amount."""
    refunded = charge.body["amount_refunded"] + amount
    charge.change(amount_refunded=refunded, refunded=refunded == charge.body["amount_captured"])


def progress(refund: StripeObject) -> bool:
    """Bring a refund to its next status, if the time for that has come; false if not."""
    with transaction.atomic():
        charge = StripeObject.objects.select_for_update().get(pk=refund.body["charge"])
        refund.refresh_from_db()
        if not refund.internal["later"] or refund.created > time.time() - SECONDS_A_STATUS:
            return False
        status, *later = refund.internal["later"]
        refund.internal["later"] = later
        refund.save(update_fields=["internal"])
        change_status(refund, charge, status)
    return True


def change_status(refund: StripeObject, charge: StripeObject, status: str) -> None:
    refund.change(status=status)
    if status == "failed":
        refund.change(failure_reason="expired_or_canceled_card")
        balance.refund_failed(refund, int(time.time()))
        add_to_refunded(charge, -refund.body["amount"])
        webhooks.deliver_in_background(webhooks.emit("refund.failed", refund.body))
    webhooks.deliver_in_background(webhooks.emit("refund.updated", refund.body))


def progress_all() -> int:
    waiting = StripeObject.objects.filter(type="refund", created__lte=int(time.time()) - SECONDS_A_STATUS)
    return sum(progress(refund) for refund in waiting.exclude(internal__later=[]))


def list_of_charge(charge_id: str) -> Body:
    """The refunds of a charge as its key `refunds` shows them, the newest first."""
    rows = StripeObject.objects.filter(type="refund", body__charge=charge_id).order_by("-created", "-pk")
    return wire.list_of([row.body for row in rows], f"/v1/charges/{charge_id}/refunds")
