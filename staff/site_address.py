"""Whether the desk was opened at the site's own address, which SITE_URL names.

Every link that leaves the site is made of SITE_URL: those in mails, those to copy, and those by which a client comes
back from Stripe. Where it names another address than the one that people open, none of them lead here.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

USUAL_PORTS = {"http": 80, "https": 443}


def opened_elsewhere(request: HttpRequest) -> str:
    """The address at which this request has opened the site, if it is another than the site's own; otherwise empty."""
    opened = f"{request.scheme}://{request.get_host()}"
    return "" if parts_of(opened) == parts_of(settings.SITE_URL) else opened


def parts_of(address: str) -> tuple[str, str | None, int | None] | None:
    """What tells one address from another: `https://example.org:443` is the same as `https://example.org`.

    None if there is no such address, as with port 99999: a script may send any.
    """
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname, parts.port or USUAL_PORTS.get(parts.scheme)
    except ValueError:
        return None


def where_links_lead(opened: str) -> str:
    """What is wrong for whoever has `opened` the site at another address than its own."""
    sentence = _("You opened %(opened)s, but links, mails and payments lead to %(own)s.")
    return sentence % {"opened": opened, "own": settings.SITE_URL}


def what_to_do() -> str:
    sentence = _("If %(own)s does not lead here, ask whoever runs this site to set SITE_URL.")
    return sentence % {"own": settings.SITE_URL}
