"""What is in force at this practice: what it has set at its desk, and otherwise what the environment says.

Whatever the desk can change is asked for here, under the name of its variable: `in_force.HOLD_MINUTES`. Each process
knows what was set, and reads it anew every few seconds, before a request or a round of tick begins. Within either of
them nothing changes, so that a client books on the terms that were looked at a moment before.

The texts are read by the declarations of config/environment.py, exactly as those of the environment are. One that
cannot be read is not in force. docs/decisions/0034-settings-at-the-desk.md says more.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from itertools import count
from time import monotonic
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from booking import colour

Value = TypeVar("Value")

# After how many seconds a process reads again what was set, and after how many if the database did not answer. Whoever
# asks a database that is away waits for seconds, so not everybody should.
READ_AGAIN_AFTER, PAUSE_AFTER_FAILURE = 3.0, 1.0
AT_ONCE = float("-inf")


class SetAtTheDesk(NamedTuple):
    """What is set at the desk, by the names of variables."""

    texts: Mapping[str, str | None]
    """With None, somebody has left the setting to the environment."""
    values: Mapping[str, Any]
    unreadable: Mapping[str, str]
    """What is wrong with each text that cannot be read, in English: for whoever looks after the site."""

    @classmethod
    def read(cls, texts: Mapping[str, str | None]) -> "SetAtTheDesk":
        values, unreadable = {}, {}
        for name, text in texts.items():
            if text is None:
                continue
            try:
                values[name] = settings.SET_AT_THE_DESK[name].read(text)
            except KeyError:
                unreadable[name] = f"{name} is no setting of this release."
            except ImproperlyConfigured as error:
                unreadable[name] = str(error)
        return cls(texts, values, unreadable).with_times_to_book()

    def with_times_to_book(self) -> "SetAtTheDesk":
        """Without a notice and a horizon that leave no time to book together with what the environment says by now.

        The environment's own leave some: otherwise the site does not start.
        """
        pair = {name: self.values.get(name, getattr(settings, name)) for name in ("NOTICE_MINUTES", "HORIZON_DAYS")}
        try:
            require_times_to_book(*pair.values())
        except ImproperlyConfigured as error:
            others = {name: value for name, value in self.values.items() if name not in pair}
            refused = dict.fromkeys((name for name in pair if name in self.values), str(error))
            return SetAtTheDesk(self.texts, others, {**self.unreadable, **refused})
        return self


def require_times_to_book(notice_minutes: int, horizon_days: int) -> None:
    """Refuse a notice that is as long as the horizon, as that would close booking without anybody being told."""
    if timedelta(minutes=notice_minutes) >= timedelta(days=horizon_days):
        raise ImproperlyConfigured(
            f"NOTICE_MINUTES must be shorter than HORIZON_DAYS: with {notice_minutes} minutes and {horizon_days} days "
            "no time could be booked."
        )


NOTHING = SetAtTheDesk({}, {}, {})
# What a request or a round of tick goes by from its beginning to its end.
_meanwhile: ContextVar[SetAtTheDesk | None] = ContextVar("in_force_meanwhile", default=None)


class Setting(Generic[Value]):
    """An attribute that is the value in force of the variable of that name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, in_force: "InForce", owner: type) -> Value:
        values = in_force.set_at_the_desk.values
        value: Value = values[self.name] if self.name in values else getattr(settings, self.name)
        return value


class InForce:
    PRACTICE_NAME = Setting[str]()
    PRACTICE_ADDRESS = Setting[str]()
    PRACTICE_PHONE = Setting[str]()
    PRACTICE_COUNTRY = Setting[str]()
    TIME_ZONE = Setting[str]()
    PRACTICE_COLOUR = Setting[str]()
    CANCELLATION_POLICY = Setting[str]()
    CONFIRMATION_LINE = Setting[str]()
    TAX_LINE = Setting[str]()
    HOLD_MINUTES = Setting[int]()
    SLOT_STEP_MINUTES = Setting[int]()
    NOTICE_MINUTES = Setting[int]()
    HORIZON_DAYS = Setting[int]()
    REMINDER_HOURS = Setting[list[int]]()

    def __init__(self) -> None:
        self.known = NOTHING
        self.read_again_at = AT_ONCE
        self.reading = threading.Lock()
        self.taking = threading.Lock()
        # Reads are numbered as they begin, since they do not end in that order.
        self.numbers = count(1)
        self.taken = 0

    @property
    def set_at_the_desk(self) -> SetAtTheDesk:
        return _meanwhile.get() or self.known

    @property
    def EVERY_TIME_IS_SHOWN(self) -> bool:  # noqa: N802 - it is asked for like the settings that it follows from
        """A practice that sets the grid itself wants its times to be seen: docs/decisions/0027-fewer-times.md."""
        return "SLOT_STEP_MINUTES" in self.set_at_the_desk.values or settings.EVERY_TIME_IS_SHOWN

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.TIME_ZONE)

    @property
    def palettes(self) -> dict[str, colour.Palette]:
        return {"light": colour.light(self.PRACTICE_COLOUR), "dark": colour.dark(self.PRACTICE_COLOUR)}

    def keep_up(self, read_texts: Callable[[], Mapping[str, str | None]]) -> None:
        """Read what was set, if that was some seconds ago. Others who come meanwhile go by what was known before.

        Only the very first time all wait. While the database is away, what is known stays in force.
        """
        if self.is_known or not self.reading.acquire(blocking=self.read_again_at == AT_ONCE):
            return
        try:
            if not self.is_known:
                self.read(read_texts)
        except (DatabaseError, InterfaceError):
            self.read_again_at = monotonic() + PAUSE_AFTER_FAILURE
        finally:
            self.reading.release()

    @property
    def is_known(self) -> bool:
        return monotonic() < self.read_again_at

    def read(self, read_texts: Callable[[], Mapping[str, str | None]]) -> None:
        """Go by what was set, as it is read now, unless a read that began later was faster: it saw all that this did.

        So nobody who has just saved something falls back behind it, when a read from before that ends afterwards.
        """
        number = next(self.numbers)
        texts = read_texts()
        with self.taking:
            if number > self.taken:
                self.taken = number
                self.take(texts)
        self.go_by_what_is_known()

    def take(self, texts: Mapping[str, str | None]) -> None:
        """Go by these texts from now on. Each is read once, and not again before one of them is another."""
        if texts != self.known.texts:
            self.known = SetAtTheDesk.read(texts)
        self.read_again_at = monotonic() + READ_AGAIN_AFTER
        self.go_by_what_is_known()

    def go_by_what_is_known(self) -> None:
        """Whoever is in the middle of a request, and has just saved something, goes by it from now on."""
        if _meanwhile.get():
            _meanwhile.set(self.known)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Go by what is known now until the end of this block, whatever is set meanwhile.

        Django goes by the practice's clock as well, where it shows a moment or asks which day it is.
        """
        token = _meanwhile.set(self.known)
        try:
            with timezone.override(self.zone):
                yield
        finally:
            _meanwhile.reset(token)


in_force = InForce()
