"""Of which free time somebody who waits is told: written down when it is their turn, and told once the mail has gone.

An offer that never reaches anybody is taken back: the time was taken meanwhile, it is night by now, or the mail server
refuses the address. So nobody loses a turn by a mail that did not go, and nobody else is told before that is known.
"""

from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.urls import reverse

from booking.models.appointment.model import Appointment
from booking.models.practice import Provider

if TYPE_CHECKING:
    from booking.models.waiting import WaitingEntry


class WaitingOfferQuerySet(models.QuerySet["WaitingOffer"]):
    def overlapping(self, offer: "WaitingOffer") -> Self:
        """Those of a time of the same provider that shares a moment with the offer's own."""
        return self.filter(provider=offer.provider, appointment_time__lt=offer.ends, ends__gt=offer.appointment_time)

    def owed(self) -> Self:
        return self.filter(mailed_at=None)


class WaitingOffer(models.Model):
    entry = models.ForeignKey("booking.WaitingEntry", models.CASCADE, related_name="offers")
    mailbox = models.CharField(max_length=254)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+")
    appointment_time = models.DateTimeField()
    ends = models.DateTimeField()
    told_at = models.DateTimeField(help_text="When it was their turn.")
    mailed_at = models.DateTimeField(null=True, blank=True, help_text="When the mail went. Empty while it is owed.")

    objects = WaitingOfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "provider", "appointment_time"], name="booking_told_once_of_a_time"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["provider", "ends"], name="booking_told_provider")]

    def __str__(self) -> str:
        return f"Told at {self.told_at:%Y-%m-%d %H:%M} UTC"

    def bars(self, entry: "WaitingEntry", now: datetime) -> bool:
        """Whether nobody may tell that entry of a time which shares a moment with this one.

        Its owner was told once before, or somebody else was a moment ago or is about to be.
        """
        once_before = self.entry_id == entry.pk or self.mailbox == entry.mailbox
        return once_before or self.mailed_at is None or self.mailed_at > now - settings.WAITING_PAUSE

    @property
    def as_appointment(self) -> Appointment:
        """What they would have at that time, unsaved: their own appointment moved, or a new one."""
        own = self.entry.appointment
        wanted = copy(own) if own else Appointment.copied_from(self.provider, self.entry.service, self.appointment_time)
        wanted.appointment_time, wanted.end = self.appointment_time, self.ends
        wanted.client_time_zone = self.entry.time_zone
        return wanted

    @property
    def absolute_url(self) -> str:
        """The page on which they take that time: it is booked, or their own appointment is moved there."""
        own, moment = self.entry.appointment, self.appointment_time.isoformat()
        if own:
            page, query = reverse("booking:reschedule", args=[own.reference]), {"time": moment}
        else:
            chosen = {"provider": self.provider.slug, "service": self.entry.service.slug}
            page, query = reverse("booking:book"), {**chosen, "time": moment}
        return f"{settings.SITE_URL}{page}?{urlencode(query)}"
