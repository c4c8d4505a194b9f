"""What can be booked: each active provider with each active service that they offer. A question takes one query."""

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from booking.models.practice import Provider, Service
from booking.models.statements import OFFERS, Columns, Row
from booking.text import printable

COLUMNS = Columns(provider=Provider, service=Service)


class Offer(NamedTuple):
    provider: Provider
    service: Service


def offer_of(row: Row) -> Offer:
    return Offer(*COLUMNS.instances(row))


def of_each_provider(rows: Iterable[Row]) -> list[tuple[Row, ...]]:
    """The rows of each provider by themselves, in the same order. The first column is the provider's key."""
    return [tuple(of_one) for _, of_one in groupby(rows, key=itemgetter(0))]


def read_rows(*, provider: str | None = None, service: str | None = None, name: str | None = None) -> list[Row]:
    """Read all offers, or those of a provider by slug or by name, or of a service by slug.

    They come by the name of the provider, and then as the practice has put the services in order.
    """
    wanted = {"provider": provider, "service": service, "name": name}
    return COLUMNS.read(OFFERS, **{key: None if value is None else printable(value) for key, value in wanted.items()})


def find(provider: str, service: str) -> Offer | None:
    """The offer by two slugs, present or earlier ones; None if there is none.

    As every step of a booking asks this, it takes only one query unless one of the slugs is an earlier one.
    """
    present = read_rows(provider=provider, service=service)
    rows = present or read_rows(provider=Provider.present_slug(provider), service=Service.present_slug(service))
    return offer_of(rows[0]) if rows else None
