"""Faults on purpose, so that the sandbox misbehaves as Stripe and networks do. STRIPE_SANDBOX_FAULTS says which.

Whether a fault happens is drawn by lot, and with the same seed the same lots are drawn again. For a webhook they depend
on its number in the database and the number of the attempt, for an API call on its operation and how many of these the
process had before. But no seed repeats how threads and processes share the calls out among themselves. Without a seed
nothing repeats.
"""

import hashlib
import math
import secrets
import socket
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache, partial, wraps
from itertools import count

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from payments.sandbox import wire
from payments.sandbox.models import Body, Fault

View = Callable[..., HttpResponse]

PROBABILITIES = (
    *("webhook.drop", "webhook.duplicate", "webhook.reorder"),
    *("api.timeout", "api.error", "api.error_saved", "api.missing"),
)
SECONDS = ("webhook.delay", "api.slow", "session.lifetime")
NAMES = (*PROBABILITIES, *SECONDS, "seed")
# Seconds for which an event is held back so that later ones overtake it, if no webhook.delay is set.
OVERTAKEN_WITHIN = 2
# Takes the place of a seed where none is set.
UNSEEDED = secrets.token_hex()
# For each operation the numbers of its calls in this process.
calls: "defaultdict[str, count[int]]" = defaultdict(count)


# What is configured


@cache
def parse(written: str) -> dict[str, float]:
    """Read a setting like `webhook.drop=0.3,seed=7`. Raises ImproperlyConfigured."""
    return dict(setting(part.strip()) for part in written.split(",") if part.strip())


def setting(written: str) -> tuple[str, float]:
    name, _, value = map(str.strip, written.partition("="))
    if name not in NAMES:
        raise ImproperlyConfigured(f"STRIPE_SANDBOX_FAULTS takes {', '.join(NAMES)}, not {name!r}.")
    most, bounds = (1, "from 0 to 1") if name in PROBABILITIES else (math.inf, "of 0 or more")
    number = number_in(value)
    if math.isfinite(number) and 0 <= number <= most:
        return name, number
    raise ImproperlyConfigured(f"{name} in STRIPE_SANDBOX_FAULTS must be a number {bounds}, not {value!r}.")


