"""The life of a Checkout Session: open, then complete or expired. Whoever changes one has locked its row."""

import time
from dataclasses import asdict, dataclass

from django.db import transaction

from payments.sandbox import balance, disputes, faults, objects, webhooks
from payments.sandbox.cards import NOT_AUTHENTICATED, Card, Decline
from payments.sandbox.models import Body, StripeObject
from payments.sandbox.wire import NOBODY, ApiRequest, StripeError, new_id, no_such


@dataclass(frozen=True)
class Attempt:
    """What came of a press of Pay: the session as it is after it, and what happened."""

    session: StripeObject
    paid: bool = False
    decline: Decline | None = None
    authenticates: bool = False
    """Nothing is charged yet, because the bank asks the card's holder to authenticate first."""


def create(accepted: Body, now: int) -> StripeObject:
    accepted = {**accepted, "expires_at": faults.expiry(accepted["expires_at"], now)}
    line_items = [objects.line_item(item, now) for item in accepted["line_items"]]
    return StripeObject.objects.keep(
        objects.checkout_session(accepted, line_items, now),
        line_items=line_items,
        descriptions=[item["price_data"]["product_data"].get("description") for item in accepted["line_items"]],
        payment_intent_data=accepted.get("payment_intent_data", {}),
    )


def retrieve(session_id: str) -> StripeObject:
    """The session, expired first if its time has passed."""
    session = find(session_id)
    if is_overdue(session.body):
        with transaction.atomic():
            session = locked(session_id)
            if event := expire_if_overdue(session):
                webhooks.deliver_in_background(event)
    return session


def find(session_id: str) -> StripeObject:
    session = StripeObject.objects.filter(pk=session_id, type="checkout.session").first()
    if session is None:
        raise no_such("checkout.session", session_id, param="session")
    return session


def locked(session_id: str) -> StripeObject:
    return StripeObject.objects.select_for_update().get(pk=session_id)


def is_overdue(session: Body) -> bool:
    return bool(session["status"] == "open" and session["expires_at"] <= time.time())


def expire_if_overdue(session: StripeObject) -> StripeObject | None:
    return close(session, NOBODY) if is_overdue(session.body) else None


def close(session: StripeObject, cause: ApiRequest) -> StripeObject:
    """Expire an open session, and cancel its PaymentIntent with it. Returns the event that is to be delivered."""
    session.change(status="expired", url=None)
    if session.body["payment_intent"]:
        intent = StripeObject.objects.get(pk=session.body["payment_intent"])
        intent.change(status="canceled", canceled_at=int(time.time()), cancellation_reason="expired")
        webhooks.emit("payment_intent.canceled", intent.body, cause)
    return webhooks.emit("checkout.session.expired", session.body, cause)


def expire(session_id: str, cause: ApiRequest) -> StripeObject:
    retrieve(session_id)
    with transaction.atomic():
        session = locked(session_id)
        if session.body["status"] != "open":
            raise StripeError(
                'Only Checkout Sessions with a status in ["open"] can be expired. '
                f"This Checkout Session has a status of `{session.body['status']}`."
            )
        webhooks.deliver_in_background(close(session, cause))
    return session


def expire_overdue() -> int:
    """Expire every open session whose time has passed. `webhooks.deliver_due` delivers the events."""
    overdue = StripeObject.objects.filter(
        type="checkout.session", body__status="open", body__expires_at__lte=int(time.time())
    )
    expired = 0
    for session_id in overdue.values_list("pk", flat=True):
        with transaction.atomic():
            expired += expire_if_overdue(locked(session_id)) is not None
    return expired


def pay(session_id: str, card: Card) -> Attempt:
    """A press of Pay. If it pays, this returns once the site was told, or after ten seconds, as Stripe's page does."""
    with transaction.atomic():
        session = locked_or_expired(session_id)
        if session.body["status"] != "open":
            return Attempt(session)
        intent = payment_intent_of(session, int(time.time()))
        if card.authenticates:
            return ask_to_authenticate(session, intent, card)
        return charge_card(session, intent, card)


