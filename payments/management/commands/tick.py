"""`manage.py tick` does all that is owed and due; with `--every 10` again and again, after pauses of ten seconds.

A site needs one tick that always runs. The more of them run, the more is done in the same time: what each of them takes
up no other does (booking/claims.py).
"""

import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from booking import request_id
from booking.in_force import in_force
from booking.mail import sending
from booking.models import Appointment, IdempotentRequest, LinksRequest, PracticeSetting, Tries
from booking.outage import is_away
from booking.schedule import new_clock_rules, telling
from payments.checkout import settle_due
from payments.fees import read_fees
from payments.ledger import process_due
from payments.models import Heartbeat
from payments.personal_data import erase_due
from payments.reconciliation import reconcile_due
from payments.refunds import send_due

logger = logging.getLogger("payments.tick")


def stop_requested() -> threading.Event:
    """An event that Ctrl-C or SIGTERM sets, so that tick ends after the round that is under way."""
    stopped = threading.Event()
    for request in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request, lambda *_: stopped.set())
    return stopped


def beat(now: datetime) -> int:
    """Write down for `manage.py doctor` that a round is over. Returns 0, because nothing was owed."""
    Heartbeat.beat(Heartbeat.TICK, now)
    return 0


class Command(BaseCommand):
    help = "Do all that is owed: lapse holds, settle payments, send mail. Safe to run anywhere, at once, and to kill."
    # There is no queue: each duty finds by a query what is owed, and returns how many rows it took up. It takes up some
    # rows, or works for some seconds, and leaves the others to the next round. In each round money comes before what
    # may take long. So however much else is owed, a payment waits only for the end of a round.
    duties: ClassVar[dict[str, Callable[[datetime], int]]] = {
        "holds lapsed": Appointment.objects.lapse_portion,
        "payments asked about": settle_due,
        "owed refunds seen to": send_due,
        "refunds and disputes asked about": reconcile_due,
        "events processed again": process_due,
        "fees read": read_fees,
        "agreed times kept under new rules for clocks": new_clock_rules.keep_agreed_times,
        "networks forgotten": Appointment.objects.forget_networks,
        "requests for links answered": LinksRequest.objects.answer,
        "who waits seen to": telling.see_to_who_waits,
        "mails seen to": sending.send_due,
        "answers to programs forgotten": IdempotentRequest.objects.forget_old,
        "tries forgotten": Tries.objects.forget,
        "personal data erased": erase_due,
        "heartbeat": beat,
    }

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="Go on, with a pause between rounds.")

    def handle(self, *, every: float | None, **options: Any) -> None:
        stopped = stop_requested() if every else None
        if every and settings.METRICS_PORT:
            from payments.metrics import serve  # noqa: PLC0415 - only a site that is measured imports it

            serve(settings.METRICS_PORT + 1)
        self.go_round(stopped)
        while stopped and not stopped.wait(every):
            self.go_round(stopped)

    def go_round(self, stopped: threading.Event | None) -> None:
        """Begin round after round without a pause, until one has found nothing to do: there may be more of the same."""
        while self.round() and not (stopped and stopped.is_set()):
            pass

    def round(self) -> int:
        """Do each duty once. Returns how many rows were taken up.

        A duty that fails must not keep the others from being done, unless the database is away.
        """
        taken_up = 0
        close_old_connections()
        PracticeSetting.objects.keep_up()
        with request_id.numbered(request_id.new()), in_force.unchanged():
            for name, duty in self.duties.items():
                try:
                    if count := duty(timezone.now()):
                        logger.info("%s: %d", name, count)
                        taken_up += count
                except Exception as error:
                    if is_away(error):
                        # Each of the others would wait for it as well, and nobody could stop this tick for a minute.
                        logger.warning("The database is away, so this round ends.")
                        return 0
                    logger.exception("%s failed", name)
                    close_old_connections()
        return taken_up
