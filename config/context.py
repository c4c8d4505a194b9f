"""What the templates of every page know about the site."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from booking import customs
from booking.in_force import in_force
from config import coloured_files


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
        "palettes": in_force.palettes,
        "stylesheet": coloured_files.address("site.css"),
        "script": coloured_files.address("site.js"),
        "languages": customs.offered_tags(),
        "long_clocks": customs.has_long_clocks(),
        "icon": coloured_files.address("icon.svg"),
    }
