"""The portraits of providers, as bytes in the database. Pages read only the digest, which is a column of the provider.

docs/decisions/0026-faces.md says why they are not files.
"""

import hashlib

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import models, transaction

from booking.models.practice import Provider


class PortraitQuerySet(models.QuerySet["Portrait"]):
    @transaction.atomic
    def put_up(self, provider: Provider, image: bytes, by: User) -> None:
        self.update_or_create(provider=provider, defaults={"image": image})
        record(provider, hashlib.sha256(image).hexdigest()[:16], by, "Portrait put up.")

    @transaction.atomic
    def take_down(self, provider: Provider, by: User) -> None:
        """Remove the portrait. Without one nothing is changed, so a second press does no harm."""
        deleted, _ = self.filter(provider=provider).delete()
        if deleted:
            record(provider, "", by, "Portrait removed.")

    def find(self, digest: str) -> bytes | None:
        image = self.filter(provider__portrait_digest=digest).values_list("image", flat=True).first()
        return None if image is None else bytes(image)


class Portrait(models.Model):
    provider = models.OneToOneField(Provider, models.CASCADE, primary_key=True, related_name="portrait")
    image = models.BinaryField(help_text="A square WebP, as booking/pictures.py makes it.")

    objects = PortraitQuerySet.as_manager()

    class Meta:
        # Staff put one up and take it down with one permission.
        default_permissions = ("change",)

    def __str__(self) -> str:
        return f"Portrait of {self.provider}"


def record(provider: Provider, digest: str, by: User, words: str) -> None:
    """Write down which picture there is now, and who did that, where the admin writes its changes of a provider."""
    provider.portrait_digest = digest
    provider.save(update_fields=["portrait_digest"])
    LogEntry.objects.log_actions(by.pk, [provider], CHANGE, words)
