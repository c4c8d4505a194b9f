"""What Sentry is told of a failure: enough to find it, and nothing of a person.

A server of our own takes the place of Sentry, and the tests look at every byte that it gets.
"""

import gzip
import json
import logging

import brotli
import pytest
import sentry_sdk
from django.core.management import call_command
from django.db import IntegrityError, OperationalError
from django.test import Client

from booking.models import Appointment
from config import sentry
from payments import gateway
from payments.gateway import StripeUnavailable
from payments.models import Heartbeat, Payment
from tests.config.starting import refusal, start
from tests.factories import in_days, make_appointment, make_payment, make_provider
from tests.servers import Handler, address_of, listening

EMAIL, NAME, NOTE, PHONE = "jo@example.com", "Jo Malone", "Left knee", "+353 1 555 0199"
SESSION, COOKIE, ADDRESS, REFERENCE = "cs_test_0123456789", "a-cookie-of-jo", "192.0.2.77", "x-reference-of-jo-x"
OF_JO = [EMAIL, "jo%40example.com", "Malone", "knee", "555 0199", SESSION, "cookie-of-jo", ADDRESS, "reference-of-jo"]
TYPED = {"client_email": EMAIL, "client_name": NAME, "note": NOTE, "client_phone": PHONE}
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress}


