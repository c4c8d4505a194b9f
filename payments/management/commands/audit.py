import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments.audit import audit, audit_stripe
from payments.gateway import StripeUnavailable


class Command(BaseCommand):
    help = "Prove from the rows that every payment ended as it must. One line for each breach, and then exit 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stripe", action="store_true", help="Compare with Stripe's own records as well.")

    def handle(self, *, stripe: bool, **options: Any) -> None:
        now = timezone.now()
        try:
            breaches = [*audit(now), *(audit_stripe(now) if stripe else ())]
        except StripeUnavailable:
            breaches = ["Stripe could not be asked, so nothing is proved. Run it again."]
        self.stdout.write("\n".join(breaches or ["Nothing is wrong."]))
        if breaches:
            sys.exit(1)
