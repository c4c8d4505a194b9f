"""A site that lacks nothing, and fixtures with which a test replaces Stripe, the mail server or another server."""

import json
from contextlib import ExitStack
from email.utils import formatdate
from socketserver import StreamRequestHandler, ThreadingTCPServer
from time import time

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.utils import timezone

from payments.models import Heartbeat
from tests.servers import Handler, address_of, listening


@pytest.fixture
def site(live_server, mail_server, settings, tmp_path):
    """A site in which the doctor finds nothing wrong: DEBUG is off, files are collected, and tick has just run."""
    settings.DEBUG, settings.STATIC_ROOT = False, tmp_path
    paths = {path: path for finder in get_finders() for path, _ in finder.list([])}
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": paths}))
    Heartbeat.beat("tick", timezone.now())
    return live_server


@pytest.fixture
def serve():
    """Start a server that lasts as long as the test."""
    with ExitStack() as running:
        yield lambda *handler_and_kind: running.enter_context(listening(*handler_and_kind))


@pytest.fixture
def another_stripe(serve, settings):
    """Put a server in Stripe's place, and say with which status it answers each resource: `refunds=403`.

    `everything=403` is for all resources that are not named; without it they are answered with 404. The server's
    clock is so many seconds `ahead` of ours.
    """

    def answer(ahead=0, **statuses):
        settings.STRIPE_API_BASE = address_of(serve(answering(statuses, ahead)))

    return answer


def answering(statuses, ahead):
    class Answer(Handler):
        def answer(self):
            resource = self.path.split("?")[0].split("/")[2]
            status = statuses.get(resource, statuses.get("everything", 404))
            body = json.dumps({"error": {"type": "invalid_request_error", "message": f"{status}: jo@example.com"}})
            self.send_response_only(status)
            self.send_header("Date", formatdate(time() + ahead, usegmt=True))
            self.end_headers()
            self.wfile.write(body.encode())

    return Answer


@pytest.fixture
def mail_server(serve, settings):
    """A mail server that keeps what it was `told`; a test may say that `password_is_right` is False."""

    class Conversation(SpeaksSMTP):
        told = []

    settings.EMAIL_BACKEND, settings.MAIL_IS_SENT = "django.core.mail.backends.smtp.EmailBackend", True
    settings.EMAIL_HOST, settings.EMAIL_PORT = serve(Conversation, ThreadingTCPServer).server_address
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "practice", "mail password"
    settings.EMAIL_USE_TLS, settings.MAILBOX = False, False
    return Conversation


class SpeaksSMTP(StreamRequestHandler):
    """It speaks as much of SMTP as logging in needs."""

    password_is_right = True

    def handle(self):
        self.wfile.write(b"220 mail.example\r\n")
        for line in self.rfile:
            word = line.split()[0].upper().decode()
            self.told.append(word)
            self.wfile.write(self.reply(word) + b"\r\n")

    def reply(self, word):
        if word == "AUTH" and not self.password_is_right:
            return b"535 wrong, jo@example.com"
        replies = {"EHLO": b"250-mail.example\r\n250 AUTH PLAIN", "AUTH": b"235 yes", "QUIT": b"221 bye"}
        return replies.get(word, b"250 yes")
