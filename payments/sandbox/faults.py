"""Faults on purpose, so that the sandbox misbehaves as networks and Stripe do: `STRIPE_SANDBOX_FAULTS`.

What is drawn is a hash of the seed, the fault, and what it is drawn for: for a webhook its number in the database and
the attempt, for an API call its operation and how many of these the process had before. With the same seed, the same
events in the same order meet the same faults, in whichever process; so do the same API calls within one process. What
does not repeat is how threads and processes share the calls out among themselves. Without a seed nothing repeats.
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
# How long an event is held back so that others overtake it, when no delay says how far apart they are.
OVERTAKEN_WITHIN = 2
UNSEEDED = secrets.token_hex()
calls: "defaultdict[str, count[int]]" = defaultdict(count)


# What is configured


@cache
def parse(written: str) -> dict[str, float]:
    """`webhook.drop=0.3,seed=7`. Raises ImproperlyConfigured."""
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
    """From 0 up to 1, always the same for one seed and subject."""
    seed = parse(settings.STRIPE_SANDBOX_FAULTS).get("seed", UNSEEDED)
    drawn = hashlib.sha256(repr((seed, name, *subject)).encode()).digest()
    # As many bits as a float holds: with more, one could come out.
    return int.from_bytes(drawn[:6]) / 2**48


def record(kind: str, detail: str) -> None:
    """Count a fault, with the work it was done to: if that is rolled back, the fault did not happen either."""
    transaction.on_commit(partial(Fault.objects.create, kind=kind, detail=detail), robust=True)


# Webhooks


def happens(name: str, kind: str, *subject: int) -> bool:
    """Whether the fault befalls a webhook of that `kind`."""
    probability = configured(name)
    befallen = bool(probability) and draw(name, *subject) < probability
    if befallen:
        record(name, kind)
    return befallen


def held_back(kind: str, number: int) -> timedelta | None:
    """How long a new delivery waits: up to the delay or, to be overtaken, longer than any delay."""
    delay = configured("webhook.delay")
    if happens("webhook.reorder", kind, number):
        return timedelta(seconds=(delay or OVERTAKEN_WITHIN) * (1 + draw("webhook.delay", number)))
    if delay:
        record("webhook.delay", kind)
        return timedelta(seconds=delay * draw("webhook.delay", number))
    return None


# Checkout Sessions


def expiry(asked: int, now: int) -> int:
    lifetime = configured("session.lifetime")
    if not lifetime:
        return asked
    record("session.lifetime", "expires early")
    return now + math.ceil(lifetime)


# The API


def unreliable(view: View) -> View:
    """Between a program and the API: calls and answers that are lost, errors before or after the work, slowness."""

    @wraps(view)
    def wrapped(request: HttpRequest, **ids: str) -> HttpResponse:
        if not settings.STRIPE_SANDBOX_FAULTS:
            return view(request, **ids)
        operation = f"{request.method} {route(request)}"
        return befall(request, operation, next(calls[operation]), partial(view, request, **ids))

    return wrapped


def route(request: HttpRequest) -> str:
    """`/v1/charges/<slug:charge>`, without the ids."""
    match = request.resolver_match
    return f"/{match.route.partition('/')[2]}" if match else "(no route)"


def befall(request: HttpRequest, operation: str, number: int, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Half of a fault's cases come before the work is done, the others after it is committed."""
    fates = (("api.timeout", "lost", lost), ("api.error", "failed", failed), ("api.missing", "missing", missing))
    for name, what, instead in fates:
        if moment := moment_of(name, operation, number):
            if moment == "after":
                answer()
            record(name, f"{what} {moment} {operation}")
            return instead(request)
    return slowed(operation, number, answer())


def moment_of(name: str, operation: str, number: int) -> str:
    """`before` the work or `after` it; empty if this call is spared."""
    probability, drawn = likelihood(name, operation), draw(name, operation, number)
    if drawn >= probability:
        return ""
    return "before" if drawn < probability / 2 else "after"


def likelihood(name: str, operation: str) -> float:
    """Only what is asked for by its id can be missing."""
    by_id = operation.startswith("GET ") and operation.endswith(">")
    return configured(name) if name != "api.missing" or by_id else 0


def slowed(operation: str, number: int, answer: HttpResponse) -> HttpResponse:
    if longest := configured("api.slow"):
        time.sleep(longest * draw("api.slow", operation, number))
        record("api.slow", f"slow after {operation}")
    return answer


def failed(request: HttpRequest) -> HttpResponse:
    return wire.respond(request, wire.new_id("req", 14), 500, wire.unknown_error().body)


def failing(request: HttpRequest, work: Callable[[Body], Body]) -> Callable[[Body], Body]:
    """Inside the idempotency layer, so that the failure is kept and repeated, with the work done or not."""
    operation = f"{request.method} {route(request)}"

    def failing_now_and_then(accepted: Body) -> Body:
        moment = moment_of("api.error_saved", operation, next(calls[f"saved {operation}"]))
        done = {} if moment == "before" else work(accepted)
        if not moment:
            return done
        record("api.error_saved", f"failed {moment} {operation}")
        raise wire.unknown_error()

    return failing_now_and_then


def missing(request: HttpRequest) -> HttpResponse:
    """What is there is not found, as when the site has another account's key for a moment."""
    kind, object_id = request.path.rstrip("/").split("/")[-2:]
    return wire.respond(request, wire.new_id("req", 14), 404, wire.no_such(kind, object_id, param="id").body)


def lost(request: HttpRequest) -> HttpResponse:
    """Shut the connection and answer into it: servers take that for a client who went away, and say nothing.

    WSGI has no way to answer nothing. Where the server's socket cannot be reached the answer is an empty 504, as of a
    proxy that lost the server: it too leaves open whether anything was done.
    """
    if connection := socket_of(request):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return HttpResponse(status=504)


def socket_of(request: HttpRequest) -> socket.socket | None:
    """gunicorn names it. Under runserver it is what the request's body is read from, three layers down."""
    named: socket.socket | None = request.META.get("gunicorn.socket")
    if named:
        return named
    body = getattr(getattr(request.META["wsgi.input"], "_read", None), "__self__", None)
    return getattr(getattr(body, "raw", None), "_sock", None)
