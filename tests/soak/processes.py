"""The servers of the site and of Stripe, and the ticks. Any of them may be killed at any moment."""

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.gunicorn import PRODUCTION, Server, gunicorn
from tests.manage import manage

TICKS, TICK_EVERY = 4, 1
# A payment needs three threads at once: Stripe's for the pay page, the site's for the webhook that this sends, and
# another of Stripe's for the question that the site then asks.
SITE = {"workers": 3, "threads": 16}
STRIPE = {"workers": 2, "threads": 16}


@dataclass
class Processes:
    environment: dict[str, str]
    log: Path
    mails: Path
    """The file in which the mail server writes a line for each mail."""
    site: Server
    stripe: Server
    ticks: list[subprocess.Popen] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)

    def start_tick(self) -> None:
        with self.log.open("a") as log:
            command = [sys.executable, "manage.py", "tick", "--every", str(TICK_EVERY)]
            self.ticks.append(subprocess.Popen(command, env=self.environment, stdout=log, stderr=log))

    def kill_one(self, chance: random.Random) -> None:
        """Kill a worker or a tick by SIGKILL. gunicorn starts another worker, and this another tick, like systemd."""
        kind = chance.choice(["site", "site", "stripe", "tick"])
        self.kills[kind] += 1
        if kind == "tick":
            self.ticks.pop(0).kill()
            self.start_tick()
        else:
            workers = psutil.Process(getattr(self, kind).pid).children()
            chance.choice(workers).kill()

    def manage(self, *command: str) -> subprocess.CompletedProcess:
        """Run one of the product's own commands to its end, with the settings of the soak."""
        return manage(*command, **self.environment)


@contextmanager
def processes(folder: Path, ports: tuple[int, int], **environment: str) -> Iterator[Processes]:
    """Run site and Stripe on those two ports, and the ticks; all their output goes to a log in that folder."""
    site, stripe = (f"http://127.0.0.1:{port}" for port in ports)
    told = {"SITE_URL": site, "STRIPE_API_BASE": f"{stripe}/stripe-sandbox", "DATABASE_POOL": "16", **environment}
    log, mails = folder / "soak.log", folder / "mails"
    told |= {"DJANGO_SETTINGS_MODULE": "tests.soak.settings", "SOAK_MAILS": str(mails)}
    with log.open("a") as said, ExitStack() as running:
        running.enter_context(redirect_stdout(said))
        servers = [
            running.enter_context(gunicorn(port=port, **size, **told))
            for port, size in zip(ports, (SITE, STRIPE), strict=True)
        ]
        started = Processes({**os.environ, **PRODUCTION, "STRIPE_SANDBOX": "1", **told}, log, mails, *servers)
        running.callback(lambda: [tick.kill() for tick in started.ticks])
        for _ in range(TICKS):
            started.start_tick()
        yield started
