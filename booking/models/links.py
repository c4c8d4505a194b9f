"""Whoever lost their mail asks for the links of an address, and whose it is shows only in that address's mail."""

from datetime import datetime, timedelta

from django.db import models, transaction

from booking.models.appointment.model import Appointment
from booking.models.mail import Mail

HOUR = timedelta(hours=1)
# What one round takes on, so that the other duties of tick get their turn.
A_ROUND = 100


class LinksRequestQuerySet(models.QuerySet["LinksRequest"]):
    def ask(self, email: str, now: datetime) -> None:
        """Once an hour for one address. It is the same work for a stranger's: how long it takes tells nothing."""
        address = email.lower()
        self.filter(address=address).over(now).delete()
        self.bulk_create([self.model(address=address, asked_at=now)], ignore_conflicts=True)

    def over(self, now: datetime) -> "LinksRequestQuerySet":
        return self.filter(answered_at__isnull=False, asked_at__lte=now - HOUR)

    def answer(self, now: datetime) -> int:
        """Owe the mails that were asked for; and forget the addresses, once they may be asked for again."""
        asked = list(self.filter(answered_at=None).order_by("asked_at")[:A_ROUND])
        for request in asked:
            request.answer(now)
        self.over(now).delete()
        return len(asked)


class LinksRequest(models.Model):
    address = models.EmailField(unique=True, help_text="In lower case.")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = LinksRequestQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Asked at {self.asked_at:%H:%M}"

    def answer(self, now: datetime) -> None:
        """Of many ticks at once, one does."""
        with transaction.atomic():
            mine = LinksRequest.objects.filter(pk=self.pk, answered_at=None).update(answered_at=now)
            first = Appointment.objects.coming_of(self.address, now).first() if mine else None
            # One that still waits is written when it is sent, and tells of the same.
            if first and not Mail.objects.waiting().filter(kind=Mail.Kind.LINKS, address=self.address).exists():
                Mail.objects.owe(first, Mail.Kind.LINKS, self.asked_at.isoformat())
