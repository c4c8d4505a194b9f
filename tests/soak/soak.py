"""One soak, from an empty database to the verdict."""

import random
import sys
import tempfile
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from subprocess import CompletedProcess
from time import monotonic, sleep

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from tqdm import tqdm

from booking.models import Provider
from payments.sandbox.models import WebhookDelivery
from payments.sandbox.webhooks import CLAIM_LASTS
from tests.factories import in_days, make_provider, make_service
from tests.gunicorn import collect_static_files, free_port
from tests.payments.sandbox.sdk import stripe_client
from tests.soak import books, mails, report, story
from tests.soak.desk.opening import book_for_yesterday, hire
from tests.soak.desk.tasks import Desk
from tests.soak.practice import Practice
from tests.soak.processes import TICKS, Processes, processes
from tests.soak.staff import cancel_what_is_kept_for_days, give_back_what_is_waited_for, return_by_hand
from tests.soak.visits import visit
from tests.soak.walks import SESSION_LIFETIME

FAULTS = (
    "webhook.drop=0.3,webhook.duplicate=0.3,webhook.reorder=0.3,webhook.delay=5,"
    "api.timeout=0.05,api.error=0.05,api.error_saved=0.05,api.missing=0.05,api.slow=0.5"
)
CLIENTS_A_KILL = 60
# The answers that a client who moves an appointment may get. 303: it was moved. 403: two tabs were opened at the same
# moment, and each was given a cookie. 409: the time is taken, the appointment was paid just now, or it is too late to
# move it. 422: the time is not offered. 503: Stripe cannot be reached. Cut off: the process that answers was killed.
MOVING_ENDS_IN = ("303", "403", "409", "422", "503", "cut off")
# The same for staff. 302: they sign in or out. 403: they were signed out. Only moving waits for Stripe.
DESK_ENDS_IN = ("200", "302", "303", "403", "409", "422", "cut off")
# What may not happen even once. Of two of staff who have one appointment open, one is told what the other has changed.
NEVER = ("two at one network", "two of staff at one appointment: 2 could", "staff refused and not told why")
FINE = "Nothing is wrong."
# Of those who wait, each can be told of most of these, and five times at most.
MOST_GIVEN_BACK = 60
# A desk for each provider, at which an owner, a receptionist and the provider work.
DESKS = 2
# In seconds. It must be more than a minute: so long tick leaves a session alone that a killed process was opening.
FINISHED_WITHIN = 900


