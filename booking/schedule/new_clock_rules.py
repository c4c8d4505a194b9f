"""Moving what was agreed on when a country changes the rules for its clocks.

Client and provider have agreed on a time that a clock on the wall shows, like ten in the morning in Santiago. The
database stores and compares instants. Once the tzdata package brings new rules, the clock may show that time at another
instant, and the appointment has to move there; so do the hours of time off.

Each row remembers by which edition of the rules it was last checked, so this is done once for each new edition.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from booking import zones
from booking.models import Appointment, Mail, NotMovable, SlotTaken, TimeOff
from booking.schedule.availability import DAY


def keep_agreed_times(now: datetime) -> int:
    """Move appointments and time off to the instants that the rules of today say. Returns how many were checked."""
    return move_time_off(now) + move_appointments(now)


def move_appointments(now: datetime) -> int:
    """Move the appointments, and owe the practice a mail for each that cannot move, as another one is in the way.

    An appointment may be in the way of another until it has moved itself, so all are tried again until none moves any
    more. Returns how many are at their agreed time now.
    """
    waiting = list(Appointment.objects.agreed_under_older_rules(now).select_related("provider"))
    found = len(waiting)
    progress = True
    while progress:
        # If all move to a later time, the last one has to move first, to make room for the one before it. If all move
        # to an earlier time, the first one has to move first. So the order is reversed in each round.
        left = [appointment for appointment in reversed(waiting) if not move_to_agreed_time(appointment, now)]
        progress, waiting = len(left) < len(waiting), left
    for appointment in waiting:
        Mail.objects.enqueue(appointment, Mail.Kind.IN_THE_WAY, f"rules of {zones.RULES}")
    return found - len(waiting)


def move_to_agreed_time(appointment: Appointment, now: datetime) -> bool:
    """Move an appointment to the instant that the rules of today say, or write down that it is there already.

    Returns False if another appointment is in the way, or if this one was changed meanwhile. Then it stays where it is.
    """
    agreed = appointment.agreed_instant
    if agreed == appointment.appointment_time or max(agreed, appointment.appointment_time) <= now:
        return appointment.record_checked()
    try:
        appointment.keep_wall_time()
    except (SlotTaken, NotMovable):
        return False
    return True


def move_time_off(now: datetime) -> int:
    """Move time off. Returns how many rows were checked.

    A row that staff change at the same moment is left alone, since what they write is by the rules of today anyway.
    """
    older = list(TimeOff.objects.filter(zone_rules__lt=zones.RULES, ends__gt=now - DAY))
    for away in older:
        starts, ends = (zones.instant_of(wall, ZoneInfo(away.wall_zone)) for wall in (away.wall_starts, away.wall_ends))
        unchanged = TimeOff.objects.filter(pk=away.pk, wall_starts=away.wall_starts, wall_ends=away.wall_ends)
        # If clocks now skip the whole of it, it would have no length. It must end after it starts, so it gets a minute.
        unchanged.update(starts=starts, ends=max(ends, starts + timedelta(minutes=1)), zone_rules=zones.RULES)
    return len(older)
