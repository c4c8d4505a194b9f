"""What an appointment is: its columns, what the database guarantees about them, and the state it is in."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from booking import languages, limits, phone, zones
from booking.in_force import in_force
from booking.models.practice import Provider
from booking.models.services import Service
from booking.text import folded, validate_ascii, validate_one_line, validate_plain_text
from booking.zones import validate_time_zone

# The moment at which an appointment was over for its client, unless a late payment has confirmed what had expired.
OVER_AT = Coalesce("cancelled_at", "expired_at", "end")


def new_reference() -> str:
    """128 random bits: whoever knows a reference may see and change its appointment."""
    return secrets.token_urlsafe(16)


def agreed_wall_time(moment: datetime, provider: Provider) -> dict[str, str]:
    """The columns that keep what the provider's clock on the wall shows at that moment: this is what is agreed on."""
    zone = provider.zone
    return {"wall_time": zones.on_wall(moment, zone), "wall_zone": zone.key, "zone_rules": zones.RULES}


class AppointmentFacts(models.Model):
    class Status(models.TextChoices):
        """Held (unpaid) and confirmed appointments occupy their time; cancelled and expired ones do not any more."""

        HELD = "held"
        CONFIRMED = "confirmed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    OCCUPYING: ClassVar = (Status.HELD, Status.CONFIRMED)

    reference = models.CharField(max_length=32, unique=True, default=new_reference, editable=False)
    status = models.CharField(max_length=10, choices=Status)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="appointments")
    service = models.ForeignKey(Service, models.PROTECT, related_name="appointments")

    # An iCalendar SEQUENCE: the client's calendar takes the file with the highest one.
    sequence = models.PositiveSmallIntegerField(default=0, help_text="How often it was moved or cancelled.")

    # Copied when it is booked: a later change of the provider or the service never reaches what the client agreed to.
    provider_name = models.CharField(max_length=100)
    service_name = models.CharField(max_length=100)
    service_names = models.JSONField(
        default=dict, db_default={}, editable=False, help_text="The name in other languages, by language."
    )
    price = models.DecimalField(max_digits=8, decimal_places=2)
    due_at_practice = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        db_default=Decimal(0),
        help_text="What of the price is paid at the practice. The rest is due online.",
    )
    taken_at_practice = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        db_default=Decimal(0),
        help_text="What of that has been taken there: whoever takes the money writes it here.",
    )
    rest_paid_online = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        db_default=Decimal(0),
        help_text="What was due at the practice when it was booked, and was paid online since, and not returned.",
    )
    currency = models.CharField(max_length=3)
    cancellation_policy = models.CharField(max_length=200, blank=True)
    appointment_time = models.DateTimeField()
    end = models.DateTimeField()
    blocked_until = models.DateTimeField(help_text="The end and the buffer after it.")
    # Client and provider have agreed on a time that the provider's clock on the wall shows. If the country changes its
    # rules for clocks before that time comes, the appointment has to move to another instant.
    wall_time = models.CharField(
        "agreed time", max_length=40, help_text="On the provider's wall, with its offset then."
    )
    wall_zone = models.CharField("agreed in", max_length=64, help_text="The time zone of that wall.")
    zone_rules = models.CharField(max_length=10, help_text="The edition of the time-zone rules it was last checked by.")

    # Staff may book for somebody who has only a telephone. Then this is empty, and no mail is owed to the client.
    client_email = models.EmailField(validators=[validate_ascii], blank=True)
    client_name = models.CharField(max_length=100, blank=True, validators=[validate_one_line])
    client_phone = models.CharField(
        max_length=phone.LONGEST, blank=True, default="", db_default="", help_text="In E.164, like +353871234567."
    )
    for_whom = models.CharField(
        max_length=100,
        blank=True,
        default="",
        db_default="",
        validators=[validate_one_line],
        help_text="Who comes, if it is not the client: a child, or a parent.",
    )
    client_mailbox = models.CharField(max_length=254, editable=False, help_text="The address without case and +tag.")
    search_text = models.TextField(
        editable=False, default="", help_text="Both names, address and phone number, folded for a search."
    )
    note = models.CharField(max_length=1000, blank=True, validators=[validate_plain_text])
    language = models.CharField(
        max_length=2,
        default=languages.active,
        db_default="",
        editable=False,
        help_text="The language that it was booked in, in which its client gets mail.",
    )
    client_time_zone = models.CharField(
        max_length=64, blank=True, validators=[validate_time_zone], help_text="Where the client reads the times."
    )

    begun_from = models.CharField(
        max_length=64, blank=True, editable=False, help_text="A keyed hash of the network's address, while it counts."
    )
    # Null for an appointment that is not held, and for a held one whose payment is slow: this is held until the bank
    # has answered.
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    kept_until = models.DateTimeField(
        null=True, blank=True, help_text="The deadline for paying that staff gave. Without one, it is HOLD_MINUTES."
    )
    held_until_at_booking = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Until when its client was told that it is held, at booking."
    )
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
    failed_to_return = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        db_default=Decimal(0),
        help_text="What of the price is due back and not on its way, because its refund failed.",
    )
    no_show_at = models.DateTimeField(
        null=True, blank=True, help_text="When staff wrote down that the client did not come."
    )
    expired_at = models.DateTimeField(null=True, blank=True)
    moved_from = models.DateTimeField(
        null=True, blank=True, help_text="Its time before another was chosen, since it is held or confirmed."
    )

    erased_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When all was erased that says who its client was."
    )
    changed_at: datetime | None
    """When staff or client changed it last. Only appointments that `in_calendar_of` fetched have this attribute."""

    class Meta:
        abstract = True
        ordering = ["-appointment_time"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end__gt=F("appointment_time")), name="booking_appointment_end_after_start"
            ),
            models.CheckConstraint(condition=Q(blocked_until__gte=F("end")), name="booking_appointment_blocked_to_end"),
            models.CheckConstraint(
                condition=Q(due_at_practice__gte=0) & Q(due_at_practice__lte=F("price")),
                name="booking_appointment_due_at_practice",
            ),
            models.CheckConstraint(
                condition=Q(taken_at_practice__gte=0) & Q(taken_at_practice__lte=F("due_at_practice")),
                name="booking_appointment_taken_at_practice",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "blocked_until"], name="booking_appointment_provider"),
            # Nearly all are confirmed in the end, and the list of others is short.
            models.Index(
                fields=["status", "appointment_time"],
                condition=~Q(status="confirmed"),
                name="booking_appointment_status",
            ),
            # The list in the admin is in this order. Each round of `manage.py tick` asks which of the coming ones have
            # older rules, and finds that out in the index alone.
            models.Index(fields=["appointment_time", "zone_rules"], name="booking_appointment_time"),
            models.Index(fields=["hold_expires_at"], condition=Q(status="held"), name="booking_appointment_hold_end"),
            models.Index(fields=["client_mailbox", "appointment_time"], name="booking_appointment_mailbox"),
            models.Index(fields=["client_phone"], name="booking_appointment_phone"),
            models.Index(fields=["begun_from"], condition=~Q(begun_from=""), name="booking_appointment_network"),
            # Each round of `manage.py tick` asks whether personal data have been kept for as long as they may be.
            models.Index(OVER_AT, condition=Q(erased_at=None), name="booking_appointment_over"),
        ]

    def __str__(self) -> str:
        return f"{self.service_name} with {self.provider_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        known = (self.client_name, self.for_whom, self.client_email, self.client_phone)
        self.search_text = folded(" ".join(filter(None, known)))
        self.client_mailbox = limits.mailbox(self.client_email)
        super().save(*args, **kwargs)

    @classmethod
    def copied_from(cls, provider: Provider, service: Service, appointment_time: datetime) -> Self:
        """An unsaved appointment at that time, with all that the client agrees to as it is offered now."""
        return cls(
            provider=provider,
            service=service,
            provider_name=provider.name,
            service_name=service.name,
            service_names=service.translations.get("name", {}),
            price=service.price,
            due_at_practice=service.due_at_practice,
            currency=service.currency,
            cancellation_policy=in_force.CANCELLATION_POLICY,
            appointment_time=appointment_time,
            end=appointment_time + service.duration,
            blocked_until=appointment_time + service.occupies,
            **agreed_wall_time(appointment_time, provider),
        )

    def waive_price(self) -> None:
        """Make it free of charge, before it is booked."""
        self.price = self.due_at_practice = Decimal(0)

    def is_same_booking_as(self, other: "AppointmentFacts") -> bool:
        facts = (
            "service_id",
            "appointment_time",
            "price",
            "client_email",
            "client_name",
            "client_phone",
            "for_whom",
            "note",
        )
        # As it was booked: what of the rest was paid online since is due at the practice no more.
        due, others = (one.due_at_practice + one.rest_paid_online for one in (self, other))
        return due == others and all(getattr(self, fact) == getattr(other, fact) for fact in facts)

    @property
    def duration(self) -> timedelta:
        return self.end - self.appointment_time

    @property
    def duration_minutes(self) -> int:
        return int(self.duration.total_seconds()) // 60

    @property
    def occupies(self) -> timedelta:
        """The length of the appointment and of the buffer after it."""
        return self.blocked_until - self.appointment_time

    @property
    def has_begun(self) -> bool:
        return self.appointment_time <= timezone.now()

    @property
    def is_held(self) -> bool:
        """Whether it is held and its hold has not run out. `manage.py tick` writes `expired` only some time later."""
        in_time = self.hold_expires_at is None or self.hold_expires_at > timezone.now()
        return self.status == self.Status.HELD and in_time

    @property
    def state(self) -> str:
        """The status as it is now: a hold that ran out is expired, even before `manage.py tick` has written that."""
        lapsed = self.status == self.Status.HELD and not self.is_held
        return str(self.Status.EXPIRED if lapsed else self.status)

    @property
    def stands(self) -> bool:
        """Whether its time is its client's: it is held or confirmed."""
        return self.state in self.OCCUPYING

    @property
    def counts_for_network_until(self) -> datetime:
        """The moment from which it no longer counts against the limit of the network that it was booked from."""
        a_day_later = self.created_at + limits.COUNTED_FOR
        return min(self.hold_expires_at or a_day_later, a_day_later)
