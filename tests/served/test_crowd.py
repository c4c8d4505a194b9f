"""Twenty clients want one time at one instant, from several server processes: one gets it, and nineteen get 409."""

import time
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from itertools import cycle, islice, product
from statistics import median

import pytest

from tests.factories import in_days, make_provider, make_service
from tests.gunicorn import ROOM_FOR_ALL, collect_static_files, gunicorn, quiet_session
from tests.pages import form_of
from tests.shapes import booking_form, booking_json

CLIENTS, ROUNDS = 20, 10
pytestmark = pytest.mark.django_db(transaction=True)
# A round normally takes some tenths of a second. Deadlocks would make every round slow, which the median shows. To wait
# for a lock in vain takes 20 seconds, which the maximum shows. One round may be slow because the machine is busy.
MEDIAN_SECONDS, MOST_SECONDS = 3, 15


@pytest.fixture(scope="module")
def servers(database_url):
    collect_static_files()
    with ExitStack() as running:
        yield [running.enter_context(gunicorn(DATABASE_URL=database_url, **ROOM_FOR_ALL)).address for _ in range(2)]


def program(server, provider, service, at):
    """Return a function that books over the API and returns the HTTP status."""
    session = quiet_session()
    session.get(f"{server}/healthz", timeout=30)  # this opens the connection before the race begins
    wish = booking_json(provider=provider.name, at=at)
    return lambda: session.post(f"{server}/api/appointments", json=wish, timeout=30).status_code


def browser(server, provider, service, at):
    """Open the page with the form. Return a function that sends the form and returns the HTTP status."""
    session = quiet_session()
    chosen = {"provider": provider.slug, "service": service.slug}
    form = session.get(server, params={**chosen, "time": at.isoformat()}, timeout=30).text
    wish = {**form_of(form), **booking_form(**chosen, at=at)}
    answered = partial(session.post, server, params=chosen, timeout=30, allow_redirects=False)
    return lambda: answered(data=wish).status_code


SUCCESS = {program: 201, browser: 303}


@pytest.mark.parametrize("client", SUCCESS)
@pytest.mark.parametrize(
    ("service", "minutes_after_ten"),
    [
        pytest.param({"minutes": 30}, [0], id="same time"),
        pytest.param({"minutes": 60}, [0, 15, 30, 45], id="overlapping times"),
        pytest.param({"minutes": 15, "buffer": 45}, [0, 15, 30, 45], id="times within the buffer"),
    ],
)
def test_one_of_a_crowd_gets_the_time(servers, together, client, service, minutes_after_ten):
    offered = make_service(**service)
    provider = make_provider(services=[offered])
    rounds = []
    for day in range(1, 1 + ROUNDS):
        ten = in_days(day, "10:00", provider=provider)
        times = [ten + timedelta(minutes=after) for after in minutes_after_ten]
        crowd = islice(cycle(product(servers, times)), CLIENTS)
        posts = together(*(partial(client, server, provider, offered, at) for server, at in crowd))

        began = time.monotonic()
        statuses = together(*posts)
        rounds.append(time.monotonic() - began)

        assert sorted(statuses) == [SUCCESS[client]] + [409] * (CLIENTS - 1)
        assert provider.appointments.occupying().count() == provider.appointments.count() == day
    print("Seconds:", [round(seconds, 2) for seconds in rounds])
    assert (median(rounds) < MEDIAN_SECONDS, max(rounds) < MOST_SECONDS) == (True, True)
