import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments.audit import audit


class Command(BaseCommand):
    help = "Prove from the rows that every payment ended as it must. One line for each breach, and then exit 1."

    def handle(self, **options: Any) -> None:
        breaches = list(audit(timezone.now()))
        self.stdout.write("\n".join(breaches or ["Nothing is wrong."]))
        if breaches:
            sys.exit(1)
