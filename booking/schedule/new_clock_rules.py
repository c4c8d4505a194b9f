"""A country changes its clocks after something was agreed: what was agreed is a time on the wall, and stays.

Instants are what the database compares, so they move to where the wall shows the agreed time by the rules of today.
This is found out once for each edition of the rules: whatever was last looked at under an older one.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from booking import zones
from booking.models import Appointment, Mail, NotMovable, SlotTaken, TimeOff
from booking.schedule.availability import DAY


def keep_what_was_agreed(now: datetime) -> int:
    return keep_time_off(now) + keep_appointments(now)


def keep_appointments(now: datetime) -> int:
    """One may be in the way of the next until it has moved itself: they are gone through until none moves any more."""
    waiting = list(Appointment.objects.agreed_under_older_rules(now).select_related("provider"))
    found = len(waiting)
    moving = True
    while moving:
        # Forwards or backwards: what moves later is gone through from its end, what moves sooner from its beginning.
        left = [appointment for appointment in reversed(waiting) if not keep(appointment, now)]
        moving, waiting = len(left) < len(waiting), left
    for appointment in waiting:
        Mail.objects.owe(appointment, Mail.Kind.IN_THE_WAY, f"rules of {zones.RULES}")
    return found - len(waiting)


def keep(appointment: Appointment, now: datetime) -> bool:
    """False where another appointment is in the way; then it stays as it is, for staff to see."""
    agreed = appointment.agreed_instant
    if agreed == appointment.appointment_time or max(agreed, appointment.appointment_time) <= now:
        return appointment.record_checked()
    try:
        appointment.keep_wall_time()
    except (SlotTaken, NotMovable):
        return False
    return True


def keep_time_off(now: datetime) -> int:
    behind = list(TimeOff.objects.filter(zone_rules__lt=zones.RULES, ends__gt=now - DAY))
    for away in behind:
        starts, ends = (zones.instant_of(wall, ZoneInfo(away.wall_zone)) for wall in (away.wall_starts, away.wall_ends))
        seen = TimeOff.objects.filter(pk=away.pk, wall_starts=away.wall_starts, wall_ends=away.wall_ends)
        seen.update(starts=starts, ends=max(ends, starts + timedelta(minutes=1)), zone_rules=zones.RULES)
    return len(behind)
