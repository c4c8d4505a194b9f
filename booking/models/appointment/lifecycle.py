"""The appointment from hold to done, and the one place where it changes its status."""

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, OperationalError, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone

from booking import cancellation, limits, zones
from booking.models.mail import Mail
from booking.models.overlaps import OVERLAP_CONSTRAINT
from booking.models.practice import Provider, Service, TimeOff
from booking.text import folded, validate_ascii, validate_one_line, validate_plain_text
from booking.zones import validate_time_zone

# Sent with `appointment` when a time is given back, by the client or by staff, inside the transaction that does it:
# who took money for it writes down there what is owed, `appointment.refund_due`.
appointment_cancelled = Signal()

# Sent with `appointment`, a held one, before it is moved and outside any transaction: whoever has a payment page open
# for it closes that page, or raises NotNow. It may turn out paid, and then it is confirmed when this returns.
appointment_moving = Signal()

MAX_HOLDS = 3


class SlotTaken(Exception):
    """Somebody else's live appointment is in the way, or the crowd on this provider is."""


class TooManyHolds(Exception):
    """This browser already keeps as many unpaid times as one may."""


class NotCancellable(Exception):
    """It has begun, or it was paid a moment ago."""


class NotMovable(Exception):
    """It has begun, it is too late for a change, or it is not what it was a moment ago."""


class NotNow(Exception):
    """Somebody else has to be asked first and does not answer; the message says so to the client."""


@contextmanager
def contention_as_taken() -> Iterator[None]:
    """The overlap constraint, a deadlock and a lock time-out all mean the same: somebody else was first."""
    try:
        yield
    except (IntegrityError, OperationalError) as error:
        if is_contention(error):
            raise SlotTaken from error
        raise


def is_contention(error: Exception) -> bool:
    """By constraint name, PostgreSQL's deadlock_detected and lock_not_available, and SQLite's words."""
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    said = str(error)
    # Two tabs may bring one spare reference at the same moment; the second tries again.
    known = (OVERLAP_CONSTRAINT, "database is locked", "booking_appointment.reference", "booking_appointment_reference")
    return sqlstate in ("40P01", "55P03") or any(words in said for words in known)