def run(asked: Namespace) -> str | None:
    """Run the soak and print what happened. Return the failures, one on each line, or None."""
    collect_static_files()
    providers = open_practice()
    hire(DESKS)
    book_for_yesterday(asked.clients // 10)
    folder, ports = Path(tempfile.mkdtemp(prefix="soak")), (free_port(), free_port())
    # The short life of sessions is set like a fault, but is none: it stays when the faults are switched off.
    lifetime = f"session.lifetime={SESSION_LIFETIME},seed={asked.seed}"
    with processes(folder, ports, STRIPE_SANDBOX_FAULTS=f"{FAULTS},{lifetime}") as running:
        stripe = stripe_client(running.stripe.address, settings.STRIPE_SECRET_KEY)
        practice = Practice(running.site.address, stripe, providers)
        let_in_clients(asked, practice, running)
        give_back_what_is_waited_for(practice, most=1 if asked.short else MOST_GIVEN_BACK)
    with processes(folder, ports, STRIPE_SANDBOX_FAULTS=lifetime) as calm:
        cancel_what_is_kept_for_days(practice)
        left = finish(FINISHED_WITHIN)
        return_by_hand(calm.site.address)
        audit = calm.manage("audit", "--stripe")
    return "\n".join(verdict(asked, practice, running, left, audit)) or None


def open_practice() -> list[dict[str, str]]:
    call_command("migrate", verbosity=0)
    # A deposit is paid online, as long as it takes; the rest is paid at the practice, or by link.
    service = make_service(minutes=15, price="100.00", payment="deposit", deposit="60.00")
    for name in ("Dr Ada Byrne", "Dr Ben Clarke"):
        provider = make_provider(name=name, services=[service], hours=[("08:00", "20:00")])
        # Clients book from tomorrow on, and who waits for an earlier time waits for one of theirs.
        provider.time_off.create(starts=timezone.now(), ends=in_days(1, "00:00", provider=provider))
    return [{"name": one.name, "slug": one.slug, "service": service.slug} for one in Provider.objects.order_by("pk")]


def let_in_clients(asked: Namespace, practice: Practice, running: Processes) -> None:
    """Run the visits of all clients, `at_once` of them at a time, and kill a process after every few visits.

    Meanwhile staff work at the desk.
    """
    chance = random.Random(asked.seed)
    desks = ThreadPoolExecutor(DESKS)
    at_work = [desks.submit(open_desk, asked, practice, number) for number in range(DESKS)]
    every = max(1, asked.clients // asked.kills if asked.kills else CLIENTS_A_KILL)
    crowd = ThreadPoolExecutor(asked.at_once)
    try:
        visits = [crowd.submit(visit, practice, asked.seed, number) for number in range(asked.clients)]
        for count, visited in enumerate(bar("Clients", len(visits), as_completed(visits)), start=1):
            visited.result()
            if count % every == 0:
                running.kill_one(chance)
        for desk in at_work:
            desk.result()
    finally:
        crowd.shutdown(cancel_futures=True)
        desks.shutdown()


def open_desk(asked: Namespace, practice: Practice, number: int) -> None:
    """Let staff work there. For every four clients, they have one task."""
    Desk(practice, asked.seed, number).work(asked.clients // 4 // DESKS)


def bar(title: str, total: int, rows: Iterator[Future] | None = None) -> tqdm:
    """Return a progress bar, which is printed seldom where the output is a file."""
    return tqdm(rows, title, total, mininterval=0.5 if sys.stderr.isatty() else 20)


def finish(seconds: float) -> dict[str, int]:
    """Wait until the ticks have done all that is owed, and return what is left if that takes longer.

    Webhooks that Stripe would repeat only hours later are made due now.
    """
    give_up = monotonic() + seconds
    with bar("Owed", sum(report.unfinished().values())) as done:
        while (left := report.unfinished()) and monotonic() < give_up:
            now = timezone.now()
            WebhookDelivery.objects.filter(next_attempt_at__gt=now + CLAIM_LASTS).update(next_attempt_at=now)
            done.update(done.total - sum(left.values()) - done.n)
            sleep(2)
    return left


def verdict(
    asked: Namespace, practice: Practice, running: Processes, left: dict[str, int], audit: CompletedProcess
) -> Iterator[str]:
    """Print what happened and what is wrong, and yield the failures."""
    # All ticks were killed twice more: when the faults were switched off, and at the end.
    mail = list(mails.wrong(running.mails, killed=running.kills["tick"] + 2 * TICKS))
    changes = list(story.wrong(practice))
    sums = list(books.wrong())
    met = report.met(running.kills, practice.answers)
    print("\n".join([*report.lines(running, practice.answers), *report.sections(met)]))
    print(f"\naudit --stripe: {audit.stdout.strip()}{audit.stderr.strip()}")
    print("\n".join(["Mails:", *(mail or [FINE]), "Changes:", *(changes or [FINE]), "The month:", *(sums or [FINE])]))
    print(f"The log: {running.log}")
    yield from failures(practice.answers)
    if audit.returncode:
        yield "FAILED: audit found breaches."
    if mail or changes or sums:
        yield "FAILED: something is wrong with the mails, with what is written down of changes, or with the month."
    if left:
        yield f"FAILED: something was never finished: {left}."
    if not any(met["Desk"].values()):
        yield "FAILED: the desk did nothing."
    for what in (what for counts in met.values() for what, count in counts.items() if not count and not asked.short):
        yield f"FAILED: it met no {what}, so it proves nothing about that."


def failures(answers: Counter[str]) -> Iterator[str]:
    """Yield what nobody may have been answered."""
    for answer in filter(is_no_answer, answers):
        yield f"FAILED: somebody was answered {answer}."
    for what in (what for what in NEVER if answers[what]):
        yield f"FAILED: {answers[what]} times: {what}."


def is_no_answer(answer: str) -> bool:
    """Tell whether `answer`, such as "move: 409", is one that nobody should get at that step."""
    step, _, status = answer.partition(": ")
    if step.startswith("desk, "):
        return status not in (MOVING_ENDS_IN if step == "desk, move" else DESK_ENDS_IN)
    first_of_a_network_refused = status == "429" and step in ("book", "book (API)")
    return status == "500" or first_of_a_network_refused or (step == "move" and status not in MOVING_ENDS_IN)
