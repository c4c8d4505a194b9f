"""Stripe over the wire: each call that we make, and what its failures mean. The one module that imports stripe.

Call none of it inside a transaction: an answer may take fifteen seconds. Where somebody waits for us, do it `within` so
many.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import requests
import stripe
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

logger = logging.getLogger(__name__)
# No file in the home directory, no platform string, no timings sent.
stripe.enable_telemetry = False

Session = stripe.checkout.Session
# What a body raises that is not UTF-8, not JSON, nested without end, or not an event with an object.
UNREADABLE = (ValueError, RecursionError, AttributeError, KeyError, TypeError)
CLOCKS_MAY_DIFFER_BY = 300

# Seconds. Checkout itself waits ten for the webhook, and what is not done in a moment, tick does.
A_MOMENT = 5
# The script of our pages gives up after twenty.
AS_LONG_AS_A_PAGE_WAITS = 15
# In the cache of the process: a call got no answer in its time, and somebody tries whether that is still so.
SILENT, TRYING = "stripe-is-silent", "stripe-is-tried"
SILENT_FOR = 60


class StripeUnavailable(Exception):
    """No answer, or none that says what happened: nothing may be concluded from it.

    It reads as the client is told; staff and the ledger are told the reason, and staff what to do.
    """

    reason = "Stripe could not be asked about it."
    remedy = "Try again in a minute."

    def __str__(self) -> str:
        return "Stripe cannot be reached at the moment. Your time is still kept. Try again in a minute."


class AskedTooOften(StripeUnavailable):
    """Stripe wants fewer calls, whatever they are about."""


class SavedFailure(StripeUnavailable):
    """Stripe failed, keeps that answer under the call's key, and repeats it for a day: only another key helps.

    What was asked for may be done all the same.
    """


class NotPermitted(StripeUnavailable):
    """Stripe refuses our key, or the key lacks a permission: no repeat helps until somebody mends that."""

    remedy = "Whoever runs this site mends that in Stripe’s dashboard, under API keys."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = f"Stripe refuses our secret key: {reason}."

    def __str__(self) -> str:
        return "Payment is not available just now. Nothing was charged, and your time is still kept. Please call us."


class Refused(Exception):
    """Stripe says no to this very call, now and for ever. `code` and `param` are Stripe's."""

    def __init__(self, code: str, param: str) -> None:
        super().__init__(f"{code} {param}".strip())
        self.code, self.param = code, param

    @property
    def is_unknown(self) -> bool:
        """Stripe knows no object of that id: perhaps the key is another account's."""
        return self.code == "resource_missing"


class WebhookRefused(Exception):
    """Not signed by Stripe for us, not of this moment, or unreadable."""


@contextmanager
def failures_translated() -> Iterator[None]:
    """Neither exception carries Stripe's message: it may quote what the client typed."""
    try:
        yield
    except stripe.InvalidRequestError as error:
        raise Refused(error.code or "", error.param or "") from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        refusal = NotPermitted(what_is_wrong_with_the_key(error))
        logger.error("%s (request %s)", refusal.reason, error.request_id)  # noqa: TRY400 - the reason says all
        raise refusal from None
    except stripe.RateLimitError as error:
        # When two calls meet at one object it is about that object alone.
        raise StripeUnavailable if error.error and error.error.code == "lock_timeout" else AskedTooOften from None
    except stripe.StripeError as error:
        if isinstance(error.__cause__, requests.Timeout):
            cache.set(SILENT, True, SILENT_FOR)
        logger.warning("Stripe did not answer: %s (request %s)", type(error).__name__, error.request_id)
        raise SavedFailure if is_saved(error) else StripeUnavailable from None
    else:
        cache.delete(SILENT)


def what_is_wrong_with_the_key(error: stripe.StripeError) -> str:
    """Of Stripe's message the names of permissions alone: it repeats the key, if only in part."""
    if isinstance(error, stripe.AuthenticationError):
        return "it is not valid, or not any more"
    named = re.findall(r"\brak_[a-z0-9_]+", error.user_message or "")
    return f"it lacks the permission {' or '.join(named)}" if named else "it lacks a permission"


def is_saved(error: stripe.StripeError) -> bool:
    replayed = (error.headers or {}).get("Idempotent-Replayed") == "true"
    return replayed and (error.http_status or 0) >= 500


# How long we wait


@dataclass(frozen=True)
class Patience:
    """For one call, in seconds; a repeat takes as long again."""

    connect: float = 3.05
    read: float = 15
    repeats: int = 1


