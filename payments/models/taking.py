"""A taking: one amount that was taken at the practice, or a counter-entry that takes some of one off again."""

from decimal import Decimal
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from booking import money
from booking.models import Appointment


class NeverEdited(TypeError):
    """A row that is on somebody's books is never changed or deleted: another row undoes it, or corrects it."""


class TakingQuerySet(models.QuerySet["Taking"]):
    def update(self, **facts: Any) -> NoReturn:
        raise NeverEdited

    def delete(self) -> NoReturn:
        raise NeverEdited


class Taking(models.Model):
    """One amount taken at the practice. Each counter-entry is a row like it, with the amount below zero: it undoes the
    entry, or says what was given back of it.

    A row has nothing personal of the client, so erasing a client's data needs no change of it.
    """

    class Method(models.TextChoices):
        CASH = "cash", pgettext_lazy("how it was paid", "Cash")
        TERMINAL = "terminal", pgettext_lazy("how it was paid", "Card terminal")
        TRANSFER = "transfer", pgettext_lazy("how it was paid", "Bank transfer")

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="takings")
    amount = models.IntegerField(help_text="In minor units. Below zero for a counter-entry.")
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=10, choices=Method)
    taken_at = models.DateTimeField(help_text="When the money changed hands, as staff say.")
    at = models.DateTimeField(auto_now_add=True, help_text="When it was written down.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=310, help_text="Their name then.")
    undoes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="counter_entries")

    objects = TakingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(undoes=None, amount__gt=0) | Q(undoes__isnull=False, amount__lt=0),
                name="payments_taking_or_counter_entry",
            ),
        ]
        indexes = [models.Index(fields=["taken_at"], name="payments_taking_taken")]

    def __str__(self) -> str:
        return f"{money.display(self.decimal_amount, self.currency)}, {self.get_method_display().lower()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NeverEdited
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NeverEdited

    @property
    def decimal_amount(self) -> Decimal:
        return money.from_minor_units(self.amount, self.currency)

    @property
    def left(self) -> Decimal:
        """What of an entry was not taken off again. Asks nothing if its counter-entries are fetched."""
        return self.decimal_amount - sum(one.taken_off for one in self.counter_entries.all())

    @property
    def taken_off(self) -> Decimal:
        """What a counter-entry takes off its entry."""
        return -self.decimal_amount
