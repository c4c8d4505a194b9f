"""Finding a client by a few letters or digits, and what they have booked."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from booking.models import Appointment
from booking.models.search import A_PAGE, newest_identified, of_address
from booking.responses import page
from booking.text import printable
from staff.access import LOOK, DeskRequest, appointments_of, desk

# So many appointments are read of one client, whose whole email address or phone number was typed. Of all whom a few
# letters fit it is a page, the latest first: whoever finds more has to type more of a name.
MOST_OF_ONE = 500
PEOPLE, OF_EACH = 10, 5
LONGEST = 100


class Some(NamedTuple):
    """The first of several appointments, and how many more there are."""

    shown: Sequence[Appointment]
    more: int

    @classmethod
    def of(cls, appointments: Sequence[Appointment], all_of_them: bool) -> "Some":
        shown = appointments if all_of_them else appointments[:OF_EACH]
        return cls(shown, len(appointments) - len(shown))


class Person(NamedTuple):
    """A client, as the latest of their appointments has the details."""

    latest: Appointment
    coming: Some
    """The next one first."""
    past: Some
    """The latest one first, and with them those ahead that were cancelled or given back."""

    @property
    def more(self) -> int:
        return self.coming.more + self.past.more

    @property
    def identified_by(self) -> str:
        """What finds this person and nobody else."""
        return self.latest.client_email or self.latest.client_phone


@require_safe
@desk(LOOK)
def find(request: DeskRequest) -> HttpResponse:
    """List the appointments of the people whom the query's `q` fits, each person's together."""
    wanted = printable(request.GET.get("q", "").strip())[:LONGEST]
    found = found_for(request.user, wanted) if wanted else None
    return page(request, "staff/find.html", {"wanted": wanted, "found": found})


def found_for(user: User, wanted: str) -> "Found":
    """What the one client has booked whose email address or phone number that is, or else whatever it fits."""
    seen = appointments_of(user)
    of_one = Found(of_address(seen, wanted), MOST_OF_ONE)
    return of_one if of_one.people else Found(newest_identified(seen, wanted), A_PAGE)


class Found:
    """The latest of the fitting appointments, at most so many, by the people who have booked them."""

    def __init__(self, fitting: QuerySet[Appointment], most: int) -> None:
        appointments = list(fitting.order_by("-appointment_time", "-pk")[: most + 1])
        self.most, self.are_all = most, len(appointments) <= most
        by_person: dict[str, list[Appointment]] = {}
        for one in appointments[:most]:
            by_person.setdefault(one.client_mailbox or one.client_phone or one.client_name, []).append(one)
        alone = len(by_person) == 1
        self.people = [person(theirs, alone) for theirs in islice(by_person.values(), PEOPLE)]
        self.more_people = len(by_person) - len(self.people)


def person(theirs: list[Appointment], all_of_them: bool) -> Person:
    coming = [one for one in reversed(theirs) if is_coming(one)]
    past = [one for one in theirs if not is_coming(one)]
    return Person(theirs[0], Some.of(coming, all_of_them), Some.of(past, all_of_them))


def is_coming(appointment: Appointment) -> bool:
    return appointment.state in appointment.OCCUPYING and appointment.end > timezone.now()
