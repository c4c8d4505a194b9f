"""Serve django-appointment with the product's practice, and visit it.

Of its two ways to book this is the shorter one: the client has an account and is signed in. Without an account there is
a third form, for a code that comes by mail.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from tests.bench.load import COMPRESSED, Request, Visit
from tests.bench.practice import FEW, MANY, Practice, Time
from tests.bench.targets import BOOKING, CHOOSING, SLOTS, Target, Visits, look_at
from tests.gunicorn import Server, quiet_session

NAME = "django-appointment"
PYTHON = Path(".venv-peer/bin/python")
AJAX = {"X-Requested-With": "XMLHttpRequest"}
# Django takes any two tokens of this length, if that of the form and that of the cookie are equal.
TOKEN = "b" * 32


class Peer:
    """The site, on a database of its own beside the product's."""

    def __init__(self, practice: Practice, product_url: str, visits: Visits) -> None:
        self.practice, self.visits = practice, visits
        self.times = practice.take_times(visits.changing)
        self.url = f"{product_url.rpartition('/')[0]}/peer"
        self.environment = {"DJANGO_SETTINGS_MODULE": "tests.bench.peer.settings", "DATABASE_URL": self.url}
        with psycopg.connect(product_url, autocommit=True) as server:
            server.execute("DROP DATABASE IF EXISTS peer WITH (FORCE)")
            server.execute("CREATE DATABASE peer")
        facts = self.fill(product_url, visits.changing)
        self.version, self.clients = facts["version"], facts["clients"]
        self.together, self.alone = facts["services"]
        with psycopg.connect(self.url) as database:
            self.last = database.execute("SELECT coalesce(max(id), 0) FROM appointment_appointment").fetchone()[0]

    def fill(self, product_url: str, clients: int) -> dict:
        command = [PYTHON, "-m", "tests.bench.peer", product_url, str(clients)]
        said = subprocess.run(command, env={**os.environ, **self.environment}, stdout=subprocess.PIPE, check=True)
        return json.loads(said.stdout.splitlines()[-1])

    @property
    def gunicorn(self) -> dict[str, str]:
        """The arguments with which gunicorn serves the site."""
        return {"python": str(PYTHON), **self.environment}

    def targets(self, server: Server) -> list[Target]:
        self.require_same_times(server)
        one, all_of_them = (look_at(f"/appointment/request/{service}/") for service in (self.alone, self.together))
        days_off, slots = (look_at(self.ajax(name), **AJAX) for name in ("request_staff_info", "available_slots"))
        return [
            Target(f"{NAME}: page, one provider", 200, self.visits.like([one])),
            Target(f"{NAME}: page, {MANY - FEW + 1} providers", 200, self.visits.like([all_of_them])),
            Target(f"{NAME}: page and times", 200, self.visits.like([one, days_off, slots]), compared=CHOOSING),
            Target(f"{NAME}: slots of a day, JSON", 200, self.visits.like([slots]), compared=SLOTS),
            Target(f"{NAME}: booking, two forms", 302, self.bookings, compared=BOOKING),
        ]

    def require_same_times(self, server: Server) -> None:
        """Raise RuntimeError if the measured provider has other free times on the measured day than in the product."""
        with quiet_session() as session:
            answer = session.get(server.address + self.ajax("available_slots"), headers=AJAX).json()
        theirs = [datetime.fromisoformat(slot) for slot, _ in answer["available_slots"]]
        zone = self.practice.measured.zone
        ours = [moment.astimezone(zone).replace(tzinfo=None) for moment in self.practice.free_on_day]
        if theirs != ours:
            raise RuntimeError(f"The two sites offer different times: {ours} and {theirs}.")

    def ajax(self, name: str) -> str:
        """The address at which the page's script asks about the measured day."""
        asked = {
            "selected_date": self.practice.day,
            "staff_member": self.practice.measured.pk,
            "service_id": self.alone,
        }
        return f"/appointment/ajax/{name}/?{urlencode(asked)}"

    def bookings(self) -> Sequence[Visit]:
        """Bookings of the same times in each round, each by another client."""
        with psycopg.connect(self.url) as database:
            database.execute("DELETE FROM appointment_appointment WHERE id > %s", [self.last])
            database.execute("DELETE FROM appointment_appointmentrequest WHERE id > %s", [self.last])
            database.execute("DELETE FROM django_q_ormq")
        return [self.booking(*pair) for pair in zip(self.times, self.clients, strict=True)]

    def booking(self, time: Time, session: str) -> Visit:
        provider, moment = time
        starts = moment.astimezone(provider.zone)
        chosen = {
            "date": starts.date(),
            "start_time": f"{starts:%H:%M}",
            "end_time": f"{starts + timedelta(minutes=25):%H:%M}",
            "service": self.together,
            "staff_member": provider.pk,
        }
        typed = {"name": "Jo Byrne", "phone_0": "IE", "phone_1": "0871234567", "payment_type": "full"}
        return [submit("/appointment/request-submit/", session, chosen), submit("", session, typed)]


def submit(path: str, session: str, form: dict) -> Request:
    cookies = f"sessionid={session}; csrftoken={TOKEN}"
    headers = {**COMPRESSED, "Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    return Request(path, "POST", urlencode({**form, "csrfmiddlewaretoken": TOKEN}), headers)
