"""How many times one client may keep at once: by their browser, by the network they come from, and by their mailbox.

A browser is known by its cookie, which programs do not have and a person can delete: hence the other two.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from booking.in_force import in_force

# The most unpaid times that one browser may hold.
MAX_HOLDS = 3
# How long an appointment counts, from when it was booked, against the limit of the network it was booked from.
COUNTED_FOR = timedelta(days=1)


class TryLater(Exception):
    """The client has reached a limit. `until` is the moment from which there is room again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    @property
    def retry_after(self) -> str:
        """Whole seconds from now, at least one, for the Retry-After header."""
        return str(max(ceil((self.until - timezone.now()).total_seconds()), 1))


class TooOften(TryLater):
    """The client has tried something too often in too short a time."""


class LimitReached(TryLater):
    """The client keeps as many times as one may.

    The message does not say which of the limits it is: nobody else is told that the owner of a mailbox has bookings.
    """

    def __str__(self) -> str:
        if not in_force.PRACTICE_PHONE:
            return _(
                "More times than can be kept online at once, from one place or for one email address, so this one was "
                "not booked. Ask the practice to book another, or try again later."
            )
        return _(
            "More times than can be kept online at once, from one place or for one email address, so this one was not "
            "booked. Call the practice on %(phone)s to book another, or try again later."
        ) % {"phone": in_force.PRACTICE_PHONE}


def require_room(ends: list[datetime], most: int) -> None:
    """Raise LimitReached if `most` appointments or more count already. `ends` says until when each of them counts."""
    if len(ends) >= most:
        raise LimitReached(sorted(ends)[len(ends) - most])


def lock_until_commit(*keys: str) -> None:
    """Wait until no other transaction has one of these keys, one after the other, and keep them until this one ends.

    Without this, many bookings at the same moment would not see each other, and all of them would be within the limit.
    SQLite needs no such lock, since it lets only one transaction write at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            locks = "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key"
            cursor.execute(locks, [list(keys)])


def mailbox(email: str) -> str:
    """The mailbox of an e-mail address: `jo@example.com` for `Jo+spring@Example.com`.

    Most mail servers deliver both to the same person.
    """
    name, at, host = email.lower().rpartition("@")
    return f"{name.partition('+')[0]}{at}{host}"


def network_of(request: HttpRequest) -> str | None:
    """The hash of the network that a request came from: empty if nobody can tell.

    It is None for whoever has signed in: these work at the practice, and have no limit.
    """
    return None if request.user.is_authenticated else network_hash(client_ip(request))


def client_ip(request: HttpRequest) -> str:
    """The client's IP address, as the outermost of our own proxies (TRUSTED_PROXIES of them) saw it.

    Each proxy appends to X-Forwarded-For the address that it was called from. Whatever stands before what ours have
    appended, the client may have made up. If what ours should have appended is missing or is no address, it is that of
    the last proxy: so nobody escapes the limits by a header that says nothing, and all who send one count as one.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    if 0 < proxies <= len(forwarded) and is_address(named := without_port(forwarded[-proxies].strip())):
        return named
    return str(request.META.get("REMOTE_ADDR", ""))


def is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def without_port(address: str) -> str:
    """The bare IP address. Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def network_hash(address: str) -> str:
    """A hash of the network that an IP address belongs to, or empty for what is no IP address.

    One household has one IPv4 address, but 64 bits of IPv6 to choose from, so of IPv6 only the first 64 bits count. The
    hash is keyed with the site's secret: whoever reads the table cannot try all addresses.
    """
    if not is_address(address):
        return ""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip_network((int(ip), 64), strict=False).network_address
    return salted_hmac("booking.limits", str(ip), algorithm="sha256").hexdigest()
