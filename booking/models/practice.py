"""Who can be booked, and when they work: providers, their working hours, and their time off."""

from collections.abc import Iterable
from datetime import time, timedelta
from itertools import combinations
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from booking import zones
from booking.in_force import in_force
from booking.initials import initials
from booking.models.named import INACTIVE, FormerSlug, Named
from booking.models.services import Service
from booking.models.translations import Translated
from booking.text import validate_one_line
from booking.zones import validate_time_zone

DAY = timedelta(days=1)
A_WEEK = 7 * DAY


def validate_whole_minute(clock: time) -> None:
    if clock.second or clock.microsecond:
        raise ValidationError("Enter hours and minutes, like 09:30.")


def practice_time_zone() -> str:
    return in_force.TIME_ZONE


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
        help_text="Where clients come: an address, or how to join online. Empty: to the practice’s address.",
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
    def where_in_first_language(self) -> str:
        """Where clients come, in the words of the practice's first language; empty if nobody has said it.

        Whoever works by video or at home has a place of their own. All others are at the practice.
        """
        return self.place or in_force.PRACTICE_ADDRESS

    @property
    def where(self) -> str:
        """The same as a reader of the active language reads it."""
        return self.translated["place"] if self.place else self.where_in_first_language

    @property
    def where_in_every_language(self) -> set[str]:
        words = self.translations.get("place", {}).values() if self.place else ()
        return {self.where_in_first_language, *words}

    @property
    def week(self) -> "models.QuerySet[WorkingHours, tuple[int, time, time]]":
        """Rows of weekday, opening and closing, for `availability.Hours`."""
        return self.working_hours.values_list("weekday", "opens", "closes")


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
    def ends_on_the_next_day(self) -> bool:
        """Whether it goes on after midnight, which is the end of its own day."""
        return time(0) < self.closes < self.opens

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
