"""The development mailbox: pages at /mail/ with the mails that the site would have sent. Production has no such pages.

Django's file backend writes the mails of one connection into one file, each followed by a line of dashes.
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from booking.by_reference import private
from booking.responses import page

BETWEEN_MAILS = b"\n" + b"-" * 79 + b"\n"
HEADERS = ["From", "To", "Reply-To", "Subject", "Message-ID"]


class Attachment(NamedTuple):
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Mail:
    name: str
    sent: datetime
    message: EmailMessage

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(self.message[name])) for name in HEADERS if name in self.message]

    @property
    def text(self) -> str:
        return self.body("plain")

    @property
    def html(self) -> str:
        return self.body("html")

    def body(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        return str(cast(EmailMessage, part).get_content()) if part else ""

    @property
    def attachments(self) -> list[Attachment]:
        """All parts but the two bodies. An invitation is listed as well, even if it came as an alternative to them."""
        bodies = [self.message.get_body((subtype,)) for subtype in ("plain", "html")]
        parts = [part for part in self.message.walk() if not part.is_multipart() and part not in bodies]
        return [
            Attachment(
                part.get_filename() or part.get_content_type(),
                str(part["Content-Type"]),
                cast(bytes, part.get_payload(decode=True)),
            )
            for part in parts
        ]


@private
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    return page(request, "mailbox/inbox.html", {"mails": mails()})


@private
@require_safe
def read(request: HttpRequest, name: str) -> HttpResponse:
    return page(request, "mailbox/mail.html", {"mail": find(name)})


@private
@require_safe
def html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML body as a page, shown as a mail program does: no script, nothing but its own style and our logo."""
    body = find(name).html
    if not body:
        raise Http404
    response = HttpResponse(body)
    response["Content-Security-Policy"] = (
        f"default-src 'none'; img-src {settings.SITE_URL}; style-src {hashes_of_styles(body)}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response


def hashes_of_styles(body: str) -> str:
    styles = re.findall(r"<style[^>]*>(.*?)</style>", body, flags=re.DOTALL | re.IGNORECASE)
    hashes = [b64encode(sha256(style.encode()).digest()).decode() for style in styles]
    return " ".join(f"'sha256-{one}'" for one in hashes) or "'none'"


@private
@require_safe
def attachment(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Answer with an attachment as a download, so that it is never shown as a page of this site."""
    attachments = find(name).attachments
    if not 1 <= number <= len(attachments):
        raise Http404
    chosen = attachments[number - 1]
    response = HttpResponse(chosen.content, content_type=chosen.content_type)
    response["Content-Disposition"] = content_disposition_header(True, chosen.name)
    return response


def find(name: str) -> Mail:
    """Look the mail up among those that are there, so that a name from an address never becomes a path.

    Raises Http404.
    """
    for mail in mails():
        if mail.name == name:
            return mail
    raise Http404


def mails() -> list[Mail]:
    """All mails, newest first."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
    return [mail for file in reversed(files) for mail in reversed(mails_in(file))]


def mails_in(file: Path) -> list[Mail]:
    sent = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    written = file.read_bytes().split(BETWEEN_MAILS)[:-1]
    parsed = [message_from_bytes(raw, policy=policy.default) for raw in written]
    return [Mail(f"{file.stem}-{number}", sent, message) for number, message in enumerate(parsed, start=1)]


app_name = "mailbox"
urlpatterns = [
    path("", inbox, name="inbox"),
    path("<str:name>/", read, name="mail"),
    path("<str:name>/html", html, name="html"),
    path("<str:name>/<int:number>", attachment, name="attachment"),
]
