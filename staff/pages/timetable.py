"""What the templates of the day show: agendas side by side and to scale, and all of them in order of time.

Whatever is shown is in these values. So two that are equal are rendered to the same, and a page that is open somewhere
need not be sent what it shows already.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

# So many columns leave each so narrow that a name needs a line of its own.
MANY = 5


@dataclass(frozen=True)
class Row:
    """What stands in a diary from one moment to another: an appointment, a gap, or that the provider is away."""

    kind: str
    key: str
    """It is another for each row of a page."""
    begins: datetime
    ends: datetime
    when: str
    until: str
    """The end of that, which is left out where it can be seen."""
    words: str
    """What it is, told without colour: `Paid`, `Free`, `Away all day`."""
    provider: str
    place: str
    """How far below the top of its column it begins, in the classes of static/staff.css."""
    length: str
    address: str = ""
    """Where a press leads; empty for somebody who may not go there."""
    here: str = ""
    """When it begins by the practice's clock, if the provider's shows another time: a caller goes by that one."""
    standing: str = ""
    client: str = ""
    for_whom: str = ""
    service: str = ""
    phone: str = ""
    note: str = ""
    take: str = ""
    """Where a press leads that takes what is left to pay at the practice; empty if nothing is, or for who may not."""
    begin_at: tuple[tuple[str, str], ...] = ()
    """Of a gap of several hours in a list: the times of which each can be pressed, with where that leads."""


@dataclass(frozen=True)
class Column:
    """A day of one provider."""

    key: str
    name: str
    address: str
    sentences: tuple[str, ...]
    on_paper: str
    """What stands above it on paper, where each provider has a page."""
    length: str
    hours: tuple[tuple[str, str], ...]
    """Where each hour begins, and what the provider's clock shows then."""
    opened: tuple[tuple[str, str], ...]
    """Where working hours begin, and how long they are."""
    rows: tuple[Row, ...]
    cancelled: tuple[Row, ...]
    now: str
    """Where now is, or empty if that is not in view."""


@dataclass(frozen=True)
class Group:
    """Rows of all columns in order of time, which is what a phone has room for."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Timetable:
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    """A week has none: on a phone its columns stand below each other."""
    empty: tuple[tuple[str, str], ...]
    """The names and addresses of the days without hours and appointments, which have no column."""
    scale: str
    """How high an hour is drawn, as a class of static/staff.css; empty for the usual height."""
    not_well: tuple[str, ...] = ()
    """What somebody who sees this can do something about, each a sentence of staff/health.py."""
    taken: tuple[str, ...] = ()
    """What was taken at the practice on this day, in a line for each means."""

    @property
    def is_narrow(self) -> bool:
        """Whether each column is so narrow that what stands in it has a name on a line of its own."""
        return len(self.columns) >= MANY

    @property
    def is_over(self) -> bool:
        """Whether the list has nothing: nobody was booked, and no time is free any more."""
        return not any(group.rows for group in self.groups)

    @property
    def digest(self) -> str:
        """It is another once anything that is shown has changed."""
        return sha256(repr(self).encode()).hexdigest()[:16]
