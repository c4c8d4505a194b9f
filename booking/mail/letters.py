"""What a mail says: the same words as text and as HTML, and the calendar file that goes with them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from email.encoders import encode_base64
from email.headerregistry import Address
from email.mime.base import MIMEBase
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking import languages
from booking.in_force import in_force
from booking.mail.calendar_file import calendar_file
from booking.models import Appointment, Mail
from booking.templatetags.terms import price_and_where, sum_of_money
from booking.templatetags.wording import clock, day, in_full, length_in_words, phone, price, zone_name

# The mails to a client that bring a calendar file, with the method (RFC 5546) that says what a calendar does with it.
CALENDAR_METHODS = {
    Mail.Kind.CONFIRMED: "REQUEST",
    Mail.Kind.CHANGED: "REQUEST",
    Mail.Kind.NEW_RULES: "REQUEST",
    Mail.Kind.CANCELLED: "CANCEL",
}
# The mails to a client that tell what was paid or went back, and so lead to the receipt.
ABOUT_MONEY = (Mail.Kind.CONFIRMED, Mail.Kind.CANCELLED, Mail.Kind.RETURNED)


@dataclass(frozen=True)
class Letter:
    """The words of a mail. `facts` are pairs of a heading and a value, `links` of a text and a URL."""

    subject: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    links: list[tuple[str, str]]


def compose(mail: Mail) -> EmailMultiAlternatives:
    """Write the mail as a message that can be sent, in its reader's language and with the words that are true now."""
    with translation.override(languages.tag_of(language_of(mail))):
        return write_message(mail)


def language_of(mail: Mail) -> str:
    """The language in which its reader booked, or asked to be told of a time."""
    if mail.reader != Mail.Reader.CLIENT:
        return languages.of_practice()
    about = mail.waiting or mail.appointment
    return about.language if about else languages.of_practice()


def write_message(mail: Mail) -> EmailMultiAlternatives:
    to_client = mail.reader == Mail.Reader.CLIENT
    letter = write_letter(mail)
    practice = {"practice_name": in_force.PRACTICE_NAME, "practice_phone": in_force.PRACTICE_PHONE}
    logo, site_url = settings.PRACTICE_LOGO, settings.SITE_URL
    context = {"letter": letter, **practice, "logo": logo, "site_url": site_url, "palettes": in_force.palettes}
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=render_to_string("booking/mail/letter.txt", context),
        from_email=str(Address(in_force.PRACTICE_NAME, addr_spec=settings.EMAIL_FROM)),
        to=[receiver_of(mail)],
        reply_to=[settings.PRACTICE_EMAIL] if to_client and settings.PRACTICE_EMAIL else None,
        # The second header keeps the reader's mail program from answering that they are away (RFC 3834).
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated", **headers_to_stop(mail)},
    )
    message.attach_alternative(render_to_string("booking/mail/letter.html", context), "text/html")
    method = CALENDAR_METHODS.get(Mail.Kind(mail.kind))
    if to_client and mail.appointment and method:
        message.attach(calendar_attachment(mail.appointment, method))
    return message


def receiver_of(mail: Mail) -> str:
    if mail.reader == Mail.Reader.PRACTICE:
        return str(settings.PRACTICE_EMAIL)
    if mail.waiting:
        return mail.waiting.address
    return mail.appointment.client_email if mail.appointment else mail.address


def headers_to_stop(mail: Mail) -> dict[str, str]:
    """What makes a mail program show a button of its own that ends such mails at one press (RFC 8058)."""
    if not mail.waiting:
        return {}
    return {
        "List-Unsubscribe": f"<{mail.waiting.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def calendar_attachment(appointment: Appointment, method: str) -> MIMEBase:
    """The calendar file as base64, since it has line endings of its own that no mail server may change."""
    part = MIMEBase("text", "calendar", charset="utf-8", method=method)
    part.set_payload(calendar_file(appointment, method))
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename="appointment.ics")
    return part


def write_letter(mail: Mail) -> Letter:
    """Render the template of this kind of mail for this reader, and add what is known about the appointment.

    The template has the subject first and then the paragraphs, with an empty line between each two of them.
    """
    appointment = mail.appointment
    if not appointment:
        return write_to_who_waits(mail)
    moved_from = datetime.fromisoformat(mail.facts["was"]) if "was" in mail.facts else None
    subject, *paragraphs = words_of(mail, appointment=appointment, moved_from=moved_from, amount=amount_of(mail))
    if mail.kind == Mail.Kind.LINKS:
        coming = Appointment.objects.coming_of(mail.address, timezone.now())
        return Letter(subject, paragraphs, facts=[], links=[link_to_page(one) for one in coming])
    if mail.reader == Mail.Reader.CLIENT:
        return Letter(subject, paragraphs, facts_for_client(appointment), links_for_client(mail, appointment))
    at_the_desk = settings.SITE_URL + reverse("staff:appointment", args=[appointment.pk])
    return Letter(subject, paragraphs, facts_for_practice(appointment), links=[(_("Look at it"), at_the_desk)])


