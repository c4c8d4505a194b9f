"""What became of those who wait, and of the times that were given back: counted from the rows and the answers.

That nobody was told twice, and no time sold twice, is what `audit` says of the same rows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Exists

from booking.models import Appointment, Change, WaitingEntry, WaitingOffer
from payments.audit_of_the_waiting_list import others_of_that_time

Moment = tuple[int, datetime]
"""The key of a provider, and when a time of theirs begins."""
BY_TWO = "a freed time that two pressed at once"
# What depends on how soon a freed time is found, mailed, and pressed.
BY_TIMING = (
    "… and taken by who was told",
    "… and passed on to the next",
    "… and pressed by two at once, of whom one got it",
    "who waited and has booked or moved since",
    "who waited and never answered five times",
)


def became(answers: Counter[str]) -> dict[str, int]:
    """Count each thing that a soak has to meet, or it proves nothing about the waiting list."""
    offers = list(WaitingOffer.objects.all())
    ended = Counter(WaitingEntry.objects.values_list("ending", flat=True))
    return {
        "wishes to be told of a freed time": WaitingEntry.objects.count(),
        "… with anyone": WaitingEntry.objects.filter(provider=None).count(),
        "… of strangers, who never confirm it": answers["strangers who were asked"],
        "freed times offered": len(offers),
        **{f"… that were {how}": sum(moment_of(one) in those for one in offers) for how, those in freed().items()},
        "… and taken by who was told": len(taken_by() & {(*moment_of(one), one.mailbox) for one in offers}),
        "… and passed on to the next": WaitingOffer.objects.filter(Exists(others_of_that_time())).count(),
        "… and pressed by two at once, of whom one got it": answers[f"{BY_TWO}: 1 got it"],
        "who waited and has booked or moved since": ended[WaitingEntry.Ending.BOOKED],
        "who waited and ended it at one press": ended[WaitingEntry.Ending.BY_OWNER],
        "who waited and never answered five times": ended[WaitingEntry.Ending.NO_ANSWER],
    }


def moment_of(offer: WaitingOffer) -> Moment:
    return offer.provider_id, offer.appointment_time


def freed() -> dict[str, set[Moment]]:
    """When a time was given back, by how. In the soak all appointments begin at a quarter, and last one."""
    changes = Change.objects.select_related("appointment")
    cancelled, moved = (changes.filter(kind=kind) for kind in (Change.Kind.CANCELLED, Change.Kind.MOVED))
    not_paid = Appointment.objects.filter(status=Appointment.Status.EXPIRED)
    return {
        "not paid": set(not_paid.values_list("provider", "appointment_time")),
        "cancelled by clients": set(times_of(cancelled.filter(by_name=""))),
        "moved away by clients": set(left_by(moved.filter(by_name=""))),
        "given back at the desk": {
            *times_of(cancelled.exclude(by_name="")),
            *left_by(moved.exclude(by_name="")),
        },
    }


def times_of(changes: Iterable[Change]) -> Iterator[Moment]:
    return ((one.appointment.provider_id, one.appointment.appointment_time) for one in changes)


def left_by(moves: Iterable[Change]) -> Iterator[Moment]:
    return ((one.appointment.provider_id, datetime.fromisoformat(one.facts["was"])) for one in moves)


def taken_by() -> set[tuple[int, datetime, str]]:
    """Whose appointment was confirmed at a time, or moved to it, with the mailbox."""
    confirmed = Appointment.objects.exclude(confirmed_at=None)
    moves = Change.objects.filter(kind=Change.Kind.MOVED).select_related("appointment")
    moved = (
        (one.appointment.provider_id, datetime.fromisoformat(one.facts["became"]), one.appointment.client_mailbox)
        for one in moves
    )
    return {*confirmed.values_list("provider", "appointment_time", "client_mailbox"), *moved}
