"""Whether the programs that run beside the site are alive."""

from datetime import datetime
from typing import ClassVar

from django.db import models


class Heartbeat(models.Model):
    """When a program that runs beside the site and answers no requests was last known to work."""

    TICK: ClassVar = "tick"
    FEES: ClassVar = "fees"  # when Stripe was last asked about fees and said none that was missing

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}, {self.at}"

    @classmethod
    def beat(cls, name: str, now: datetime) -> None:
        beat = Heartbeat(name=name, at=now)
        Heartbeat.objects.bulk_create([beat], update_conflicts=True, unique_fields=["name"], update_fields=["at"])
