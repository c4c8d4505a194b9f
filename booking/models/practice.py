"""What a practice sets up: its providers, its services, and when the providers work."""

from collections.abc import Iterable
from datetime import time, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from booking import money, zones
from booking.initials import initials
from booking.models.translations import Translated
from booking.text import printable, validate_one_line
from booking.zones import validate_time_zone

DAY = timedelta(days=1)
A_WEEK = 7 * DAY
INACTIVE = "Untick to offer it no more; what is booked stays."


def validate_whole_minute(clock: time) -> None:
    if clock.second or clock.microsecond:
        raise ValidationError("Enter hours and minutes, like 09:30.")


def practice_time_zone() -> str:
    return str(settings.TIME_ZONE)


def validate_price(price: Decimal) -> None:
    currency = settings.CURRENCY
    minimum = money.CURRENCIES[currency].minimum
    if price and price < minimum:
        raise ValidationError(f"A price is 0 or at least {money.display(minimum, currency)}: cards take no less.")
    try:
        money.minor_units(price, currency)
    except ValueError as error:
        raise ValidationError(f"{currency.upper()} has no such fraction: use fewer decimals.") from error


class Named(models.Model):
    """A provider or a service. Links to it get printed, so its earlier slugs go on leading to it."""

    former_slugs: Any

    name = models.CharField(max_length=100, unique=True, validators=[validate_one_line])
    slug = models.SlugField(
        max_length=100, unique=True, help_text="Its name in addresses. Links with an earlier one still lead here."
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            before = type(self)._default_manager.filter(pk=self.pk).exclude(slug=self.slug)
            was = before.values_list("slug", flat=True).first()
            super().save(*args, **kwargs)
            if was:
                self.former_slugs.model.objects.update_or_create(slug=was, defaults={"owner": self})

    @classmethod
    def present_slug(cls, slug: str) -> str:
        """The present slug of the provider or service that has, or once had, this slug.

        A slug that is not known is returned as it is.
        """
        slug = printable(slug)
        known: models.Manager[Any] = cls._default_manager
        if known.filter(slug=slug).exists():
            return slug
        return known.filter(former_slugs__slug=slug).values_list("slug", flat=True).first() or slug


class FormerSlug(models.Model):
    """An earlier slug of a provider or a service. It leads there until another provider or service takes it."""

    slug = models.SlugField(max_length=100, unique=True)

    class Meta:
        abstract = True
        verbose_name = "earlier address"

    def __str__(self) -> str:
        return self.slug


class Service(Named, Translated):
    TRANSLATED = ("name", "description")
    LONGEST: ClassVar = 2 * timedelta(minutes=720)
    """No appointment occupies more time, with the buffer after it."""

    position = models.PositiveSmallIntegerField(default=0, help_text="Lower numbers are listed first.")
    description = models.CharField(max_length=300, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(5), MaxValueValidator(720)])
    buffer_minutes = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(720)], help_text="Kept free after the appointment."
    )
    price = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(0), validate_price],
        help_text="0 for a service that is free of charge.",
    )
    phone_required = models.BooleanField(
        default=False, db_default=False, help_text="Clients who book it online must leave a phone number."
    )
    active = models.BooleanField(default=True, help_text=INACTIVE)

    class Meta:
        ordering = ["position", "name"]

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes)

    @property
    def occupies(self) -> timedelta:
        """The length of an appointment and of the buffer after it."""
        return timedelta(minutes=self.duration_minutes + self.buffer_minutes)

    @property
    def currency(self) -> str:
        return str(settings.CURRENCY)

    @property
    def is_sellable(self) -> bool:
        """Whether its price can be charged in CURRENCY, which may have been changed since the price was set."""
        try:
            validate_price(self.price)
        except ValidationError:
            return False
        return True


class ProviderQuerySet(models.QuerySet["Provider"]):
    def bookable(self) -> Self:
        """Active providers with an active service; each has its active services as the list `offered`."""
        offered = models.Prefetch("services", Service.objects.filter(active=True), to_attr="offered")
        return self.filter(active=True, services__active=True).distinct().prefetch_related(offered)


