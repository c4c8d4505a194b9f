"""The requests that are measured: those that a browser and a program send to book a time."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import urlencode

from booking.models import Appointment, Provider
from tests.bench.load import Request
from tests.bench.practice import free_times
from tests.gunicorn import Server, quiet_session
from tests.pages import form_of
from tests.shapes import HTMX, booking_form, booking_json, slots_address

READS, BOOKINGS = 200, 60
# Browsers accept compressed answers, and so do the HTTP libraries of programs.
COMPRESSED = {"Accept-Encoding": "gzip, deflate, br"}


@dataclass(frozen=True)
class Target:
    name: str
    status: int
    requests: Callable[[], Sequence[Request]]
    """It is called anew for each round, since no time can be booked twice."""


def reads(name: str, path: str, **headers: str) -> Target:
    return Target(name, 200, lambda: [Request(path, headers={**COMPRESSED, **headers})] * READS)


def targets(server: Server) -> list[Target]:
    provider = Provider.objects.bookable()[0]
    chosen = f"/?{urlencode(choice(provider))}"
    day = next(moment.date() for of, moment in free_times() if of == provider)
    slots = slots_address(**choice(provider), date=day)
    return [
        reads("Who and what: /", "/"),
        reads("Calendar and times", chosen),
        reads("  the same, as a partial", chosen, **HTMX),
        reads("Slots of a day, JSON", slots),
        Target("Booking, JSON", 201, lambda: [program_books(*time) for time in times_to_book()]),
        Target("Booking, the page's form", 303, lambda: browsers_book(server)),
    ]


def choice(provider: Provider) -> dict[str, str]:
    return {"provider": provider.slug, "service": provider.offered[0].slug}


def times_to_book() -> list[tuple[Provider, datetime]]:
    """Delete what the last round booked, so that each round meets the same diary, and return times to book."""
    Appointment.objects.filter(status="held").delete()
    times = free_times()
    return list(islice(times, 0, None, len(times) // BOOKINGS))[:BOOKINGS]


def program_books(provider: Provider, moment: datetime) -> Request:
    wish = booking_json(provider=provider.name, at=moment)
    return Request("/api/appointments", "POST", json.dumps(wish), {**COMPRESSED, "Content-Type": "application/json"})


def browsers_book(server: Server) -> list[Request]:
    """Return one request for each time to book. All of them send the CSRF token of one page.

    None sends the cookie in which a browser keeps what it holds, so that each counts as another browser.
    """
    times = times_to_book()
    provider, moment = times[0]
    with quiet_session() as session:
        form = session.get(server.address, params={**choice(provider), "time": moment.isoformat()}).text
        token = form_of(form)["csrfmiddlewaretoken"]
        cookie = {"Cookie": f"csrftoken={session.cookies['csrftoken']}"}
    return [browser_books(*time, token, cookie) for time in times]


def browser_books(provider: Provider, moment: datetime, token: str, cookie: dict[str, str]) -> Request:
    form = booking_form(**choice(provider), at=moment, csrfmiddlewaretoken=token)
    headers = {**COMPRESSED, **cookie, "Content-Type": "application/x-www-form-urlencoded"}
    return Request("/", "POST", urlencode(form), headers)
