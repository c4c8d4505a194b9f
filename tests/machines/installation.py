"""All machines with what runs on them, and what is done to them while clients come."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from payments.models import Heartbeat
from tests.machines.crowd import Answer
from tests.machines.network import build, trusted_certificate
from tests.machines.proxy import Proxy
from tests.machines.services import Database, Stripe, Tick, Web, wait_until
from tests.repository import ROOT

WEBS, TICKS = ("web1", "web2", "web3"), ("tick1", "tick2")
# Seconds that PostgreSQL stays away.
AWAY = 10
# Seconds after which nobody may notice any more that it was.
RECOVERS_WITHIN = 15
# So many requests each web process must answer, once it is started, before anything else is touched.
ENOUGH = 10


@dataclass(frozen=True)
class Absence:
    """When PostgreSQL went, when it was there again, and when all web processes were ready; in seconds since 1970."""

    began: float
    ended: float
    recovered: float

    def explains(self, answer: Answer) -> bool:
        """Tell whether this is the answer that is due while PostgreSQL is away: come again in a moment."""
        during = self.began <= answer.at <= self.ended + RECOVERS_WITHIN
        return during and answer.status == 503 and bool(answer.retry_after)


class Installation:
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        machines = build(folder, [*WEBS, *TICKS, "book", "database", "stripe"])
        tls = trusted_certificate(folder, "book.test", "stripe.test")
        self.database = Database(machines["database"], folder)
        self.stripe = Stripe(machines["stripe"], folder, environment, tls)
        self.webs = [Web(machines[name], folder, environment) for name in WEBS]
        self.ticks = [Tick(machines[name], folder, environment) for name in TICKS]
        self.proxy = Proxy(machines["book"], folder, tls)
        self.stops: list[float] = []

    def start(self) -> None:
        """Start all but PostgreSQL, which has to be there and filled before."""
        for service in (self.stripe, *self.webs, *self.ticks):
            service.start()
        self.proxy.start_with(self.webs)

    def replace(self, release: Path = ROOT) -> None:
        """Stop one process after the other and start it again, with the code of that release."""
        for web in self.webs:
            self.proxy.send_to(other for other in self.webs if other is not web)
            self.stops.append(web.stop())
            web.start(release)
            self.proxy.send_to(self.webs)
            self.wait_for_answers()
        for tick in self.ticks:
            self.stops.append(tick.stop())
            tick.start(release)

    def do_without_postgres(self, leave: Callable[[], None], come_back: Callable[[], None]) -> Absence:
        """Let PostgreSQL be away for a while, and wait until everything works again by itself.

        Raises TimeoutError or RuntimeError if it does not, or if a process says the wrong thing about itself meanwhile.
        """
        connection.close()  # our own, which would be found dead afterwards
        began = time.time()
        leave()
        wait_until(lambda: self.all_say("/readyz", 503), "no process says that it is ready")
        if not self.all_say("/healthz", 200):
            raise RuntimeError("A process says that it must be started again, when only PostgreSQL is away.")
        time.sleep(max(0, began + AWAY - time.time()))
        come_back()
        ended = time.time()
        wait_until(lambda: self.all_say("/readyz", 200), "all processes are ready again")
        recovered = time.time()
        wait_until(lambda: Heartbeat.objects.get().at.timestamp() > ended, "a tick has done a round")
        if not all(tick.is_running() for tick in self.ticks):
            raise RuntimeError("A tick has ended, because PostgreSQL was away.")
        self.wait_for_answers()
        return Absence(began, ended, recovered)

    def all_say(self, path: str, status: int) -> bool:
        return {web.says(path) for web in self.webs} == {status}

    def wait_for_answers(self) -> None:
        since = time.time()
        for web in self.webs:
            wait_until(lambda web=web: self.proxy.answered_by(web, since) >= ENOUGH, f"{web.machine.name} is asked")
