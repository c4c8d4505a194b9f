"""What can be booked: each active provider with each active service that they offer. A question takes one query."""

from decimal import Decimal
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS

from booking.models.practice import Provider, Service
from booking.models.statements import OFFERS, PROVIDER, SERVICE, ask
from booking.text import printable

# The columns of a provider and of a service, as the database has them. Equal rows are equal offers.
Row = tuple[Any, ...]
CENT = Decimal("0.01")


class Offer(NamedTuple):
    provider: Provider
    service: Service


def offer_of(row: Row) -> Offer:
    provider = Provider.from_db(DEFAULT_DB_ALIAS, PROVIDER, row[: len(PROVIDER)])
    service = Service.from_db(DEFAULT_DB_ALIAS, SERVICE, row[len(PROVIDER) :])
    # SQLite has no decimals, and gives a price as an integer or a float.
    service.price = Decimal(str(service.price)).quantize(CENT)
    return Offer(provider, service)


def read_rows(*, provider: str | None = None, service: str | None = None, name: str | None = None) -> list[Row]:
    """Read all offers, or those of a provider by slug or by name, or of a service by slug.

    They come by the name of the provider, and then as the practice has put the services in order.
    """
    wanted = {"provider": provider, "service": service, "name": name}
    return ask(OFFERS, **{key: None if value is None else printable(value) for key, value in wanted.items()})


def find(provider: str, service: str) -> Offer | None:
    """The offer by two slugs, present or earlier ones; None if there is none.

    As every step of a booking asks this, it takes only one query unless one of the slugs is an earlier one.
    """
    present = read_rows(provider=provider, service=service)
    rows = present or read_rows(provider=Provider.present_slug(provider), service=Service.present_slug(service))
    return offer_of(rows[0]) if rows else None