def new_reference() -> str:
    """128 random bits: whoever knows a reference may see and change its appointment."""
    return secrets.token_urlsafe(16)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def holding(self) -> Self:
        """Rows that the database counts as occupying their time, lapsed or not."""
        return self.filter(status__in=Appointment.HOLDING)

    def lapsed(self, now: datetime) -> Self:
        return self.filter(status=Appointment.Status.HELD, hold_expires_at__lte=now)

    def live(self, now: datetime) -> Self:
        """Confirmed, or held and not yet lapsed; a hold without an end waits for a slow payment."""
        held = Q(status=Appointment.Status.HELD) & (Q(hold_expires_at__gt=now) | Q(hold_expires_at=None))
        return self.filter(held | Q(status=Appointment.Status.CONFIRMED))

    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.filter(appointment_time__lt=end, blocked_until__gt=start)

    def agreed_under_older_rules(self, now: datetime) -> Self:
        """Coming ones last looked at before clocks had the rules of today. Looked at anew, what stays among these does
        so because another appointment is in the way. A day back: by new rules a time that has passed may be to come.
        """
        recent = self.live(now).filter(appointment_time__gt=now - timedelta(days=1))
        return recent.filter(zone_rules__lt=zones.RULES).order_by("appointment_time")

    def in_time_off(self) -> Self:
        away = TimeOff.objects.filter(provider=OuterRef("provider"))
        return self.filter(Exists(away.filter(starts__lt=OuterRef("end"), ends__gt=OuterRef("appointment_time"))))

    def not_offered(self) -> Self:
        """Whose provider or service is inactive by now, or whose provider does not do that any more."""
        offers = Provider.services.through.objects.filter(provider__active=True, service__active=True)
        return self.filter(~Exists(offers.filter(provider=OuterRef("provider"), service=OuterRef("service"))))

    def coming_of(self, email: str, now: datetime) -> Self:
        """What is ahead of whoever reads the mail of that very address, the next one first."""
        ahead = self.live(now).filter(client_mailbox=limits.mailbox(email), appointment_time__gt=now)
        theirs = ahead.filter(client_email__iexact=email)
        return theirs.select_related("provider", "service").order_by("appointment_time")

    def holds_of(self, references: Collection[str]) -> Self:
        """The unpaid times that one browser keeps."""
        return self.filter(reference__in=references, status=Appointment.Status.HELD)

    def within_limits(self, wanted: "Appointment", now: datetime) -> None:
        """In the transaction that books it. Raises LimitReached."""
        mailbox = limits.mailbox(wanted.client_email)
        limits.take_turns(f"network {wanted.begun_from}", f"mailbox {mailbox}")
        begun = self.live(now).begun_at(wanted.begun_from, now)
        limits.require_room([one.counts_for_network_until for one in begun], settings.HOLDS_PER_ADDRESS)
        ahead = self.live(now).filter(client_mailbox=mailbox, appointment_time__gt=now)
        limits.require_room([one.hold_expires_at or one.appointment_time for one in ahead], settings.AHEAD_PER_CLIENT)

    def begun_at(self, network: str, now: datetime) -> Self:
        """Those begun there within a day that cost nothing so far. Where the network cannot be told, none."""
        costs_nothing = Q(status=Appointment.Status.HELD) | Q(price=0)
        recent = self.filter(costs_nothing, begun_from=network, created_at__gt=now - limits.COUNTED_FOR)
        return recent if network else self.none()

    def forget_networks(self, now: datetime) -> int:
        """The hash of where an appointment was begun goes as soon as it does not count any more."""
        counts = Q(status=Appointment.Status.HELD) | Q(status=Appointment.Status.CONFIRMED, price=0)
        still = self.filter(counts, created_at__gt=now - limits.COUNTED_FOR)
        return self.exclude(begun_from="").exclude(pk__in=still.values("pk")).update(begun_from="")

    def lapse(self, now: datetime) -> int:
        with transaction.atomic():
            lapsing = list(self.lapsed(now).select_for_update(of=["self"]).order_by("pk"))
            if lapsing:
                these = Appointment.objects.filter(pk__in=[held.pk for held in lapsing])
                these.update(status=Appointment.Status.EXPIRED, expired_at=now, hold_expires_at=None)
            for held in lapsing:
                Mail.objects.owe(held, Mail.Kind.GIVEN_BACK)
        return len(lapsing)

    def book(
        self,
        *,
        provider: Provider,
        service: Service,
        appointment_time: datetime,
        client_email: str,
        client_name: str = "",
        note: str = "",
        client_time_zone: str = "",
        own_references: Collection[str] = (),
        spare_reference: str = "",
        begun_from: str | None = None,
    ) -> "Appointment":
        """Hold a time that is on offer, or confirm it at once if it is free of charge.

        `own_references` are the appointments of the same browser: its identical one is returned, its other holds
        in the way are given back. `spare_reference` becomes the new row's, unless it is in use. `begun_from` is the
        network's, as `limits` has it; None for who has no limits.

        Raises SlotTaken, TooManyHolds or LimitReached.
        """
        wanted = Appointment.copied_from(provider, service, appointment_time)
        wanted.client_email, wanted.client_name, wanted.note = client_email, client_name, note
        wanted.client_time_zone, wanted.begun_from = client_time_zone, begun_from or ""
        with contention_as_taken(), transaction.atomic():
            lock_provider(provider.pk)
            now = timezone.now()
            in_the_way = provider.appointments.overlapping(wanted.appointment_time, wanted.blocked_until)
            in_the_way.lapse(now)
            if own := in_the_way.holding().filter(reference__in=own_references).give_way_to(wanted):
                return own
            if in_the_way.holding().exists():
                raise SlotTaken
            if self.live(now).holds_of(own_references).count() >= MAX_HOLDS:
                raise TooManyHolds
            if begun_from is not None:
                self.within_limits(wanted, now)
            wanted.begin(now, self.unused(spare_reference))
        return wanted

    def give_way_to(self, wanted: "Appointment") -> "Appointment | None":
        """The one that is the same booking, if it is among these; unpaid others are given back."""
        for own in self:
            if own.is_same_booking_as(wanted):
                return own
            if own.status == Appointment.Status.HELD:
                own.cancel()
        return None

    def unused(self, reference: str) -> str:
        return reference if reference and not self.filter(reference=reference).exists() else new_reference()


def lock_provider(pk: int) -> None:
    """The first lock of every booking and move, so that a crowd on one provider queues instead of deadlocking."""
    Provider.objects.select_for_update(no_key=True).get(pk=pk)


