"""Which login belongs to which provider."""

from django.conf import settings
from django.db import models

from booking.models import Provider


class ProviderLogin(models.Model):
    """The login of a provider. Who may not see every diary sees the one of their provider."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="provider_login")
    provider = models.OneToOneField(Provider, models.CASCADE, related_name="login")

    class Meta:
        permissions = [("see_every_diary", "Can see the diary of every provider")]

    def __str__(self) -> str:
        return f"{self.user} is {self.provider}"