def number_in(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def configured(name: str) -> float:
    return parse(settings.STRIPE_SANDBOX_FAULTS).get(name, 0) if settings.STRIPE_SANDBOX_FAULTS else 0


def draw(name: str, *subject: str | int) -> float:
    """A number from 0 up to 1, always the same for the same seed, fault and subject."""
    seed = parse(settings.STRIPE_SANDBOX_FAULTS).get("seed", UNSEEDED)
    drawn = hashlib.sha256(repr((seed, name, *subject)).encode()).digest()
    # A float holds 53 bits. With more than that the result could be rounded up to 1.
    return int.from_bytes(drawn[:6]) / 2**48


def record(kind: str, detail: str) -> None:
    """Count a fault, unless the transaction that it happened in is rolled back: then nothing happened at all."""
    transaction.on_commit(lambda: Fault.objects.create(kind=kind, detail=detail), robust=True)


# Webhooks


def happens(name: str, kind: str, *subject: int) -> bool:
    """Whether the fault happens to a webhook for an event of that `kind`. If it does, it is counted."""
    probability = configured(name)
    it_happens = bool(probability) and draw(name, *subject) < probability
    if it_happens:
        record(name, kind)
    return it_happens


def held_back(kind: str, number: int) -> timedelta | None:
    """How long a new delivery waits: up to webhook.delay or, for others to overtake it, longer than that."""
    delay = configured("webhook.delay")
    if happens("webhook.reorder", kind, number):
        return timedelta(seconds=(delay or OVERTAKEN_WITHIN) * (1 + draw("webhook.delay", number)))
    if delay:
        record("webhook.delay", kind)
        return timedelta(seconds=delay * draw("webhook.delay", number))
    return None


# Checkout Sessions


def expiry(asked: int, now: int) -> int:
    """When a session expires: as its creator asked, or sooner if session.lifetime says so."""
    lifetime = configured("session.lifetime")
    if not lifetime:
        return asked
    record("session.lifetime", "expires early")
    return now + math.ceil(lifetime)


# The API


def unreliable(view: View) -> View:
    """Make a view of the API as unreliable as the faults say: calls or answers are lost, or fail, or are slow."""

    @wraps(view)
    def wrapped(request: HttpRequest, **ids: str) -> HttpResponse:
        if not settings.STRIPE_SANDBOX_FAULTS:
            return view(request, **ids)
        operation = f"{request.method} {route(request)}"
        return answer_or_fail(request, operation, next(calls[operation]), partial(view, request, **ids))

    return wrapped


def route(request: HttpRequest) -> str:
    """The path without ids, as in `/v1/charges/<slug:charge>`."""
    match = request.resolver_match
    return f"/{match.route.partition('/')[2]}" if match else "(no route)"


def answer_or_fail(
    request: HttpRequest, operation: str, number: int, answer: Callable[[], HttpResponse]
) -> HttpResponse:
    """Answer, unless a fault happens: half of these come before the work is done, the others after it is committed."""
    faults = (("api.timeout", "lost", lost), ("api.error", "failed", failed), ("api.missing", "missing", missing))
    for name, what, instead in faults:
        if moment := moment_of(name, operation, number):
            if moment == "after":
                answer()
            record(name, f"{what} {moment} {operation}")
            return instead(request)
    return slowed(operation, number, answer())


def moment_of(name: str, operation: str, number: int) -> str:
    """Whether the fault happens `before` the work of this call or `after` it; empty if it does not happen."""
    # Only an object that is asked for by its id can be missing.
    by_id = operation.startswith("GET ") and operation.endswith(">")
    probability = configured(name) if name != "api.missing" or by_id else 0
    drawn = draw(name, operation, number)
    if drawn >= probability:
        return ""
    return "before" if drawn < probability / 2 else "after"


def slowed(operation: str, number: int, answer: HttpResponse) -> HttpResponse:
    if longest := configured("api.slow"):
        time.sleep(longest * draw("api.slow", operation, number))
        record("api.slow", f"slow after {operation}")
    return answer


def failed(request: HttpRequest) -> HttpResponse:
    return wire.respond(request, wire.new_id("req", 14), 500, wire.unknown_error().body)


def with_saved_failures(request: HttpRequest, work: Callable[[Body], Body]) -> Callable[[Body], Body]:
    """Let the work fail, before or after it is done. The idempotency layer keeps the failure and gives it again."""
    operation = f"{request.method} {route(request)}"

    def work_or_fail(accepted: Body) -> Body:
        moment = moment_of("api.error_saved", operation, next(calls[f"saved {operation}"]))
        done = {} if moment == "before" else work(accepted)
        if not moment:
            return done
        record("api.error_saved", f"failed {moment} {operation}")
        raise wire.unknown_error()

    return work_or_fail


def missing(request: HttpRequest) -> HttpResponse:
    """Say that an object does not exist, as Stripe does to a site that has another account's key for a moment."""
    kind, object_id = request.path.rstrip("/").split("/")[-2:]
    return wire.respond(request, wire.new_id("req", 14), 404, wire.no_such(kind, object_id, param="id").body)


def lost(request: HttpRequest) -> HttpResponse:
    """Give no answer: shut the connection, so that the server takes it for a client who went away, and logs nothing.

    WSGI has no other way. Where the server's socket cannot be reached the answer is an empty 504, as of a proxy that
    has lost the server: it too leaves open whether anything was done.
    """
    if connection := socket_of(request):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return HttpResponse(status=504)


def socket_of(request: HttpRequest) -> socket.socket | None:
    """The socket of the connection, which gunicorn names. runserver's is found inside what the body is read from."""
    named: socket.socket | None = request.META.get("gunicorn.socket")
    if named:
        return named
    body = getattr(getattr(request.META["wsgi.input"], "_read", None), "__self__", None)
    return getattr(getattr(body, "raw", None), "_sock", None)
