"""What can be booked: each active provider with each active service that they offer. A question takes one query."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from booking.models.practice import Provider
from booking.models.services import Service
from booking.models.statements import OFFERS, Columns, Row
from booking.text import printable

COLUMNS = Columns(provider=Provider, service=Service)
# Where in a row the keys of the two stand.
PROVIDER, SERVICE = COLUMNS.place(Provider), COLUMNS.place(Service)


class Offer(NamedTuple):
    provider: Provider
    service: Service


class Others(NamedTuple):
    """What else can be booked, besides one offer."""

    providers: bool
    """Whether somebody else can be booked, for whatever service."""
    services: bool
    """Whether the same provider can be booked for something else."""


def offer_of(row: Row) -> Offer:
    return Offer(*COLUMNS.instances(row))


@lru_cache(maxsize=2048)
def offer_to_read(row: Row) -> Offer:
    """The same, made once for equal rows. It is for lists of many, where nothing is done with it but to read it."""
    return offer_of(row)


def others_of(row: Row) -> Others:
    return Others(*map(bool, row[-2:]))


def shared_services(rows: Iterable[Row]) -> list[list[Offer]]:
    """The offers of each service that several providers have, in the order of the services."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row[SERVICE], []).append(row)
    shared = [[offer_to_read(row) for row in of_one] for of_one in found.values() if len(of_one) > 1]
    return sorted(shared, key=lambda offers: (offers[0].service.position, offers[0].service.name))


def of_each_provider(rows: Iterable[Row]) -> list[tuple[Row, ...]]:
    """The rows of each provider by themselves, in the same order."""
    return [tuple(of_one) for _, of_one in groupby(rows, key=itemgetter(PROVIDER))]


def read_rows(*, provider: str | None = None, service: str | None = None, name: str | None = None) -> list[Row]:
    """Read all offers, or those of a provider by slug or by name, or of a service by slug.

    They come by the name of the provider, and then as the practice has put the services in order.
    """
    wanted = {"provider": provider, "service": service, "name": name}
    return COLUMNS.read(OFFERS, **{key: None if value is None else printable(value) for key, value in wanted.items()})


def find(provider: str, service: str) -> Offer | None:
    row = find_row(provider, service)
    return offer_of(row) if row else None


def find_row(provider: str, service: str) -> Row | None:
    """The offer by two slugs, present or earlier ones; None if there is none.

    As every step of a booking asks this, it takes only one query unless one of the slugs is an earlier one.
    """
    present = read_rows(provider=provider, service=service)
    rows = present or read_rows(provider=Provider.present_slug(provider), service=Service.present_slug(service))
    return rows[0] if rows else None


def find_all(service: str) -> list[Row]:
    """The offers of a service by its slug, present or earlier, one for each provider who has it."""
    return read_rows(service=service) or read_rows(service=Service.present_slug(service))
