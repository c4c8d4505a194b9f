"""The parts of the booking page that the template tag `remembered` renders once and gives again.

Each is a value whose fields are all that its template shows, and two that are equal are rendered to the same. Moments
are in UTC: by another clock, two moments of the hour that comes twice would be equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from booking.models import Provider, Service
from booking.models.offers import offer_of
from booking.models.statements import Row
from booking.schedule.month import Day
from booking.templatetags.wording import clock, iso


@dataclass(frozen=True)
class OfferList:
    """The list of all that can be booked, or of what one provider offers."""

    rows: tuple[Row, ...]
    currency: str
    path: str
    """The path of the booking page."""
    kept: tuple[tuple[str, str], ...]
    """What the query of each link says besides the provider and the service."""

    @property
    def providers(self) -> Iterator[tuple[Provider, list[tuple[Service, str]]]]:
        """Each provider with the services they offer, and the URL that chooses both."""
        for provider, offers in groupby(map(offer_of, self.rows), attrgetter("provider")):
            yield provider, [(offer.service, self.url(provider, offer.service)) for offer in offers]

    def url(self, provider: Provider, service: Service) -> str:
        return f"{self.path}?{urlencode([('provider', provider.slug), ('service', service.slug), *self.kept])}"


@dataclass(frozen=True)
class Calendar:
    """The calendar of a month, whose days with free times are links."""

    url: str
    """The page with what is chosen so far. It ends in a query, so a link can append `&date=2026-12-01`."""
    first: date
    previous: date | None
    next: date | None
    weeks: tuple[tuple[Day | None, ...], ...]
    open_day: date

    @property
    def has_free_times(self) -> bool:
        return any(day and day.free for week in self.weeks for day in week)


@dataclass(frozen=True)
class TimesOfDay:
    """The free times of a day, each a link that chooses it."""

    url: str
    """The page with what is chosen so far. It ends in a query, so a link can append `&time=…`."""
    moments: tuple[datetime, ...]
    zone: ZoneInfo

    @property
    def parts(self) -> list[tuple[str, list["FreeTime"]]]:
        """The times under Morning, Afternoon and Evening."""
        free = [FreeTime(moment.astimezone(self.zone), self.zone) for moment in self.moments]
        return [(part, list(times)) for part, times in groupby(free, key=attrgetter("part_of_day"))]


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A free time as the client reads it: `local` is on the clock of `zone`."""

    local: datetime
    zone: ZoneInfo

    @property
    def clock(self) -> str:
        return clock(self.local, self.zone)

    @property
    def iso(self) -> str:
        """The time for a URL, in which its plus sign has to be quoted."""
        return quote(iso(self.local, self.zone))

    @property
    def part_of_day(self) -> str:
        return "Morning" if self.local.hour < 12 else "Afternoon" if self.local.hour < 17 else "Evening"
