"""What the site writes to its log: a line for each request, in which form, and never an address or what was typed."""

import json
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from booking import request_id

GetResponse = Callable[[HttpRequest], HttpResponse]
access = logging.getLogger("access")

# What a proxy's own number may look like. Anything else could bring something of a person into the log.
HARMLESS = re.compile(r"[A-Za-z0-9-]{8,64}")
# How gunicorn's lines about one request begin.
ABOUT_A_REQUEST = re.compile("Invalid request|Error handling request")


def configuration(form: str, sentry_dsn: str) -> dict[str, Any]:
    """Django's setting LOGGING: each line goes to the standard error stream, and errors also to Sentry."""
    sentry = {"sentry": {"()": "config.sentry.handler", "dsn": sentry_dsn}} if sentry_dsn else {}
    console = {"class": "logging.StreamHandler", "formatter": form, "filters": ["request_id", "route_only"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": "config.logs.RequestId"},
            "route_only": {"()": "config.logs.RouteOnly"},
        },
        "formatters": {
            "text": {"format": "%(asctime)s %(levelname)s %(request_id)s %(name)s %(message)s"},
            "json": {"()": "config.logs.JsonLine"},
        },
        "handlers": {"console": console, **sentry},
        "root": {"handlers": ["console", *sentry], "level": "WARNING"},
        "loggers": {
            "access": {"level": "INFO"},
            "payments": {"level": "INFO"},
            "booking": {"level": "INFO"},
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            # Django warns here of each 4xx. That is an answer like any other, and the access log has a line for it.
            "django.request": {"level": "ERROR"},
            # runserver's lines hold the address, and with it references. `access` logs the route instead.
            "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
            # gunicorn's own lines go where those of the site go, in the same form and without addresses.
            "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
        },
    }


def access_log(get_response: GetResponse) -> GetResponse:
    """Number each request and log a line for it: method, route, status and milliseconds.

    No address is logged: it has references. The answer has the number as the header X-Request-ID.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        with request_id.numbered(proxys_number(request) or request_id.new()):
            started = time.perf_counter()
            response = get_response(request)
            response["X-Request-ID"] = request_id.current.get()
            log_access(request, response, time.perf_counter() - started)
        return response

    return middleware


def log_access(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    facts = {
        "method": request.method,
        "route": route(request),
        "status": response.status_code,
        "milliseconds": round(seconds * 1000),
    }
    access.info("%s %s %d %dms", *facts.values(), extra={"facts": facts})


def proxys_number(request: HttpRequest) -> str:
    """The header X-Request-ID if a proxy of ours stands in front, so that its log has the same number, or empty."""
    number = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
    return number if HARMLESS.fullmatch(number) else ""


def route(request: HttpRequest) -> str:
    """The URL pattern that matched, for logs. The path itself may hold a reference, and the query a session id."""
    match = request.resolver_match
    return f"/{match.route}" if match else "(no route)"


class RequestId(logging.Filter):
    """A filter that lets a format name the request: `%(request_id)s`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.current.get()
        return True


class RouteOnly(logging.Filter):
    """A filter that keeps addresses out of the lines of others.

    Where Django names the path of a request, the route takes its place. Where gunicorn names an address, or quotes what
    it could not read, only the first words of its line are left.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            addresses = (request.path, request.get_full_path())
            record.args = tuple(route(request) if arg in addresses else arg for arg in record.args)
        if record.name == "gunicorn.error" and (words := ABOUT_A_REQUEST.match(str(record.msg))):
            record.msg, record.args = words[0], ()
        return True


class JsonLine(logging.Formatter):
    """One JSON object a line, for programs that collect logs.

    It has the members that are named here and no others: Django attaches the whole request to some records.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": request_id.current.get(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)