class Provider(Named, Translated):
    TRANSLATED = ("title", "bio", "place")
    offered: list[Service]
    """The active services of the provider. Only providers that `bookable()` fetched have this attribute."""

    title = models.CharField(max_length=100, blank=True)
    bio = models.CharField(max_length=300, blank=True)
    place = models.CharField(
        max_length=200,
        blank=True,
        validators=[validate_one_line],
        help_text="Where appointments are: an address, or how to join online.",
    )
    time_zone = models.CharField(max_length=64, default=practice_time_zone, validators=[validate_time_zone])
    active = models.BooleanField(default=True, help_text=INACTIVE)
    services = models.ManyToManyField(Service, related_name="providers", blank=True)
    portrait_digest = models.CharField(
        max_length=16, blank=True, default="", db_default="", editable=False, help_text="Empty without a portrait."
    )

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def week(self) -> "models.QuerySet[WorkingHours, tuple[int, time, time]]":
        """Rows of weekday, opening and closing, for `availability.Hours`."""
        return self.working_hours.values_list("weekday", "opens", "closes")


class FormerServiceSlug(FormerSlug):
    owner = models.ForeignKey(Service, models.CASCADE, related_name="former_slugs")


class FormerProviderSlug(FormerSlug):
    owner = models.ForeignKey(Provider, models.CASCADE, related_name="former_slugs")


class WorkingHours(models.Model):
    class Weekday(models.IntegerChoices):
        MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField(validators=[validate_whole_minute])
    closes = models.TimeField(
        validators=[validate_whole_minute],
        help_text="00:00 is the end of the day. Earlier than it opens is on the next day: 22:30 to 02:00.",
    )
    all_day = models.BooleanField(default=False, help_text="Open from midnight to midnight.")

    class Meta:
        verbose_name_plural = "working hours"
        ordering = ["weekday", "opens"]
        constraints = [
            # Two equal times may be meant as a whole day or be a slip of the hand: a whole day has its own field.
            models.CheckConstraint(
                condition=Q(all_day=False) & ~Q(opens=F("closes")) | Q(all_day=True, opens=time(0), closes=time(0)),
                name="booking_hours_of_some_length",
                violation_error_message="It opens and closes at the same time. Change one, or tick “all day”.",
            )
        ]

    def __str__(self) -> str:
        hours = "all day" if self.all_day else f"{self.opens:%H:%M}–{self.closes:%H:%M}"
        return f"{self.Weekday(self.weekday).label} {hours}"

    def overlaps(self, other: "WorkingHours") -> bool:
        """Whether the two share a moment of the week, in which Monday comes after Sunday."""
        ahead = other.begins - self.begins
        return ahead % A_WEEK < self.length or -ahead % A_WEEK < other.length

    @staticmethod
    def require_apart(week: "Iterable[WorkingHours]") -> None:
        """Raise ValidationError if two of these overlap: nobody can tell which was meant, and a break would vanish."""
        if overlapping := WorkingHours.overlapping(week):
            one, other = overlapping
            raise ValidationError(f"{one} and {other} overlap. Change one of them, or delete it.")

    @staticmethod
    def overlapping(week: "Iterable[WorkingHours]") -> "tuple[WorkingHours, WorkingHours] | None":
        """The first two of these that overlap, if any do."""
        return next(((one, other) for one, other in combinations(week, 2) if one.overlaps(other)), None)

    @property
    def begins(self) -> timedelta:
        """How long after the beginning of the week it opens, by the clock on the wall."""
        return timedelta(days=self.weekday, hours=self.opens.hour, minutes=self.opens.minute)

    @property
    def length(self) -> timedelta:
        """The hours from opening to closing by the clock on the wall. When clocks change, more or fewer really pass."""
        closes = timedelta(days=self.weekday, hours=self.closes.hour, minutes=self.closes.minute)
        return (closes - self.begins) % DAY or DAY


class TimeOff(models.Model):
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="time_off")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    # Like an appointment, time off is agreed on by the provider's clock on the wall. These columns keep what that clock
    # shows, so that time off can follow it when the rules for clocks change.
    wall_starts = models.CharField(max_length=40, editable=False)
    wall_ends = models.CharField(max_length=40, editable=False)
    wall_zone = models.CharField(max_length=64, editable=False)
    zone_rules = models.CharField(max_length=10, editable=False)

    class Meta:
        verbose_name_plural = "time off"
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="booking_time_off_end_after_start",
                violation_error_message="Time off must end after it starts.",
            )
        ]

    def __str__(self) -> str:
        starts, ends = timezone.localtime(self.starts), timezone.localtime(self.ends)
        return f"{starts:%-d %b %Y %H:%M} – {ends:%-d %b %Y %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.remember_wall()
        super().save(*args, **kwargs)

    def remember_wall(self) -> None:
        """Note what the provider's clock shows. Whoever saves many rows at once calls this first."""
        zone = self.provider.zone
        self.wall_starts, self.wall_ends = (zones.on_wall(moment, zone) for moment in (self.starts, self.ends))
        self.wall_zone, self.zone_rules = zone.key, zones.RULES
