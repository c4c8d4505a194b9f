"""The kinds of environment variable that name a place on the network: hosts, addresses, origins."""

import re
from ipaddress import ip_address

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from config import hosts
from config.variable_kinds import Variable, separated


class HostNames(Variable[list[str]]):
    kind = "host names without scheme and port, separated by commas"

    def read(self, text: str) -> list[str]:
        return list(map(self.read_one, separated(text)))

    def read_one(self, host: str) -> str:
        value = hosts.ascii_host(self.name, host)
        if value == "*" or re.fullmatch(hosts.HOST, value):
            return value
        raise ImproperlyConfigured(
            f"{self.name} must be names like book.example.org, without scheme and port, not {host!r}."
        )


class Address(Variable[str]):
    """An address without its last slash, and with its host in ASCII.

    Whether plain http is allowed depends on what is sent there, so config/settings.py checks that with `hosts.origin`.
    """

    kind = "an https address (plain http is for loopback only)"

    def read(self, text: str) -> str:
        return hosts.address(self.name, text.rstrip("/"))


class Origin(Variable[str]):
    """An address that is cut down to its scheme and its host."""

    kind = Address.kind

    def read(self, text: str) -> str:
        return hosts.origin(self.name, hosts.address(self.name, text))


class Origins(Variable[list[str]]):
    kind = "https addresses without a path, separated by commas (plain http is for loopback only)"

    def read(self, text: str) -> list[str]:
        return list(map(self.read_one, separated(text)))

    def read_one(self, text: str) -> str:
        address = hosts.address(self.name, text.removesuffix("/"))
        if hosts.origin(self.name, address) == address:
            return address
        raise ImproperlyConfigured(
            f"{self.name} must be addresses like https://www.example.org, without a path, not {text!r}."
        )


class EmailAddress(Variable[str]):
    kind = "one email address"

    def read(self, text: str) -> str:
        if not text:
            return ""
        try:
            validate_email(text)
        except ValidationError:
            raise ImproperlyConfigured(
                f"{self.name} must be one email address, like name@example.org, not {text!r}."
            ) from None
        mailbox, at, host = text.rpartition("@")
        return mailbox + at + hosts.ascii_host(self.name, host)


class IpAddress(Variable[str]):
    kind = "an IP address"

    def read(self, text: str) -> str:
        try:
            return str(ip_address(text))
        except ValueError:
            raise ImproperlyConfigured(f"{self.name} must be an IP address like 127.0.0.1, not {text!r}.") from None
