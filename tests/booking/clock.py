"""Most tests of booking happen at one moment, NOW. Other times are written as clock times of that June, 2026."""

from datetime import UTC, datetime

# This is a Monday, noon in Dublin, which is an hour ahead of UTC in June.
NOW = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)


def dublin(day, clock):
    """Return the moment at which clocks in Dublin show that time, on that day of June 2026."""
    return instant(f"2026-06-{day:02}T{clock}+01:00")


def instant(text):
    """Return the moment that an ISO 8601 text with an offset names, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


TEN = dublin(2, "10:00")
