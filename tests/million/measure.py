"""What has to stay quick with a million appointments, and how quick it is."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median

import psutil
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Max, Min
from django.test import Client
from django.utils import timezone

from booking.models import Appointment, Mail
from payments import metrics
from payments.management.commands.tick import Command as Tick
from tests.filled import fill, vacuum

COMMAND = [sys.executable, "manage.py"]
# Runs a command, and prints how many kilobytes it had in memory at most.
LARGEST = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
REPEATED = 5
APPOINTMENTS, PAYMENTS, EVENTS, MAILS = (
    f"/admin/{path}/" for path in ("booking/appointment", "payments/payment", "payments/webhookevent", "booking/mail")
)
# Lists as they are opened, narrowed to much, to little and to nothing, and searched for names that many, few and no
# clients have.
LISTS = [
    *(APPOINTMENTS, PAYMENTS, EVENTS, MAILS),
    *(f"{APPOINTMENTS}?{narrowed}" for narrowed in ("status__exact=held", "status__exact=cancelled", "day={day}")),
    *(f"{APPOINTMENTS}?{narrowed}" for narrowed in ("provider__id__exact=7", "agreed=elsewhere")),
    *(f"{PAYMENTS}?{narrowed}" for narrowed in ("status__exact=paid", "status__exact=open", "problem=yes")),
    *(f"{PAYMENTS}?{narrowed}" for narrowed in ("problem__exact=mismatch", "dispute=lost")),
    *(f"{EVENTS}?{narrowed}" for narrowed in ("processed_at__isempty=1", "type=refund.failed")),
    *(f"{MAILS}?{narrowed}" for narrowed in ("status__exact=owed", "status__exact=refused", "kind__exact=inquired")),
]
TYPED = ["O'Neill", "Müller", "mary oneill", "{email}", "zz", "nobody at all", "{reference}"]
SEARCHES = [f"{address}?q={typed}" for typed in TYPED for address in (APPOINTMENTS, PAYMENTS, MAILS)]
# How many mails are owed to each of the two that are compared: one tick, and two ticks together.
MAILS_SENT = 400


@dataclass(frozen=True)
class Figure:
    what: str
    is_: float
    unit: str
    most: float | None = None

    def __str__(self) -> str:
        goal = f"≤ {self.most:,.0f} {self.unit}" if self.most else ""
        return f"| {self.what} | {self.is_:,.1f} {self.unit} | {goal} |"


def run(appointments: int) -> None:
    # The pages name static files by their plain names, since nobody has collected those of the admin.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    # Its lines would stand between those of the table.
    logging.getLogger("access").disabled = True
    call_command("migrate", verbosity=0)
    fill(appointments)
    vacuum()
    print(f"\n| {connection.vendor}, {appointments:,} appointments | | goal |\n| --- | ---: | ---: |")
    for measured in ALL:
        for figure in measured():
            print(figure, flush=True)


def audit() -> Iterator[Figure]:
    begun = time.perf_counter()
    # Linux counts a process as large as the one that started it, and this one is large. So a small one starts audit.
    measured = subprocess.run([sys.executable, "-c", LARGEST, *COMMAND, "audit"], check=True, stdout=subprocess.PIPE)
    yield Figure("`audit`", time.perf_counter() - begun, "s", 60)
    yield Figure("`audit`, memory", int(measured.stdout) / 1024, "MB", 300)


def lists() -> Iterator[Figure]:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.create_superuser("staff"))
    some = Appointment.objects.order_by("pk")[Appointment.objects.count() // 2]
    facts = {"day": f"{some.appointment_time:%Y-%m-%d}", "email": some.client_email, "reference": some.reference}
    for what, addresses in {"lists": LISTS, "searches": SEARCHES}.items():
        pages = {address: partial(see, client, address.format(**facts)) for address in addresses}
        took = {address: milliseconds(see_page) for address, see_page in pages.items()}
        slowest = max(took, key=took.__getitem__)
        yield Figure(f"{len(took)} {what} in the admin, half of them within", median(took.values()), "ms", 300)
        yield Figure(f"all of them within; `{slowest.removeprefix('/admin/')}`", took[slowest], "ms", 300)


def see(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


def milliseconds(act: Callable[[], object]) -> float:
    """What it takes at least, of some tries: whatever else the machine does makes it longer."""
    took = []
    for _ in range(1 + REPEATED):
        begun = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - begun))
    return min(took)


def scrape() -> Iterator[Figure]:
    """What Prometheus gets from this process, apart from the way there."""
    yield Figure("a scrape of the metrics", milliseconds(lambda: list(metrics.figures(timezone.now()))), "ms", 300)


def idle_round() -> Iterator[Figure]:
    """The processor time of a round that finds nothing to do, in this process and in the database server's."""
    tick, used = Tick(), []
    for _ in range(1 + 10 * REPEATED):
        before = processor_seconds()
        assert tick.round() == 0
        used.append(processor_seconds() - before)
    yield Figure("an idle round of `tick`, processor time", 1000 * sum(used[1:]) / len(used[1:]), "ms", 20)


def processor_seconds() -> float:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_backend_pid()")
            return time.process_time() + sum(psutil.Process(cursor.fetchone()[0]).cpu_times()[:2])
    return time.process_time()


def mails_a_second() -> Iterator[Figure]:
    """How many mails one tick sends in a second, and how many two do that run at the same moment."""
    for who, ticks in {"one `tick`": 1, "two": 2}.items():
        mails = Mail.objects.filter(pk__in=make_due(MAILS_SENT))
        processes = [subprocess.Popen([*COMMAND, "tick"], stderr=subprocess.DEVNULL) for _ in range(ticks)]
        assert [process.wait() for process in processes] == [0] * ticks
        sent = mails.filter(status="sent").aggregate(count=Count("pk"), begun=Min("claimed_at"), ended=Max("sent_at"))
        seconds = (sent["ended"] - sent["begun"]).total_seconds()
        yield Figure(f"mails sent by {who}", sent["count"] / seconds, "a second")


def make_due(count: int) -> list[int]:
    """Let the turn of so many reminders come now. Returns their keys."""
    reminders = Mail.objects.filter(status="owed", kind="reminder").order_by("pk")
    keys = list(reminders.values_list("pk", flat=True)[:count])
    Mail.objects.filter(pk__in=keys).update(due_at=timezone.now())
    return keys


ALL = (audit, lists, scrape, idle_round, mails_a_second)
