"""What can be booked: services, their lengths, and how each is paid."""

from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from booking import money
from booking.models.named import INACTIVE, FormerSlug, Named
from booking.models.translations import Translated


@lru_cache
def minutes(count: int) -> timedelta:
    """So many minutes. Whoever lists what can be booked asks for the same few lengths hundreds of times."""
    return timedelta(minutes=count)


def validate_price(price: Decimal) -> None:
    currency = settings.CURRENCY
    minimum = money.CURRENCIES[currency].minimum
    if price and price < minimum:
        sentence = _("A price is 0 or at least %(amount)s: cards take no less.")
        raise ValidationError(sentence % {"amount": money.display(minimum, currency)})
    try:
        money.minor_units(price, currency)
    except ValueError as error:
        sentence = _("%(currency)s has no such fraction: use fewer decimals.")
        raise ValidationError(sentence % {"currency": currency.upper()}) from error


def validate_deposit(deposit: Decimal, price: Decimal) -> None:
    """A deposit is charged to a card like a price, and something is left to pay at the practice."""
    currency = settings.CURRENCY
    minimum = money.CURRENCIES[currency].minimum
    if deposit < minimum:
        sentence = _("A deposit is at least %(amount)s: cards take no less.")
        raise ValidationError(sentence % {"amount": money.display(minimum, currency)})
    if deposit >= price:
        sentence = _("A deposit is less than the price. For all of it, choose “%(choice)s”.")
        raise ValidationError(sentence % {"choice": Service.Payment.ONLINE.label})
    validate_price(deposit)


class Service(Named, Translated):
    TRANSLATED = ("name", "description")
    LAST_POSITION: ClassVar = 32767
    """No database keeps a higher one in the column."""
    LONGEST: ClassVar = 2 * timedelta(minutes=720)
    """No appointment occupies more time, with the buffer after it."""

    class Payment(models.TextChoices):
        """Where the price is paid."""

        ONLINE = "online", gettext_lazy("The whole price online")
        DEPOSIT = "deposit", gettext_lazy("A deposit online, the rest at the practice")
        AT_PRACTICE = "at practice", pgettext_lazy("how it is paid", "At the practice")

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
        validators=[MinValueValidator(0)],
        help_text="What is paid online, if it is paid by a deposit. The rest is due at the practice.",
    )
    phone_required = models.BooleanField(
        default=False, db_default=False, help_text="Clients who book it online must leave a phone number."
    )
    active = models.BooleanField(default=True, help_text=INACTIVE)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            # Nothing is asked of the price here: an older release changes prices, and knows nothing of deposits.
            models.CheckConstraint(
                condition=Q(deposit__gte=0) & (~Q(payment="deposit") | Q(deposit__gt=0)),
                name="booking_service_deposit",
            ),
        ]

    def clean(self) -> None:
        """Refuse a deposit that cannot be charged. One that is not asked for may stand there for another time."""
        super().clean()
        known = isinstance(self.price, Decimal) and isinstance(self.deposit, Decimal)
        if known and self.payment == self.Payment.DEPOSIT:
            try:
                validate_deposit(self.deposit, self.price)
            except ValidationError as error:
                raise ValidationError({"deposit": error}) from error

    @classmethod
    def next_position(cls) -> int:
        """The position of one that comes after all that there are."""
        last = cls.objects.aggregate(last=Max("position"))["last"]
        return 0 if last is None else min(last + 1, cls.LAST_POSITION)

    def put_beside(self, other: "Service", *, after: bool) -> int | None:
        """Put this right before or after the other in the list. Return its place, from 1, or None if it stands there.

        All are locked in the same order, so that two who do this at once cannot wait for each other.
        """
        with transaction.atomic():
            list(Service.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
            present = list(Service.objects.all())
            wanted = [one for one in present if one != self]
            wanted.insert(wanted.index(other) + after, self)
            if wanted == present:
                return None
            for position, one in enumerate(wanted):
                one.position = position
            Service.objects.bulk_update(wanted, ["position"])
        return wanted.index(self) + 1

    @property
    def duration(self) -> timedelta:
        return minutes(self.duration_minutes)

    @property
    def occupies(self) -> timedelta:
        """The length of an appointment and of the buffer after it."""
        return minutes(self.duration_minutes + self.buffer_minutes)

    @property
    def currency(self) -> str:
        return str(settings.CURRENCY)

    @property
    def due_online(self) -> Decimal:
        """What of the price is paid online, before the appointment is confirmed."""
        if self.payment == self.Payment.ONLINE:
            return self.price
        return min(self.deposit, self.price) if self.payment == self.Payment.DEPOSIT else Decimal(0)

    @property
    def due_at_practice(self) -> Decimal:
        """What of the price is paid at the practice."""
        return self.price - self.due_online

    @property
    def is_sellable(self) -> bool:
        """Whether price and deposit can be charged in CURRENCY, which may have been changed since they were set."""
        try:
            validate_price(self.price)
            if self.payment == self.Payment.DEPOSIT:
                validate_deposit(self.deposit, self.price)
        except ValidationError:
            return False
        return True


class FormerServiceSlug(FormerSlug):
    owner = models.ForeignKey(Service, models.CASCADE, related_name="former_slugs")
