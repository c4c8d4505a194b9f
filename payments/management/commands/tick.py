import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from booking.mail import sending
from booking.models import Appointment, IdempotentRequest, LinksRequest
from booking.schedule import new_clock_rules
from payments.checkout import settle_owed
from payments.ledger import process_owed
from payments.models import Heartbeat
from payments.refunds import follow_up, send_all_owed

logger = logging.getLogger("payments.tick")


def stop_requested() -> threading.Event:
    """Set by Ctrl-C or SIGTERM: the round under way is finished first."""
    stopped = threading.Event()
    for request in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request, lambda *_: stopped.set())
    return stopped


def be_seen(now: datetime) -> int:
    """By the doctor, when a round is over. It sees to nothing itself."""
    Heartbeat.beat(Heartbeat.TICK, now)
    return 0


class Command(BaseCommand):
    help = "Do all that is owed: lapse holds, settle payments, send mail. Safe to run anywhere, at once, and to kill."
    # State is the queue: each is a query over rows and says how many it saw to.
    duties: ClassVar[dict[str, Callable[[datetime], int]]] = {
        "agreed times kept under new rules for clocks": new_clock_rules.keep_agreed_times,
        "holds lapsed": Appointment.objects.lapse,
        "payments asked about": settle_owed,
        "owed refunds seen to": send_all_owed,
        "refunds and disputes asked about": follow_up,
        "events processed again": process_owed,
        "networks forgotten": Appointment.objects.forget_networks,
        "requests for links answered": LinksRequest.objects.answer,
        "mails seen to": sending.send_owed,
        "answers to programs forgotten": IdempotentRequest.objects.forget_old,
        "heartbeat": be_seen,
    }

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="Go on, with a pause between rounds.")

    def handle(self, *, every: float | None, **options: Any) -> None:
        stopped = stop_requested() if every else None
        self.round()
        while stopped and not stopped.wait(every):
            self.round()

    def round(self) -> None:
        """One duty that fails must not keep the others from being done."""
        for name, duty in self.duties.items():
            close_old_connections()
            try:
                if count := duty(timezone.now()):
                    logger.info("%s: %d", name, count)
            except Exception:
                logger.exception("%s failed", name)
