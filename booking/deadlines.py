"""Until when a time that staff have booked for somebody is kept unpaid: the deadlines that they can choose."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from booking.zones import to_utc

DAY = timedelta(days=1)
# Until this time of a day, by the provider's clock.
EVENING = time(20)
# The one that is chosen unless staff choose another: the first of these that can be met.
PREFERRED = ("tomorrow", "tonight", "2 hours", "begins")


class NoDeadline(ValueError):
    """Nobody could be asked to pay by then. The message is a sentence for staff."""


def require(deadline: datetime, begins: datetime, now: datetime) -> None:
    """Raise NoDeadline if it is over, or if the appointment begins before it."""
    if deadline <= now:
        raise NoDeadline(_("That deadline is over. Choose a later one."))
    if deadline > begins:
        raise NoDeadline(_("The appointment begins before that deadline. Choose an earlier one."))


def choices(begins: datetime, now: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """The deadlines for an appointment that begins then, by their names. `zone` is the provider's."""
    today = now.astimezone(zone).date()
    known = {
        "2 hours": now + timedelta(hours=2),
        "tonight": to_utc(today, EVENING, zone),
        "tomorrow": to_utc(today + DAY, EVENING, zone),
        "3 days": to_utc(today + 3 * DAY, EVENING, zone),
        "begins": begins,
    }
    return {name: moment for name, moment in known.items() if now < moment <= begins}


def preferred(chosen_from: dict[str, datetime]) -> str:
    return next((name for name in PREFERRED if name in chosen_from), "")


def typed(text: str, zone: ZoneInfo) -> datetime:
    """Read a day and a time by the provider's clock, like `2026-12-01T18:00`. Raises NoDeadline."""
    try:
        local = datetime.fromisoformat(text)
        return to_utc(local.date(), local.time(), zone)
    except (ValueError, OverflowError):
        raise NoDeadline(_("Enter the day and the time of the deadline.")) from None


def alike(deadline: datetime, begins: datetime, other_begins: datetime) -> datetime:
    """The same deadline for another appointment: when it begins, if that is so for the first, and never after that."""
    return other_begins if deadline == begins else min(deadline, other_begins)
