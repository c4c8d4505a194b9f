"""`manage.py doctor` says whether this site can do its work: see payments/doctor.py."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments.doctor import examine


class Command(BaseCommand):
    help = "Say in plain sentences whether this site can do its work, and exit 1 if anything is wrong."
    # Django's own checks would end the command with an error before it could say what it found.
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        count = 0
        for finding in examine(timezone.now()):
            count += not finding.is_well
            self.stdout.write(finding.line)
            self.stdout.flush()
        self.stdout.write(f"Wrong: {count}." if count else "Nothing is wrong.")
        if count:
            sys.exit(1)
