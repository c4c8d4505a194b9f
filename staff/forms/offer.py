"""What the form of a service and that of a provider have in common: each writes a row that clients choose from."""

from typing import Any

from django import forms
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction

from booking import languages
from booking.models import ChangedMeanwhile
from booking.models.named import Named
from staff.forms.as_shown import AsShownForm


class OfferForm(AsShownForm):
    """Its address in links is made of the name, once: whoever renames it in this form breaks no link."""

    instance: Any

    def take_all_that_is_typed(self, *names: str) -> None:
        """Leave these fields without a maxlength attribute: with it the browser silently cuts off what is pasted."""
        for name in names:
            self.fields[name].widget.attrs = {"autocomplete": "off"}

    @property
    def on_record(self) -> list[tuple[forms.BoundField, str]]:
        """What is on record and is not what is typed: for somebody who typed over what a colleague changed."""
        differing = [self[name] for name in self.changed_data if name in self.initial]
        return [(one, self.in_words(one.name)) for one in differing if str(one.value()) != str(one.initial)]

    def in_words(self, name: str) -> str:
        value, choices = self.initial[name], getattr(self.fields[name], "choices", ())
        return ", ".join(map(str, value)) if isinstance(value, list) else str(dict(choices).get(value, value))

    def write(self, by: User, *, was: str = "") -> Any:
        """Write the row, with its history in the admin. Raises ChangedMeanwhile if it is not as `was` says any more."""
        row, is_new = self.save(commit=False), self.instance.pk is None
        with transaction.atomic():
            if is_new:
                row.slug = type(row).new_slug(row.name)
                row.save()
            else:
                self.require_unchanged(row, was)
                row.save(update_fields=self.columns)
            self.write_what_belongs_to(row)
            words = "Added at the desk." if is_new else "Changed at the desk."
            LogEntry.objects.log_actions(by.pk, [row], ADDITION if is_new else CHANGE, words)
        return row

    def require_unchanged(self, row: Named, was: str) -> None:
        present = type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)
        if type(self)(None, instance=present).row_says != was:
            raise ChangedMeanwhile

    @property
    def columns(self) -> list[str]:
        """The columns that this form asks for. What the admin writes into others meanwhile stays."""
        return [field.name for field in self.instance._meta.concrete_fields if field.name in self.fields]

    @property
    def still_read(self) -> list[tuple[str, str]]:
        """What clients read in other languages of what was changed here and is translated, by the language's name."""
        row, changed = self.instance, [name for name in self.instance.TRANSLATED if name in self.changed_data]
        if not changed:
            return []
        kept = type(row)._default_manager.values_list("translations", flat=True).get(pk=row.pk)
        others = languages.offered()[1:]
        found = [(name, kept.get(field, {}).get(code, "")) for field in changed for code, name in others]
        return [(name, words) for name, words in found if words]

    def write_what_belongs_to(self, row: Any) -> None:
        """Write other rows in the same transaction: of the form itself, those of its choices among many."""
        self.save_m2m()
