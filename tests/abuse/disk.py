"""A full disk: under SQLite's file, under PostgreSQL's data, and under the log."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.abuse.floods import deliver
from tests.abuse.site import CLIENT, Answer, Site
from tests.abuse.stage import SETTINGS, Finding, Stage, audited, finding, open_practice
from tests.gunicorn import free_port, stop, wait_for
from tests.postgres import postgres

MEGABYTE = 1_048_576


def attack(stage: Stage) -> Iterator[Finding]:
    yield from full_log(stage)
    if os.geteuid() != 0:
        print("  A full disk under the database is left out: only root can mount a small one.")
        return
    with small_disk(stage.folder / "small", megabytes=8) as disk:
        shutil.copy(stage.sqlite, disk / "practice")
        yield from full_disk(stage, disk, f"sqlite:///{disk / 'practice'}", "SQLite")
    with small_disk(stage.folder / "large", megabytes=200) as disk, postgres(str(disk)) as server:
        open_practice(server.url)
        yield from full_disk(stage, disk, server.url, "PostgreSQL")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "abuse", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def full_disk(stage: Stage, disk: Path, database_url: str, name: str) -> Iterator[Finding]:
    """What is asked while the disk is full is written down afterwards: SQLite cannot even be opened meanwhile."""
    with stage.site(DATABASE_URL=database_url) as site:
        slots = iter(site.slots())
        site.book(next(slots))
        filler = fill(disk)
        refused = book_until_refused(site, slots)
        page, event, tick = site.get("/", of=CLIENT), deliver_until_refused(site), site.manage("tick")
        filler.unlink()
        yield finding(site, f"A booking, {name} on a full disk", refused, is_503(refused))
        yield finding(site, f"A page, {name} on a full disk", page, page.status_code == 200 or is_503(page))
        yield finding(site, f"Events that Stripe signed, {name} on a full disk", event, is_503(event))
        went_round = f"exit {tick.returncode}"
        yield finding(site, f"A round of tick, {name} on a full disk", went_round, tick.returncode == 0)
        answer = site.book(next(slots), of="127.0.0.4")
        yield finding(site, f"A booking once there is room again, {name}", answer, answer.status_code == 201)
        yield audited(site)


def fill(disk: Path) -> Path:
    """Write until there is no room for another byte, and return the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    return filler


def book_until_refused(site: Site, slots: Iterator[str]) -> Answer:
    """Book with long notes, each for a client of its own: there may be room for some in what is allotted already."""
    for number, slot in enumerate(slots):
        answer = site.book(slot, of=f"127.1.{number // 5}.{1 + number % 5}", note="x" * 1000)
        if answer is None or answer.status_code != 201:
            return answer
    raise AssertionError("The disk is not full.")


def deliver_until_refused(site: Site) -> Answer:
    for number in range(1000):
        answer = deliver(site, number, CLIENT)
        if answer is None or answer.status_code != 200:
            return answer
    raise AssertionError("The disk is not full.")


def is_503(answer: Answer) -> bool:
    return answer is not None and answer.status_code == 503 and "Retry-After" in answer.headers


def full_log(stage: Stage) -> Iterator[Finding]:
    """Whatever is written to /dev/full fails as on a full disk, and the site logs there."""
    port = free_port()
    environment = {**SETTINGS, "SITE_URL": f"http://127.0.0.1:{port}", "DATABASE_URL": stage.copy("sqlite")}
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=full, stderr=full)
    try:
        site = Site(f"http://127.0.0.1:{port}", environment)
        wait_for(f"{site.address}/healthz", process)
        slots = site.slots()
        answers = [site.book(slot) for slot in slots[:3]]
        right = [answer.status_code for answer in answers] == [201] * 3
        yield finding(site, "Bookings while the log cannot be written", answers[-1], right)
    finally:
        stop(process)
