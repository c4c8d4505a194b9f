"""A time that staff choose by hand: what cannot be, what is in the way, and of what they are warned."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import customs
from booking.in_force import in_force
from booking.models import Appointment
from booking.models.statements import read_diary
from booking.schedule.availability import Hours
from booking.schedule.diary import NotOnOffer

# Nobody books further ahead, so a later day is a slip of the fingers.
FURTHEST = timedelta(days=731)


def require_possible(moment: datetime, now: datetime) -> None:
    """Raise NotOnOffer, with a sentence for staff, for a time that not even they can choose."""
    if moment <= now:
        raise NotOnOffer(_("That time is in the past. Choose a later one."))
    if moment > now + FURTHEST:
        raise NotOnOffer(_("That is more than two years ahead. Choose an earlier day."))
    if moment.second or moment.microsecond:
        raise NotOnOffer(_("Choose a time of whole minutes, like 09:30."))


def in_the_way(wanted: Appointment, moment: datetime, now: datetime) -> Appointment | None:
    """The first live appointment that `wanted` would overlap at that moment, if any."""
    others = wanted.provider.appointments.live(now).exclude(pk=wanted.pk)
    return others.overlapping(moment, moment + wanted.occupies).order_by("appointment_time").first()


def warnings(wanted: Appointment, moment: datetime, now: datetime) -> dict[str, str]:
    """Why no client could have that time, apart from other appointments: sentences for staff, by short names.

    It takes one query.
    """
    provider, end = wanted.provider, moment + wanted.duration
    rows = read_diary(provider.pk, moment, end, now, wanted.pk)
    works = Hours(rows.week, provider.zone).cover(moment, end)
    away = any(start < end and moment < until for start, until in rows.away)
    reasons = {
        "away": (away, _("%(provider)s is away then.") % {"provider": provider}),
        "hours": (not works, _("It is outside the working hours of %(provider)s.") % {"provider": provider}),
        "notice": (
            moment < now + timedelta(minutes=in_force.NOTICE_MINUTES),
            _("It is too soon for clients to choose it."),
        ),
        "horizon": (
            moment > now + timedelta(days=in_force.HORIZON_DAYS),
            ngettext(
                "Clients can choose times up to one day ahead, and this is later.",
                "Clients can choose times up to %(days)d days ahead, and this is later.",
                in_force.HORIZON_DAYS,
            )
            % {"days": in_force.HORIZON_DAYS},
        ),
    }
    return {name: sentence for name, (applies, sentence) in reasons.items() if applies}


def warnings_of_move(appointment: Appointment, moment: datetime, now: datetime) -> dict[str, str]:
    """The same for an appointment that is moved there, with what else becomes of it and why its client could not."""
    offered = appointment.provider.active and appointment.service.active
    deadline = appointment.movable_until
    comes_back, would_come_back = appointment.refund_at(now), appointment.refund_at(now, moment)
    reasons = {
        "offer": (
            not offered,
            _("%(service)s with %(provider)s is not offered any more.")
            % {"service": appointment.translated_service, "provider": appointment.provider_name},
        ),
        "client": (
            deadline is None,
            _("The client cannot move it online, as cancelling it would not return all that was paid. You can."),
        ),
        "begun": (
            deadline is not None and deadline < now,
            _("The client could not move it any more, as it has begun."),
        ),
        "refund": (
            would_come_back < comes_back,
            _("A client who cancels now gets %(now)s back. Once it is moved there, it is %(then)s.")
            % {
                "now": customs.money(comes_back, appointment.currency),
                "then": customs.money(would_come_back, appointment.currency),
            },
        ),
        "unpaid": (
            bool(appointment.is_unpaid_with_deadline and appointment.kept_until and appointment.kept_until > moment),
            _("The deadline for paying is later than that: it becomes the moment at which it then begins."),
        ),
    }
    own = {name: sentence for name, (applies, sentence) in reasons.items() if applies}
    return {**warnings(appointment, moment, now), **own}
