"""Whether a mail is still true when its turn comes. What time or a later event has made untrue is never sent."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from booking.models.appointment.model import Appointment
    from booking.models.mail import Mail


def is_still_true(mail: "Mail", now: datetime) -> bool:
    if mail.waiting:
        about = mail.waiting.keeps_true(mail)
    else:
        about = bool(mail.appointment and is_true_of(mail, mail.appointment, now))
    return about and (mail.kind == mail.Kind.REMINDER or now < mail.created_at + mail.SENT_WITHIN)


def is_true_of(mail: "Mail", appointment: "Appointment", now: datetime) -> bool:
    standing = appointment.status == "confirmed" and appointment.sequence == mail.sequence
    ahead = now < appointment.appointment_time or mail.reader == mail.Reader.PRACTICE
    if mail.kind == mail.Kind.REMINDER:
        return standing and ahead and not later_reminder_is_due(mail, now)
    if mail.kind == mail.Kind.LINKS and not type(appointment).objects.coming_of(mail.address, now).exists():
        return False
    if mail.kind == mail.Kind.RETURNED and refund_failed(mail):
        return False
    if mail.kind in mail.MOVES and moved_back(mail, appointment):
        return False
    in_state = {
        **dict.fromkeys((mail.Kind.CONFIRMED, *mail.MOVES), standing and ahead),
        mail.Kind.IN_THE_WAY: standing and appointment.appointment_time != appointment.agreed_instant,
        mail.Kind.CANCELLED: appointment.status == "cancelled",
        mail.Kind.GIVEN_BACK: appointment.state == "expired",
        mail.Kind.PAYMENT_LINK: appointment.is_unpaid_with_deadline,
        mail.Kind.REST_LINK: appointment.rest_may_be_asked_for,
    }
    return in_state.get(mail.Kind(mail.kind), True)


def later_reminder_is_due(mail: "Mail", now: datetime) -> bool:
    """Whether a later reminder of the same appointment is due as well, since one of the two is enough."""
    others = type(mail).objects.filter(appointment=mail.appointment, kind=mail.Kind.REMINDER, sequence=mail.sequence)
    return others.filter(first_due_at__gt=mail.first_due_at, first_due_at__lte=now).exists()


def moved_back(mail: "Mail", appointment: "Appointment") -> bool:
    """Whether the appointment was moved and moved back before a mail about either was sent."""
    return datetime.fromisoformat(mail.facts["was"]) == appointment.appointment_time


def refund_failed(mail: "Mail") -> bool:
    """Whether the refund failed after all, so that another mail says so."""
    told_otherwise = type(mail).objects.filter(appointment=mail.appointment, kind=mail.Kind.NOT_RETURNED)
    return told_otherwise.filter(occasion=mail.occasion).exists()
