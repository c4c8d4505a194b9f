"""The story of an appointment as far as its row does not tell it: each change that somebody made, by whom and when.

A row is written in the transaction that makes the change, and never edited. It repeats nothing personal: of a
correction it names the fields, and not what stood in them.
"""

from datetime import datetime
from typing import ClassVar, NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from booking.models.appointment.facts import AppointmentFacts
from booking.models.services import Service


class ByStaff(NamedTuple):
    """Who of the staff books for a client, and how that is to be paid."""

    user: User
    kept_until: datetime | None = None
    """The deadline for paying. Without one, the time is kept unpaid as for any client."""
    free_of_charge: bool = False
    """Whether nothing is to be paid this time."""
    at_practice: bool = False
    """Whether all of the price is to be paid at the practice this time, whatever of it the service asks online."""

    def decide_how_it_is_paid(self, wanted: AppointmentFacts) -> None:
        """Let that be due which staff decided on, before it is booked."""
        if self.free_of_charge:
            wanted.waive_price()
        elif self.at_practice:
            wanted.due_at_practice = wanted.price

    def decision(self, service: Service) -> dict[str, str]:
        """The fact by which it is remembered that staff decided otherwise than the service does, if they did."""
        if self.free_of_charge and service.price:
            return {"waived": str(service.price)}
        if self.at_practice and service.due_online:
            return {"at_practice": str(service.due_online)}
        return {}


class ChangeQuerySet(models.QuerySet["Change"]):
    def record(self, appointment: AppointmentFacts, kind: "Change.Kind", by: User | None = None, **facts: str) -> None:
        """Write down what `by` has just changed, or what the client did if it is None."""
        name = name_of(by) if by else ""
        self.create(appointment=appointment, kind=kind, by=by, by_name=name, facts=facts, at=timezone.now())


def name_of(user: User) -> str:
    """The name under which a change is remembered, also once that login is gone."""
    return user.get_full_name() or user.get_username()


class Change(models.Model):
    class Kind(models.TextChoices):
        BOOKED = "booked"
        MOVED = "moved"
        NEW_RULES = "new rules", "moved by new rules for clocks"
        CANCELLED = "cancelled"
        CORRECTED = "corrected"
        NO_SHOW = "no-show", "did not come"
        CAME = "came", "came after all"
        LINK = "link", "link sent again"
        KEPT_LONGER = "kept longer", "kept for another deadline"
        RETURNED = "returned", "money returned"
        TAKEN = "taken", "money taken at the practice"
        UNDONE = "undone", "entry of money undone"
        ASKED = "asked", "rest asked for by link"

    # What `facts` has of each kind of change. Times are in ISO 8601, amounts decimal strings in the currency.
    FACTS: ClassVar = {
        # The price, if it was booked free of charge this time; or what would have been due online, if it was booked to
        # be paid at the practice instead.
        Kind.BOOKED: ("waived", "at_practice"),
        Kind.MOVED: ("was", "became", "online"),  # the last is what was paid online by then
        Kind.NEW_RULES: ("was", "became"),
        Kind.CANCELLED: ("refund",),
        Kind.CORRECTED: ("fields",),  # names of columns, separated by spaces
        Kind.KEPT_LONGER: ("until",),
        Kind.RETURNED: ("amount", "reason"),
        Kind.TAKEN: ("amount", "method"),
        Kind.UNDONE: ("amount", "method"),
        Kind.ASKED: ("amount",),
    }

    appointment = models.ForeignKey("booking.Appointment", models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=15, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=310, blank=True, help_text="Their name then. Empty for the client.")
    facts = models.JSONField(default=dict, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%Y-%m-%d %H:%M} UTC"
