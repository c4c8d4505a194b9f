"""The booking page's state: read from its address, and what can be chosen next."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from urllib.parse import quote, urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from booking.diary import Diary, NotOnOffer
from booking.forms import parse_instant
from booking.models import Provider, Service
from booking.month import Month
from booking.text import printable


@dataclass(frozen=True, slots=True)
class Time:
    """A free time on the provider's clock."""

    local: datetime

    @property
    def clock(self) -> str:
        return f"{self.local:%H:%M}"

    @property
    def iso(self) -> str:
        """For an address, where a plus sign must be quoted."""
        return quote(self.local.isoformat(timespec="minutes"))

    @property
    def part_of_day(self) -> str:
        return "Morning" if self.local.hour < 12 else "Afternoon" if self.local.hour < 17 else "Evening"


class Refused(Exception):
    """Something in the address cannot be followed: the status of the answer, and a sentence that says what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Booker:
    """Read from `provider`, `service`, `date` and `time` (`appointment_time` in the form's own words), as far as given.

    What cannot be followed is left out; `status`, `problem` and `alternatives` say so beside the choices there are.
    """

    def __init__(self, query: QueryDict, own_references: Collection[str] = ()) -> None:
        self.query, self.own_references = query, own_references
        self.now = timezone.now()
        self.provider: Provider | None = None
        self.service: Service | None = None
        self.day: date | None = None
        self.time: datetime | None = None
        self.alternatives: list[datetime] = []
        self.status, self.problem = 200, ""
        try:
            self.read_offer(query.get("provider", ""), query.get("service", ""))
            if self.service:
                self.read_day_or_time()
        except Refused as refused:
            self.status, self.problem = refused.status, refused.sentence
        if self.service and not self.day and self.next_free:
            self.day = self.diary.day_of(self.next_free)

    def read_offer(self, provider: str, service: str) -> None:
        if not (provider or service):
            return
        if provider and service:
            self.provider, self.service = Provider.objects.offering(provider, service) or (None, None)
        else:
            self.provider = Provider.objects.bookable().filter(slug=printable(provider)).first()
        if not self.provider:
            raise Refused(404, "We do not know this provider or service. Choose from the list.")

    def read_day_or_time(self) -> None:
        if time := self.query.get("time") or self.query.get("appointment_time"):
            self.read_time(time)
        elif day := self.query.get("date"):
            self.read_day(day)

    def read_day(self, text: str) -> None:
        """A day (`2026-12-01`), or a month (`2026-12`) and its first free day."""
        whole_month = len(text) == 7
        try:
            day = date.fromisoformat(f"{text}-01" if whole_month else text)
        except ValueError:
            raise Refused(422, "There is no such day. Choose one from the calendar.") from None
        earliest = self.diary.first_day.replace(day=1) if whole_month else self.diary.first_day
        if not earliest <= day <= self.diary.last_day:
            raise Refused(422, "That day cannot be booked here. Choose one from the calendar.")
        self.day = (Month(self.diary, day).first_free or day) if whole_month else day

    def read_time(self, text: str) -> None:
        moment = self.now
        try:
            moment = parse_instant(text)
            self.diary.require_on_offer(moment)
        except (ValueError, NotOnOffer) as refusal:
            self.alternatives = self.diary.nearest_free(moment)
            raise Refused(422, str(refusal)) from refusal
        self.day = self.diary.day_of(moment)
        if not self.diary.is_free(moment):
            self.alternatives = self.diary.nearest_free(moment)
            raise Refused(409, "That time was taken a moment ago.")
        self.time = moment

    @property
    def step(self) -> str:
        if not self.service:
            return "offer"
        return "details" if self.time else "time"

    @cached_property
    def diary(self) -> Diary:
        if not (self.provider and self.service):
            raise LookupError("A diary is one provider's for one service.")
        return Diary(self.provider, self.service, self.now, self.own_references)

    @cached_property
    def next_free(self) -> datetime | None:
        return self.diary.next_free()

    @cached_property
    def providers(self) -> Iterable[Provider]:
        return [self.provider] if self.provider else Provider.objects.bookable()

    @cached_property
    def month(self) -> Month:
        return Month(self.diary, self.day or self.diary.first_day)

    @property
    def times_of_day(self) -> list[tuple[str, list[Time]]]:
        """The chosen day's free times, under Morning, Afternoon and Evening."""
        free = [Time(moment.astimezone(self.diary.zone)) for moment in (self.diary.free(self.day) if self.day else [])]
        return [(part, list(times)) for part, times in groupby(free, key=lambda time: time.part_of_day)]

    @property
    def first_shown(self) -> datetime | None:
        """A moment of the chosen day, to name the zone by: its offset changes with the season."""
        return self.diary.free(self.day)[0] if self.day and self.diary.free(self.day) else self.next_free

    # Addresses: each begins with the choices so far, so that a link only adds its own.

    @cached_property
    def address(self) -> str:
        chosen = {"provider": self.provider and self.provider.slug, "service": self.service and self.service.slug}
        query = urlencode({name: slug for name, slug in chosen.items() if slug})
        return f"{reverse('booking:book')}?{query}"

    @property
    def provider_address(self) -> str:
        return f"{reverse('booking:book')}?{urlencode({'provider': self.provider.slug if self.provider else ''})}"
