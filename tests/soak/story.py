"""Compare the changes in our database with what staff pressed, and with what has become of each appointment."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from booking.models import Appointment, Change
from booking.schedule.in_a_row import MOST
from payments.models import Refund
from tests.soak.practice import Practice, Press

KIND = Change.Kind
BY_CLIENTS = {KIND.MOVED, KIND.CANCELLED}
BY_STAFF = (Refund.Reason.STAFF, Refund.Reason.BY_HAND)


def wrong(practice: Practice) -> Iterator[str]:
    """Yield a line for everything that is wrong."""
    changes: dict[int, list[Change]] = defaultdict(list)
    for change in Change.objects.order_by("at", "pk"):
        changes[change.appointment_id].append(change)
    yield from not_pressed(practice, [change for story in changes.values() for change in story])
    for appointment in Appointment.objects.all():
        story = changes[appointment.pk]
        yield from (f"Appointment {appointment.pk}: {what}" for what in amiss(appointment, story))


def not_pressed(practice: Practice, changes: list[Change]) -> Iterator[str]:
    """A change was pressed by whoever it names, and whatever somebody was told is done is a change."""
    logins = {press.by for press in practice.done}
    rows = Counter(Press(one.appointment_id, one.kind, one.by_name) for one in changes if one.by_name in logins)
    for press in rows.keys() | practice.done.keys():
        told, perhaps = practice.done[press], practice.perhaps_done[press]
        if press.kind == KIND.BOOKED:
            perhaps = MOST * practice.perhaps_done[press._replace(appointment=0)]
        if not told <= rows[press] <= told + perhaps:
            yield f"{press} is written down {rows[press]} times, was done {told} times and perhaps {perhaps} more."
    for one in changes:
        if not one.by_name and one.kind not in BY_CLIENTS:
            yield f"Appointment {one.appointment_id} was {one.kind} by nobody."


def amiss(appointment: Appointment, story: list[Change]) -> Iterator[str]:
    """Replay the changes, and yield what they would have made other than it is."""
    of = {kind: [one for one in story if one.kind == kind] for kind in KIND}
    if not joined(of[KIND.MOVED], appointment.appointment_time):
        yield "its moves do not lead to its time."
    cancelled = appointment.status == Appointment.Status.CANCELLED
    if appointment.sequence != len(of[KIND.MOVED]) + (cancelled and appointment.confirmed_at is not None):
        yield f"its sequence is {appointment.sequence}, after {len(of[KIND.MOVED])} moves."
    if [Decimal(one.facts["refund"]) for one in of[KIND.CANCELLED]] != [appointment.refund_due] * cancelled:
        yield "it was not cancelled once, with the refund that is due."
    if no_show(story) != bool(appointment.no_show_at):
        yield "whether the client came is not what was written down last."
    if (deadline := last_deadline(story)) and deadline != appointment.kept_until:
        yield f"it is kept until {appointment.kept_until} instead of {deadline}."
    if sum(Decimal(one.facts["amount"]) for one in of[KIND.RETURNED]) != returned_by_staff(appointment):
        yield "staff decided on another sum than they returned."
    if of[KIND.BOOKED] and len(of[KIND.BOOKED]) != 1:
        yield "it was booked twice."


def joined(moves: list[Change], now_at: datetime) -> bool:
    """Tell whether each move begins where the one before ended, and the last one ends at the present time."""
    times = [[datetime.fromisoformat(move.facts[name]) for name in ("was", "became")] for move in moves]
    return all(end == begin for (_, end), (begin, _) in pairwise([*times, [now_at, now_at]]))


def no_show(story: list[Change]) -> bool:
    about = [one.kind for one in story if one.kind in (KIND.NO_SHOW, KIND.CAME, KIND.MOVED)]
    return about[-1:] == [KIND.NO_SHOW]


def last_deadline(story: list[Change]) -> datetime | None:
    """The deadline that was given last. A move to a time before it brings it forward, and "until it begins" follows."""
    deadline = None
    for one in story:
        if one.kind == KIND.KEPT_LONGER:
            deadline = datetime.fromisoformat(one.facts["until"])
        if one.kind == KIND.MOVED and deadline:
            was, became = (datetime.fromisoformat(one.facts[name]) for name in ("was", "became"))
            deadline = became if deadline == was else min(deadline, became)
    return deadline


def returned_by_staff(appointment: Appointment) -> Decimal:
    decided = Refund.objects.filter(
        payment__appointment=appointment, reason__in=[Refund.Reason.STAFF, Refund.Reason.BY_HAND]
    )
    return sum((refund.decimal_amount for refund in decided.select_related("payment")), Decimal(0))
