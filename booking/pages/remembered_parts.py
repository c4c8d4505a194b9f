"""The parts of the booking page that the template tag `remembered` renders once and gives again.

Each is a value whose fields are all that its template shows, and two that are equal are rendered to the same. Moments
are in UTC: by another clock, two moments of the hour that comes twice would be equal.
"""

from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from booking.models import Provider, Service
from booking.models.offers import offer_of
from booking.models.statements import Row
from booking.pages import reading_zone
from booking.schedule.month import Week
from booking.templatetags.wording import clock, iso, short_day_and_clock, short_in_full


class NextFree(NamedTuple):
    """The first free time of one offer, as the client reads it, or that there is none within the horizon."""

    moment: datetime | None
    zone: ZoneInfo
    path: str
    """The path of the booking page."""
    chosen: tuple[tuple[str, str], ...]
    """What the query of the link says besides the time."""
    is_framed: bool
    """Whether the page is in a frame, which the link leads out of."""
    horizon_days: int
    is_elsewhere: bool
    """Whether the zone's clocks show another time then than those of the practice, so that the zone has to be named."""

    @property
    def address(self) -> str:
        """The URL that chooses the time as well."""
        return f"{self.path}?{urlencode([*self.chosen, ('time', iso(self.moment, self.zone))])}" if self.moment else ""

    @property
    def when(self) -> str:
        """The time in words, with its zone where that has to be named."""
        write = short_in_full if self.is_elsewhere else short_day_and_clock
        return write(self.moment, self.zone) if self.moment else ""


class ProviderOffers(NamedTuple):
    """A provider with the services that they offer, in the list of the first step."""

    rows: tuple[Row, ...]
    currency: str
    """In which all prices are, those of the services included."""
    path: str
    """The path of the booking page."""
    kept: tuple[tuple[str, str], ...]
    """What the query of each link says besides the provider and the service."""
    next_free: NextFree | None
    """The first free time for the first of the services. None where it is not asked for, as at the desk."""
    shared: frozenset[str] = frozenset()
    """The slugs of services that the list has with anyone already."""
    where: str = ""
    """Where clients come to this provider, in the language of the page."""

    @property
    def provider(self) -> Provider:
        return offer_of(self.rows[0]).provider

    @property
    def services(self) -> list[tuple[Service, str]]:
        """The services that only this provider offers, each with the URL that chooses both; all, if all are shared."""
        return self.with_urls(shared=False) or self.with_urls(shared=True)

    @property
    def shared_services(self) -> list[tuple[Service, str]]:
        """The others, of which the list tells more elsewhere."""
        return self.with_urls(shared=True) if self.with_urls(shared=False) else []

    def with_urls(self, *, shared: bool) -> list[tuple[Service, str]]:
        return [
            (service, f"{self.path}?{urlencode([*choice_of(provider, service), *self.kept])}")
            for provider, service in map(offer_of, self.rows)
            if (service.slug in self.shared) == shared
        ]


class SharedService(NamedTuple):
    """A service that several providers offer, with anyone of them."""

    name: str
    minutes: int
    price: Decimal
    due_online: Decimal
    due_at_practice: Decimal
    currency: str
    url: str
    """The page that chooses it."""
    next_free: NextFree | None


def choice_of(provider: Provider | None, service: Service) -> tuple[tuple[str, str], ...]:
    """What a query says that chooses the service, with this provider or with anyone."""
    return (*([("provider", provider.slug)] if provider else []), ("service", service.slug))


class Calendar(NamedTuple):
    """The calendar of a month, whose days with free times are links."""

    url: str
    """The page with what is chosen so far. It ends in a query, so a link can append `&date=2026-12-01`."""
    months: tuple[date, date]
    """The first days of the first and the last month that are shown, which are often the same one."""
    neighbours: tuple[date | None, date | None]
    """The first days of the months before and after, if some of them can be booked."""
    weekdays: tuple[date, ...]
    """A day for each column, of which only the weekday counts."""
    weeks: tuple[Week, ...]
    open_day: date

    @property
    def has_free_times(self) -> bool:
        return any(day and day.free for week in self.weeks for day in week)


class TimesOfDay(NamedTuple):
    """The free times of a day, each a link that chooses it."""

    url: str
    """The page with what is chosen so far. It ends in a query, so a link can append `&time=…`."""
    moments: tuple[datetime, ...]
    zone: ZoneInfo
    is_framed: bool
    """Whether the page is in a frame, which the links lead out of."""

    @property
    def parts(self) -> list[tuple[str, list["FreeTime"]]]:
        """The times under Morning, Afternoon and Evening."""
        free = [FreeTime(moment.astimezone(self.zone), self.zone) for moment in self.moments]
        return [(part, list(times)) for part, times in groupby(free, key=attrgetter("part_of_day"))]


class ZoneOfTimes(NamedTuple):
    """What is said of the zone that times are read in, and the form that changes it."""

    zone: ZoneInfo
    first_time: datetime
    """The first time on the page. The offset is named as of then, since it changes with the season."""
    provider_name: str
    provider_zone: ZoneInfo | None
    """The zone that the provider works in, where it is another one."""
    path: str
    fields: tuple[tuple[str, str], ...]
    """What the form sends besides the zone, by the names in the query. Without them there is no form."""

    @property
    def options(self) -> SafeString:
        return reading_zone.options()


class FreeTime(NamedTuple):
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
        return _("Morning") if self.local.hour < 12 else _("Afternoon") if self.local.hour < 17 else _("Evening")
