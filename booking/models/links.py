"""Requests of clients who lost our mail to have the links to their appointments sent again.

A request is only a row with an address. Whether that address has appointments is seen in its own mailbox and nowhere
else, so nobody can find out who is a client.
"""

from datetime import datetime, timedelta

from django.db import models, transaction

from booking.claims import IN_ONE_TRANSACTION, lock_portion
from booking.models.appointment.model import Appointment
from booking.models.mail import Mail

HOUR = timedelta(hours=1)


class LinksRequestQuerySet(models.QuerySet["LinksRequest"]):
    def ask(self, email: str, now: datetime) -> None:
        """Record a request, at most once an hour for an address. It takes the same time whether or not we know that."""
        address = email.lower()
        self.filter(address=address).done(now).delete()
        self.bulk_create([self.model(address=address, asked_at=now)], ignore_conflicts=True)

    def done(self, now: datetime) -> "LinksRequestQuerySet":
        return self.filter(answered_at__isnull=False, asked_at__lte=now - HOUR)

    def answer(self, now: datetime) -> int:
        """Write some of the mails that were asked for. Returns how many requests were answered.

        Answered requests are deleted after an hour, so that they can be made again.
        """
        with transaction.atomic():
            asked = lock_portion(self.filter(answered_at=None).order_by("asked_at"), IN_ONE_TRANSACTION)
            for request in asked:
                request.answer(now)
        self.done(now).delete()
        return len(asked)


class LinksRequest(models.Model):
    address = models.EmailField(unique=True, help_text="In lower case.")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = LinksRequestQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Asked at {self.asked_at:%H:%M}"

    def answer(self, now: datetime) -> None:
        """Write the mail if this address has a coming appointment. The caller has locked this row."""
        LinksRequest.objects.filter(pk=self.pk).update(answered_at=now)
        first = Appointment.objects.coming_of(self.address, now).first()
        # If such a mail still waits, it is enough: it will list all appointments that there are when it is sent.
        if first and not Mail.objects.waiting().filter(kind=Mail.Kind.LINKS, address=self.address).exists():
            Mail.objects.enqueue(first, Mail.Kind.LINKS, self.asked_at.isoformat())