@dataclass(frozen=True, order=True)
class Deadline:
    at: float
    repeats: int

    def patience(self) -> Patience:
        """In whole seconds, so that there are few clients, each with its connections kept.

        Raises StripeUnavailable.
        """
        left = int(self.at - time.monotonic() + 0.1)
        each = left // (1 + self.repeats)
        if each < 1:
            raise StripeUnavailable
        return Patience(connect=each * 0.3, read=each * 0.7, repeats=self.repeats)


deadline: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: int, *, repeats: int = 0) -> Iterator[None]:
    """All calls inside have so long together: somebody waits for us, and a thread of the server with them."""
    ours = Deadline(time.monotonic() + seconds, repeats)
    before = deadline.set(min(ours, deadline.get() or ours))
    try:
        yield
    finally:
        deadline.reset(before)


def wait_for_nobody() -> None:
    """While Stripe is silent one person at a time waits for it: with all threads waiting, the whole site would be.

    Raises StripeUnavailable.
    """
    if cache.get(SILENT) and not cache.add(TRYING, True, A_MOMENT):
        raise StripeUnavailable


def client() -> stripe.StripeClient:
    patience = Patience()
    if hurry := deadline.get():
        wait_for_nobody()
        patience = hurry.patience()
    return client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, patience)


@lru_cache
def client_for(api_key: str, api_base: str, patience: Patience) -> stripe.StripeClient:
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": api_base},
        http_client=stripe.RequestsClient(timeout=(patience.connect, patience.read)),
        max_network_retries=patience.repeats,
    )


# All below raise Refused or StripeUnavailable.


def create_session(params: Any, idempotency_key: str) -> Session:
    with failures_translated():
        options: Any = {"idempotency_key": idempotency_key}
        return client().v1.checkout.sessions.create(params=params, options=options)


def retrieve_session(session_id: str) -> Session:
    with failures_translated():
        return client().v1.checkout.sessions.retrieve(session_id, params={"expand": ["payment_intent.latest_charge"]})


def has_moved_on(session: Session) -> bool:
    """Whether its money was disputed, or some of it returned, before we came to hear that it is paid."""
    charge: Any = getattr(session.payment_intent, "latest_charge", None)
    return bool(charge and (charge.disputed or charge.amount_refunded))


def expire_session(session_id: str) -> None:
    with failures_translated():
        client().v1.checkout.sessions.expire(session_id)


def create_refund(params: Any, idempotency_key: str) -> stripe.Refund:
    with failures_translated():
        options: Any = {"idempotency_key": idempotency_key}
        return client().v1.refunds.create(params=params, options=options)


@dataclass(frozen=True)
class RefundAtStripe:
    id: str
    amount: int
    status: str
    failure_reason: str
    key: str
    """Ours, if we made it: the idempotency key of its row."""


@dataclass(frozen=True)
class Money:
    """All that Stripe says of what was captured, at one moment."""

    amount_captured: int
    amount_refunded: int
    dispute: str
    """The status of the latest one, if there is any."""
    charged_back: int
    """What the bank took and keeps, as that dispute was lost."""
    refunds: list[RefundAtStripe]


def read_money(payment_intent: str) -> Money:
    with failures_translated():
        expand = ["latest_charge.refunds"]
        return money_of(client().v1.payment_intents.retrieve(payment_intent, params={"expand": expand}))


def money_of(intent: Any) -> Money:
    """Nothing at all, where nothing was charged."""
    charge = getattr(intent, "latest_charge", None)
    if not charge:
        return Money(0, 0, "", 0, [])
    dispute, amount = latest_dispute(intent.id) if charge.disputed else ("", 0)
    return Money(
        charge.amount_captured,
        charge.amount_refunded,
        dispute,
        amount if dispute == "lost" else 0,
        [refund_at_stripe(refund) for refund in charge.refunds.auto_paging_iter()],
    )


@dataclass(frozen=True)
class SessionAtStripe:
    id: str
    reference: str
    status: str
    """In the words of our payments: open, processing, paid or expired."""
    currency: str
    money: Money | None


def list_sessions(since: datetime) -> Iterator[SessionAtStripe]:
    """All sessions of appointments, whatever we know of them. What else the account sells is none of ours."""
    expand = ["data.payment_intent.latest_charge.refunds"]
    asked: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100, "expand": expand}
    with failures_translated():
        for session in client().v1.checkout.sessions.list(params=asked).auto_paging_iter():
            if "appointment" in (session.metadata or ()):
                yield session_at_stripe(session)


def session_at_stripe(session: Session) -> SessionAtStripe:
    money = money_of(session.payment_intent) if session.payment_status != "unpaid" else None
    reference, currency = session.client_reference_id or "", session.currency or ""
    return SessionAtStripe(session.id, reference, word_for(session), currency, money)


def word_for(session: Session) -> str:
    if session.payment_status != "unpaid":
        return "paid"
    return "processing" if session.status == "complete" else str(session.status)


