"""How many times one client may keep, however they come back: by their network's address, and by their mailbox.

What a browser keeps is limited by its cookie, which programs and whoever clears it do not have.
"""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

COUNTED_FOR = timedelta(days=1)
"""Since it was begun, for as long as an appointment counts for its network's address."""


class LimitReached(Exception):
    """As many as may be are kept already, until at least one of them is not any more.

    Its words do not say which limit it is: what is booked for somebody's address is nobody else's business.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    def __str__(self) -> str:
        phone = f" on {settings.PRACTICE_PHONE}" if settings.PRACTICE_PHONE else ""
        return (
            "More times than can be kept online at once, from one place or for one email address, so this one was not "
            f"booked. Call the practice{phone} to book another, or try again later."
        )

    @property
    def retry_after(self) -> str:
        """In seconds, for the header of that name."""
        return str(max(ceil((self.until - timezone.now()).total_seconds()), 1))


def require_room(ends: list[datetime], most: int) -> None:
    """`ends` are the moments at which those that count do so no longer. Raises LimitReached."""
    if len(ends) >= most:
        raise LimitReached(sorted(ends)[len(ends) - most])


def take_turns(*keys: str) -> None:
    """Until its transaction ends, whoever counts by one of these keys is alone: a crowd cannot slip through.

    SQLite has one writer at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for key in keys:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def mailbox(email: str) -> str:
    """`jo@example.com` for `Jo+spring@Example.com`: most mail servers deliver both to one person."""
    name, _, host = email.lower().rpartition("@")
    return f"{name.partition('+')[0]}@{host}"


def begun_from(request: HttpRequest) -> str | None:
    """A hash of the network that asks, nothing where it cannot be told, and None for staff, who have no limits."""
    return None if request.user.is_staff else network_hash(address_of(request))


def address_of(request: HttpRequest) -> str:
    """Of the client, as the outermost of our own proxies saw it; what stands before that, anybody may have written."""
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    ours = settings.TRUSTED_PROXIES
    if 0 < ours <= len(forwarded):
        return without_port(forwarded[-ours].strip())
    return str(request.META.get("REMOTE_ADDR", ""))


def without_port(written: str) -> str:
    """Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if written.startswith("["):
        return written[1:].partition("]")[0]
    return written.partition(":")[0] if written.count(":") == 1 else written


def network_hash(address: str) -> str:
    """With the site's secret, so that nobody who reads the table can try all addresses. One household has an IPv4
    address, or 64 bits of IPv6 to choose from.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip_network((int(ip), 64), strict=False).network_address
    return salted_hmac("booking.limits", str(ip), algorithm="sha256").hexdigest()
