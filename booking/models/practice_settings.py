"""What the practice sets at its desk, each change by whom and when. What is in force of it is asked for in in_force.py.

A change is a row that is never edited. The last one for a setting says what is set, and none that nothing is: then the
environment's value is in force.
"""

from collections.abc import Mapping
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from booking.in_force import in_force
from booking.limits import lock_until_commit
from booking.models.changes import name_of


class SetMeanwhile(Exception):
    """Somebody else has changed settings since the caller read them, so nothing was written."""


class PracticeSettingQuerySet(models.QuerySet["PracticeSetting"]):
    def keep_up(self) -> None:
        """Have this process go by what is set, as each request and each round of tick does when it begins."""
        in_force.keep_up(self.read_texts)

    def read_texts(self, *, as_of: int | None = None) -> dict[str, str | None]:
        """The text of each setting that was ever set, in one query; with `as_of`, as they were after that change."""
        changes = self.filter() if as_of is None else self.filter(pk__lte=as_of)
        last = changes.values("name").annotate(last=Max("pk")).order_by().values("last")
        return dict(self.filter(pk__in=last).values_list("name", "text"))

    def with_text_before(self) -> Self:
        """Annotate each change with `text_before`: what was set before it, or None for the environment's value."""
        earlier = self.model.objects.filter(name=OuterRef("name"), pk__lt=OuterRef("pk")).order_by("-pk")
        return self.annotate(text_before=Subquery(earlier.values("text")[:1]))

    def newest(self) -> int:
        """The number of the last change of all, and 0 before any."""
        return self.aggregate(newest=Max("pk"))["newest"] or 0

    def change(self, texts: Mapping[str, str | None], by: User, *, known: int) -> None:
        """Set these settings, or with None leave them to the environment. This process goes by them at once.

        `known` is the number of the last change that `by` was shown. Raises SetMeanwhile if there is a newer one.
        """
        now = timezone.now()
        with transaction.atomic():
            lock_until_commit("practice settings")
            if self.newest() != known:
                raise SetMeanwhile
            self.bulk_create(
                self.model(name=name, text=text, at=now, by=by, by_name=name_of(by)) for name, text in texts.items()
            )
        in_force.read(self.read_texts)


class PracticeSetting(models.Model):
    name = models.CharField(max_length=50, help_text="The setting's variable, as the environment has it.")
    text = models.TextField(  # noqa: DJ001 - an empty text is a value like any other, as of no telephone number
        null=True, help_text="The value, as it would be written in the environment. Null: the environment's own."
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=310, help_text="Their name then.")

    objects = PracticeSettingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        default_permissions = ["change"]
        indexes = [models.Index(fields=["name", "id"], name="booking_practicesetting_name")]

    def __str__(self) -> str:
        return f"{self.name}, {self.at:%Y-%m-%d %H:%M} UTC"
