"""manage.py doctor: a site that can do its work, and everything that may be wrong with one, planted once each."""

import json
import os
import subprocess
import sys
import threading
import zoneinfo
from datetime import timedelta
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from socketserver import StreamRequestHandler, ThreadingTCPServer
from time import time

import pytest
import tzdata
from django.conf import settings as django_settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from booking.models import Mail
from payments import gateway, ledger
from payments.models import Heartbeat, Payment, WebhookEvent
from payments.sandbox import objects, webhooks
from tests.payments.conftest import NOWHERE, later_tick


class Server:
    """Anything that listens on a port of its own, as long as the test."""

    def __init__(self, kind, handler):
        self.server = kind(("127.0.0.1", 0), handler)
        self.port = self.server.server_address[1]
        self.address = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=[0.01], daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def serve():
    running = []

    def start(kind, handler):
        running.append(Server(kind, handler))
        return running[-1]

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def another_stripe(serve, settings):
    """Answers by the beginning of the path; nothing that it is asked about exists."""

    def answer(ahead=0, **statuses):
        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                resource = self.path.split("?")[0].split("/")[2]
                status = statuses.get(resource, statuses.get("everything", 404))
                body = json.dumps({"error": {"type": "invalid_request_error", "message": f"{status}: jo@example.com"}})
                self.send_response_only(status)
                self.send_header("Date", formatdate(time() + ahead, usegmt=True))
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = answer  # noqa: N815 - as http.server looks for them

            def log_message(self, *args):
                pass

        settings.STRIPE_API_BASE = serve(ThreadingHTTPServer, Handler).address

    return answer


@pytest.fixture
def mail_server(serve, settings):
    """What it was told, and how it greets."""

    class Handler(StreamRequestHandler):
        told, password_is_right = [], True

        def handle(self):
            self.wfile.write(b"220 mail.example\r\n")
            for line in self.rfile:
                word = line.split()[0].upper().decode()
                self.told.append(word)
                refused = word == "AUTH" and not self.password_is_right
                answers = {"EHLO": b"250-mail.example\r\n250 AUTH PLAIN", "AUTH": b"235 yes", "QUIT": b"221 bye"}
                answer = b"535 wrong, jo@example.com" if refused else answers.get(word, b"250 yes")
                self.wfile.write(answer + b"\r\n")

    settings.EMAIL_BACKEND, settings.MAIL_IS_SENT = "django.core.mail.backends.smtp.EmailBackend", True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", serve(ThreadingTCPServer, Handler).port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "practice", "mail password"
    settings.EMAIL_USE_TLS, settings.MAILBOX = False, False
    return Handler


@pytest.fixture
def site(live_server, mail_server, settings, tmp_path):
    """One that runs with DEBUG off, beside a tick, and lacks nothing."""
    settings.DEBUG, settings.STATIC_ROOT = False, tmp_path
    paths = {path: path for finder in get_finders() for path, _ in finder.list([])}
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": paths}))
    Heartbeat.beat("tick", timezone.now())
    return live_server


def doctor():
    said = StringIO()
    try:
        call_command("doctor", stdout=said)
    except SystemExit as stopped:
        return stopped.code, said.getvalue().splitlines()
    return 0, said.getvalue().splitlines()


def wrong():
    """What it says is wrong; it exits 1 for that, and only then."""
    code, lines = doctor()
    found = [line.removeprefix("WRONG: ") for line in lines if line.startswith("WRONG: ")]
    assert (code, lines[-1]) == ((1, f"Wrong: {len(found)}.") if found else (0, "Nothing is wrong."))
    return found


def test_of_a_site_that_lacks_nothing_it_says_so_in_sentences(site, settings):
    assert doctor() == (
        0,
        [
            "Every migration is applied.",
            f"The secret key is a test key: no money moves. Calls go to {settings.STRIPE_API_BASE}, not to Stripe.",
            "It has every permission that is needed.",
            "The clock agrees with Stripe's.",
            "The webhook endpoint is registered for every event that is needed, in our API version.",
            "No webhook was heard yet: the first payment brings one.",
            "The last tick went round a moment ago.",
            "The mail server takes us.",
            "No mail waits to be sent.",
            f"Time-zone data is of {tzdata.IANA_VERSION}.",
            "Every static file is collected.",
            f"{site.url} answers from here.",
            "Nothing is wrong.",
        ],
    )


def test_it_makes_and_sends_nothing(site, paid, mail_server):
    def everything():
        rows = [list(model.objects.values()) for model in (Payment, WebhookEvent, Mail, Heartbeat)]
        stripes = [client_list().data for client_list in (v1.refunds.list, v1.checkout.sessions.list)]
        return rows, [[one.to_dict() for one in listed] for listed in stripes]

    v1 = gateway.client().v1
    before = everything()
    doctor()
    assert everything() == before
    assert set(mail_server.told) <= {"EHLO", "AUTH", "QUIT"}


