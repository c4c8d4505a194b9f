"""What can be chosen in the first step of a booking: each provider with their services, and when they are free next."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from booking import zones
from booking.models.offers import Offer, of_each_provider, offer_of
from booking.models.statements import Row
from booking.pages.remembered_parts import NextFree, ProviderOffers, offer_url
from booking.schedule.first_free import Key, key_of


class OfferList:
    """The list of all that can be booked, or of what one provider offers.

    `kept` is what the query of each link says besides the provider and the service.
    """

    def __init__(self, rows: Sequence[Row], path: str, kept: Mapping[str, str]) -> None:
        self.of_providers = of_each_provider(rows)
        self.firsts = [offer_of(of_one[0]) for of_one in self.of_providers]
        self.path, self.kept = path, tuple(kept.items())
        self.next_free: dict[Key, NextFree] = {}

    def add_next_free(self, free: Mapping[Key, datetime], zone_for: Callable[[ZoneInfo], ZoneInfo]) -> None:
        """Say below each name when the provider is free next. `zone_for` has the zone that the client reads that in."""
        reading = {offer.provider.time_zone: zone_for(offer.provider.zone) for offer in self.firsts}
        for offer in self.firsts:
            moment, zone = free.get(key_of(offer)), reading[offer.provider.time_zone]
            self.next_free[key_of(offer)] = self.next_of(offer, moment, zone)

    def next_of(self, offer: Offer, moment: datetime | None, zone: ZoneInfo) -> NextFree:
        elsewhere = moment is not None and zones.differ(zone, ZoneInfo(settings.TIME_ZONE), moment)
        return NextFree(moment, zone, offer_url(self.path, offer, self.kept), settings.HORIZON_DAYS, elsewhere)

    @property
    def providers(self) -> list[ProviderOffers]:
        return [
            ProviderOffers(rows, settings.CURRENCY, self.path, self.kept, self.next_free.get(key_of(first)))
            for rows, first in zip(self.of_providers, self.firsts, strict=True)
        ]