def on_the_wall(moment: datetime, provider: Provider) -> dict[str, str]:
    """What of an appointment says that it was agreed for that time on the provider's wall."""
    zone = provider.zone
    return {"wall_time": zones.on_wall(moment, zone), "wall_zone": zone.key, "zone_rules": zones.RULES}


class Appointment(models.Model):
    class Status(models.TextChoices):
        HELD = "held"
        CONFIRMED = "confirmed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    HOLDING: ClassVar = (Status.HELD, Status.CONFIRMED)
    # What a change of status is told as; the rest is between the client and their own button.
    TOLD_AS: ClassVar = {
        (Status.HELD, Status.CONFIRMED): Mail.Kind.CONFIRMED,
        (Status.EXPIRED, Status.CONFIRMED): Mail.Kind.CONFIRMED,
        (Status.CONFIRMED, Status.CANCELLED): Mail.Kind.CANCELLED,
        (Status.HELD, Status.EXPIRED): Mail.Kind.GIVEN_BACK,
    }

    reference = models.CharField(max_length=32, unique=True, default=new_reference, editable=False)
    status = models.CharField(max_length=10, choices=Status)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="appointments")
    service = models.ForeignKey(Service, models.PROTECT, related_name="appointments")

    sequence = models.PositiveSmallIntegerField(default=0, help_text="How often it was moved or cancelled.")

    # Copied when booked: a later change of provider or service never reaches what the client agreed to.
    provider_name = models.CharField(max_length=100)
    service_name = models.CharField(max_length=100)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3)
    cancellation_policy = models.CharField(max_length=200, blank=True)
    appointment_time = models.DateTimeField()
    end = models.DateTimeField()
    blocked_until = models.DateTimeField(help_text="The end and the buffer after it.")
    # What was agreed is a time on the provider's wall. A country may change its clocks before it comes.
    wall_time = models.CharField(
        "agreed time", max_length=40, help_text="On the provider's wall, with its offset then."
    )
    wall_zone = models.CharField("agreed in", max_length=64, help_text="The time zone of that wall.")
    zone_rules = models.CharField(max_length=10, help_text="The edition of the time-zone rules it was last checked by.")

    client_email = models.EmailField(validators=[validate_ascii])
    client_name = models.CharField(max_length=100, blank=True, validators=[validate_one_line])
    client_mailbox = models.CharField(max_length=254, editable=False, help_text="The address without case and +tag.")
    search_text = models.TextField(editable=False, default="", help_text="Name and address, folded for a search.")
    note = models.CharField(max_length=1000, blank=True, validators=[validate_plain_text])
    client_time_zone = models.CharField(
        max_length=64, blank=True, validators=[validate_time_zone], help_text="Where the client reads the times."
    )

    begun_from = models.CharField(
        max_length=64, blank=True, editable=False, help_text="A keyed hash of the network's address, while it counts."
    )
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    refund_due = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        help_text="What of the price was promised back on cancelling.",
    )
    returned = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        help_text="What of the price has gone back, or is on its way: whoever took the money writes it here.",
    )
    expired_at = models.DateTimeField(null=True, blank=True)
    moved_from = models.DateTimeField(
        null=True, blank=True, help_text="Its time before the client chose another, since it is held or confirmed."
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["-appointment_time"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("appointment_time")), name="booking_appointment_end_after_start"
            ),
            models.CheckConstraint(condition=Q(blocked_until__gte=F("end")), name="booking_appointment_blocked_to_end"),
        ]
        indexes = [
            models.Index(
                fields=["provider", "blocked_until"],
                condition=Q(status__in=["held", "confirmed"]),
                name="booking_appointment_holding",
            ),
            models.Index(fields=["hold_expires_at"], condition=Q(status="held"), name="booking_appointment_hold_end"),
            models.Index(fields=["client_mailbox", "appointment_time"], name="booking_appointment_mailbox"),
            models.Index(fields=["begun_from"], condition=~Q(begun_from=""), name="booking_appointment_network"),
            # One question a round of tick, mostly answered with nothing.
            models.Index(
                fields=["zone_rules", "appointment_time"],
                condition=Q(status__in=["held", "confirmed"]),
                name="booking_appointment_rules",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_name} with {self.provider_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_text = folded(f"{self.client_name} {self.client_email}")
        self.client_mailbox = limits.mailbox(self.client_email)
        super().save(*args, **kwargs)

    @property
    def client(self) -> str:
        """As staff know them: by name, or by the address of who gave none."""
        return self.client_name or self.client_email

    @classmethod
    def copied_from(cls, provider: Provider, service: Service, appointment_time: datetime) -> Self:
        return cls(
            provider=provider,
            service=service,
            provider_name=provider.name,
            service_name=service.name,
            price=service.price,
            currency=service.currency,
            cancellation_policy=settings.CANCELLATION_POLICY,
            appointment_time=appointment_time,
            end=appointment_time + service.duration,
            blocked_until=appointment_time + service.occupies,
            **on_the_wall(appointment_time, provider),
        )

    def is_same_booking_as(self, other: "Appointment") -> bool:
        facts = ("service_id", "appointment_time", "price", "client_email", "client_name", "note")
        return all(getattr(self, fact) == getattr(other, fact) for fact in facts)

    def begin(self, now: datetime, reference: str) -> None:
        self.reference, self.created_at = reference, now
        if self.price:
            self.status, self.hold_expires_at = self.Status.HELD, self.promised_until
        else:
            self.status, self.confirmed_at = self.Status.CONFIRMED, now
        self.save(force_insert=True)
        if self.status == self.Status.CONFIRMED:
            Mail.objects.owe(self, Mail.Kind.CONFIRMED)

    @property
    def promised_until(self) -> datetime:
        """A hold never ends sooner than was said when it was booked."""
        return self.created_at + timedelta(minutes=settings.HOLD_MINUTES)

    @property
    def counts_for_network_until(self) -> datetime:
        a_day_later = self.created_at + limits.COUNTED_FOR
        return min(self.hold_expires_at or a_day_later, a_day_later)

    @property
    def duration(self) -> timedelta:
        return self.end - self.appointment_time

    @property
    def duration_minutes(self) -> int:
        return int(self.duration.total_seconds()) // 60

    @property
    def occupies(self) -> timedelta:
        """The appointment and the buffer after it."""
        return self.blocked_until - self.appointment_time

    @cached_property
    def zone(self) -> ZoneInfo:
        """In which the client reads its times: their own, where its clock differs from the provider's then or now.

        Around a day on which one of the two changes, a time is read before and after it.
        """
        theirs = zones.find(self.client_time_zone)
        moments = (self.appointment_time, timezone.now())
        differs = theirs and any(zones.differ(theirs, self.provider.zone, moment) for moment in moments)
        return theirs if theirs and differs else self.provider.zone

    @property
    def provider_zone(self) -> ZoneInfo | None:
        """Where it is not the one that the times are read in."""
        return self.provider.zone if self.provider.zone != self.zone else None

    @property
    def is_held(self) -> bool:
        """Held and not yet lapsed, whether or not a tick has come by to write that down."""
        in_time = self.hold_expires_at is None or self.hold_expires_at > timezone.now()
        return self.status == self.Status.HELD and in_time

    @property
    def seconds_kept(self) -> int:
        """How long until a hold with an end has run out: a whole number, and never too soon."""
        left = (self.hold_expires_at - timezone.now()).total_seconds() if self.hold_expires_at else 0
        return max(int(left), 0) + 1

    @property
    def state(self) -> str:
        """The status as it truly is now: a hold that ran out is expired before any tick says so."""
        lapsed = self.status == self.Status.HELD and not self.is_held
        return str(self.Status.EXPIRED if lapsed else self.status)

    @property
    def is_paid(self) -> bool:
        """Nothing priced is confirmed without its payment."""
        return self.status == self.Status.CONFIRMED and self.price > 0

    @property
    def absolute_url(self) -> str:
        return f"{settings.SITE_URL}{reverse('booking:appointment', args=[self.reference])}"

    @property
    def book_again_address(self) -> str:
        moment = self.appointment_time.isoformat()
        query = {"provider": self.provider.slug, "service": self.service.slug, "time": moment}
        return f"{reverse('booking:book')}?{urlencode(query)}"

    def confirm(self) -> bool:
        """Make a hold, or a lapsed hold whose time is still free and ahead, a confirmed appointment.

        False when it is neither. Whoever gets True wrote `confirmed_at`, and nobody else did.
        """
        lapsed_and_begun = self.state == self.Status.EXPIRED and self.appointment_time <= timezone.now()
        return not lapsed_and_begun and (self._confirm_from(self.Status.HELD) or self._retake())

    def _retake(self) -> bool:
        """The money came after the hold ran out: take the time again if nobody else has it.

        A crowd is no answer, and no reason to send the money back: whatever else the database says is raised.
        """
        try:
            with transaction.atomic():
                lock_provider(self.provider_id)
                now = timezone.now()
                in_the_way = self.provider.appointments.overlapping(self.appointment_time, self.blocked_until)
                in_the_way.lapse(now)
                return self.appointment_time > now and self._confirm_from(self.Status.EXPIRED)
        except IntegrityError as error:
            if OVERLAP_CONSTRAINT in str(error):
                return False
            raise

    @property
    def not_returned(self) -> Decimal:
        return self.price - self.returned

    def _confirm_from(self, status: Status) -> bool:
        """Whatever time was chosen first, this is the one that its confirmation tells of."""
        changes = {"confirmed_at": timezone.now(), "hold_expires_at": None, "moved_from": None}
        return self._move(status, self.Status.CONFIRMED, **changes)

    def keep_until(self, moment: datetime | None) -> bool:
        """Move the end of a hold; None while a slow payment is on its way. False when it is no longer held."""
        return self._move(self.Status.HELD, self.Status.HELD, hold_expires_at=moment)

    def keep_at_least_until(self, moment: datetime) -> bool:
        return self.keep_until(max(moment, self.hold_expires_at or moment))

    def end_hold_sooner(self, source: datetime, target: datetime) -> bool:
        """False when it no longer ends at `source`: somebody else had a reason to move it."""
        still = Appointment.objects.filter(pk=self.pk, status=self.Status.HELD, hold_expires_at=source)
        return bool(still.update(hold_expires_at=max(target, self.promised_until)))

    def release(self) -> bool:
        """Let a hold go whose payment failed for good."""
        return self._move(self.Status.HELD, self.Status.EXPIRED, expired_at=timezone.now(), hold_expires_at=None)

    @property
    def refund_terms(self) -> list[cancellation.Term]:
        return self.refund_terms_at(self.appointment_time)

    def refund_terms_at(self, moment: datetime) -> list[cancellation.Term]:
        """Those that can still be met, with that time."""
        terms = cancellation.terms(self.cancellation_policy, moment, self.price, self.currency)
        return [term for term in terms if term.until >= timezone.now()]

    def refund_at(self, moment: datetime) -> Decimal:
        """What the client gets back who cancels at that moment; what went back before counts towards it."""
        promised = cancellation.refund_at(moment, self.refund_terms) if self.is_paid else Decimal(0)
        return max(promised - self.returned, Decimal(0))

    @property
    def is_news(self) -> bool:
        """Confirmed so recently that its mail may still be on its way."""
        return bool(self.confirmed_at and timezone.now() - self.confirmed_at < timedelta(minutes=5))

    @property
    def seen_as(self) -> str:
        """What a page shows of it that a button on that page relies on."""
        return f"{self.state} {self.appointment_time.isoformat()}"

    @property
    def has_begun(self) -> bool:
        return self.appointment_time <= timezone.now()

    @property
    def is_cancellable(self) -> bool:
        """By the client, and with more to it than giving back a hold."""
        return self.status == self.Status.CONFIRMED and not self.has_begun

    def cancel(self, refund: Decimal | None = None) -> None:
        """Give the time back; repeated, or after it was given back anyway, it changes nothing.

        A paid one returns what the policy says, or the `refund` that staff decided on.
        Raises NotCancellable when it has begun and the client cancels, when it was paid while they thought it a hold,
        or when less is left to return.
        """
        with transaction.atomic():
            if self._give_back(refund):
                appointment_cancelled.send(Appointment, appointment=self)
                return
        self.refresh_from_db()
        if self.status == self.Status.CONFIRMED:
            raise NotCancellable

    def _give_back(self, refund: Decimal | None) -> bool:
        """From the status that the caller saw: a hold that was paid since then is more than they meant to give up."""
        now = timezone.now()
        if self.status == self.Status.HELD:
            return self._move(self.Status.HELD, self.Status.CANCELLED, cancelled_at=now, hold_expires_at=None)
        if refund is None and not self.is_cancellable:
            return False
        # Staff may be returning some of it at this moment.
        self.returned = Appointment.objects.select_for_update().values_list("returned", flat=True).get(pk=self.pk)
        due = self.refund_at(now) if refund is None else refund
        if due > self.not_returned:
            return False
        cancelled = self._move(self.Status.CONFIRMED, self.Status.CANCELLED, cancelled_at=now, refund_due=due)
        if cancelled:
            Appointment.objects.filter(pk=self.pk).update(sequence=F("sequence") + 1)
        return cancelled

    @property
    def movable_until(self) -> datetime | None:
        """As long as cancelling would return everything; None if it never did. Unpaid or free, until it begins."""
        if not self.is_paid:
            return self.appointment_time
        return next((term.until for term in self.refund_terms if term.amount == self.price), None)

    @property
    def is_movable(self) -> bool:
        """By the client, to another time of the same service."""
        if not (self.provider.active and self.service.active):
            return False
        until = self.movable_until
        return self.state in self.HOLDING and until is not None and timezone.now() <= until

    def reschedule(self, moment: datetime, *, client_time_zone: str = "") -> None:
        """Take another time that is on offer, at the price and length agreed on, as it was read on that clock.

        Raises SlotTaken, NotMovable or NotNow.
        """
        if self.status == self.Status.HELD:
            appointment_moving.send(Appointment, appointment=self)
        with contention_as_taken(), transaction.atomic():
            lock_provider(self.provider_id)
            if not self.is_movable:
                raise NotMovable
            agreed = on_the_wall(moment, self.provider)
            zone = client_time_zone or self.client_time_zone
            changes: dict[str, str | datetime] = {**agreed, "moved_from": self.appointment_time}
            self._take(moment, timezone.now(), Mail.Kind.CHANGED, client_time_zone=zone, **changes)

    @property
    def agreed_zone(self) -> ZoneInfo:
        """The provider's when it was agreed, which may have changed since."""
        return ZoneInfo(self.wall_zone)

    @property
    def agreed_instant(self) -> datetime:
        """When the wall shows the time that was agreed on, by the rules of today."""
        return zones.instant_of(self.wall_time, self.agreed_zone)

    def record_checked(self) -> bool:
        """By the rules of today it may stay where it is. False when it was moved meanwhile."""
        same = Appointment.objects.filter(pk=self.pk, appointment_time=self.appointment_time, wall_time=self.wall_time)
        return bool(same.update(zone_rules=zones.RULES))

    def keep_wall_time(self) -> None:
        """Clocks have new rules: be at the instant that the agreed time now is, if nobody else's time is in the way.

        Raises SlotTaken or NotMovable.
        """
        with contention_as_taken(), transaction.atomic():
            lock_provider(self.provider_id)
            self._take(self.agreed_instant, timezone.now(), Mail.Kind.NEW_RULES, zone_rules=zones.RULES)

    def _take(self, moment: datetime, now: datetime, told_as: Mail.Kind, **changes: str | datetime) -> None:
        """From the status, time and end of its hold that the caller saw: whoever was first in changing one has it.

        A payment page that was opened since then has lengthened the hold.
        """
        was, blocked_until = self.appointment_time, moment + self.occupies
        in_the_way = self.provider.appointments.overlapping(moment, blocked_until).exclude(pk=self.pk)
        in_the_way.lapse(now)
        if in_the_way.holding().exists():
            raise SlotTaken
        seen = {"status": self.status, "appointment_time": was, "hold_expires_at": self.hold_expires_at}
        times = {"appointment_time": moment, "end": moment + self.duration, "blocked_until": blocked_until}
        to_this = {**times, **changes, "sequence": F("sequence") + 1}
        if not Appointment.objects.live(now).filter(pk=self.pk, **seen).update(**to_this):
            raise NotMovable
        self.refresh_from_db()
        if self.status == self.Status.CONFIRMED:
            Mail.objects.owe(self, told_as, was=was.isoformat())

    def _move(self, source: Status, target: Status, **changes: datetime | Decimal | None) -> bool:
        """`UPDATE … WHERE status = source`: no row means that somebody was first."""
        with transaction.atomic():
            moved = Appointment.objects.filter(pk=self.pk, status=source).update(status=target, **changes)
            if moved:
                self.status = target
                for name, value in changes.items():
                    setattr(self, name, value)
                if kind := self.TOLD_AS.get((source, target)):
                    Mail.objects.owe(self, kind)
        return bool(moved)