class Sentry(Handler):
    def answer(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(UNPACK[self.headers["Content-Encoding"]](body).decode())
        self.send_response(200)
        self.end_headers()


class Told:
    """What has arrived at the server that takes Sentry's place."""

    def __init__(self, server):
        self.server = server

    def everything(self):
        sentry_sdk.flush(10)
        return "\n".join(self.server.bodies)

    def events(self):
        """Of each envelope the third line is the event, after two lines of headers."""
        sentry_sdk.flush(10)
        return [json.loads(body.splitlines()[2]) for body in self.server.bodies]


@pytest.fixture
def told(settings):
    settings.MIDDLEWARE = ["config.sentry.remember_request", *settings.MIDDLEWARE]
    with listening(Sentry) as server:
        server.bodies = []
        handler = sentry.handler(f"{address_of(server).replace('//', '//key@')}/42")
        logging.getLogger().addHandler(handler)
        yield Told(server)
        logging.getLogger().removeHandler(handler)
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def held():
    provider = make_provider()
    at = in_days(2, provider=provider)
    return make_appointment(provider=provider, at=at, email=EMAIL, client_name=NAME, note=NOTE, reference=REFERENCE)


@pytest.fixture
def jo():
    """A browser with a cookie, from a network, that gets a 500 where our code raises."""
    browser = Client(raise_request_exception=False, headers={"x-forwarded-for": ADDRESS}, REMOTE_ADDR=ADDRESS)
    browser.cookies["holds"] = COOKIE
    return browser


def fail_with_all_that_is_known(*args):
    """Look something up and call Stripe, and then fail with words and variables that are full of Jo."""
    typed, appointment = TYPED, Appointment.objects.filter(client_email=EMAIL).first()
    try:
        gateway.retrieve_session(SESSION)
    except StripeUnavailable:
        logging.getLogger("booking").warning("No answer about %s of %s", SESSION, EMAIL)
    try:
        refuse(EMAIL)
    except IntegrityError as error:
        raise RuntimeError(f"{typed} {appointment.reference} {args}") from error


def refuse(email):
    raise IntegrityError(f"Key (client_email)=({email}) already exists.")


def functions(event):
    return [frame["function"] for one in event["exception"]["values"] for frame in one["stacktrace"]["frames"]]


@pytest.mark.django_db
def test_a_failure_in_a_view_is_told_by_its_route_and_number_alone(told, jo, held, settings, monkeypatch):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    monkeypatch.setattr("booking.pages.cancel.get_by_reference", fail_with_all_that_is_known)
    response = jo.post(f"/appointments/{REFERENCE}/cancel/?session_id={SESSION}", TYPED)
    [event] = told.events()
    assert event["transaction"] == "/appointments/<slug:reference>/cancel/"
    assert event["tags"] == {"request_id": response["X-Request-ID"]}
    assert [one["type"] for one in event["exception"]["values"]] == ["IntegrityError", "RuntimeError"]
    assert functions(event)[-2:] == ["cancel", "fail_with_all_that_is_known"]
    assert [secret for secret in OF_JO if secret in told.everything()] == []


@pytest.mark.django_db
def test_a_failure_in_the_api_is_told_by_its_route_alone(told, jo, held, settings, monkeypatch):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    monkeypatch.setattr("booking.api.operations.get_by_reference", fail_with_all_that_is_known)
    jo.get(f"/api/appointments/{REFERENCE}?session_id={SESSION}")
    [event] = told.events()
    assert event["transaction"] == "/api/appointments/<slug:reference>"
    assert [secret for secret in OF_JO if secret in told.everything()] == []


@pytest.mark.django_db(transaction=True)
def test_a_failure_in_tick_is_told_without_its_words(told, held, settings, monkeypatch):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    make_payment(held, status="open", checkout_session_id=SESSION)
    monkeypatch.setattr(Heartbeat, "beat", fail_with_all_that_is_known)
    call_command("tick")
    [event] = told.events()
    assert (event["logger"], event["logentry"]) == ("payments.tick", {"message": "%s failed"})
    assert ("transaction" in event, len(event["tags"]["request_id"])) == (False, len("0000-0000-0000"))
    assert functions(event)[-1] == "fail_with_all_that_is_known"
    assert [secret for secret in OF_JO if secret in told.everything()] == []


@pytest.mark.django_db
def test_what_is_logged_as_an_error_is_told_by_its_message_without_the_facts(told, held):
    payment = make_payment(held)
    logging.getLogger("payments.checkout").error("Stripe refused %s of %s", SESSION, EMAIL, extra={"client": NAME})
    try:
        Payment.objects.create(**{**payment.__dict__, "id": None})
    except (IntegrityError, TypeError):
        logging.getLogger("booking.mail").exception("No mail for %s", EMAIL)
    logging.getLogger("somebody.else").error(f"Failed for {EMAIL}")  # noqa: G004 - as another package may do it
    first, second, third = told.events()
    assert [first["logentry"], second["logentry"]] == [
        {"message": "Stripe refused %s of %s"},
        {"message": "No mail for %s"},
    ]
    assert (third["logger"], "logentry" in third) == ("somebody.else", False)
    assert [secret for secret in OF_JO if secret in told.everything()] == []


@pytest.mark.django_db
def test_an_event_has_these_members_and_no_others(told, jo, held, monkeypatch):
    monkeypatch.setattr("booking.pages.cancel.get_by_reference", fail_with_all_that_is_known)
    jo.post(f"/appointments/{REFERENCE}/cancel/", TYPED)
    [event] = told.events()
    frames = [frame for one in event["exception"]["values"] for frame in one["stacktrace"]["frames"]]
    members = {"event_id", "timestamp", "platform", "level", "logger", "environment", "server_name", "sdk", "tags"}
    assert event.keys() - {"release"} == members | {"transaction", "transaction_info", "exception"}
    assert {name for one in event["exception"]["values"] for name in one} == {
        "type",
        "module",
        "mechanism",
        "stacktrace",
    }
    assert {name for frame in frames for name in frame} <= set(sentry.KEPT_OF_A_FRAME)


def is_busy(request):
    raise OperationalError("database is locked")


@pytest.mark.django_db
def test_what_is_no_failure_of_ours_is_not_told(told, jo, held, settings, monkeypatch):
    monkeypatch.setattr("booking.pages.book.choose", is_busy)
    assert jo.get("/").status_code == 503
    assert jo.get("/nowhere").status_code == 404
    settings.ALLOWED_HOSTS = ["book.example.com"]
    assert jo.get("/", headers={"host": "evil.example.org"}).status_code == 400
    assert told.events() == []


SAYS_WHAT_FAILED = """
import django; django.setup()
import logging; logging.getLogger("booking").error("Failed with %s", 1)
from django.conf import settings; print("config.sentry.remember_request" in settings.MIDDLEWARE)
"""


def test_the_environment_connects_the_log_with_sentry():
    with listening(Sentry) as server:
        server.bodies = []
        process = start(SAYS_WHAT_FAILED, SENTRY_DSN=f"{address_of(server).replace('//', '//key@')}/42")
        [event] = Told(server).events()
    assert (process.stdout, event["logentry"]) == ("True\n", {"message": "Failed with %s"})


@pytest.mark.parametrize("dsn", ["yes", "https://o1.ingest.sentry.io/42", "https://key@o1.ingest.sentry.io", "key@x/1"])
def test_what_is_no_dsn_stops_the_start_and_is_not_shown(dsn):
    assert refusal(SENTRY_DSN=dsn) == "SENTRY_DSN must be an address like https://key@o1.ingest.sentry.io/42."
