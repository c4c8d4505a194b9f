"""Which login belongs to which provider, and who has looked at what is held about a person."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models import Provider
from booking.models.changes import name_of
from booking.personal_data import Person


class ProviderLogin(models.Model):
    """The login of a provider. Who may not see every diary sees the one of their provider."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="provider_login")
    provider = models.OneToOneField(Provider, models.CASCADE, related_name="login")

    class Meta:
        permissions = [("see_every_diary", "Can see the diary of every provider")]

    def __str__(self) -> str:
        return f"{self.user} is {self.provider}"


class PersonLogQuerySet(models.QuerySet["PersonLog"]):
    def about(self, person: Person) -> "PersonLogQuerySet":
        """What was done about a person so far, the last thing first."""
        return self.filter(person=person.hashed)

    def record(self, person: Person, kind: "PersonLog.Kind", by: User, now: datetime) -> None:
        name = name_of(by)
        self.create(person=person.hashed, kind=kind, by=by, by_name=name, at=now)


class PersonLog(models.Model):
    """Who has looked at, downloaded or erased what is held about a person. Rows are never edited.

    The person is a keyed hash of the address or number: whoever knows that finds the rows, and they say nothing
    personal when all else is erased. With another SECRET_KEY the rows of before are found no more.
    """

    class Kind(models.TextChoices):
        LOOKED = "looked", "looked at"
        DOWNLOADED = "downloaded"
        ERASED = "erased"

    person = models.CharField(max_length=64, help_text="A keyed hash of the email address or phone number.")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=310, help_text="Their name then.")

    objects = PersonLogQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        permissions = [("see_people", "Can see, download and erase what is held about a person")]
        indexes: ClassVar = [
            models.Index(fields=["person", "at"], name="staff_personlog_person"),
            models.Index(fields=["at"], name="staff_personlog_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.by_name}, {self.at:%Y-%m-%d %H:%M} UTC"

    @property
    def in_words(self) -> str:
        return IN_WORDS[self.Kind(self.kind)] % {"who": self.by_name}


IN_WORDS = {
    PersonLog.Kind.LOOKED: _("%(who)s looked at what is held."),
    PersonLog.Kind.DOWNLOADED: _("%(who)s downloaded it."),
    PersonLog.Kind.ERASED: _("%(who)s erased it."),
}