def latest_dispute(payment_intent: str) -> tuple[str, int]:
    """Its status and amount."""
    disputes = client().v1.disputes.list(params={"payment_intent": payment_intent, "limit": 1}).data
    return (disputes[0].status, disputes[0].amount) if disputes else ("", 0)


def refund_at_stripe(refund: Any) -> RefundAtStripe:
    """One without a status is taken for pending: it is asked about again."""
    status = getattr(refund, "status", None) or "pending"
    key = getattr(refund.metadata, "refund", "")
    reason = getattr(refund, "failure_reason", None) or ""
    return RefundAtStripe(refund.id, refund.amount, status, reason, key)


def read_event(body: bytes, signature: str) -> tuple[str, dict[str, Any]]:
    """The id of an event that Stripe signed, and the facts of it that we keep.

    Raises WebhookRefused.
    """
    try:
        stripe.WebhookSignature.verify_header(body, signature, settings.STRIPE_WEBHOOK_SECRET, CLOCKS_MAY_DIFFER_BY)
        event = json.loads(body)
        event_id, facts = event["id"], facts_of(event)
    except (*UNREADABLE, stripe.SignatureVerificationError) as error:
        raise WebhookRefused from error
    refuse_a_signature_of_tomorrow(signature)
    return event_id, facts


def facts_of(event: Any) -> dict[str, Any]:
    """A balance has no id; a thin event only names what it is about, and its own kinds begin with a version."""
    thin = event["object"] == "v2.core.event"
    about = event.get("related_object") or {} if thin else event["data"]["object"]
    return {
        "type": event["type"],
        "object_id": about.get("id") or "",
        "payment_intent_id": about.get("payment_intent") or "",
        "livemode": event["livemode"],
        "account": event.get("account") or "",
        "api_version": event.get("api_version") or "",
    }


def refuse_a_signature_of_tomorrow(header: str) -> None:
    """The SDK refuses an old one only: one from the future could be replayed for as long as it lies ahead."""
    signed_at = re.search(r"(?:^|,)t=(\d+)", header)
    if signed_at and int(signed_at[1]) > time.time() + CLOCKS_MAY_DIFFER_BY:
        raise WebhookRefused


# What the key may do, and where events go


class KeyRefused(Exception):
    """Stripe knows no such key, or not any more."""


# By Stripe's own names; each call is one that we make, about nothing that could exist.
PERMISSIONS: dict[str, Callable[[Any], object]] = {
    "Checkout Sessions: write": lambda v1: v1.checkout.sessions.expire("cs_doctor"),
    "PaymentIntents: read": lambda v1: v1.payment_intents.retrieve("pi_doctor"),
    "Charges and Refunds: write": lambda v1: v1.refunds.create(params={"payment_intent": "pi_doctor"}),
    "Disputes: read": lambda v1: v1.disputes.retrieve("du_doctor"),
}


@dataclass(frozen=True)
class Examined:
    missing: list[str]
    """Permissions."""
    clock_ahead: timedelta | None
    """Ours of Stripe's; None where it did not say what time it is."""


def examine_key() -> Examined:
    """Raises KeyRefused or StripeUnavailable."""
    refusals = {permission: refusal_of(ask) for permission, ask in PERMISSIONS.items()}
    missing = [permission for permission, refusal in refusals.items() if isinstance(refusal, stripe.PermissionError)]
    date = refusals.popitem()[1].headers.get("Date")
    return Examined(missing, timezone.now() - parsedate_to_datetime(date) if date else None)


def refusal_of(ask: Callable[[Any], object]) -> Any:
    """Not allowed, or no such object."""
    try:
        ask(client().v1)
    except (stripe.PermissionError, stripe.InvalidRequestError) as refusal:
        return refusal
    except stripe.AuthenticationError:
        raise KeyRefused from None
    except stripe.StripeError:
        raise StripeUnavailable from None
    # What finds these objects is not Stripe.
    raise StripeUnavailable


# The version that our SDK speaks.
API_VERSION = stripe.api_version


@dataclass(frozen=True)
class Endpoint:
    url: str
    is_enabled: bool
    events: frozenset[str]
    api_version: str
    """Empty for the account's own, whichever that is."""


def list_endpoints() -> list[Endpoint] | None:
    """Of the account; None where the key may not see them.

    Raises StripeUnavailable.
    """
    try:
        listed = client().v1.webhook_endpoints.list(params={"limit": 100}).auto_paging_iter()
        return [
            Endpoint(one.url, one.status == "enabled", frozenset(one.enabled_events), one.api_version or "")
            for one in listed
        ]
    except stripe.PermissionError:
        return None
    except (*UNREADABLE, stripe.StripeError):
        raise StripeUnavailable from None
