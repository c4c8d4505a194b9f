"""Checkout Sessions: create, retrieve, expire and list them. All of these raise InvalidRequest or StripeUnavailable."""

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import stripe

from payments.gateway.calls import client, failures_translated
from payments.gateway.failures import SameCallUnderWay
from payments.gateway.money import MoneyAtStripe, money_of


@dataclass(frozen=True)
class Session:
    """What we read of a session. All but the last four are Stripe's own words for its members."""

    id: str
    url: str
    """Empty once the session is not open any more."""
    expires_at: datetime
    status: str
    payment_status: str
    amount_total: int | None
    currency: str | None
    client_reference_id: str | None
    mode: str
    livemode: bool
    payment_intent_id: str
    """Empty before the client first tries to pay."""
    payment_intent_status: str
    amount_received: int
    was_disputed_or_refunded: bool


# How often, and after how many seconds, a call is repeated that Stripe is at work on for another tab. Each waits for
# another time, or else they would all repeat it at the same moment and meet again.
REPEATS, BEFORE_EACH = 4, (0.2, 0.8)


def create_session(params: Any, idempotency_key: str) -> Session:
    """Create the session, or get the one that another tab is creating at this moment under the same idempotency key."""
    for _ in range(REPEATS):
        with suppress(SameCallUnderWay):
            return create_session_now(params, idempotency_key)
        time.sleep(random.uniform(*BEFORE_EACH))  # noqa: S311 - it keeps no secret
    return create_session_now(params, idempotency_key)


def create_session_now(params: Any, idempotency_key: str) -> Session:
    with failures_translated():
        options: Any = {"idempotency_key": idempotency_key}
        return session_of(client().v1.checkout.sessions.create(params=params, options=options).to_dict())


def retrieve_session(session_id: str) -> Session:
    """Ask for the session, with its PaymentIntent and charge.

    The client waits on Stripe's page while the webhook asks this. So Stripe's answer is read as it is: the SDK would
    take as long to make objects of all that is in it as we take for all the rest.
    """
    path = f"/v1/checkout/sessions/{quote(session_id, safe='')}"
    with failures_translated():
        answer: Any = client().raw_request("get", path, expand=["payment_intent.latest_charge"])
        return session_of(answer.data)


def session_of(said: dict[str, Any]) -> Session:
    intent = said["payment_intent"] or {}
    charge = intent.get("latest_charge") or {}
    return Session(
        id=said["id"],
        url=said["url"] or "",
        expires_at=datetime.fromtimestamp(said["expires_at"], UTC),
        status=said["status"],
        payment_status=said["payment_status"],
        amount_total=said["amount_total"],
        currency=said["currency"],
        client_reference_id=said["client_reference_id"],
        mode=said["mode"],
        livemode=said["livemode"],
        payment_intent_id=intent.get("id", ""),
        payment_intent_status=intent.get("status", ""),
        amount_received=intent.get("amount_received", 0),
        was_disputed_or_refunded=bool(charge.get("disputed") or charge.get("amount_refunded")),
    )


def expire_session(session_id: str) -> None:
    """Close an open session, so that nobody can pay on its page. Stripe refuses to close one that is not open."""
    with failures_translated():
        client().v1.checkout.sessions.expire(session_id)


@dataclass(frozen=True)
class SessionAtStripe:
    """What audit reads of a session, to compare it with the Payment that opened it."""

    id: str
    reference: str
    """The reference of the appointment."""
    status: str
    """As Payment.Status has it: open, processing, paid or expired."""
    currency: str
    money: MoneyAtStripe | None
    """None as long as it is not paid."""


def list_sessions(since: datetime) -> Iterator[SessionAtStripe]:
    """All sessions that were created for appointments, known to us or not. What else the account sells is left out."""
    expand = ["data.payment_intent.latest_charge.refunds"]
    params: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100, "expand": expand}
    with failures_translated():
        for session in client().v1.checkout.sessions.list(params=params).auto_paging_iter():
            if "appointment" in (session.metadata or ()):
                yield session_at_stripe(session)


def session_at_stripe(session: stripe.checkout.Session) -> SessionAtStripe:
    # A session may also be complete without a payment: then its payment_status is no_payment_required.
    is_paid = session.payment_status != "unpaid"
    unpaid_status = "processing" if session.status == "complete" else str(session.status)
    return SessionAtStripe(
        id=session.id,
        reference=session.client_reference_id or "",
        status="paid" if is_paid else unpaid_status,
        currency=session.currency or "",
        money=money_of(session.payment_intent) if is_paid else None,
    )
