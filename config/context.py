"""What the templates of every page know about the site."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from booking import customs, languages
from booking.in_force import in_force
from config import style_icon_and_script


@dataclass(frozen=True)
class Head:
    """What the head of every page says of the site, which is therefore rendered once for each language."""

    practice_name: str
    accent: str
    dark_accent_ground: str
    stylesheet: str
    script: str
    icon: str
    """The addresses of these files."""


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
        "logo": settings.PRACTICE_LOGO,
        "confirmation_line": in_force.CONFIRMATION_LINE,
        "practice_phone": in_force.PRACTICE_PHONE,
        "sandbox": settings.STRIPE_SANDBOX,
        "mailbox": settings.MAILBOX,
        "mail_is_sent": settings.MAIL_IS_SENT,
        "head": head,
        "foot": Foot(in_force.PRACTICE_PHONE, settings.MAILBOX, tuple(tag for tag, _name in languages.offered_tags())),
        "long_clocks": customs.has_long_clocks(),
    }


def head() -> Head:
    files = map(style_icon_and_script.address, ("site.css", "site.js", "icon.svg"))
    palettes = in_force.palettes
    return Head(in_force.PRACTICE_NAME, palettes["light"].accent, palettes["dark"].accent_ground, *files)
