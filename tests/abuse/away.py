"""PostgreSQL is away for ten seconds, and then back."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.abuse.floods import deliver
from tests.abuse.site import CLIENT, Answer, Site, at_once
from tests.abuse.stage import Finding, Stage, audited, finding, statuses
from tests.manage import ROOT

SECONDS = 10


def attack(stage: Stage) -> Iterator[Finding]:
    with stage.site("postgresql") as site, tick(site) as ticking:
        slots = site.slots()
        site.book(slots[0])
        at_once(16, lambda number: site.get("/"), threads=16)
        stage.server.kill()
        gone = time.monotonic()
        during = {
            "A page": site.get("/"),
            "A booking": site.book(slots[1]),
            "An event of Stripe's": deliver(site, 1, CLIENT),
            "/readyz": site.get("/readyz"),
        }
        alive = site.get("/healthz")
        time.sleep(max(0, gone + SECONDS - time.monotonic()))
        stage.server.start()
        back = time.monotonic()
        first = site.get("/")
        waited = time.monotonic() - back
        after = at_once(32, lambda number: site.get("/"), threads=16)
        for what, answer in during.items():
            yield finding(site, f"{what} while PostgreSQL is away", answer, is_told(what, answer))
        yield finding(site, "/healthz while PostgreSQL is away", alive, alive.status_code == 200)
        yield finding(site, f"The first page afterwards, in {waited:.1f} s", first, first.status_code == 200)
        yield finding(site, "32 more pages", f"{sorted(statuses(after))}", statuses(after) == {200})
        answer = site.book(slots[1])
        yield finding(site, "The same booking once more", answer, answer.status_code == 201)
        went_round = goes_round(site, ticking)
        yield finding(site, "tick, which ran all the time", "goes round again" if went_round else "stands", went_round)
        yield audited(site)


def is_told(what: str, answer: Answer) -> bool:
    """Whether the answer says to come again. What asks /readyz comes again anyhow."""
    return answer is not None and answer.status_code == 503 and (what == "/readyz" or "Retry-After" in answer.headers)


@contextmanager
def tick(site: Site) -> Iterator[subprocess.Popen]:
    command = [sys.executable, "manage.py", "tick", "--every", "1"]
    environment = {**os.environ, **site.environment}
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def goes_round(site: Site, ticking: subprocess.Popen) -> bool:
    """Wait for a heartbeat that is later than now."""
    now, give_up = time.time(), time.monotonic() + 60
    while ticking.poll() is None and time.monotonic() < give_up:
        beats = site.rows("SELECT extract(epoch FROM max(at)) FROM payments_heartbeat")
        if beats[0][0] and float(beats[0][0]) > now:
            return True
        time.sleep(0.5)
    return False
