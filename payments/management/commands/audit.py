"""`manage.py audit` proves from the rows that every payment ended as it must: see payments/audit.py.

It repairs nothing, and writes one row: what it has found, for the desk's page on health.
"""

import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, no_translations
from django.utils import timezone

from payments.audit import audit
from payments.audit_at_stripe import audit_stripe
from payments.gateway import KeyRefused, StripeUnavailable
from payments.models import Examination

# Seconds. Between two questions to the database somebody may write, and a webhook takes longer, unless it is lost.
A_MOMENT, ON_ITS_WAY = 1, 10


class Command(BaseCommand):
    help = "Prove from the rows that every payment ended as it must. One line for each breach, and then exit 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stripe", action="store_true", help="Compare with Stripe's records of 90 days as well.")
        everything = "With --stripe: compare with all of its records."
        parser.add_argument("--all", action="store_true", dest="everything", help=everything)

    @no_translations
    def handle(self, *, stripe: bool, everything: bool, **options: Any) -> None:
        try:
            if stripe:
                breaches = wrong_twice(partial(all_that_is_wrong, everything=everything), ON_ITS_WAY)
            else:
                breaches = wrong_twice(lambda: list(audit(timezone.now())), A_MOMENT)
        except KeyRefused as problem:
            breaches = [f"{problem.reason} {problem.remedy} Until then nothing is proved."]
        except StripeUnavailable:
            breaches = ["Stripe could not be asked, so nothing is proved. Run it again."]
        self.stdout.write("\n".join(breaches or ["Nothing is wrong."]))
        name = Examination.AUDIT_AT_STRIPE if stripe else Examination.AUDIT
        Examination.remember(name, breaches, len(breaches), timezone.now())
        if breaches:
            sys.exit(1)


def wrong_twice(look: Callable[[], list[str]], seconds: int) -> list[str]:
    """Look twice: what still differs so many seconds later is a breach, and what does not was only on its way."""
    breaches = look()
    if breaches:
        time.sleep(seconds)
        still = look()
        breaches = [breach for breach in breaches if breach in still]
    return breaches


def all_that_is_wrong(*, everything: bool) -> list[str]:
    now = timezone.now()
    return [*audit(now), *audit_stripe(now, everything=everything)]
