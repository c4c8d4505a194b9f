"""A site under attack: how its clients reach it, and whether anything that they were promised was lost."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from subprocess import CompletedProcess

import psycopg
import requests
from requests.adapters import HTTPAdapter

from tests.gunicorn import quiet_session
from tests.manage import manage
from tests.pages import form_of
from tests.shapes import booking_json, slots_address

# Seconds that a client waits for an answer, unless an attack says otherwise.
PATIENCE = 30
# What is booked: the first provider of the demonstration, and the first service.
PROVIDER, SLUG, SERVICE = "Dr Aoife Brennan", "dr-aoife-brennan", "consultation"
# On Linux, all of 127.0.0.0/8 is this machine, so each of these addresses is a client with a network of its own.
CLIENT, OTHER, ATTACKER = "127.0.0.2", "127.0.0.3", "127.6.6.6"
Answer = requests.Response | None


class From(HTTPAdapter):
    """Send from this IP address."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: object, **options: object) -> None:
        super().init_poolmanager(*args, **options, source_address=(self.address, 0))


def session_of(network: str) -> requests.Session:
    """Return a browser of its own, with cookies and connections that nobody shares."""
    session = quiet_session()
    session.mount("http://", From(network))
    return session


def at_once(count: int, ask: Callable[[int], Answer], threads: int = 8) -> list[Answer]:
    """Ask so many times, from several threads, and return the answers."""
    with ThreadPoolExecutor(threads) as crowd:
        return list(crowd.map(ask, range(count)))


@dataclass
class Site:
    address: str
    environment: dict[str, str]
    booked: set[str] = field(default_factory=set)
    """The references of all appointments that were promised to a client."""

    def ask(
        self, method: str, path: str, *, of: str = CLIENT, browser: requests.Session | None = None, **options: object
    ) -> Answer:
        """Send one request from the network `of` a client. Return the answer, or None if there is none in time."""
        url = path if path.startswith("http") else self.address + path
        with browser or session_of(of) as session:
            try:
                return session.request(method, url, **{"timeout": PATIENCE, "allow_redirects": False, **options})
            except requests.RequestException:
                return None

    def get(self, path: str, **options: object) -> Answer:
        return self.ask("GET", path, **options)

    def post(self, path: str, **options: object) -> Answer:
        return self.ask("POST", path, **options)

    def submit(self, browser: requests.Session, page: str, to: str = "", **typed: str) -> Answer:
        """Open a page in a browser, fill its form in and send it."""
        form = form_of(self.get(page, browser=browser).text)
        return self.post(to or page, browser=browser, data={**form, **typed})

    def slots(self) -> list[str]:
        """Return free times of the next weeks."""
        days = [datetime.now(UTC).date() + timedelta(days=days) for days in range(2, 16)]
        answers = [self.get(slots_address(SLUG, SERVICE, date=day)) for day in days]
        return [slot for answer in answers for slot in answer.json()["slots"][::2]]

    def book(self, slot: str, *, of: str = CLIENT, **optional: str) -> Answer:
        """Book a time over the API, and remember what was promised."""
        wish = booking_json(provider=PROVIDER, at=slot, email=f"client@{of}.example", **optional)
        answer = self.post("/api/appointments", of=of, json=wish)
        if answer is not None and answer.status_code == 201:
            self.booked.add(answer.json()["reference"])
        return answer

    def manage(self, *command: str) -> CompletedProcess:
        return manage(*command, **self.environment)

    def rows(self, sql: str) -> list[tuple]:
        url = self.environment["DATABASE_URL"]
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
                return connection.execute(sql).fetchall()
        with psycopg.connect(url) as connection:
            return connection.execute(sql).fetchall()

    def count(self, table: str) -> int:
        [[rows]] = self.rows(f"SELECT count(*) FROM {table}")
        return rows

    def lost(self) -> str:
        """Compare what clients were promised with the rows that there are."""
        there = {reference for [reference] in self.rows("SELECT reference FROM booking_appointment")}
        found = {
            "{} appointments that were promised": self.booked - there,
            "{} appointments are there that nobody was promised": there - self.booked,
        }
        return ", ".join(what.format(len(which)) for what, which in found.items() if which) or "nothing"
