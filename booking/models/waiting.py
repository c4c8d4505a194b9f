"""Who waits for a time to be given back, and of which times they were told.

An entry is only a wish. Nothing is kept for anybody: the first to book a time has it. `booking.schedule.freed` finds
out, with each round of `manage.py tick`, who waits for a time that is free by now.

Anybody may type anybody's address. So its owner confirms the wish first, by a button on a page whose address only the
one mail has that is sent before. Who holds a confirmed appointment may wait for an earlier time without that: the
practice writes to that address about the appointment anyway.
"""

from copy import copy
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from booking import customs, limits
from booking.models.appointment.facts import new_reference
from booking.models.appointment.model import Appointment
from booking.models.mail import Mail
from booking.models.practice import Provider, Service
from booking.text import validate_ascii
from booking.zones import validate_time_zone

# So many entries that have not ended may belong to one mailbox.
MOST_OPEN = 5
# Who has been told of so many times and booked none is told of no more.
MOST_TIMES = 5
# A wish that its owner does not confirm is forgotten after so long, and one that has ended after so long.
CONFIRMED_WITHIN, REMEMBERED_FOR = timedelta(days=1), timedelta(days=30)


class WaitingEntryQuerySet(models.QuerySet["WaitingEntry"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def waiting(self) -> Self:
        return self.open().exclude(confirmed_at=None)

    def ask(self, *, email: str, now: datetime, **wish: Any) -> None:
        """Write down a wish that nobody has confirmed, and owe the mail that asks whether it is the owner's own.

        Nothing is written if the mailbox has as many entries as one may, or another one that is not confirmed: so a
        stranger's address gets one such mail a day at most.
        """
        mailbox = limits.mailbox(email)
        with transaction.atomic():
            limits.lock_until_commit(f"waiting list of {mailbox}")
            confirmed = list(self.open().filter(mailbox=mailbox).values_list("confirmed_at", flat=True))
            if len(confirmed) < MOST_OPEN and all(confirmed):
                entry = self.create(address=email, mailbox=mailbox, asked_at=now, **wish)
                entry.owe(Mail.Kind.CONFIRM_WAITING)

    def ask_for_earlier(self, appointment: Appointment, until: datetime, now: datetime) -> "WaitingEntry":
        """The entry by which the client of a confirmed appointment waits for a time before `until`. One at most."""
        with transaction.atomic():
            limits.lock_until_commit(f"waiting list of appointment {appointment.pk}")
            wish = {"since": now, "until": until, "time_zone": appointment.zone.key}
            entry, _ = self.open().get_or_create(
                appointment=appointment,
                defaults={
                    "provider": appointment.provider,
                    "service": appointment.service,
                    "address": appointment.client_email,
                    "mailbox": appointment.client_mailbox,
                    "asked_at": now,
                    "confirmed_at": now,
                    **wish,
                },
            )
        return entry

    def seen_to(self, now: datetime) -> Self:
        """Those that wait, in the order in which they asked, and those that are to be forgotten.

        `has_booked` says whether its owner has booked such a time since.
        """
        waiting = Q(ended_at=None, confirmed_at__isnull=False)
        booked = Appointment.objects.filter(
            client_mailbox=OuterRef("mailbox"),
            service=OuterRef("service"),
            status=Appointment.Status.CONFIRMED,
            created_at__gte=OuterRef("asked_at"),
            appointment_time__gte=OuterRef("since"),
            appointment_time__lt=OuterRef("until"),
        )
        related = ("service", "provider", "appointment__provider", "appointment__service")
        found = self.filter(waiting | self.forgettable(now)).select_related(*related)
        return found.annotate(has_booked=Exists(booked)).order_by("asked_at", "pk")

    def forgettable(self, now: datetime) -> Q:
        never_confirmed = Q(confirmed_at=None, asked_at__lte=now - CONFIRMED_WITHIN)
        return never_confirmed | Q(ended_at__lte=now - REMEMBERED_FOR)


class WaitingEntry(models.Model):
    class Ending(models.TextChoices):
        BY_OWNER = "by owner"
        BOOKED = "booked"
        OVER = "over", "The days that were asked for are over"
        NO_ANSWER = "no answer", "Told of several times, and none was booked"

    key = models.CharField(max_length=32, unique=True, default=new_reference, editable=False)
    address = models.EmailField(validators=[validate_ascii])
    mailbox = models.CharField(max_length=254, help_text="The address without case and +tag.")
    provider = models.ForeignKey(Provider, models.CASCADE, null=True, blank=True, help_text="Empty: any of them.")
    service = models.ForeignKey(Service, models.CASCADE)
    appointment = models.ForeignKey(
        Appointment, models.CASCADE, null=True, blank=True, help_text="Their own, if they wait for an earlier time."
    )
    since = models.DateTimeField(help_text="The time begins then or later.")
    until = models.DateTimeField(help_text="The time begins before then.")
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone], help_text="Where they read times.")
    language = models.CharField(max_length=2, default=customs.language, db_default="")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="When they were told of a time last.")
    times_told = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=10, choices=Ending, blank=True)

    objects = WaitingEntryQuerySet.as_manager()
    has_booked: bool
    """Whether its owner has booked such a time since. Only entries that `seen_to` fetched have this attribute."""

    class Meta:
        verbose_name_plural = "waiting list"
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(ended_at=None), name="booking_waiting_once_for_an_appointment"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["mailbox"], condition=Q(ended_at=None), name="booking_waiting_open"),
            models.Index(fields=["asked_at"], name="booking_waiting_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.service} with {self.provider or 'anyone'}, asked {self.asked_at:%Y-%m-%d %H:%M} UTC"

    @property
    def email(self) -> str:
        """Where mail goes: staff may have corrected the address of the appointment since."""
        return self.appointment.client_email if self.appointment else self.address

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def whole_day(self) -> bool:
        """Whether they wait for a time of one day, and not for one before another time."""
        begins, ends = self.since.astimezone(self.zone), self.until.astimezone(self.zone)
        midnights = (begins.hour, begins.minute, ends.hour, ends.minute) == (0, 0, 0, 0)
        return midnights and (ends.date() - begins.date()).days == 1

    @property
    def state(self) -> str:
        """In one word: `asked` until its owner has confirmed it, then `waiting`, and `ended` at last."""
        return "ended" if self.ended_at else "waiting" if self.confirmed_at else "asked"

    @property
    def absolute_url(self) -> str:
        return f"{settings.SITE_URL}{reverse('booking:waiting', args=[self.key])}"

    @property
    def stop_url(self) -> str:
        return f"{settings.SITE_URL}{reverse('booking:stop-waiting', args=[self.key])}"

    def confirm(self, now: datetime) -> bool:
        """Let its owner wait from now on. Returns False if that was said before, or if it has ended."""
        asked = WaitingEntry.objects.open().filter(pk=self.pk, confirmed_at=None)
        return bool(asked.update(confirmed_at=now))

    def end(self, ending: Ending, now: datetime) -> bool:
        return bool(WaitingEntry.objects.open().filter(pk=self.pk).update(ended_at=now, ending=ending))

    def ending_by_itself(self, now: datetime) -> Ending | None:
        """Why it ends now without anybody saying so, or None if it does not."""
        own = self.appointment
        moved_or_cancelled = own and (own.status != own.Status.CONFIRMED or own.appointment_time < self.until)
        if self.has_booked or moved_or_cancelled:
            return self.Ending.BOOKED
        too_soon = now + timedelta(minutes=settings.NOTICE_MINUTES)
        return self.Ending.OVER if self.until <= too_soon or not self.email else None

    def tell(self, provider: Provider, moment: datetime, ends: datetime, now: datetime) -> bool:
        """Write down that they are told of that free time, and owe the mail. Returns False if it is not their turn.

        Several processes may do so at once. They queue here, and each sees of which times the others have told.
        """
        with transaction.atomic():
            limits.lock_until_commit(f"waiting for provider {provider.pk}")
            told = WaitingOffer.objects.filter(provider=provider).overlapping(moment, ends)
            if told.stand_in_the_way_of(self.mailbox, now).exists() or not self._count(now):
                return False
            offer = WaitingOffer.objects.create(
                entry=self, mailbox=self.mailbox, provider=provider, appointment_time=moment, ends=ends, told_at=now
            )
            self.owe(Mail.Kind.TIME_FREED, offer=str(offer.pk))
            if self.times_told + 1 >= MOST_TIMES:
                self.end(self.Ending.NO_ANSWER, now)
        return True

    def _count(self, now: datetime) -> bool:
        """Count one more time of which they are told. Returns False if it ended, or if another process was first."""
        as_read = WaitingEntry.objects.open().filter(pk=self.pk, times_told=self.times_told)
        return bool(as_read.update(told_at=now, times_told=F("times_told") + 1))

    def owe(self, kind: Mail.Kind, **facts: str) -> None:
        """Owe a mail of that kind, in the transaction of the caller that makes it true."""
        now = timezone.now()
        due = {"due_at": now, "first_due_at": now, "created_at": now}
        reader, address = Mail.Reader.CLIENT, self.email.lower()
        Mail.objects.create(waiting=self, kind=kind, reader=reader, address=address, facts=facts, sequence=0, **due)

    def keeps_true(self, mail: Mail, now: datetime) -> bool:
        """Whether a mail about this entry may still be sent. Whoever wants no more gets none that waited either."""
        if mail.kind == Mail.Kind.CONFIRM_WAITING:
            return self.state == "asked"
        told = self.offers.filter(pk=mail.facts["offer"]).select_related("provider").first()
        return self.ending in ("", self.Ending.NO_ANSWER) and bool(told and told.is_still_free(now))


class WaitingOfferQuerySet(models.QuerySet["WaitingOffer"]):
    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.filter(appointment_time__lt=end, ends__gt=start)

    def stand_in_the_way_of(self, mailbox: str, now: datetime) -> Self:
        """Of these somebody else was told a moment ago, and the owner of the mailbox once before."""
        return self.filter(Q(told_at__gt=now - settings.WAITING_PAUSE) | Q(mailbox=mailbox))


class WaitingOffer(models.Model):
    """Somebody was told that this time is free."""

    entry = models.ForeignKey(WaitingEntry, models.CASCADE, related_name="offers")
    mailbox = models.CharField(max_length=254)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="+")
    appointment_time = models.DateTimeField()
    ends = models.DateTimeField()
    told_at = models.DateTimeField()

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

    def is_still_free(self, now: datetime) -> bool:
        taken = Appointment.objects.live(now).filter(provider=self.provider)
        others = taken.overlapping(self.appointment_time, self.ends).exclude(pk=self.entry.appointment_id or 0)
        return self.appointment_time > now and not others.exists()

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
