"""The language in which a client gets mail, as staff choose it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking import languages


class LanguageField(forms.ChoiceField):
    """One of the languages that the practice offers. A form leaves it out where there is only one."""

    def __init__(self, **kwargs: Any) -> None:
        messages = dict.fromkeys(["required", "invalid_choice"], _("Choose a language from the list."))
        super().__init__(label=_("Language of the mails"), choices=languages.offered, error_messages=messages, **kwargs)
