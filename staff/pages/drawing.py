"""Agendas as a timetable: which hours are in view, and where everything stands among them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from booking import customs, zones
from booking.in_force import in_force
from booking.models import Appointment
from booking.schedule.agenda import HOUR, Agenda
from booking.schedule.availability import DAY, Interval, merge, outside, within
from booking.templatetags.wording import (
    clock,
    day_name,
    iso,
    short_date,
    short_day_and_clock,
    standing_in_words,
    zone_city,
    zone_name,
)
from staff.access import address_of
from staff.pages.timetable import MANY, Column, Group, Row, Timetable

Times = tuple[tuple[str, str], ...]

FIVE_MINUTES = timedelta(minutes=5)
# The hours that are in view where there is nothing to show.
USUAL = (9, 17)
# What is as long as this can be read and pressed where an hour is drawn so high. With two lines it takes half more.
LEGIBLE = {"": timedelta(minutes=15), "roomy": timedelta(minutes=10)}


def size(length: timedelta) -> str:
    """The classes by which static/staff.css knows a length, to the nearest five minutes: `h1 m30`."""
    minutes = round(length / FIVE_MINUTES) * 5
    return f"h{minutes // 60} m{minutes % 60}"


class Drawing:
    """Draws the same day of several providers, or the week of one, so that equal hours are side by side.

    The hours in view are counted from each day's own midnight, by the clock of its provider.
    """

    def __init__(
        self, agendas: Sequence[Agenda], now: datetime, *, is_week: bool, may_book: bool, may_take: bool
    ) -> None:
        self.now, self.is_week, self.may_book, self.may_take = now, is_week, may_book, may_take
        self.agendas = [agenda for agenda in agendas if agenda.has_something]
        self.empty = [agenda for agenda in agendas if not agenda.has_something]
        self.first_hour, self.last_hour = hours_in_view(self.agendas)

    def timetable(self) -> Timetable:
        return Timetable(
            tuple(map(self.column, self.agendas)),
            () if self.is_week else tuple(self.groups()),
            tuple((self.name(agenda), self.address(agenda)) for agenda in self.empty),
            scale=self.scale(),
        )

    def scale(self) -> str:
        """How high an hour is drawn, as a class of static/staff.css: so that the shortest appointment can be read."""
        shortest = min((one.duration for agenda in self.agendas for one in agenda.live), default=DAY)
        lines = 1.5 if len(self.agendas) >= MANY else 1
        return next((scale for scale, length in LEGIBLE.items() if shortest >= length * lines), "roomiest")

    def column(self, agenda: Agenda) -> Column:
        view = self.in_view(agenda)
        rows = chain(self.appointments(agenda), self.away(agenda), self.gaps_by_hour(agenda))
        return Column(
            key=f"{agenda.provider.pk}-{agenda.date}",
            name=self.name(agenda),
            address=self.address(agenda),
            sentences=tuple(sentences(agenda)),
            on_paper=day_name(agenda.date),
            length=size(view.end - view.start),
            hours=tuple(self.hours(agenda)),
            opened=tuple(self.place(agenda, part) for part in merge(agenda.open)),
            rows=in_order(rows),
            cancelled=tuple(self.cancelled(agenda)),
            now=size(self.now - view.start) if view.start <= self.now < view.end else "",
        )

    def name(self, agenda: Agenda) -> str:
        if not self.is_week:
            return agenda.provider.name
        if agenda.whole.start <= self.now < agenda.whole.end:
            return _("Today, %(date)s") % {"date": customs.date_with(agenda.date, "MMMd")}
        return short_date(agenda.date)

    def address(self, agenda: Agenda) -> str:
        """The day of all providers, for a day of the week; otherwise the week of the provider."""
        query = {"day": agenda.date} if self.is_week else {"provider": agenda.provider.slug, "day": agenda.date}
        return f"{reverse('staff:day')}?{urlencode(query)}"

    def in_view(self, agenda: Agenda) -> Interval:
        midnight = agenda.whole.start
        return Interval(midnight + self.first_hour * HOUR, midnight + self.last_hour * HOUR)

    def place(self, agenda: Agenda, part: Interval) -> tuple[str, str]:
        """How far below the top of the column it begins, and how long it is. Both ends are rounded alike."""
        top = self.in_view(agenda).start
        begins, ends = (round((moment - top) / FIVE_MINUTES) * FIVE_MINUTES for moment in part)
        return size(begins), size(max(ends - begins, FIVE_MINUTES))

    def hours(self, agenda: Agenda) -> Iterator[tuple[str, str]]:
        for hour in range(self.last_hour - self.first_hour):
            moment = self.in_view(agenda).start + hour * HOUR
            yield size(hour * HOUR), clock(moment, agenda.provider.zone)

    # Rows

    def appointments(self, agenda: Agenda) -> Iterator[Row]:
        for one in agenda.live:
            yield self.appointment(agenda, one)

    def cancelled(self, agenda: Agenda) -> Iterator[Row]:
        for one in agenda.cancelled:
            yield self.appointment(agenda, one)

    def appointment(self, agenda: Agenda, one: Appointment) -> Row:
        place, length = self.place(agenda, *within(agenda.whole, [time_of(one)]))
        return Row(
            kind="appointment",
            key=f"{one.pk}-{agenda.date}",
            begins=one.appointment_time,
            ends=one.end,
            when=moment(agenda, one.appointment_time),
            until=moment(agenda, one.end),
            words=standing_in_words(one),
            provider=provider_of(agenda),
            place=place,
            length=length,
            here=by_the_practice(agenda, one.appointment_time),
            address=address_of("staff:appointment", one.pk),
            standing=one.standing,
            client=one.client,
            for_whom=one.for_whom,
            service=one.translated_service,
            phone=one.client_phone,
            note=one.note,
            take=address_of("staff:take", one.pk) if self.may_take and one.left_at_practice else "",
        )

    def away(self, agenda: Agenda) -> Iterator[Row]:
        """Time off, in parts where somebody comes all the same."""
        for whole in merge(agenda.away):
            times = {"times": in_words(agenda, whole)}
            words = _("Away all day") if whole == agenda.whole else _("Away %(times)s") % times
            for part in outside(map(time_of, agenda.live), within(self.in_view(agenda), [whole])):
                yield self.row(agenda, part, kind="away", words=words)

    def gaps_by_hour(self, agenda: Agenda) -> Iterator[Row]:
        """The gaps in parts to scale, so that a press leads to about the time that was pressed."""
        for part in chain(*map(agenda.hourly, agenda.free)):
            yield self.gap(agenda, part, self.address_to_book(agenda, part.start))

    def gaps(self, agenda: Agenda) -> Iterator[Row]:
        """The gaps as a list has them: one of several hours offers each of them."""
        for gap in agenda.free:
            times = [part.start for part in agenda.hourly(gap)]
            begin_at = [(moment(agenda, time), self.address_to_book(agenda, time)) for time in times]
            if len(times) > 1 and self.may_book:
                yield self.gap(agenda, gap, begin_at=tuple(begin_at))
            else:
                yield self.gap(agenda, gap, self.address_to_book(agenda, gap.start))

    def gap(self, agenda: Agenda, part: Interval, address: str = "", begin_at: Times = ()) -> Row:
        row = self.row(agenda, part, kind="gap", words=pgettext("time", "Free"))
        return replace(row, address=address, begin_at=begin_at, here=by_the_practice(agenda, part.start))

    def row(self, agenda: Agenda, part: Interval, *, kind: str, words: str) -> Row:
        place, length = self.place(agenda, part)
        return Row(
            kind=kind,
            key=f"{kind}-{agenda.provider.pk}-{part.start:%Y%m%d%H%M}",
            begins=part.start,
            ends=part.end,
            when=moment(agenda, part.start),
            until=moment(agenda, part.end),
            provider=provider_of(agenda),
            words=words,
            place=place,
            length=length,
        )

    def address_to_book(self, agenda: Agenda, moment: datetime) -> str:
        path = address_of("staff:book") if self.may_book else ""
        query = {"provider": agenda.provider.slug, "time": iso(moment, agenda.provider.zone)}
        return f"{path}?{urlencode(query)}" if path else ""

    # All in order of time

    def groups(self) -> Iterator[Group]:
        """For today they begin with who comes next."""
        rows = in_order(chain(*map(self.appointments, self.agendas), *map(self.away, self.agendas)))
        is_today = any(agenda.whole.start <= self.now < agenda.whole.end for agenda in self.agendas)
        groups = by_name(rows, self.now) if is_today else {"all": rows, "earlier": ()}
        groups["free"] = in_order(chain(*map(self.gaps, self.agendas)))
        groups["gone"] = in_order(chain(*map(self.cancelled, self.agendas)))
        yield from (Group(str(heading), groups[name]) for name, heading in HEADINGS.items() if name in groups)


# The groups of rows, in the order in which they are listed.
HEADINGS = {
    "next": pgettext_lazy("client", "Next"),
    "now": pgettext_lazy("client", "Now"),
    "then": gettext_lazy("Then"),
    "all": gettext_lazy("In order of time"),
    "free": pgettext_lazy("time", "Free"),
    "gone": gettext_lazy("Cancelled or given back"),
    "earlier": pgettext_lazy("of a day", "Earlier"),
}


def by_name(rows: Sequence[Row], now: datetime) -> dict[str, tuple[Row, ...]]:
    """Who comes next, whoever is there now, whoever comes after that, and what is over."""
    ahead = (row.begins for row in rows if row.kind == "appointment" and row.begins > now)
    comes_next = min(ahead, default=None)
    groups: dict[str, tuple[Row, ...]] = {"next": (), "now": (), "then": (), "earlier": ()}
    for row in rows:
        if row.begins <= now:
            name = "earlier" if row.ends <= now else "now"
        else:
            name = "next" if row.kind == "appointment" and row.begins == comes_next else "then"
        groups[name] += (row,)
    return groups


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=attrgetter("begins", "provider")))


def time_of(appointment: Appointment) -> Interval:
    return Interval(appointment.appointment_time, appointment.end)


def hours_in_view(agendas: Iterable[Agenda]) -> tuple[int, int]:
    """How many hours after midnight the first of them has something to show, and the last has no more."""
    begins, ends = [], []
    for agenda in agendas:
        for part in within(agenda.whole, [*agenda.open, *map(time_of, agenda.live)]):
            begins.append((part.start - agenda.whole.start) // HOUR)
            ends.append(-((agenda.whole.start - part.end) // HOUR))
    return min(begins, default=USUAL[0]), max(ends, default=USUAL[1])


def in_words(agenda: Agenda, time: Interval) -> str:
    return f"{moment(agenda, time.start)}–{moment(agenda, time.end)}"


def moment(agenda: Agenda, moment: datetime) -> str:
    """A time on the provider's clock. If it is on another day than the agenda's, the day is named."""
    is_of_the_day = agenda.whole.start <= moment <= agenda.whole.end
    return clock(moment, agenda.provider.zone) if is_of_the_day else short_day_and_clock(moment, agenda.provider.zone)


def by_the_practice(agenda: Agenda, moment: datetime) -> str:
    """The moment on the practice's clock, as `09:00 Dublin time`; empty if the provider's shows the same."""
    practice = in_force.zone
    if not zones.differ(practice, agenda.provider.zone, moment):
        return ""
    return _("%(time)s %(zone)s") % {"time": clock(moment, practice), "zone": zone_city(practice, moment)}


def provider_of(agenda: Agenda) -> str:
    """The provider's name, with the clock that times are on if it is not the practice's."""
    provider = agenda.provider
    if provider.time_zone == in_force.TIME_ZONE:
        return provider.name
    zone = zone_city(provider.zone, agenda.whole.start)
    return _("%(provider)s, %(zone)s") % {"provider": provider.name, "zone": zone}


def sentences(agenda: Agenda) -> Iterator[str]:
    """What somebody has to know who reads the times below it."""
    if agenda.provider.time_zone != in_force.TIME_ZONE:
        yield zone_name(agenda.provider.zone, agenda.whole.start + DAY / 2)
    yield ", ".join(in_words(agenda, hours) for hours in merge(agenda.open)) or _("No working hours")
    if waiting := agenda.waiting:
        words = ngettext(
            "%(count)d person waits for a time to become free.",
            "%(count)d people wait for a time to become free.",
            waiting,
        )
        yield words % {"count": waiting}
    length = agenda.whole.end - agenda.whole.start
    if length != DAY:
        hours = customs.length(length / HOUR, "hour")
        yield _("Clocks change: this day has %(hours)s.") % {"hours": hours}
