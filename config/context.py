"""What the templates of every page know about the site."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from booking import customs, languages
from booking.in_force import in_force
from config import style_icon_and_script


@dataclass(frozen=True)
class Foot:
    """What the foot of every page says, which is therefore rendered once for each language."""

    phone: str
    has_mailbox: bool
    """Whether mails are not sent, but kept to be read on a page."""
    languages: tuple[str, ...]
    """The tags of those that can be chosen."""


def site(request: HttpRequest) -> dict[str, object]:
    """Provide what base.html needs, as a context processor for every page."""
    return {
        "site_url": settings.SITE_URL,
        "practice_name": in_force.PRACTICE_NAME,
        "introduction": _("Book an appointment at %(practice)s: choose a time, pay online, and it is confirmed.")
        % {"practice": in_force.PRACTICE_NAME},
        "logo": settings.PRACTICE_LOGO,
        "confirmation_line": in_force.CONFIRMATION_LINE,
        "practice_phone": in_force.PRACTICE_PHONE,
        "sandbox": settings.STRIPE_SANDBOX,
        "mailbox": settings.MAILBOX,
        "mail_is_sent": settings.MAIL_IS_SENT,
        "foot": Foot(in_force.PRACTICE_PHONE, settings.MAILBOX, tuple(tag for tag, _name in languages.offered_tags())),
        "palettes": in_force.palettes,
        "stylesheet": style_icon_and_script.address("site.css"),
        "script": style_icon_and_script.address("site.js"),
        "long_clocks": customs.has_long_clocks(),
        "icon": style_icon_and_script.address("icon.svg"),
    }