def authenticate(session_id: str, *, passed: bool) -> Attempt:
    """The holder of the card that was tried last has authenticated, or has failed to."""
    with transaction.atomic():
        session = locked_or_expired(session_id)
        intent = StripeObject.objects.filter(pk=session.body["payment_intent"], body__status="requires_action").first()
        if session.body["status"] != "open" or intent is None:
            return Attempt(session)
        intent.change(status="requires_payment_method", next_action=None)
        if not passed:
            refuse(intent, NOT_AUTHENTICATED)
            return Attempt(session, decline=NOT_AUTHENTICATED)
        return charge_card(session, intent, Card(**intent.internal["card"]))


def locked_or_expired(session_id: str) -> StripeObject:
    session = locked(session_id)
    if event := expire_if_overdue(session):
        webhooks.deliver_in_background(event)
    return session


def ask_to_authenticate(session: StripeObject, intent: StripeObject, card: Card) -> Attempt:
    intent.internal["card"] = asdict(card)
    intent.save(update_fields=["internal"])
    intent.change(status="requires_action", next_action=objects.NEXT_ACTION, payment_method=new_id("pm"))
    webhooks.emit("payment_intent.requires_action", intent.body)
    return Attempt(session, authenticates=True)


def charge_card(session: StripeObject, intent: StripeObject, card: Card) -> Attempt:
    charge = keep_charge(session, intent, card, int(time.time()))
    if card.decline:
        fail(intent, charge, card.decline)
        return Attempt(session, decline=card.decline)
    succeed(session, intent, charge)
    if card.dispute:
        disputes.open_on(charge, card.dispute, charge.body["amount"] // card.parts)
    return Attempt(session, paid=True)


def keep_charge(session: StripeObject, intent: StripeObject, card: Card, now: int) -> StripeObject:
    body = objects.charge(intent.body, session.body["customer_email"], card, now)
    body = balance.charged(body, now) if body["paid"] else body
    return StripeObject.objects.keep(body, refunds=card.refunds)


def payment_intent_of(session: StripeObject, now: int) -> StripeObject:
    """The PaymentIntent for all attempts on a session, made when the customer first presses Pay."""
    if session.body["payment_intent"]:
        return StripeObject.objects.get(pk=session.body["payment_intent"])
    data = session.internal["payment_intent_data"]
    intent = StripeObject.objects.keep(objects.payment_intent(session.body, data, now))
    session.change(payment_intent=intent.pk)
    return intent


def fail(intent: StripeObject, charge: StripeObject, decline: Decline) -> None:
    intent.change(status="requires_payment_method", next_action=None, latest_charge=charge.pk)
    webhooks.emit("charge.failed", charge.body)
    refuse(intent, decline, charge.pk)


def refuse(intent: StripeObject, decline: Decline, charge: str | None = None) -> None:
    """Say why the PaymentIntent is not paid. It has no charge if the card's holder failed to authenticate."""
    intent.change(last_payment_error=objects.last_payment_error(decline, charge))
    webhooks.emit("payment_intent.payment_failed", intent.body)


def succeed(session: StripeObject, intent: StripeObject, charge: StripeObject) -> None:
    record_paid(session, intent, charge)
    webhooks.emit("charge.succeeded", charge.body)
    webhooks.emit("payment_intent.succeeded", intent.body)
    webhooks.deliver_and_wait(webhooks.emit("checkout.session.completed", session.body))


def record_paid(session: StripeObject, intent: StripeObject, charge: StripeObject) -> None:
    intent.change(
        status="succeeded",
        amount_received=intent.body["amount"],
        last_payment_error=None,
        next_action=None,
        latest_charge=charge.pk,
        payment_method=charge.body["payment_method"],
    )
    session.change(
        status="complete",
        payment_status="paid",
        url=None,
        customer_details=objects.customer_details(session.body["customer_email"]),
    )
