"""Who waits for a time to be given back, and of which times they were told.

An entry is only a wish. Nothing is kept for anybody: the first to book a time has it. `booking.schedule.telling` finds
out, with each round of `manage.py tick`, who waits for a time that is free by now.

Anybody may type anybody's address. So its owner confirms the wish first, by a button on a page whose address only the
one mail has that is sent before. Who holds a confirmed appointment may wait for an earlier time without that: the
practice writes to that address about the appointment anyway.
"""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from booking import languages, limits
from booking.claims import IN_ONE_TRANSACTION, lock_portion
from booking.in_force import in_force
from booking.models.appointment.facts import AppointmentFacts, new_reference
from booking.models.appointment.model import Appointment
from booking.models.mail import Mail
from booking.models.practice import Provider
from booking.models.services import Service
from booking.models.waiting_offers import WaitingOffer
from booking.text import validate_ascii
from booking.zones import to_utc, validate_time_zone

# So many entries that have not ended may belong to one mailbox. Who has been told of so many times and booked none is
# told of no more.
MOST_OPEN, MOST_TIMES = 5, 5
# A wish that its owner does not confirm is forgotten after so long, and one that has ended after so long. Whoever ends
# one that they have not confirmed is asked about no other until it is forgotten.
CONFIRMED_WITHIN, REMEMBERED_FOR = timedelta(days=1), timedelta(days=30)


