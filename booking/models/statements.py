"""The statements that are written by hand, because the ORM takes longer to build them than the database to answer.

They are the same text for SQLite and PostgreSQL, but for JOIN. Times are read as text:
`datetime.fromisoformat` is several times faster than what Django reads them with on either engine. Whatever is asked
here the ORM can be asked as well, and tests/booking/models/test_statements.py compares the answers.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import lru_cache, partial
from itertools import islice
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.utils.functional import cached_property

from booking.models.services import Service

# In the order of the start page. A condition whose value is NULL is met by all.
OFFERS = """
    WITH bookable AS (
        SELECT offers.provider_id, offers.service_id
        FROM booking_provider_services AS offers
            JOIN booking_provider AS provider ON provider.id = offers.provider_id
            JOIN booking_service AS service ON service.id = offers.service_id
        WHERE provider.active AND service.active
    )
    SELECT {columns},
        EXISTS (SELECT 1 FROM bookable WHERE provider_id <> offers.provider_id),
        EXISTS (
            SELECT 1 FROM bookable WHERE provider_id = offers.provider_id AND service_id <> offers.service_id
        )
    FROM booking_provider_services AS offers
        JOIN booking_provider AS provider ON provider.id = offers.provider_id
        JOIN booking_service AS service ON service.id = offers.service_id
    WHERE provider.active AND service.active
        AND provider.slug = COALESCE(%(provider)s, provider.slug)
        AND provider.name = COALESCE(%(name)s, provider.name)
        AND service.slug = COALESCE(%(service)s, service.slug)
    ORDER BY provider.name, service.position, service.name
"""

APPOINTMENT = """
    SELECT {columns}
    FROM booking_appointment AS appointment
        JOIN booking_provider AS provider ON provider.id = appointment.provider_id
        JOIN booking_service AS service ON service.id = appointment.service_id
    WHERE appointment.reference = %(reference)s
"""

# Appointments that are confirmed, or held and not lapsed, as `AppointmentQuerySet.live` has them.
LIVE = "(status = 'confirmed' OR status = 'held' AND (hold_expires_at > %(now)s OR hold_expires_at IS NULL))"

# How each engine makes one text of many rows.
JOIN = {"postgresql": "string_agg", "sqlite": "group_concat"}

# Confirmed appointments that follow each other without a gap become one row, so that of a full day only one is read.
# `begins` is 1 for the first of such a row of appointments and 0 for the others, and `place` counts those rows. A hold
# stays a row of its own.
DIARIES = f"""
    WITH
        taken AS (
            SELECT provider_id, appointment_time, blocked_until,
                CASE status WHEN 'held' THEN reference ELSE '' END AS hold
            FROM booking_appointment
            WHERE provider_id IN ({{providers}}) AND appointment_time < %(until)s
                AND blocked_until > %(since)s AND blocked_until < %(latest)s AND {LIVE} AND id <> %(moving)s
        ),
        followed AS (
            SELECT provider_id, hold, appointment_time, blocked_until,
                CASE WHEN LAG(blocked_until) OVER before >= appointment_time THEN 0 ELSE 1 END AS begins
            FROM taken
            WINDOW before AS (PARTITION BY provider_id, hold ORDER BY appointment_time)
        ),
        placed AS (
            SELECT provider_id, hold, appointment_time, blocked_until, SUM(begins) OVER before AS place
            FROM followed
            WINDOW before AS (PARTITION BY provider_id, hold ORDER BY appointment_time)
        )
    SELECT provider_id, 'hours', {{join}}(weekday || ' ' || opens || ' ' || closes, ','), '', ''
    FROM booking_workinghours
    WHERE provider_id IN ({{providers}})
    GROUP BY provider_id
    UNION ALL
    SELECT provider_id, 'away', '', CAST(starts AS text), CAST(ends AS text)
    FROM booking_timeoff
    WHERE provider_id IN ({{providers}}) AND starts < %(until)s AND ends > %(since)s
    UNION ALL
    SELECT provider_id, 'taken', hold, CAST(MIN(appointment_time) AS text), CAST(MAX(blocked_until) AS text)
    FROM placed
    GROUP BY provider_id, hold, place
"""  # noqa: S608 - what is put in is written above

# SQLite finds an index that has a condition only by the condition's own words: NOT (begun_from = '').
OBSTACLES = f"""
    SELECT
        EXISTS (
            SELECT 1 FROM booking_appointment
            WHERE provider_id = %(provider)s AND appointment_time < %(until)s AND blocked_until > %(since)s
                AND status IN ('held', 'confirmed')
        ),
        EXISTS (
            SELECT 1 FROM booking_timeoff WHERE provider_id = %(provider)s AND starts < %(end)s AND ends > %(since)s
        ),
        (
            SELECT count(*) FROM booking_appointment
            WHERE reference IN ({{own}}) AND status = 'held' AND {LIVE}
        ),
        (
            SELECT count(*) FROM booking_appointment
            WHERE begun_from = %(network)s AND NOT (begun_from = '') AND created_at > %(counted_since)s
                AND (status = 'held' OR price = due_at_practice) AND {LIVE}
        ),
        (
            SELECT count(*) FROM booking_appointment
            WHERE client_mailbox = %(mailbox)s AND appointment_time > %(now)s AND {LIVE}
                AND NOT EXISTS (
                    SELECT 1 FROM booking_change
                    WHERE appointment_id = booking_appointment.id AND kind = 'booked'
                )
        ),
        EXISTS (SELECT 1 FROM booking_appointment WHERE reference = %(spare)s)
