"""What staff book for one client: once, or several times in a row at the same time of day, every week or two.

Each of these bookings has a reference that is made before it. Whoever sends the same form twice brings the same
references, and finds what was booked the first time. With other details it is refused, and for another time it books.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from booking import deadlines
from booking.models import Appointment, ByStaff, Change, Provider, Service, SlotTaken, offers
from booking.schedule.diary import Diary, NotOnOffer, Reach
from booking.zones import to_utc

MOST = 12


class InARow(NamedTuple):
    booked: list[Appointment]
    not_free: list[datetime]
    """The times that are taken, or at which nobody works."""


class BookedAlready(SlotTaken):
    """The same form has booked this time before, with other details. Nothing is changed by sending it again."""

    def __init__(self, appointment: Appointment) -> None:
        super().__init__()
        self.appointment = appointment


def moments(first: datetime, every_weeks: int, times: int, zone: ZoneInfo) -> list[datetime]:
    """The times at which the clocks of the zone show the same as at the first one, so many weeks apart."""
    local = first.astimezone(zone)
    days = (local.date() + timedelta(weeks=every_weeks * number) for number in range(1, times))
    return [first, *(to_utc(day, local.time(), zone) for day in days)]


def references(spare: str, times: int) -> list[str]:
    """A reference for each of several bookings, the spare one first. Nobody can tell the others without our secret."""
    keys = (salted_hmac("booking.in_a_row", f"{spare} {number}", algorithm="sha256") for number in range(1, times))
    return [spare, *(urlsafe_b64encode(key.digest()[:16]).rstrip(b"=").decode() for key in keys)]


def book(
    provider: Provider, service: Service, times: Sequence[datetime], spare: str, staff: ByStaff, **client: Any
) -> InARow:
    """Book the first of these times, and those of the others that are free. What was booked before is not booked again.

    `staff` says until when the first one is kept; the same deadline is set for the others. `client` are the details of
    the client, as `Appointment.objects.book` takes them.

    Raises SlotTaken if the first one is taken, which is BookedAlready if this form has taken it.
    """
    diary = Diary(provider, service, timezone.now(), reach=Reach.of_staff())
    done = InARow([], [])
    for moment, reference in zip(times, references(spare, len(times)), strict=True):
        until = staff.kept_until and deadlines.alike(staff.kept_until, times[0], moment)
        by_staff = staff._replace(kept_until=until)
        try:
            done.booked.append(book_once(diary, moment, reference, staff=by_staff, service=service, **client))
        except (SlotTaken, NotOnOffer):
            if not done.booked:
                raise
            done.not_free.append(moment)
    return done


def book_like(appointment: Appointment, moment: datetime, spare: str, user: User) -> Appointment:
    """Book another time for the client of an appointment that staff have booked, at the same terms.

    Raises SlotTaken, NotOnOffer or NoDeadline.
    """
    staff = as_decided_for(appointment, user)
    require_same_terms(appointment, staff)
    until = appointment.kept_until
    if until:
        until = deadlines.alike(until, appointment.appointment_time, moment)
    details = ("client_email", "client_name", "client_phone", "for_whom", "note", "language")
    return book_once(
        Diary(appointment.provider, appointment.service, timezone.now(), at=moment, reach=Reach.of_staff()),
        moment,
        spare,
        service=appointment.service,
        staff=staff._replace(kept_until=until),
        **{name: getattr(appointment, name) for name in details},
    )


def as_decided_for(appointment: Appointment, user: User) -> ByStaff:
    """Let this user book as it was decided for this one. Its service may have been free then, and not be any more."""
    booked = appointment.changes.filter(kind=Change.Kind.BOOKED).first()
    facts = booked.facts if booked else {}
    return ByStaff(user, free_of_charge="waived" in facts, at_practice="at_practice" in facts)


def require_same_terms(appointment: Appointment, staff: ByStaff) -> None:
    """Raise NotOnOffer, with a sentence for staff, if the service is not offered as it was when this was booked."""
    provider, service = appointment.provider, appointment.service
    if not offers.find(provider.slug, service.slug):
        raise NotOnOffer(_("This service is no longer on offer with this provider, so nothing was booked."))
    wanted = Appointment.copied_from(provider, service, appointment.appointment_time)
    staff.decide_how_it_is_paid(wanted)
    if terms(wanted) != terms(appointment):
        raise NotOnOffer(
            _(
                "The price, the length or the terms have changed meanwhile, so nothing was booked. "
                "Book that time as a new appointment."
            )
        )


def terms(appointment: Appointment) -> tuple[object, ...]:
    """What a client agrees to besides the time. What was paid by link since then has changed none of it."""
    due = (appointment.price, appointment.due_online_as_booked, appointment.currency)
    return (*due, appointment.duration, appointment.cancellation_policy)


def book_once(diary: Diary, moment: datetime, reference: str, **facts: Any) -> Appointment:
    """Book a time under a reference, or find that booking if it was made before.

    Raises SlotTaken, BookedAlready or NotOnOffer.
    """
    facts |= {"provider": diary.provider, "appointment_time": moment}
    if found := booked_before(reference, **facts):
        return found
    diary.require_on_offer(moment)
    try:
        return Appointment.objects.book(spare_reference=reference, **facts)
    except SlotTaken:
        # The same form may have been sent twice at the same moment, and the other one was first.
        if found := booked_before(reference, **facts):
            return found
        raise


def booked_before(
    reference: str, provider: Provider, service: Service, appointment_time: datetime, staff: ByStaff, **client: str
) -> Appointment | None:
    """The booking that this time with these details has under the reference. Raises BookedAlready if others are kept.

    What has that reference and is at another time, or does not stand any more, is another booking.
    """
    found = Appointment.objects.select_related("provider", "service").filter(reference=reference).first()
    if not found or not found.stands:
        return None
    if (found.provider, found.appointment_time) != (provider, appointment_time):
        return None
    wanted = Appointment.copied_from(provider, service, appointment_time)
    staff.decide_how_it_is_paid(wanted)
    for name, value in client.items():
        setattr(wanted, name, value)
    if not found.is_same_booking_as(wanted) or client.get("language", found.language) != found.language:
        raise BookedAlready(found)
    return found
