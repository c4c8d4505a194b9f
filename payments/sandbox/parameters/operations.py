"""The parameters of each operation, and the rules between them.

Parameters that Stripe knows and the sandbox does not are refused as unknown, rather than accepted and ignored.
"""

from payments.sandbox import money
from payments.sandbox.models import Body
from payments.sandbox.parameters.parsers import (
    Parser,
    boolean,
    currency,
    email,
    empty,
    hash_of,
    integer,
    list_of,
    metadata,
    one_of,
    text,
    url,
)
from payments.sandbox.wire import StripeError

HALF_AN_HOUR = 30 * 60
ONE_DAY = 24 * 60 * 60
CLOCK_TOLERANCE = 5
"""Seconds. The sandbox's clock may differ a little from that of the program that calls it."""
# fmt: off
LOCALES = (
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl",
    "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
)
# fmt: on
# What Stripe says of a session that no payment method is left for. The sandbox only has cards.
NO_PAYMENT_METHOD = (
    "No valid payment method types for this Checkout Session. Please ensure that you have activated payment methods "
    "compatible with your chosen currency in your dashboard or specify a compatible currency."
)

EXPAND: dict[str, Parser] = {"expand": list_of(text())}

PRICE_DATA = hash_of(
    {
        "currency": currency,
        "unit_amount": integer(least=0, most=money.MOST),
        "product_data": hash_of({"name": text(), "description": text()}, required=["name"]),
    },
    required=["currency", "unit_amount", "product_data"],
)
LINE_ITEM = hash_of({"price_data": PRICE_DATA, "quantity": integer(least=1)}, required=["price_data", "quantity"])
PAYMENT_INTENT_DATA = hash_of(
    {
        "description": text(),
        "metadata": metadata,
        "receipt_email": email,
        "statement_descriptor_suffix": text(22),
    }
)
SESSION = hash_of(
    {
        **EXPAND,
        "adaptive_pricing": hash_of({"enabled": boolean}),
        "allowed_payment_method_types": list_of(text()),
        "cancel_url": url,
        "client_reference_id": text(200),
        "customer_creation": one_of("always", "if_required", supported=["if_required"]),
        "customer_email": email,
        "excluded_payment_method_types": list_of(text()),
        "expires_at": integer(least=0),
        "line_items": list_of(LINE_ITEM),
        "locale": one_of(*LOCALES),
        "metadata": metadata,
        "mode": one_of("payment", "setup", "subscription", supported=["payment"]),
        "payment_intent_data": PAYMENT_INTENT_DATA,
        "submit_type": one_of(
            "auto", "book", "donate", "pay", "subscribe", supported=["auto", "book", "donate", "pay"]
        ),
        "success_url": url,
        "ui_mode": one_of("elements", "embedded_page", "form", "hosted_page", supported=["hosted_page"]),
    },
    required=["mode", "line_items", "success_url"],
)


def session(given: Body, now: int) -> Body:
    """The parameters of a new Checkout Session, with its `expires_at` if that was left out."""
    accepted: Body = SESSION(given, "")
    allowed = accepted.get("allowed_payment_method_types", ["card"])
    if "card" not in allowed or "card" in accepted.get("excluded_payment_method_types", []):
        raise StripeError(NO_PAYMENT_METHOD)
    refuse_wrong_amount(accepted["line_items"])
    accepted["expires_at"] = expiry(accepted.get("expires_at", now + ONE_DAY), now)
    return accepted


def refuse_wrong_amount(line_items: list[Body]) -> None:
    currencies = {item["price_data"]["currency"] for item in line_items}
    if not line_items:
        raise empty("line_items")
    if len(currencies) > 1:
        raise StripeError("The Checkout Session's line items must all use the same currency.", param="line_items")
    total = sum(item["price_data"]["unit_amount"] * item["quantity"] for item in line_items)
    refuse_total(total, currencies.pop())


def refuse_total(total: int, currency: str) -> None:
    due = "The Checkout Session's total amount due must"
    if total < money.least(currency):
        bound = money.money_in_errors(money.least(currency), currency)
        raise StripeError(f"{due} add up to at least {bound}", code="amount_too_small")
    if total > money.MOST:
        bound = money.money_in_errors(money.MOST, currency)
        raise StripeError(f"{due} be no more than {bound}", code="amount_too_large")


def expiry(expires_at: int, now: int) -> int:
    stated = "The `expires_at` timestamp must be"
    if expires_at < now + HALF_AN_HOUR - CLOCK_TOLERANCE:
        words = f"{stated} at least 30 minutes from Checkout Session creation."
        raise StripeError(words, param="expires_at")
    if expires_at > now + ONE_DAY + CLOCK_TOLERANCE:
        words = f"{stated} less than 24 hours from Checkout Session creation."
        raise StripeError(words, param="expires_at")
    return expires_at


EVIDENCE = hash_of({**EXPAND, "evidence": hash_of({"uncategorized_text": text(most=20_000)})})

REFUND = hash_of(
    {
        **EXPAND,
        "amount": integer(least=1, most=money.MOST),
        "charge": text(),
        "metadata": metadata,
        "payment_intent": text(),
        "reason": one_of("duplicate", "fraudulent", "requested_by_customer"),
    }
)


def refund(given: Body) -> Body:
    accepted: Body = REFUND(given, "")
    if not accepted.keys() & {"charge", "payment_intent"}:
        raise StripeError("One of the following params should be provided for this request: payment_intent or charge.")
    return accepted
