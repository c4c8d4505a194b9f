"""What the API accepts. A parser takes a raw value and its name, and returns the value or raises Stripe's own words.

Parameters that Stripe knows and the sandbox does not are refused as unknown, rather than accepted and ignored.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from payments.sandbox import money
from payments.sandbox.models import Body
from payments.sandbox.wire import StripeError

Parser = Callable[[Any, str], Any]

HALF_AN_HOUR = 30 * 60
ONE_DAY = 24 * 60 * 60
CLOCK_TOLERANCE = 5
# fmt: off
LOCALES = (
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hi-IN",
    "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl",
    "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
)
# fmt: on
# The sandbox takes cards only, whatever else Stripe could offer; any other type is therefore a name and nothing more.
NO_PAYMENT_METHOD = (
    "No valid payment method types for this Checkout Session. Please ensure that you have activated payment methods "
    "compatible with your chosen currency in your dashboard or specify a compatible currency."
)


def nested(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name


def text(most: int = 5000) -> Callable[[Any, str], str]:
    def parse(value: Any, param: str) -> str:
        if not isinstance(value, str):
            raise StripeError("Invalid string", param=param)
        if not value:
            raise empty(param)
        if len(value) > most:
            raise StripeError(f"Invalid string: {value[:12]}...; must be at most {most} characters", param=param)
        return value

    return parse


def empty(param: str) -> StripeError:
    return StripeError(
        f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; "
        f"however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty "
        "value.",
        code="parameter_invalid_empty",
        param=param,
    )


def integer(*, least: int, most: int = 2**53) -> Parser:
    def parse(value: Any, param: str) -> int:
        written = text()(value, param)
        if not re.fullmatch(r"-?[0-9]{1,18}", written):
            raise StripeError(f"Invalid integer: {written}", code="parameter_invalid_integer", param=param)
        number = int(written)
        if number < least:
            raise out_of_bounds("greater", least, param)
        if number > most:
            raise out_of_bounds("less", most, param)
        return number

    return parse


def out_of_bounds(side: str, bound: int, param: str) -> StripeError:
    message = f"This value must be {side} than or equal to {bound}."
    return StripeError(message, code="parameter_invalid_integer", param=param)


def one_of(*values: str, supported: Iterable[str] = ()) -> Parser:
    """One of Stripe's `values`; where only some are `supported` here, the others are refused in words of our own."""

    def parse(value: Any, param: str) -> str:
        written = text()(value, param)
        if written not in values:
            listed = f"{', '.join(values[:-1])}, or {values[-1]}"
            raise StripeError(f"Invalid {param}: must be one of {listed}", param=param)
        if supported and written not in supported:
            raise StripeError(f"This sandbox supports only {' or '.join(supported)} for {param}.", param=param)
        return written

    return parse


def boolean(value: Any, param: str) -> bool:
    written = text()(value, param)
    if written not in ("true", "false"):
        raise StripeError(f"Invalid boolean: {written}", param=param)
    return written == "true"


def email(value: Any, param: str) -> str:
    written = text(512)(value, param)
    if not is_email_address(written):
        raise StripeError(f"Invalid email address: {written}", code="email_invalid", param=param)
    return written


def is_email_address(written: str) -> bool:
    """At a domain: neither `localhost` nor a number in brackets."""
    try:
        EmailValidator(allowlist=[])(written)
    except ValidationError:
        return False
    return not written.endswith("]")


def url(value: Any, param: str) -> str:
    written = text(most=10_000)(value, param)
    if len(written) > 5000:
        raise StripeError("Invalid URL: URL must be 5000 characters or less.", code="url_invalid", param=param)
    if "://" not in written:
        words = "Invalid URL: An explicit scheme (such as https) must be provided."
        raise StripeError(words, code="url_invalid", param=param)
    if not is_web_address(written):
        raise StripeError("Not a valid URL", code="url_invalid", param=param)
    return written


def is_web_address(written: str) -> bool:
    try:
        parts = urlsplit(written)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", written)


def currency(value: Any, param: str) -> str:
    written = text()(value, param).lower()
    if written not in money.CURRENCIES:
        known = ", ".join(sorted(money.CURRENCIES))
        raise StripeError(f"Invalid currency: {written}. This sandbox supports these currencies: {known}", param=param)
    return written


def metadata(value: Any, param: str) -> dict[str, str]:
    if value == "":
        return {}
    # An empty value unsets a key at Stripe; in a new object that means it never was there.
    given = {key: value for key, value in as_hash(value, param).items() if value != ""}
    if len(given) > 50:
        raise StripeError(f"Metadata can have up to 50 keys, but you passed in {len(given)} keys.", param=param)
    for key, item in given.items():
        metadata_pair(key, item, nested(param, key))
    return given


def metadata_pair(key: str, value: Any, param: str) -> None:
    if not isinstance(value, str):
        raise StripeError("Invalid string", param=param)
    for what, written, most in (("key", key, 40), ("value", value, 500)):
        if len(written) > most:
            raise StripeError(
                f"Metadata {what}s can have up to {most} characters, but you passed in a {what} that is {len(written)} "
                f"characters. Invalid {what}: {written}",
                param=param,
            )


def as_hash(value: Any, param: str) -> Body:
    if not isinstance(value, dict):
        raise StripeError("Invalid object", param=param)
    return value


def hash_of(parsers: dict[str, Parser], required: Iterable[str] = ()) -> Parser:
    def parse(value: Any, param: str) -> Body:
        given = as_hash(value, param)
        refuse_unknown([nested(param, name) for name in given if name not in parsers])
        refuse_missing([nested(param, name) for name in required if name not in given])
        return {name: parser(given[name], nested(param, name)) for name, parser in parsers.items() if name in given}

    return parse


def refuse_unknown(names: list[str]) -> None:
    if names:
        plural = "s" if len(names) > 1 else ""
        message = f"Received unknown parameter{plural}: {', '.join(names)}"
        raise StripeError(message, code="parameter_unknown", param=names[0])


def refuse_missing(names: list[str]) -> None:
    if names:
        raise StripeError(f"Missing required param: {names[0]}.", code="parameter_missing", param=names[0])


def list_of(parser: Parser) -> Parser:
    def parse(value: Any, param: str) -> list[Any]:
        if not isinstance(value, dict) or not all(key.isascii() and key.isdigit() for key in value):
            raise StripeError("Invalid array", param=param)
        return [parser(value[key], nested(param, key)) for key in sorted(value, key=int)]

    return parse


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
    """The parameters of a new Checkout Session, `expires_at` settled and the rules between parameters checked."""
    accepted: Body = SESSION(given, "")
    refuse_no_cards(accepted)
    refuse_amount(accepted["line_items"])
    accepted["expires_at"] = expiry(accepted.get("expires_at", now + ONE_DAY), now)
    return accepted


def refuse_no_cards(accepted: Body) -> None:
    allowed = accepted.get("allowed_payment_method_types", ["card"])
    if "card" not in allowed or "card" in accepted.get("excluded_payment_method_types", []):
        raise StripeError(NO_PAYMENT_METHOD)


def refuse_amount(line_items: list[Body]) -> None:
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
