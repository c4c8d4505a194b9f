"""Parsers of single values. Each takes a raw value and the name of its parameter, and returns what the value means.

All of them raise StripeError, with the message that Stripe would give.
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


def nested(param: str, name: str) -> str:
    """`line_items[0][quantity]`: the name of a parameter inside another one."""
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
    """One of `values`. Where the sandbox supports only some of them, it refuses the others in words of its own."""

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
    """Stripe wants an address at a domain, and takes neither `localhost` nor a number in brackets for one."""
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
    # An empty value unsets a key, so a new object does not get that key at all.
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
    """Stripe calls a dictionary a hash, and an array is sent as a hash whose keys are numbers."""
    if not isinstance(value, dict):
        raise StripeError("Invalid object", param=param)
    return value


def hash_of(parsers: dict[str, Parser], required: Iterable[str] = ()) -> Parser:
    def parse(value: Any, param: str) -> Body:
        given = as_hash(value, param)
        refuse_unknown([nested(param, name) for name in given if name not in parsers])
        for missing in (nested(param, name) for name in required if name not in given):
            raise StripeError(f"Missing required param: {missing}.", code="parameter_missing", param=missing)
        return {name: parser(given[name], nested(param, name)) for name, parser in parsers.items() if name in given}

    return parse


def refuse_unknown(names: list[str]) -> None:
    if names:
        plural = "s" if len(names) > 1 else ""
        message = f"Received unknown parameter{plural}: {', '.join(names)}"
        raise StripeError(message, code="parameter_unknown", param=names[0])


def list_of(parser: Parser) -> Parser:
    def parse(value: Any, param: str) -> list[Any]:
        if not isinstance(value, dict) or not all(key.isascii() and key.isdigit() for key in value):
            raise StripeError("Invalid array", param=param)
        return [parser(value[key], nested(param, key)) for key in sorted(value, key=int)]

    return parse