"""  # noqa: S608 - what is put in is written above and below

# A row as the database has it. Equal rows are equal in all that they say.
Row = tuple[Any, ...]


class Columns:
    """All columns of some models, which a statement selects in the place of {columns}, by the aliases of the tables."""

    def __init__(self, **models: type[Model]) -> None:
        self.fields = {model: model._meta.concrete_fields for model in models.values()}
        self.columns = [field.get_col(alias) for alias, model in models.items() for field in self.fields[model]]
        self.names = ", ".join(f'{column.alias}."{column.target.column}"' for column in self.columns)

    def read(self, statement: str, **values: Any) -> list[Row]:
        return ask(statement.format(columns=self.names), **values)

    def place(self, model: type[Model]) -> int:
        """Where in a row the columns of this model begin. The first of them is its key."""
        models = list(self.fields)
        return sum(len(self.fields[before]) for before in models[: models.index(model)])

    def instances(self, row: Row) -> list[Any]:
        """An instance of each model, made of one row."""
        values = list(row)
        for place, convert in self.converters:
            values[place] = convert(values[place])
        rest = iter(values)
        return [
            model.from_db(connection.alias, [field.attname for field in fields], list(islice(rest, len(fields))))
            for model, fields in self.fields.items()
        ]

    @cached_property
    def converters(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """What Django makes of the values that a driver returns: SQLite has neither decimals nor times."""
        return [
            (place, partial(convert, expression=column, connection=connection))
            for place, column in enumerate(self.columns)
            for convert in connection.ops.get_db_converters(column) + column.get_db_converters(connection)
        ]


Week = tuple[tuple[int, time, time], ...]
"""Weekday, opening and closing of each row of working hours, by the provider's clock, in order."""


@dataclass
class DiaryRows:
    """What stands in one provider's diary. All times are in UTC, but for the hours."""

    week: Week = ()
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When time off starts and ends."""
    taken: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    """From when until when live appointments occupy time. First of each is its reference if it is a hold; it is empty
    for confirmed ones, of which those that follow each other without a gap are one."""


def read_diary(provider: int, since: datetime, until: datetime, now: datetime, moving: int | None) -> DiaryRows:
    """Read the diary of a provider from one moment to another. The appointment that is `moving` is left out."""
    return read_diaries([provider], since, until, now, moving)[provider]


def read_diaries(
    providers: Collection[int], since: datetime, until: datetime, now: datetime, moving: int | None = None
) -> dict[int, DiaryRows]:
    """Read the diaries of several providers with one statement, by the providers' keys."""
    diaries = {provider: DiaryRows() for provider in providers}
    keys = ", ".join(str(int(provider)) for provider in providers)
    statement = DIARIES.format(providers=keys, join=JOIN[connection.vendor])
    moments = {"since": since, "until": until, "latest": until + Service.LONGEST, "now": now}
    for provider, kind, key, start, end in ask(statement, moving=moving or 0, **moments):
        rows = diaries[provider]
        if kind == "hours":
            rows.week = week_of(key)
        elif kind == "away":
            rows.away.append((moment(start), moment(end)))
        else:
            rows.taken.append((key, moment(start), moment(end)))
    return diaries


@lru_cache(maxsize=1024)
def week_of(text: str) -> Week:
    """Read `0 09:00:00 17:00:00,1 09:00:00 13:00:00`. It is remembered, since it is the same for months."""
    rows = [row.split() for row in text.split(",")]
    read = time.fromisoformat
    return tuple(sorted((int(weekday), read(opens), read(closes)) for weekday, opens, closes in rows))


class Obstacles(NamedTuple):
    """What may stand in the way of a booking, at one moment."""

    time_is_occupied: bool
    """Maybe only by holds that have lapsed, or that are the client's own."""
    provider_is_away: bool
    """Staff may have written that down since the client chose the time."""
    own_holds: int
    """How many live holds the browser has."""
    of_network: int
    of_mailbox: int
    """How many are still to come that its owner has booked, and not staff."""
    spare_is_used: bool
    """Whether an appointment has the spare reference."""

    @property
    def reach_a_limit(self) -> bool:
        return self.of_network >= settings.HOLDS_PER_ADDRESS or self.of_mailbox >= settings.AHEAD_PER_CLIENT


def find_obstacles(own_references: Collection[str], **values: Any) -> Obstacles:
    """Run OBSTACLES with these values, and with a placeholder for each of the references."""
    own = {f"own{number}": reference for number, reference in enumerate(own_references or [""])}
    statement = OBSTACLES.format(own=", ".join(f"%({name})s" for name in own))
    return Obstacles(*ask(statement, **values, **own)[0])


def ask(statement: str, **values: Any) -> list[Row]:
    """Run a statement with these values for its placeholders, and return all of its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, as_parameters(values))
        return list(cursor.fetchall())


def change(statement: str, **values: Any) -> int:
    """Run a statement that changes rows, and return how many it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, as_parameters(values))
        changed: int = cursor.rowcount
    return changed


def as_parameters(values: dict[str, Any]) -> dict[str, Any]:
    return {name: as_parameter(value) for name, value in values.items()}


def as_parameter(value: Any) -> Any:
    """The value as the engine's driver takes it. SQLite has no type for times: Django writes them as text in UTC."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def moment(text: str) -> datetime:
    """A time as the engines write it, with the offset of UTC (PostgreSQL) or with none (SQLite)."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
