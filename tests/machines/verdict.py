"""What a round must not have done to anybody."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from booking.models import Appointment
from tests.machines.crowd import Answer, WatchedPractice
from tests.machines.installation import Absence, Installation
from tests.soak import mails
from tests.soak.soak import is_no_answer


def wrong(practice: WatchedPractice, machines: Installation, absences: list[Absence], arrived: Path) -> Iterator[str]:
    """Yield a line for everything that is wrong, once all that was owed is done. The mail server wrote `arrived`."""
    yield from not_explained(practice.given, absences)
    yield from not_explained(machines.proxy.answers(), absences)
    yield from not_met(practice.given, absences)
    yield from (f"A client was answered {answer}." for answer in filter(is_no_answer, practice.answers))
    yield from bookings_amiss(practice)
    # Each tick may have been sending a mail each time that PostgreSQL went, and then could not save that it is sent.
    yield from mails.wrong(arrived, killed=len(machines.ticks) * len(absences))


def is_failure(answer: Answer) -> bool:
    return answer.status == 0 or answer.status >= 500


def is_put_off(answer: Answer) -> bool:
    """Tell whether Stripe was told to send an event again, as it did not answer in time what we asked about it.

    That happens on a busy machine. Nobody waits for it, and nothing is lost by it.
    """
    return answer.what == "POST /payments/webhook/" and answer.status == 503


def not_explained(answers: Iterable[Answer], absences: Iterable[Absence]) -> Iterator[str]:
    """Yield a line for each failure for which no absence of PostgreSQL is the reason."""
    for answer in filter(is_failure, answers):
        if not is_put_off(answer) and not any(absence.explains(answer) for absence in absences):
            moment = time.strftime("%H:%M:%S", time.gmtime(answer.at))
            yield f"{moment} {answer.what}: {answer.status or 'no answer'}, Retry-After: {answer.retry_after or 'none'}"


def not_met(answers: Iterable[Answer], absences: Iterable[Absence]) -> Iterator[str]:
    for absence in absences:
        if not any(map(absence.explains, answers)):
            yield "No client came while PostgreSQL was away, so nothing is proved about that."


def bookings_amiss(practice: WatchedPractice) -> Iterator[str]:
    """Compare what clients were told with the appointments that are there, once nothing is held any more."""
    there = set(Appointment.objects.values_list("reference", flat=True))
    yield from (f"{reference} was answered as booked, and is not there." for reference in practice.told - there)
    nobody_knows = there - practice.told
    if len(nobody_knows) > practice.untold():
        yield f"{len(nobody_knows)} appointments of which nobody was told, after {practice.untold()} failed bookings."
    alive = Appointment.objects.filter(reference__in=nobody_knows).exclude(status=Appointment.Status.EXPIRED)
    yield from (f"{one.reference}, of which nobody was told, is {one.status}." for one in alive)
