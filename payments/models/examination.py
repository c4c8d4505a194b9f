"""What the programs that prove or examine something have found last, for the desk's page on health."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.db import models, transaction

# A page shows no more of them, and a program that finds more has one cause for all.
MOST_LINES = 100


class Examination(models.Model):
    """The last result of `manage.py audit`, with or without Stripe's records, or of all that the doctor examines."""

    AUDIT: ClassVar = "audit"
    AUDIT_AT_STRIPE: ClassVar = "audit --stripe"
    DOCTOR: ClassVar = "doctor"
    AUDITS: ClassVar = (AUDIT, AUDIT_AT_STRIPE)

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    since = models.DateTimeField(help_text="Since when each has found something wrong, or each nothing.")
    wrong = models.PositiveIntegerField(help_text="How much it found wrong.")
    lines = models.JSONField(default=list, help_text="What it said, in English: a hundred lines at most.")

    def __str__(self) -> str:
        return f"{self.name}, {self.at:%Y-%m-%d %H:%M} UTC: {self.wrong} wrong"

    @classmethod
    def remember(cls, name: str, lines: Sequence[str], wrong: int, now: datetime) -> None:
        """Keep a result in place of the one before. What was compared with Stripe is an audit of the rows as well."""
        with transaction.atomic():
            before = Examination.objects.select_for_update().filter(name=name).first()
            since = before.since if before and bool(before.wrong) == bool(wrong) else now
            facts = {"at": now, "since": since, "wrong": wrong, "lines": list(lines[:MOST_LINES])}
            Examination.objects.update_or_create(name=name, defaults=facts)
            if name == cls.AUDIT_AT_STRIPE:
                Examination.objects.filter(name=cls.AUDIT).delete()
