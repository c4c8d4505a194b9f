"""The address at which a provider's own calendar, on a phone or elsewhere, reads their diary.

Whoever knows the address reads it, so it holds a secret of 128 random bits. Only a hash of that is kept:
docs/decisions/0036-a-calendar-and-its-address.md says why.
"""

from hashlib import sha256

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from booking.models.appointment.facts import new_reference
from booking.models.changes import name_of
from booking.models.contention import lock_provider
from booking.models.practice import Provider


class CalendarAddressQuerySet(models.QuerySet["CalendarAddress"]):
    def find(self, key: str) -> "CalendarAddress | None":
        """The one with that secret, with its provider."""
        return self.filter(digest=digest_of(key)).select_related("provider").first()

    @transaction.atomic
    def make(self, provider: Provider, *, instead_of: str | None, by: User) -> str | None:
        """Make an address, after which the one before leads nowhere. Returns its secret, which nobody can read again.

        `instead_of` is the edition that somebody has seen, or None for whichever there is. If there is another one by
        now nothing is changed, and the answer is None: so a page that is sent twice does not replace its own address.
        """
        lock_provider(provider.pk)
        before = self.filter(provider=provider).first()
        if instead_of not in (None, edition_of(before)):
            return None
        key, name = new_reference(), name_of(by)
        facts = {"digest": digest_of(key), "made_at": timezone.now(), "made_by": name}
        self.update_or_create(provider=provider, defaults=facts)
        record(provider, by, "Calendar address replaced." if before else "Calendar address made.")
        return key

    @transaction.atomic
    def remove(self, provider: Provider, *, edition: str | None, by: User) -> bool:
        """Let the address lead nowhere from now on. Returns False if there is none, or another one than was seen."""
        lock_provider(provider.pk)
        before = self.filter(provider=provider).first()
        if not before or edition not in (None, before.edition):
            return False
        before.delete()
        record(provider, by, "Calendar address removed.")
        return True


class CalendarAddress(models.Model):
    provider = models.OneToOneField(Provider, models.CASCADE, primary_key=True, related_name="calendar_address")
    digest = models.CharField(max_length=64, unique=True, help_text="The SHA-256 of its secret.")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=310, help_text="Their name then.")

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "calendar addresses"
        # Whoever may see a diary may make its address.
        default_permissions = ()

    def __str__(self) -> str:
        return f"Calendar address of {self.provider}"

    @property
    def edition(self) -> str:
        """What tells it from the one before and the one after. A page's buttons send it along."""
        return self.made_at.isoformat()


def edition_of(address: CalendarAddress | None) -> str:
    return address.edition if address else ""


def digest_of(key: str) -> str:
    """Nobody can guess 128 random bits, so a hash that is quick to make protects them as well as a slow one."""
    return sha256(key.encode()).hexdigest()


def url_of(key: str) -> str:
    return f"{settings.SITE_URL}{reverse('booking:diary', args=[key])}"


def record(provider: Provider, by: User, words: str) -> None:
    """Write down who did that, where the admin writes its changes of a provider."""
    LogEntry.objects.log_actions(by.pk, [provider], CHANGE, words)