# Stripe


def test_a_live_key_is_called_that(site, stripe_down, settings):
    stripe_down()
    settings.STRIPE_LIVEMODE = True
    assert f"The secret key is a live key. Calls go to {NOWHERE}, not to Stripe." in doctor()[1]


def test_a_key_that_stripe_does_not_know(site, another_stripe):
    another_stripe(everything=401)
    assert wrong()[0] == (
        "Stripe does not know the secret key: copy it again from Developers, API keys, in its dashboard."
    )


@pytest.mark.parametrize(
    ("resource", "permission"),
    [
        ("checkout", "Checkout Sessions: write"),
        ("payment_intents", "PaymentIntents: read"),
        ("refunds", "Charges and Refunds: write"),
        ("disputes", "Disputes: read"),
    ],
)
def test_a_permission_that_the_key_lacks_is_named(site, another_stripe, resource, permission):
    another_stripe(webhook_endpoints=403, **{resource: 403})
    assert wrong() == [f"The secret key lacks a permission. Add it in Stripe's dashboard: {permission}."]


def test_the_key_need_not_see_the_endpoints(site, another_stripe):
    another_stripe(webhook_endpoints=403)
    assert wrong() == []
    assert (
        "Where Stripe sends events cannot be told: the key may not read Webhook Endpoints, and need not." in doctor()[1]
    )


def test_stripe_out_of_reach(site, stripe_down):
    stripe_down()
    assert wrong() == [
        "Stripe cannot be reached from here, so nothing of the key could be examined.",
        "Stripe cannot be asked where it sends events.",
    ]


def test_what_answers_everything_is_not_stripe(site, another_stripe):
    another_stripe(everything=200)
    assert wrong()[0] == "Stripe cannot be reached from here, so nothing of the key could be examined."


@pytest.mark.parametrize(("ahead", "by"), [(100, "behind"), (-100, "ahead of")])
def test_a_clock_that_is_wrong(site, another_stripe, ahead, by):
    another_stripe(ahead=ahead, webhook_endpoints=403)
    [said] = wrong()
    assert said.startswith("The clock of this machine is ")
    assert said.endswith(f" seconds {by} Stripe's: let the system set it by itself.")


@pytest.fixture
def endpoint(monkeypatch):
    def changed(**changes):
        build = objects.webhook_endpoint
        monkeypatch.setattr(objects, "webhook_endpoint", lambda events: {**build(events), **changes})

    return changed


def test_an_endpoint_that_is_disabled(site, endpoint):
    endpoint(status="disabled")
    assert wrong() == ["The webhook endpoint is disabled at Stripe: enable it in the dashboard."]


def test_an_endpoint_that_is_not_subscribed_to_all(site, endpoint):
    endpoint(enabled_events=sorted(ledger.NEEDED_EVENTS - {"refund.failed", "charge.refunded"}))
    assert wrong() == ["The webhook endpoint is not subscribed to charge.refunded, refund.failed."]


def test_an_endpoint_that_is_subscribed_to_everything_is_subscribed_to_all(site, endpoint):
    endpoint(enabled_events=["*"])
    assert wrong() == []


@pytest.mark.parametrize(("version", "theirs"), [("2024-06-20", "2024-06-20"), (None, "the account's own")])
def test_an_endpoint_of_another_version(site, endpoint, version, theirs):
    endpoint(api_version=version)
    [said] = wrong()
    assert said.startswith(f"The webhook endpoint's API version is {theirs}, and ours 2026-10-28.endive. ")


def test_an_endpoint_without_its_last_slash_is_ours(site, endpoint):
    endpoint(url=f"{site.url}/payments/webhook")
    assert wrong() == []


def test_no_endpoint_for_this_site(site, endpoint, settings):
    endpoint(url="https://another.example/payments/webhook/")
    assert wrong() == []
    settings.HTTPS = True
    assert wrong() == [f"Stripe sends events to no endpoint here. Create one for {site.url}/payments/webhook/."]


