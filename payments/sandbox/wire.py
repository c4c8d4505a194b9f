"""How Stripe's API speaks HTTP, whatever an object says: keys, parameters, errors, lists and headers."""

import base64
import binascii
import re
import secrets
import string
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils.crypto import constant_time_compare

from payments.sandbox.models import Body

API_VERSION = "2026-10-28.endive"
ALPHANUMERIC = string.ascii_letters + string.digits

NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, "
    "or we can help at https://support.stripe.com/."
)
NOT_A_FORM = (
    "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "
    "If you have any questions, we can help at https://support.stripe.com/."
)
TRAILING_SLASH = (
    " If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, "
    "make sure you passed a valid (non-empty) identifier in your code."
)


class StripeError(Exception):
    """An answer that is an error. Unlike an object, it leaves out the keys that have no value."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = "invalid_request_error", code: str = "", param: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        doc_url = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}" if code else ""
        keys = {"code": code, "doc_url": doc_url, "message": message, "param": param, "type": kind}
        self.body: Body = {"error": {key: value for key, value in keys.items() if value}}


def no_such(kind: str, object_id: str, *, param: str) -> StripeError:
    return StripeError(f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param=param)


def unknown_error() -> StripeError:
    return StripeError("An unknown error occurred", status=500, kind="api_error")


def unrecognized_url(request: HttpRequest) -> StripeError:
    path = request.path[request.path.index("/v1") :]
    return StripeError(
        f"Unrecognized request URL ({request.method}: {path}).{TRAILING_SLASH if path.endswith('/') else ''} "
        "Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
        status=404,
    )


def new_id(prefix: str, length: int = 24) -> str:
    """`pi_3kF…`: looks like an id of Stripe's. One of 24 characters has 142 random bits."""
    return f"{prefix}_{''.join(secrets.choice(ALPHANUMERIC) for _ in range(length))}"


@dataclass(frozen=True)
class ApiRequest:
    """The call that caused an event, as the event names it. Both are None if a customer or the clock caused it."""

    id: str | None = None
    idempotency_key: str | None = None


NOBODY = ApiRequest()


def authenticate(request: HttpRequest) -> None:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    key = basic_username(credentials) if scheme.lower() == "basic" else credentials.strip()
    if not key:
        raise StripeError(NO_KEY, status=401)
    if not constant_time_compare(key, settings.STRIPE_SECRET_KEY):
        raise StripeError(f"Invalid API Key provided: {masked(key)}", status=401)


def basic_username(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def masked(key: str) -> str:
    """`sk_test_*****1234`: enough to recognise one's own key, and not enough to learn somebody else's."""
    shown = re.match(r"(?:[sr]k_(?:test|live)_)?", key)
    prefix = shown[0] if shown else ""
    secret = key[len(prefix) :]
    tail = secret[-4:] if len(secret) > 8 else ""
    return f"{prefix}{'*' * (len(secret) - len(tail))}{tail}"


def parameters(request: HttpRequest) -> Body:
    """Query and form as one nested dictionary. A list is a dictionary whose keys are numbers, as it is on the wire."""
    if request.body and request.content_type != "application/x-www-form-urlencoded":
        raise StripeError(NOT_A_FORM)
    try:
        form = request.body.decode()
    except UnicodeDecodeError as error:
        raise StripeError(NOT_A_FORM) from error
    decoded: Body = {}
    for source in (request.META.get("QUERY_STRING", ""), form):
        for name, value in parse_qsl(source, keep_blank_values=True):
            # PostgreSQL cannot store a NUL, and no honest value has one.
            if "\0" in name + value:
                raise StripeError("Invalid string", param=name.replace("\0", ""))
            put(decoded, name, value)
    return decoded


def put(target: Body, name: str, value: str) -> None:
    """Put a value where its name says, as in `line_items[0][price_data][unit_amount]`."""
    *parents, leaf = [name.partition("[")[0], *re.findall(r"\[([^\[\]]*)\]", name)]
    for parent in parents:
        target = branch(target, parent, name)
    target[leaf or str(len(target))] = value


def branch(target: Body, key: str, name: str) -> Body:
    """The dictionary inside `target` that has this key, made if there is none. An empty key appends, as `[]` does."""
    child: Any = target.setdefault(key or str(len(target)), {})
    if not isinstance(child, dict):
        raise StripeError("Invalid object", param=name)
    return child


def list_of(data: list[Body], url: str, *, has_more: bool = False) -> Body:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def respond(request: HttpRequest, request_id: str, status: int, body: Body, **headers: str) -> JsonResponse:
    response = JsonResponse(body, status=status, json_dumps_params={"indent": 2})
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    response.headers["Cache-Control"] = "no-cache, no-store"
    if key := request.headers.get("Idempotency-Key"):
        response.headers["Idempotency-Key"] = key
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Stripe"'
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response
