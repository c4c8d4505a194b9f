"""The practice's own words in the other languages that it offers. Where one is missing, its first language is read."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from booking import languages


def translated(original: str, by_language: Mapping[str, str]) -> str:
    """The words in the language that is active: the original in the practice's first, and where there are no others."""
    language = languages.active()
    return original if language == languages.of_practice() else by_language.get(language, original)


class Translated(models.Model):
    """A row of whose words some can be given in other languages. They are in the row, so whatever reads it has them."""

    TRANSLATED: ClassVar[tuple[str, ...]]
    """The fields whose words can be translated."""

    translations = models.JSONField(
        default=dict,
        db_default={},
        editable=False,
        help_text='By field and language, like {"title": {"es": "Médica de familia"}}.',
    )

    class Meta:
        abstract = True

    @property
    def translated(self) -> dict[str, str]:
        """The words of each of these fields as a reader of the active language reads them."""
        return {field: translated(getattr(self, field), self.translations.get(field, {})) for field in self.TRANSLATED}