def links_for_client(mail: Mail, appointment: Appointment) -> list[tuple[str, str]]:
    if mail.kind in Mail.TO_PAY:
        return [(_("Pay for your appointment"), appointment.payment_url)]
    page = (_("The page of your appointment"), appointment.absolute_url)
    receipt = (pgettext("link", "Receipt"), appointment.receipt_url)
    return [page, receipt] if mail.kind in ABOUT_MONEY and appointment.something_was_paid else [page]


def amount_of(mail: Mail) -> str:
    """The money that a mail is about, as its reader writes it. One that an earlier release owed has it in words."""
    amount, currency = mail.facts.get("amount", ""), mail.facts.get("currency")
    return price(Decimal(amount), currency) if currency else amount


def words_of(mail: Mail, **facts: Any) -> list[str]:
    template = f"booking/mail/{mail.reader}/{mail.kind.replace(' ', '_')}.txt"
    words = render_to_string(template, {"mail": mail, "confirmation_line": in_force.CONFIRMATION_LINE, **facts})
    return [" ".join(part.split()) for part in words.split("\n\n") if part.strip()]


def write_to_who_waits(mail: Mail) -> Letter:
    """Ask whether somebody wants to wait, or tell somebody who waits of a time, with a link that leads to it.

    Raises LookupError if the entry is gone.
    """
    entry = mail.waiting
    if not entry:
        raise LookupError("This mail is about nothing.")
    if mail.kind == Mail.Kind.CONFIRM_WAITING:
        subject, *paragraphs = words_of(mail, entry=entry)
        return Letter(subject, paragraphs, facts=[], links=[(_("Yes, tell me"), entry.absolute_url)])
    offer = entry.offers.select_related("provider").get(pk=mail.facts["offer"])
    wanted = offer.as_appointment
    subject, *paragraphs = words_of(mail, entry=entry, offer=offer, wanted=wanted)
    take = (_("Take this time instead") if entry.appointment else _("Book this time"), offer.absolute_url)
    return Letter(subject, paragraphs, facts_for_client(wanted), [take, (_("Stop these mails"), entry.absolute_url)])


def link_to_page(appointment: Appointment) -> tuple[str, str]:
    when = in_full(appointment.appointment_time, appointment.zone)
    return f"{when}, {appointment.provider_name}", appointment.absolute_url


def facts_for_client(appointment: Appointment) -> list[tuple[str, str]]:
    """The facts, with times in the client's zone, and in the provider's as well if that is another one."""
    start, zone, providers_zone = appointment.appointment_time, appointment.zone, appointment.provider_zone
    where = appointment.provider.where
    when = f"{day(start, zone)}, {clock(start, zone)}–{clock(appointment.end, zone)}, {zone_name(zone, start)}"
    return [
        (pgettext("fact", "When"), when),
        *([(pgettext("fact", "That is"), in_full(start, providers_zone))] if providers_zone else []),
        *([(pgettext("fact", "Where"), where)] if where else []),
        (pgettext("fact", "With"), appointment.provider_name),
        (pgettext("fact", "For"), service_and_length(appointment)),
        *who_comes(appointment),
        *what_it_costs(appointment),
    ]


def facts_for_practice(appointment: Appointment) -> list[tuple[str, str]]:
    return [
        (pgettext("fact", "When"), in_full(appointment.appointment_time, appointment.provider.zone)),
        (pgettext("fact", "With"), appointment.provider_name),
        (pgettext("fact", "For"), service_and_length(appointment)),
        *who_comes(appointment),
        (pgettext("fact", "Client"), " ".join(filter(None, [appointment.client_name, appointment.client_email]))),
        *([(pgettext("fact", "Phone"), phone(appointment.client_phone))] if appointment.client_phone else []),
        *what_it_costs(appointment),
    ]


def what_it_costs(appointment: Appointment) -> list[tuple[str, str]]:
    """The price, and what of it was paid or is paid where; or both in one where nothing of it is booked yet."""
    rows = sum_of_money(appointment)
    if len(rows) == 1:
        return [(rows[0].name, capfirst(price_and_where(appointment)))]
    return [(row.name, f"{row.amount}, {row.where}" if row.where else row.amount) for row in rows]


def service_and_length(appointment: Appointment) -> str:
    return f"{appointment.translated_service}, {length_in_words(appointment.duration_minutes)}"


def who_comes(appointment: Appointment) -> list[tuple[str, str]]:
    return [(pgettext("fact", "Who comes"), appointment.for_whom)] if appointment.for_whom else []