class WaitingEntryQuerySet(models.QuerySet["WaitingEntry"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def waiting(self) -> Self:
        return self.open().exclude(confirmed_at=None)

    def ask(self, *, email: str, now: datetime, **wish: Any) -> None:
        """Write down a wish that nobody has confirmed, and owe the mail that asks whether it is the owner's own.

        Nothing is written if the mailbox has as many entries as one may, or another one that was never confirmed, be it
        open or ended: so a stranger's address gets one such mail a day at most, and no other once its owner has said
        that it is enough.
        """
        mailbox = limits.mailbox(email)
        with transaction.atomic():
            limits.lock_until_commit(f"waiting list of {mailbox}")
            unanswered = self.filter(mailbox=mailbox, confirmed_at=None)
            if self.has_room(mailbox) and not unanswered.exists():
                entry = self.create(address=email, mailbox=mailbox, asked_at=now, **wish)
                entry.owe(Mail.Kind.CONFIRM_WAITING)

    def ask_for_earlier(self, appointment: Appointment, until: datetime, now: datetime) -> "WaitingEntry | None":
        """The entry by which the client of a confirmed appointment waits for a time before `until`. One at most.

        It is None if their mailbox has as many entries as one may.
        """
        with transaction.atomic():
            limits.lock_until_commit(f"waiting list of {appointment.client_mailbox}")
            entry = self.open().filter(appointment=appointment).first()
            if entry or not self.has_room(appointment.client_mailbox):
                return entry
            return self.create(
                appointment=appointment,
                provider=appointment.provider,
                service=appointment.service,
                address=appointment.client_email,
                mailbox=appointment.client_mailbox,
                asked_at=now,
                confirmed_at=now,
                since=now,
                until=until,
                time_zone=appointment.zone.key,
            )

    def has_room(self, mailbox: str) -> bool:
        return self.open().filter(mailbox=mailbox).count() < MOST_OPEN

    def follow(self, appointment: AppointmentFacts, now: datetime) -> None:
        """Write to whoever waits by that appointment at its present address, or end it if there is none."""
        entries = self.open().filter(appointment=appointment)
        if not appointment.client_email:
            entries.update(ended_at=now, ending=WaitingEntry.Ending.NO_ADDRESS)
            return
        address, mailbox = appointment.client_email, appointment.client_mailbox
        entries.update(address=address, mailbox=mailbox, language=appointment.language)
        Mail.objects.waiting().filter(waiting__appointment=appointment.pk).update(address=address.lower())

    def seen_to(self, now: datetime) -> Self:
        """Those that wait, in the order in which they asked, and those that are to be forgotten.

        `has_booked` says whether its owner has booked such a time since, be it for themselves or just the one that they
        were told of.
        """
        waiting = Q(ended_at=None, confirmed_at__lte=now)
        told_of = WaitingOffer.objects.filter(
            entry=OuterRef(OuterRef("pk")), provider=OuterRef("provider"), appointment_time=OuterRef("appointment_time")
        )
        booked = Appointment.objects.filter(
            Q(for_whom="") | Exists(told_of),
            client_mailbox=OuterRef("mailbox"),
            provider=Coalesce(OuterRef("provider"), F("provider")),
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
        """What is to be forgotten, except who was told of a time that is still ahead: nobody is told of it twice."""
        never_confirmed = Q(confirmed_at=None, ended_at=None, asked_at__lte=now - CONFIRMED_WITHIN)
        told_of_what_is_ahead = WaitingOffer.objects.filter(entry=OuterRef("pk"), ends__gt=now)
        return never_confirmed | Q(~Exists(told_of_what_is_ahead), ended_at__lte=now - REMEMBERED_FOR)

    def forget(self, now: datetime) -> int:
        """Delete what is to be forgotten, with its mails and offers. Returns how many entries those were.

        They are locked and looked at again before: its owner may have confirmed one since somebody read it.
        """
        with transaction.atomic():
            old = lock_portion(self.filter(self.forgettable(now)), IN_ONE_TRANSACTION)
            self.filter(pk__in=[entry.pk for entry in old]).delete()
        return len(old)


class WaitingEntry(models.Model):
    class Ending(models.TextChoices):
        BY_OWNER = "by owner"
        BOOKED = "booked"
        OVER = "over", "The days that were asked for are over"
        NO_ANSWER = "no answer", "Told of several times, and none was booked"
        NO_ADDRESS = "no address", "Nothing can be mailed to them any more"

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
    language = models.CharField(max_length=2, default=languages.active, db_default="")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="When a mail told them of a time last.")
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
            models.Index(fields=["mailbox"], name="booking_waiting_mailbox"),
            models.Index(fields=["asked_at"], name="booking_waiting_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.service} with {self.provider or 'anyone'}, asked {self.asked_at:%Y-%m-%d %H:%M} UTC"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def whole_day(self) -> bool:
        """Whether they wait for a time of one day, and not for one before another time.

        The day may begin later than at midnight, where clocks go forward at midnight.
        """
        day = self.since.astimezone(self.zone).date()
        midnights = [to_utc(day + timedelta(days=ahead), time(0), self.zone) for ahead in (0, 1)]
        return midnights == [self.since, self.until]

    @property
    def was_moved_or_cancelled(self) -> bool:
        """Whether their own appointment is as early by now as they had wished, or is none any more."""
        own = self.appointment
        return own is not None and (own.status != own.Status.CONFIRMED or own.appointment_time < self.until)

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

    def confirm(self, now: datetime) -> None:
        """Let its owner wait from now on, unless that was said before or it has ended."""
        WaitingEntry.objects.open().filter(pk=self.pk, confirmed_at=None).update(confirmed_at=now)

    def end(self, ending: Ending, now: datetime) -> None:
        WaitingEntry.objects.open().filter(pk=self.pk).update(ended_at=now, ending=ending)

    def ending_by_itself(self, now: datetime) -> Ending | None:
        """Why it ends now without anybody saying so, or None if it does not."""
        if self.was_moved_or_cancelled or (self.has_booked and not self.appointment):
            return self.Ending.BOOKED
        if not self.address:
            return self.Ending.NO_ADDRESS
        return self.Ending.OVER if self.until <= now + timedelta(minutes=in_force.NOTICE_MINUTES) else None

    def tell(self, offer: WaitingOffer, now: datetime) -> bool:
        """Write that offer down, and owe the mail that tells of it. Returns False if it is not their turn.

        Several processes may do so at once. They queue here, and each sees what the others have offered.
        """
        with transaction.atomic():
            limits.lock_until_commit(f"waiting for provider {offer.provider.pk}")
            others = WaitingOffer.objects.overlapping(offer)
            if any(other.bars(self, now) for other in others) or not self._is_still_their_turn():
                return False
            offer.told_at = now
            offer.save(force_insert=True)
            self.owe(Mail.Kind.TIME_FREED, offer=str(offer.pk))
        return True

    def _is_still_their_turn(self) -> bool:
        """Whether it waits, and no other process has told them of a time since it was read. Locks it."""
        as_read = WaitingEntry.objects.waiting().select_for_update(no_key=True).filter(pk=self.pk, told_at=self.told_at)
        return as_read.exists() and not self.offers.owed().exists()

    def has_enough_mail(self, now: datetime) -> bool:
        """Whether a mail to them would have to wait, since their address had as many as it may within an hour."""
        return self.mail(Mail.Kind.TIME_FREED).next_turn(now) is not None

    def owe(self, kind: Mail.Kind, **facts: str) -> None:
        """Owe a mail of that kind, in the transaction of the caller that makes it true."""
        self.mail(kind, **facts).save()

    def mail(self, kind: Mail.Kind, **facts: str) -> Mail:
        """An unsaved mail of that kind, due now."""
        now = timezone.now()
        due = {"due_at": now, "first_due_at": now, "created_at": now}
        reader, address = Mail.Reader.CLIENT, self.address.lower()
        return Mail(waiting=self, kind=kind, reader=reader, address=address, facts=facts, sequence=0, **due)

    def keeps_true(self, mail: Mail) -> bool:
        """Whether its owner still wants that mail. Whoever wants no more gets none that waited either."""
        if mail.kind == Mail.Kind.CONFIRM_WAITING:
            return self.state == "asked"
        return self.state == "waiting" and self.offer_of(mail).exists()

    @property
    def was_told_often(self) -> bool:
        """Whether the next mail about a time is the last one."""
        return self.times_told >= MOST_TIMES - 1

    def offer_of(self, mail: Mail) -> "models.QuerySet[WaitingOffer]":
        return self.offers.filter(pk=mail.facts.get("offer"))

    def mail_has_gone(self, mail: Mail, now: datetime) -> None:
        """Count one more time of which they were told. Only a mail that has gone counts."""
        if not self.offer_of(mail).update(mailed_at=now):
            return
        WaitingEntry.objects.filter(pk=self.pk).update(told_at=now, times_told=F("times_told") + 1)
        if self.was_told_often:
            self.end(self.Ending.NO_ANSWER, now)

    def mail_was_dropped(self, mail: Mail) -> None:
        """Take the offer back of which they were not told after all. It may be their turn again."""
        self.offer_of(mail).delete()

    def mail_was_refused(self, mail: Mail) -> None:
        """Take the offer back, and end it: there is no such address."""
        self.offer_of(mail).delete()
        self.end(self.Ending.NO_ADDRESS, timezone.now())
