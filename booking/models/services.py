"""What can be booked: services, their lengths, and how each is paid."""

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from booking import money
from booking.models.named import INACTIVE, FormerSlug, Named
from booking.models.translations import Translated


def validate_price(price: Decimal) -> None:
    currency = settings.CURRENCY
    minimum = money.CURRENCIES[currency].minimum
    if price and price < minimum:
        raise ValidationError(f"A price is 0 or at least {money.display(minimum, currency)}: cards take no less.")
    try:
        money.minor_units(price, currency)
    except ValueError as error:
        raise ValidationError(f"{currency.upper()} has no such fraction: use fewer decimals.") from error


class Service(Named, Translated):
    TRANSLATED = ("name", "description")
    LONGEST: ClassVar = 2 * timedelta(minutes=720)
    """No appointment occupies more time, with the buffer after it."""

    class Payment(models.TextChoices):
        """Where the price is paid."""

        ONLINE = "online", "The whole price online"
        DEPOSIT = "deposit", "A deposit online, the rest at the practice"
        AT_PRACTICE = "at practice", "At the practice"

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
    payment = models.CharField(
        "how it is paid",
        max_length=11,
        choices=Payment,
        default=Payment.ONLINE,
        db_default=Payment.ONLINE,
    )
    deposit = models.DecimalField(
        max_digits=8,
        decimal_places=2,
        default=Decimal(0),
        db_default=Decimal(0),
        help_text="What is paid online, if it is paid by a deposit. The rest is due at the practice.",
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
    def due_online(self) -> Decimal:
        """What of the price is paid online, before the appointment is confirmed."""
        if self.payment == self.Payment.ONLINE:
            return self.price
        return self.deposit if self.payment == self.Payment.DEPOSIT else Decimal(0)

    @property
    def due_at_practice(self) -> Decimal:
        """What of the price is paid at the practice."""
        return self.price - self.due_online

    @property
    def is_sellable(self) -> bool:
        """Whether its price can be charged in CURRENCY, which may have been changed since the price was set."""
        try:
            validate_price(self.price)
        except ValidationError:
            return False
        return True


class FormerServiceSlug(FormerSlug):
    owner = models.ForeignKey(Service, models.CASCADE, related_name="former_slugs")