def test_no_webhook_secret(site, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert wrong() == ["STRIPE_WEBHOOK_SECRET is not set: what Stripe sends is refused, and only tick settles."]


def test_payments_come_and_webhooks_do_not(site, paid, settings):
    settings.SITE_URL = site.url
    assert wrong() == []
    Payment.objects.update(paid_at=timezone.now() - timedelta(hours=3))
    asks = ": is the endpoint right, and its secret?"
    assert wrong() == [f"A payment came 3 hours ago, and of webhooks none ever{asks}"]
    event = WebhookEvent.objects.create(event_id="evt_1", type="x", livemode=False)
    assert wrong() == []
    WebhookEvent.objects.filter(pk=event.pk).update(received_at=timezone.now() - timedelta(days=2))
    assert wrong() == [f"A payment came 3 hours ago, and of webhooks none since 2 days ago{asks}"]


def test_what_an_endpoint_must_send_is_what_the_sandbox_sends():
    assert ledger.NEEDED_EVENTS == webhooks.SUBSCRIBED_EVENTS


# Beside the site


def test_no_tick(site):
    Heartbeat.objects.all().delete()
    assert wrong() == ["tick never went round: run `manage.py tick --every 10` as a service."]
    Heartbeat.beat("tick", timezone.now() - timedelta(hours=2))
    assert wrong() == ["tick last went round 2 hours ago: run `manage.py tick --every 10` as a service."]
    later_tick()
    assert wrong() == []


def test_a_mail_server_that_is_not_there(site, settings):
    settings.EMAIL_PORT = 9
    assert wrong() == ["The mail server does not take us (ConnectionRefusedError): check EMAIL_URL."]


def test_a_mail_server_that_does_not_take_the_password_and_what_it_says_stays_unsaid(site, mail_server):
    mail_server.password_is_right = False
    assert wrong() == ["The mail server does not take us (SMTPAuthenticationError): check EMAIL_URL."]


def test_no_mail_server(site, settings):
    settings.MAIL_IS_SENT = False
    assert wrong() == ["No mail is sent, so no client has a confirmation: set EMAIL_URL."]


def test_a_mail_that_is_not_sent(site, held):
    mail = Mail.about(held, Mail.Kind.CONFIRMED, "1")
    mail.first_due_at, mail.last_error = timezone.now() - timedelta(minutes=5), "SMTPServerDisconnected"
    mail.save()
    words = "The oldest mail that was not sent became due {} ago. Its last error: SMTPServerDisconnected."
    assert (wrong(), words.format("5 minutes") in doctor()[1]) == ([], True)
    Mail.objects.update(first_due_at=timezone.now() - timedelta(hours=3))
    assert wrong() == [words.format("3 hours")]


# The site


def test_time_zone_data_that_is_old_or_not_the_one_installed(site, monkeypatch):
    monkeypatch.setattr(tzdata, "IANA_VERSION", "2019c")
    assert wrong() == ["Time-zone data is of 2019c: install a newer tzdata, clocks have changed since."]
    try:
        zoneinfo.reset_tzpath(to=["/usr/share/zoneinfo"])
        assert wrong() == [
            "Time zones are read from the system's data, which may be older than the one that is installed."
        ]
    finally:
        zoneinfo.reset_tzpath(to=())


def test_a_migration_that_is_not_applied(site):
    newest = MigrationRecorder.Migration.objects.filter(app="payments").latest("id")
    newest.delete()
    try:
        assert wrong() == ["Migrations that were not applied: 1. Run `manage.py migrate`."]
    finally:
        newest.save(force_insert=True)


def test_static_files_that_are_not_collected(site, settings, tmp_path):
    paths = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": {name: name for name in list(paths)[1:]}}))
    assert wrong() == ["Static files that were not collected: 1. Run `manage.py collectstatic`."]
    (tmp_path / "staticfiles.json").unlink()
    assert wrong() == [f"Static files that were not collected: {len(paths)}. Run `manage.py collectstatic`."]
    settings.DEBUG = True
    assert wrong() == []


@pytest.mark.parametrize(("address", "said"), [(NOWHERE, "ConnectionError"), ("", "status 404")])
def test_an_address_that_leads_nowhere_or_elsewhere(site, settings, serve, address, said):
    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response_only(404)
            self.end_headers()

    settings.SITE_URL = address or serve(ThreadingHTTPServer, Elsewhere).address
    assert wrong() == [f"{settings.SITE_URL} does not answer from here ({said}): does it run, does its name lead here?"]


def test_without_a_database_it_says_so_and_looks_at_the_rest(tmp_path):
    command = [sys.executable, "manage.py", "doctor"]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'no such folder' / 'x.sqlite3'}"}
    run = subprocess.run(
        command, env=environment, cwd=django_settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    lines = run.stdout.splitlines()
    names = ("migrations", "last webhook", "last tick", "oldest mail")
    assert (run.returncode, "Traceback" in run.stderr) == (1, False)
    assert [line for line in lines if "The database did not answer" in line] == [
        f"WRONG: The database did not answer about the {name} (OperationalError)." for name in names
    ]
    assert f"Time-zone data is of {tzdata.IANA_VERSION}." in lines


def test_it_says_no_secret_and_nobodys_address(site, held, settings, mail_server, another_stripe):
    mail_server.password_is_right = False
    another_stripe(everything=403)
    Mail.about(held, Mail.Kind.CONFIRMED, "1").save()
    said = "\n".join(doctor()[1])
    secrets = [settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET, settings.SECRET_KEY, "mail password"]
    assert [word for word in [*secrets, "jo@example.com", held.reference] if word in said] == []
