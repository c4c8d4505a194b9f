"""The choice of a time, read from a page's address: the zone it is read in, the day that is open, the time itself."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString

from booking import zones
from booking.forms import parse_instant
from booking.models import Appointment
from booking.pages import reading_zone
from booking.schedule.diary import Diary, NotOnOffer
from booking.schedule.month import Month
from booking.templatetags.wording import clock, iso


@dataclass(frozen=True, slots=True)
class Time:
    """A free time on the reader's clock."""

    local: datetime
    zone: ZoneInfo

    @property
    def clock(self) -> str:
        return clock(self.local, self.zone)

    @property
    def iso(self) -> str:
        """For an address, where a plus sign must be quoted."""
        return quote(iso(self.local, self.zone))

    @property
    def part_of_day(self) -> str:
        return "Morning" if self.local.hour < 12 else "Afternoon" if self.local.hour < 17 else "Evening"


class Refused(Exception):
    """Something in the address cannot be followed: the status of the answer, and a sentence that says what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class TimeChoice(ABC):
    """Read from `zone`, and `date` or `time` (`appointment_time` in the form's own words), as far as given.

    What cannot be followed is left out; `status`, `problem`, `own` and `alternatives` say so beside what can be chosen.
    Who offers this choice says in whose `diary` and at which `address`.
    """

    @property
    @abstractmethod
    def diary(self) -> Diary:
        """Its days are those of the zone that the times are read in."""

    @property
    @abstractmethod
    def path(self) -> str:
        """Of the page."""

    @property
    @abstractmethod
    def kept(self) -> dict[str, str]:
        """What a choice of another zone keeps of the address."""

    @property
    @abstractmethod
    def address(self) -> str:
        """Ends so that a link only adds its own choice: `&date=2026-12-01`."""

    @abstractmethod
    def own_at(self, moment: datetime) -> Appointment | None:
        """What this client has booked at that time."""

    def __init__(self, query: QueryDict, browser_zone: ZoneInfo | None = None) -> None:
        self.query, self.browser_zone = query, browser_zone
        self.now = timezone.now()
        self.chosen_zone = zones.find(query.get("zone", ""))
        self.day: date | None = None
        self.asked: datetime | None = None
        self.time: datetime | None = None
        self.alternatives: list[datetime] = []
        self.own: Appointment | None = None
        self.status, self.problem = 200, ""
        try:
            self.read()
        except Refused as refused:
            self.refuse(refused.status, refused.sentence)

    def refuse(self, status: int, problem: str) -> None:
        """Unless something else is known to be wrong already."""
        if not self.problem:
            self.status, self.problem = status, problem

    def read(self) -> None:
        """Raises Refused, and keeps what it had read before."""
        self.read_day_or_time()
        self.check_zone()

    def check_zone(self) -> None:
        if self.query.get("zone") and not self.chosen_zone:
            raise Refused(422, "We do not know this time zone. Choose one from the list.")

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
        try:
            self.asked = moment = parse_instant(text)
        except ValueError:
            self.alternatives = self.diary.nearest_free(self.now)
            raise Refused(422, "We could not read that time. Choose one from the calendar.") from None
        if self.diary.earliest <= moment <= self.diary.latest:
            self.day = self.diary.day_of(moment)
        try:
            self.diary.require_on_offer(moment)
        except NotOnOffer as refusal:
            self.alternatives = self.diary.nearest_free(moment)
            raise Refused(422, str(refusal)) from refusal
        if self.diary.is_free(moment):
            self.time = moment
            return
        # Whoever goes back after booking or moving reads neither that somebody else has it, nor that anything is wrong.
        self.own = self.own_at(moment)
        if not self.own:
            self.alternatives = self.diary.nearest_free(moment)
            raise Refused(409, "That time was taken a moment ago.")

    def zone_for(self, provider_zone: ZoneInfo) -> ZoneInfo:
        """The client's own, where its clock is not the provider's on every day up to the horizon."""
        theirs = self.chosen_zone or self.browser_zone
        days = (self.now + timedelta(days=ahead) for ahead in range(settings.HORIZON_DAYS + 1))
        return theirs if theirs and any(zones.differ(theirs, provider_zone, day) for day in days) else provider_zone

    @property
    def zone_to_keep(self) -> ZoneInfo | None:
        """For a form: what was chosen, or what the browser said where it matters."""
        return self.chosen_zone or (self.zone if self.provider_zone else None)

    @property
    def zone(self) -> ZoneInfo:
        return self.diary.zone

    @property
    def zones(self) -> SafeString:
        return reading_zone.options()

    @property
    def provider_zone(self) -> ZoneInfo | None:
        """Where it is not the one that the times are read in."""
        zone = self.diary.provider.zone
        return zone if zone != self.zone else None

    @cached_property
    def next_free(self) -> datetime | None:
        return self.diary.next_free()

    @property
    def open_day(self) -> date:
        """Today's times are the first to look at only if there are any."""
        return self.day or self.diary.day_of(self.next_free or self.now)

    @cached_property
    def month(self) -> Month:
        return Month(self.diary, self.open_day)

    @cached_property
    def times_of_day(self) -> list[tuple[str, list[Time]]]:
        """The open day's free times, under Morning, Afternoon and Evening."""
        free = [Time(moment.astimezone(self.zone), self.zone) for moment in self.diary.free(self.open_day)]
        return [(part, list(times)) for part, times in groupby(free, key=lambda time: time.part_of_day)]

    @property
    def first_shown(self) -> datetime:
        """A moment of the open day, to name the zone by: its offset changes with the season."""
        return next(iter(self.diary.free(self.open_day)), self.next_free or self.now)
