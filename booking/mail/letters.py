"""What a mail says: its words, once, as text and as HTML, and the calendar file that goes with them."""

from dataclasses import dataclass
from datetime import datetime
from email.encoders import encode_base64
from email.mime.base import MIMEBase

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from booking.mail.calendar_file import calendar_file
from booking.models import Appointment, Mail
from booking.templatetags.wording import clock, day, in_full, length_in_words, price, zone_name

INVITATIONS = {
    Mail.Kind.CONFIRMED: "REQUEST",
    Mail.Kind.CHANGED: "REQUEST",
    Mail.Kind.NEW_RULES: "REQUEST",
    Mail.Kind.CANCELLED: "CANCEL",
}


@dataclass(frozen=True)
class Letter:
    subject: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    links: list[tuple[str, str]]
    """What each leads to, and its address."""


def compose(mail: Mail) -> EmailMultiAlternatives:
    to_client = mail.reader == Mail.Reader.CLIENT
    letter = written(mail)
    practice = {"practice_name": settings.PRACTICE_NAME, "practice_phone": settings.PRACTICE_PHONE}
    context = {"letter": letter, **practice, "palettes": settings.PALETTES}
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=render_to_string("booking/mail/letter.txt", context),
        to=[mail.appointment.client_email if to_client else settings.PRACTICE_EMAIL],
        reply_to=[settings.PRACTICE_EMAIL] if to_client and settings.PRACTICE_EMAIL else None,
        # Whoever is away need not answer a machine (RFC 3834).
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("booking/mail/letter.html", context), "text/html")
    if to_client and (method := INVITATIONS.get(Mail.Kind(mail.kind))):
        message.attach(invitation(mail.appointment, method))
    return message


def invitation(appointment: Appointment, method: str) -> MIMEBase:
    """Its lines must end as they are, which only an encoded attachment keeps."""
    part = MIMEBase("text", "calendar", charset="utf-8", method=method)
    part.set_payload(calendar_file(appointment, method))
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename="appointment.ics")
    return part


def written(mail: Mail) -> Letter:
    """The words' template has the subject first and then paragraphs, an empty line between them."""
    appointment = mail.appointment
    to_client = mail.reader == Mail.Reader.CLIENT
    template = f"booking/mail/{mail.reader}/{mail.kind.replace(' ', '_')}.txt"
    words = render_to_string(template, {"appointment": appointment, "mail": mail, "was": was(mail)})
    subject, *paragraphs = [" ".join(part.split()) for part in words.split("\n\n") if part.strip()]
    if mail.kind == Mail.Kind.LINKS:
        return Letter(
            subject,
            paragraphs,
            facts=[],
            links=[page_of(one) for one in Appointment.objects.coming_of(mail.address, timezone.now())],
        )
    return Letter(
        subject=subject,
        paragraphs=paragraphs,
        facts=facts_for_client(appointment) if to_client else facts_for_practice(appointment),
        links=[
            ("The page of your appointment", appointment.absolute_url)
            if to_client
            else ("Look at it", admin_address(appointment))
        ],
    )


def page_of(appointment: Appointment) -> tuple[str, str]:
    when = in_full(appointment.appointment_time, appointment.zone)
    return f"{when}, {appointment.provider_name}", appointment.absolute_url


def was(mail: Mail) -> datetime | None:
    return datetime.fromisoformat(mail.facts["was"]) if "was" in mail.facts else None


def facts_for_client(appointment: Appointment) -> list[tuple[str, str]]:
    start, zone, theirs = appointment.appointment_time, appointment.zone, appointment.provider_zone
    when = f"{day(start, zone)}, {clock(start, zone)}–{clock(appointment.end, zone)}, {zone_name(zone, start)}"
    return [
        ("When", when),
        *([("That is", in_full(start, theirs))] if theirs else []),
        *([("Where", appointment.provider.place)] if appointment.provider.place else []),
        ("With", appointment.provider_name),
        ("For", f"{appointment.service_name}, {length_in_words(appointment.duration_minutes)}"),
        ("Price", price(appointment.price, appointment.currency)),
    ]


def facts_for_practice(appointment: Appointment) -> list[tuple[str, str]]:
    return [
        ("When", in_full(appointment.appointment_time, appointment.provider.zone)),
        ("With", appointment.provider_name),
        ("For", f"{appointment.service_name}, {length_in_words(appointment.duration_minutes)}"),
        ("Client", " ".join(filter(None, [appointment.client_name, appointment.client_email]))),
        ("Price", price(appointment.price, appointment.currency)),
    ]


def admin_address(appointment: Appointment) -> str:
    return settings.SITE_URL + reverse("admin:booking_appointment_change", args=[appointment.pk])
