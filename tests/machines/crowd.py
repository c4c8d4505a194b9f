"""The clients of the soak, each with an IP address of their own, and everything that they were answered."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Event
from typing import NamedTuple

import requests
from requests.adapters import HTTPAdapter

from tests.gunicorn import quiet_session
from tests.soak.practice import Practice
from tests.soak.visits import visit

BOOKED = (201, 303)


class Answer(NamedTuple):
    """What somebody was answered, and when, in seconds since 1970. The status 0 stands for no answer."""

    at: float
    what: str
    status: int
    retry_after: str


class From(HTTPAdapter):
    """Connect from this IP address."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: object, **options: object) -> None:
        super().init_poolmanager(*args, **options, source_address=(self.address, 0))


class WatchedPractice(Practice):
    """It keeps every answer, and the reference of each appointment of which a client was told that it is booked."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.given: list[Answer] = []
        self.told: set[str] = set()

    def session_from(self, address: str) -> requests.Session:
        session = quiet_session()
        session.mount("https://", From(address))
        session.headers["Origin"] = self.address  # as a browser does; over https Django wants to know it
        # When nginx reads its configuration anew, it closes connections that wait for another request. A browser that
        # sends one in this very moment sends it again by itself; this client would not.
        session.headers["Connection"] = "close"
        return session

    def answered(self, step: str, answer: requests.Response | None) -> None:
        super().answered(step, answer)
        status, headers = (0, {}) if answer is None else (answer.status_code, answer.headers)
        self.given.append(Answer(time.time(), step, status, headers.get("Retry-After", "")))
        if is_booking(step) and status in BOOKED:
            self.told.add(headers["Location"].rstrip("/").rpartition("/")[2])

    def untold(self) -> int:
        """Count the bookings that were sent and failed, after which an appointment may or may not be there."""
        return sum(is_booking(answer.what) and answer.status not in range(1, 500) for answer in self.given)


def is_booking(step: str) -> bool:
    return step in ("book", "book (API)", "book beside another (API)")


@contextmanager
def crowd(practice: Practice, seed: int, at_once: int) -> Iterator[None]:
    """Let in clients, `at_once` of them at a time, until the block is left. Raises what went wrong with a client."""
    over, numbers = Event(), count()

    def keep_coming() -> None:
        while not over.is_set():
            visit(practice, seed, next(numbers))

    with ThreadPoolExecutor(at_once) as clients:
        coming = [clients.submit(keep_coming) for _ in range(at_once)]
        try:
            yield
        finally:
            over.set()
    for one in coming:
        one.result()
