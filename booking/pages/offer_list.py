"""What can be chosen in the first step of a booking: each provider with their services, and when they are free next."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import cached_property

from booking import zones
from booking.in_force import in_force
from booking.models import Provider
from booking.models.offers import Offer, of_each_provider, offer_to_read, shared_services
from booking.models.statements import Row
from booking.pages.remembered_parts import NextFree, ProviderOffers, SharedService, choice_of
from booking.schedule.first_free import Key, key_of


class Arranged(NamedTuple):
    """The offers of a list as it shows them."""

    of_providers: list[tuple[Row, ...]]
    of_services: list[list[Offer]]
    """Those of each service that several providers offer."""
    shared_slugs: frozenset[str]
    """The slugs of these services."""
    firsts: list[Offer]
    """Of each provider the first offer that nobody else has as well, or the first of all if there is none."""


@lru_cache(maxsize=64)
def arranged(rows: tuple[Row, ...]) -> Arranged:
    """Arrange these offers. It is remembered, as they are the same until the practice changes them."""
    of_providers, of_services = of_each_provider(rows), shared_services(rows)
    shared = frozenset(offers[0].service.slug for offers in of_services)
    return Arranged(of_providers, of_services, shared, [first_of(of_one, shared) for of_one in of_providers])


def first_of(rows: Sequence[Row], shared: Collection[str]) -> Offer:
    offers = [offer_to_read(row) for row in rows]
    return next((offer for offer in offers if offer.service.slug not in shared), offers[0])


class Reading(NamedTuple):
    """The zone that a client reads a provider's times in, and the others that they may take it for."""

    zone: ZoneInfo
    others: frozenset[ZoneInfo]

    @classmethod
    def of(cls, zone: ZoneInfo, providers: ZoneInfo) -> Self:
        """Whoever reads a time may take it for one on the practice's clock, or on that of the provider."""
        return cls(zone, frozenset({in_force.zone, providers} - {zone}))

    def is_taken_for_another(self, moment: datetime) -> bool:
        return any(zones.differ(self.zone, other, moment) for other in self.others)


class OfferList:
    """The list of all that can be booked, or of what one provider offers.

    `kept` is what the query of each link says besides the provider and the service.
    """

    def __init__(self, rows: Sequence[Row], path: str, kept: Mapping[str, str]) -> None:
        self.of_providers, self.of_services, self.shared_slugs, self.firsts = arranged(tuple(rows))
        self.path, self.kept, self.is_framed = path, tuple(kept.items()), "embedded" in kept
        self.free: Mapping[Key, datetime] | None = None

    @cached_property
    def asked(self) -> dict[Key, Offer]:
        """The offers of which the list says when they are free next: each provider's first, and all with anyone."""
        return {key_of(offer): offer for offer in chain(self.firsts, *self.of_services)}

    def add_next_free(self, free: Mapping[Key, datetime], zone_for: Callable[[ZoneInfo], ZoneInfo]) -> None:
        """Have the list say who is free when. `zone_for` has the zone that the client reads a provider's times in."""
        self.free = free
        zones_in_use = {ZoneInfo(offer.provider.time_zone) for offer in self.asked.values()}
        self.readings = {zone.key: Reading.of(zone_for(zone), zone) for zone in zones_in_use}
        self.kept_out_of_frames = tuple(pair for pair in self.kept if pair[0] != "embedded")

    @cached_property
    def providers(self) -> list[ProviderOffers]:
        shared = frozenset() if self.free is None else self.shared_slugs
        return [
            ProviderOffers(
                rows,
                settings.CURRENCY,
                self.path,
                self.kept,
                self.next_of([first], first.provider),
                shared,
                first.provider.where,
            )
            for rows, first in zip(self.of_providers, self.firsts, strict=True)
        ]

    @cached_property
    def with_anyone(self) -> list[SharedService]:
        """Each service that several providers offer, with whoever is free first."""
        return [self.shared(offers) for offers in self.of_services]

    def shared(self, offers: list[Offer]) -> SharedService:
        service = offers[0].service
        amounts = (service.price, service.due_online, service.due_at_practice, settings.CURRENCY)
        facts = (service.translated["name"], service.duration_minutes, *amounts)
        url = f"{self.path}?{urlencode([*choice_of(None, service), *self.kept])}"
        return SharedService(*facts, url, self.next_of(offers, None))

    def next_of(self, offers: list[Offer], provider: Provider | None) -> NextFree | None:
        """The first free time of these offers, of one service. `provider` is None if it does not matter who it is."""
        if self.free is None:
            return None
        found = [(free, offer.provider.time_zone) for offer in offers if (free := self.free.get(key_of(offer)))]
        moment, zone_name = min(found, default=(None, offers[0].provider.time_zone))
        reading = self.readings[zone_name]
        is_elsewhere = moment is not None and reading.is_taken_for_another(moment)
        chosen = (*choice_of(provider, offers[0].service), *self.kept_out_of_frames)
        return NextFree(moment, reading.zone, self.path, chosen, self.is_framed, in_force.HORIZON_DAYS, is_elsewhere)
