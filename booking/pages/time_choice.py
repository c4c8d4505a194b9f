"""The choice of a time, read from a page's address: the zone it is read in, the day that is open, the time itself."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from booking import customs, zones
from booking.forms import parse_instant
from booking.in_force import in_force
from booking.models import Appointment
from booking.pages.remembered_parts import Calendar, TimesOfDay, ZoneOfTimes
from booking.schedule.availability import spaced
from booking.schedule.diary import Diary, FreeTimes, NotOnOffer
from booking.schedule.month import Month


class InvalidChoice(Exception):
    """Something in the query cannot be chosen. It has the status of the answer, and a sentence that says what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class TimeChoice(ABC):
    """The choice of a time in one diary, on a page whose query string says what is chosen so far.

    The query has `zone`, and `date` or `time` (which the form posts as `appointment_time`); any of them may be missing.
    What cannot be chosen is left out. `status` and `problem` then say why, and `alternatives` are free times near the
    requested one; or `own_appointment` is the client's own appointment at the requested time, and nothing is wrong.
    """

    @property
    @abstractmethod
    def diary(self) -> FreeTimes:
        """The diary that the time is chosen from. Its days are those of the zone that times are read in."""

    @property
    @abstractmethod
    def path(self) -> str:
        """The page's path, without a query string."""

    @property
    @abstractmethod
    def zone_form_fields(self) -> dict[str, str]:
        """The hidden fields of the form that chooses another zone: what is chosen so far, by the names in the query.

        Without any, there is no such form.
        """

    @property
    @abstractmethod
    def url_so_far(self) -> str:
        """The page with what is chosen so far. It ends in a query, so a link can append `&date=2026-12-01`."""

    @property
    def url_of_times(self) -> str:
        """The same for a link that appends `&time=…`, which leads out of a frame if the page is in one."""
        return self.url_so_far

    @property
    def is_framed(self) -> bool:
        """Whether the page is in a frame of another site."""
        return False

    @abstractmethod
    def own_appointment_at(self, moment: datetime) -> Appointment | None:
        """The appointment that this client has at that time, if any."""

    def __init__(self, query: QueryDict, browser_zone: ZoneInfo | None = None) -> None:
        self.query, self.browser_zone = query, browser_zone
        self.now = timezone.now()
        self.chosen_zone = zones.find(query.get("zone", "").replace(" ", "_"))
        self.day: date | None = None
        self.requested_time: datetime | None = None
        self.time: datetime | None = None
        self.alternatives: list[datetime] = []
        self.own_appointment: Appointment | None = None
        self.status, self.problem = 200, ""
        try:
            self.read()
        except InvalidChoice as invalid:
            self.report_problem(invalid.status, invalid.sentence)

    def report_problem(self, status: int, problem: str) -> None:
        """Have the page say that this is wrong, unless it says already that something else is wrong."""
        if not self.problem:
            self.status, self.problem = status, problem

    def read(self) -> None:
        """Read the query. Raises InvalidChoice at the first thing that cannot be chosen; what was read before stays."""
        if time := self.query.get("time") or self.query.get("appointment_time"):
            self.read_time(time)
        elif day := self.query.get("date"):
            self.read_day(day)
        if self.query.get("zone") and not self.chosen_zone:
            raise InvalidChoice(422, _("We do not know this time zone. Choose one from the list."))

    def read_day(self, text: str) -> None:
        """Read a day (`2026-12-01`), or a month (`2026-12`), of which the first free day is opened."""
        whole_month = len(text) == 7
        try:
            day = date.fromisoformat(f"{text}-01" if whole_month else text)
        except ValueError:
            raise InvalidChoice(422, _("There is no such day. Choose one from the calendar.")) from None
        earliest = self.diary.first_day.replace(day=1) if whole_month else self.diary.first_day
        if not earliest <= day <= self.diary.last_day:
            raise InvalidChoice(422, _("That day cannot be booked here. Choose one from the calendar."))
        self.day = (self.month_of(day).first_free or day) if whole_month else day

    def read_time(self, text: str) -> None:
        """Choose the time if it is free, and open its day in any case."""
        try:
            self.requested_time = moment = parse_instant(text)
        except ValueError:
            self.alternatives = self.diary.nearest_free(self.now)
            raise InvalidChoice(422, _("We could not read that time. Choose one from the calendar.")) from None
        if self.diary.earliest <= moment <= self.diary.latest:
            self.day = self.diary.day_of(moment)
        try:
            self.diary.require_on_offer(moment)
        except NotOnOffer as refusal:
            self.alternatives = self.diary.nearest_free(moment)
            raise InvalidChoice(422, str(refusal)) from refusal
        if self.diary.is_free(moment):
            self.time = moment
            return
        # Clients who go back after booking or moving find their own appointment at that time, which is no problem.
        self.own_appointment = self.own_appointment_at(moment)
        if not self.own_appointment:
            self.alternatives = self.diary.nearest_free(moment)
            raise InvalidChoice(409, _("That time was taken a moment ago."))

    def zone_for(self, provider_zone: ZoneInfo) -> ZoneInfo:
        """The zone that times are read in: the client's own, unless both clocks agree on each day up to the horizon."""
        theirs = self.chosen_zone or self.browser_zone
        days = (self.now + timedelta(days=ahead) for ahead in range(in_force.HORIZON_DAYS + 1))
        return theirs if theirs and any(zones.differ(theirs, provider_zone, day) for day in days) else provider_zone

    @property
    def zone(self) -> ZoneInfo:
        return self.diary.zone

    @property
    def client_zone(self) -> ZoneInfo | None:
        """The zone that a form sends along: the one that the client chose, or the browser's if times are read in it."""
        return self.chosen_zone or (self.zone if self.provider_zone else None)

    @property
    @abstractmethod
    def provider_zone(self) -> ZoneInfo | None:
        """The provider's zone, if times are read in another one."""

    @cached_property
    def next_free(self) -> datetime | None:
        return self.diary.next_free()

    @property
    def chose_day(self) -> bool:
        """Whether the address names the open day itself, and there is nothing to say but what is free on it."""
        chosen = self.day and self.day.isoformat() == self.query.get("date")
        return bool(chosen) and not self.problem and not self.own_appointment

    @property
    def begins_with_its_heading(self) -> bool:
        """Whether its heading is what somebody who comes to this step reads first."""
        return not (self.problem or self.own_appointment or self.chose_day)

    @property
    def open_day(self) -> date:
        """The day whose times are listed: the chosen one, or the first that has a free time, or today."""
        return self.day or self.diary.day_of(self.next_free or self.now)

    def thinned(self, times: Sequence[datetime]) -> Sequence[datetime]:
        """Which times of a day are shown: one for each visit, unless the practice has set the grid of times itself.

        Any other time that is on offer can still be chosen by an address.
        """
        return times if in_force.EVERY_TIME_IS_SHOWN else spaced(tuple(times), self.diary.length.occupies)

    def month_of(self, day: date) -> Month:
        return Month(self.diary, day, self.thinned, customs.first_weekday(in_force.PRACTICE_COUNTRY))

    @property
    def url_of_day(self) -> str:
        """The page with the times of the open day."""
        return f"{self.url_so_far}&date={self.open_day.isoformat()}"

    @property
    def calendar(self) -> Calendar:
        """The month of the open day."""
        month = self.month_of(self.open_day)
        months, neighbours = (month.first, month.last), (month.previous, month.next)
        return Calendar(self.url_so_far, months, neighbours, month.weekdays, month.weeks, self.open_day)

    @property
    def times_of_day(self) -> TimesOfDay:
        """The open day's free times."""
        times = tuple(self.thinned(self.diary.free(self.open_day)))
        return TimesOfDay(self.url_of_times, times, self.zone, self.is_framed)

    @property
    def zone_of_times(self) -> ZoneOfTimes:
        provider_name = self.diary.provider.name if self.provider_zone and isinstance(self.diary, Diary) else ""
        first, fields = self.first_time_shown, tuple(self.zone_form_fields.items())
        return ZoneOfTimes(self.zone, first, provider_name, self.provider_zone, self.path, fields)

    @property
    def first_time_shown(self) -> datetime:
        """The first time on the page. The zone's offset is named as of then, since it changes with the season."""
        return next(iter(self.diary.free(self.open_day)), self.next_free or self.now)
