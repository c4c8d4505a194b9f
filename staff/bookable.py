"""Whom clients can book, and whom of these they can book on public holidays: new colleagues have none of them off."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.in_force import in_force
from booking.models import Provider, Service, WorkingHours
from booking.schedule import public_holidays
from booking.schedule.away import not_within

# How many are told by name in one sentence.
NAMED = 3


@dataclass
class Bookable:
    """Those whom a client can book at all, and when each is away, as far ahead as clients can book."""

    providers: list[Provider] = field(default_factory=list)
    away: dict[int, list[tuple[datetime, datetime]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def zones(self) -> set[str]:
        return {provider.time_zone for provider in self.providers}


def read_bookable(providers: QuerySet[Provider], now: datetime) -> Bookable:
    """Those among these providers. It takes one query, with a row for each provider and each time off."""
    found, known = Bookable(), set()
    for row in with_time_off(providers, now):
        if row.pk not in known:
            known.add(row.pk)
            found.providers.append(row)
        if row.off_starts:
            found.away[row.pk].append((row.off_starts, row.off_ends))
    return found


def with_hours_and_service(providers: QuerySet[Provider]) -> QuerySet[Provider]:
    offered = Service.objects.filter(active=True, providers=OuterRef("pk"))
    hours = WorkingHours.objects.filter(provider=OuterRef("pk"))
    return providers.filter(Exists(offered), Exists(hours), active=True)


def with_time_off(providers: QuerySet[Provider], now: datetime) -> QuerySet[Any]:
    in_reach = Q(time_off__ends__gt=now, time_off__starts__lt=furthest(now))
    found = with_hours_and_service(providers).annotate(off=FilteredRelation("time_off", condition=in_reach))
    return found.annotate(off_starts=F("off__starts"), off_ends=F("off__ends")).only("name", "time_zone", "place")


def furthest(now: datetime) -> datetime:
    return now + timedelta(days=in_force.HORIZON_DAYS)


def holidays_in_reach(now: datetime) -> list[date]:
    """The public holidays on which clients could book by now; none where they are not known."""
    first, last = timezone.localdate(now), timezone.localdate(furthest(now))
    years = range(first.year, last.year + 1)
    return [day for year in years for day in public_holidays.days_if_known(year) if first <= day <= last]


def booked_on(holidays: list[date], bookable: Bookable, now: datetime) -> list[Provider]:
    """Whom clients can book on at least one of these days. It takes no query."""
    days_off = public_holidays.time_off(holidays, bookable.providers, now)
    lacking = {off.provider_id for off in not_within(days_off, bookable.away)}
    return [provider for provider in bookable.providers if provider.pk in lacking]


def said_of_holidays(providers: list[Provider], bookable: Bookable) -> str:
    """A sentence about those of the bookable who can be booked on public holidays; empty if that is nobody."""
    if not providers:
        return ""
    if len(providers) == len(bookable.providers):
        sentence = _("Clients can book on public holidays: %(country)s. If nobody works then, make them time off.")
        return sentence % {"country": public_holidays.country()}
    if len(providers) <= NAMED:
        names = ", ".join(map(str, providers))
        sentence = _(
            "Clients can still book on public holidays with: %(providers)s. If they do not work then, make them time "
            "off."
        )
        return sentence % {"providers": names}
    sentence = ngettext(
        "Clients can still book on public holidays with %(count)d provider. If they do not work then, make them time "
        "off.",
        "Clients can still book on public holidays with %(count)d providers. If they do not work then, make them time "
        "off.",
        len(providers),
    )
    return sentence % {"count": len(providers)}
