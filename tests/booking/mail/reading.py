"""Read a mail as its receiver does: the bytes are parsed again, and the calendar file by a library of its own."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
import vobject

from booking.mail.letters import compose
from booking.models import Mail

# The appointment that all mails here are about begins at this moment.
AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
KINDS = [
    ("confirmed", "client", {}),
    ("changed", "client", {"was": "2026-11-30T09:00:00+00:00"}),
    ("new rules", "client", {"was": "2026-12-01T08:00:00+00:00"}),
    ("cancelled", "client", {}),
    ("returned", "client", {"amount": "60.00", "reason": "cancelled"}),
    ("not returned", "client", {"amount": "60.00", "reason": "cancelled"}),
    ("reminder", "client", {}),
    ("given back", "client", {}),
    ("links", "client", {}),
    ("confirmed", "practice", {}),
    ("changed", "practice", {"was": "2026-11-30T09:00:00+00:00"}),
    ("cancelled", "practice", {}),
    ("not returned", "practice", {"amount": "60.00", "reason": "cancelled"}),
    ("in the way", "practice", {}),
    ("mismatched", "practice", {}),
    ("disputed", "practice", {}),
    ("inquired", "practice", {}),
]
# A test with this mark is run for every kind of mail, with its reader and its facts.
each_kind = pytest.mark.parametrize(("kind", "reader", "facts"), KINDS)


def received(appointment, kind="confirmed", reader="client", **facts):
    mail = Mail.about(appointment, Mail.Kind(kind), "1", facts=facts, reader=Mail.Reader(reader))
    return message_from_bytes(compose(mail).message().as_bytes(), policy=policy.default)


def text_of(message):
    return message.get_body(("plain",)).get_content()


def html_of(message):
    return message.get_body(("html",)).get_content()


def calendar_of(message):
    """Return the part of the message that holds the calendar, and the calendar."""
    (part,) = message.iter_attachments()
    content = part.get_content()
    return part, vobject.readOne(content if isinstance(content, str) else content.decode())


class Words(HTMLParser):
    """The words that a mail program shows of an HTML mail, and its links."""

    def __init__(self, html):
        super().__init__()
        self.found, self.hidden, self.links = [], 0, []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("style", "title")
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "title")

    def handle_data(self, data):
        if not self.hidden and data.strip():
            self.found.append(" ".join(data.split()))
