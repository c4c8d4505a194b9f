"""Hosts and addresses as browsers and headers write them: in lower case, and in ASCII for an international name.

The functions that take a `name` take that of the environment variable which the text came from. They raise
ImproperlyConfigured with a sentence that begins with this name.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

import idna
from django.core.exceptions import ImproperlyConfigured

# A host is a name or a bracketed IPv6 address. Nothing else is let into a header, since it could change what that says.
HOST = r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])"


def ascii_host(name: str, host: str) -> str:
    """The host in ASCII, like `xn--h1aihe0g.xn--p1ai`. A dot in front, which stands for all subdomains, is kept."""
    dot, bare = ("." if host.startswith(".") else ""), host.removeprefix(".")
    try:
        return host.lower() if host.isascii() else dot + idna.encode(bare, uts46=True).decode()
    except idna.IDNAError:
        raise ImproperlyConfigured(f"{name} names a host that cannot be one: {host!r}.") from None


def address(name: str, url: str) -> str:
    """The same address with its host in ASCII; port and path stay as they are."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be an address like https://book.example.org, not {url!r}.") from None
    # Only an IPv6 address has colons of its own. It is ASCII, so there is nothing to convert and no port to split off.
    host, colon, port = (parts.netloc, "", "") if parts.netloc.isascii() else parts.netloc.partition(":")
    return url.replace(parts.netloc, ascii_host(name, host) + colon + port, 1)


def origin(name: str, url: str, *, plain_http: bool = False) -> str:
    """Scheme and host of the address, without its path. Its host must be in ASCII already.

    Plain http is for loopback only, unless `plain_http` says that nothing secret is sent there.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and (plain_http or is_loopback(parts.hostname or "")))
    if secure and re.fullmatch(rf"{HOST}(?::\d{{1,5}})?", parts.netloc):
        return f"{parts.scheme}://{parts.netloc}"
    raise ImproperlyConfigured(f"{name} must be an https address (plain http is for loopback only), not {url!r}.")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself: `localhost`, 127.0.0.1 and its like, ::1, or ::ffff:127.0.0.1."""
    try:
        ip = ip_address(host)
    except ValueError:
        return host == "localhost"
    # Only newer Pythons see by themselves that an IPv4 address is meant.
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback
