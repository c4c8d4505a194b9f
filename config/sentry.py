"""What Sentry is told of our failures, and that it is told nothing of people. Imported only where SENTRY_DSN is set.

Sentry is one more reader of the log: a failure in a page, in the API or in tick is logged, and goes there from the log.
No integration of the SDK is used, so nothing of Django, of SQL or of calls to Stripe is recorded for it. Of an event
only what is named in this module leaves the process. The words of an exception may hold whatever somebody typed, and
stay in our own log; the number of the request leads from one to the other.
"""

import logging
from contextvars import ContextVar
from typing import Any

import sentry_sdk
from django.http import HttpRequest, HttpResponse
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.logging import EventHandler
from sentry_sdk.types import Event, Hint

from booking import request_id
from config.logs import GetResponse, route

# The request that this thread is answering; None between requests, and in tick.
answering: ContextVar[HttpRequest | None] = ContextVar("answering", default=None)

KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "server_name", "sdk")
KEPT_OF_A_MECHANISM = ("type", "handled", "source", "exception_id", "parent_id", "is_exception_group")
# Source lines are of our code and of packages. The values of variables are left out.
KEPT_OF_A_FRAME = (
    "abs_path",
    "context_line",
    "filename",
    "function",
    "in_app",
    "lineno",
    "module",
    "post_context",
    "pre_context",
)
# The loggers whose messages are constants that take the facts as arguments. Ruff's rules G keep it so for ours.
CONSTANT_MESSAGES = ("booking", "config", "payments", "gunicorn")


def handler(dsn: str) -> logging.Handler:
    """Connect to Sentry, and return the handler of the log that sends it what is logged as an error."""
    sentry_sdk.init(
        dsn,
        default_integrations=False,
        auto_enabling_integrations=False,
        # At the end of a process it waits a moment for events that are still to be sent.
        integrations=[AtexitIntegration()],
        auto_session_tracking=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        before_send=without_people,
    )
    to_sentry = EventHandler(logging.ERROR)
    to_sentry.addFilter(is_failure)
    return to_sentry


def is_failure(record: logging.LogRecord) -> bool:
    """Whether it is a failure of ours. A request that Django refused is none, nor is a 503 that a view meant."""
    return bool(record.exc_info) if record.name == "django.request" else not record.name.startswith("django.security")


def remember_request(get_response: GetResponse) -> GetResponse:
    """A middleware by which an event knows the route of the request in which it happened."""

    def middleware(request: HttpRequest) -> HttpResponse:
        before = answering.set(request)
        try:
            return get_response(request)
        finally:
            answering.reset(before)

    return middleware


def without_people(event: Event, hint: Hint) -> Event:
    """The event with nothing in it but where in the code it happened, and in which request or round of tick."""
    kept: dict[str, Any] = picked(event, KEPT)
    kept["tags"] = {"request_id": request_id.current.get()}
    if request := answering.get():
        kept |= {"transaction": route(request), "transaction_info": {"source": "route"}}
    if event.get("logger", "").partition(".")[0] in CONSTANT_MESSAGES:
        kept["logentry"] = picked(event.get("logentry"), ("message",))
    if "exception" in event:
        kept["exception"] = {"values": [exception_without_words(one) for one in event["exception"]["values"]]}
    return kept  # type: ignore[return-value]  # Event is a TypedDict, and this was picked from one by name


def exception_without_words(exception: dict[str, Any]) -> dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames", [])
    return {
        **picked(exception, ("type", "module")),
        "mechanism": picked(exception.get("mechanism"), KEPT_OF_A_MECHANISM),
        "stacktrace": {"frames": [picked(frame, KEPT_OF_A_FRAME) for frame in frames]},
    }


def picked(facts: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: facts[name] for name in names if name in facts} if facts else {}
