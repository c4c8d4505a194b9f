"""How the admin asks for a practice's own words in the languages that it offers beside its first one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.forms.models import ModelFormMetaclass
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from booking import languages
from booking.models.translations import Translated
from booking.text import validate_one_line


def asked_for(model: type[Translated]) -> dict[str, tuple[str, str]]:
    """The fields of the form, by names like `title_es`, each with its field of the model and its language."""
    others = [language for language, _name in languages.offered()[1:]]
    return {f"{field}_{language}": (field, language) for language in others for field in model.TRANSLATED}


def form_field(original: Any, language: str) -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=original.max_length,
        validators=[validate_one_line],
        label=f"{capfirst(original.verbose_name)} ({language})",
        widget=AdminTextInputWidget(attrs={"lang": language}),
    )


class TranslatedForm(forms.ModelForm):
    """A provider or a service, with its words in other languages. Those of a language withdrawn by now are kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (field, language) in asked_for(self._meta.model).items():
            self.initial[name] = self.instance.translations.get(field, {}).get(language, "")
            self.fields[name].widget.attrs["placeholder"] = getattr(self.instance, field)

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or self.cleaned_data
        self.instance.translations = {field: self.words_of(field) for field in self.instance.TRANSLATED}
        return cleaned_data

    def words_of(self, field: str) -> dict[str, str]:
        """What is to be kept of one field, by language. What is left empty is no translation."""
        asked = asked_for(self._meta.model).items()
        typed = {language: self.cleaned_data.get(name, "") for name, (of, language) in asked if of == field}
        words = {**self.instance.translations.get(field, {}), **typed}
        return {language: word for language, word in words.items() if word}


class InOtherLanguages(admin.ModelAdmin):
    """Has a part of the page for each of the other languages, with the words that whoever may change them types."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        asked = asked_for(self.model).items()
        fields = {name: form_field(self.opts.get_field(field), language) for name, (field, language) in asked}
        form = ModelFormMetaclass("TranslatedForm", (TranslatedForm,), fields)
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        ((heading, options),) = super().get_fieldsets(request, obj)
        asked = asked_for(self.model)
        own = (heading, {**options, "fields": [name for name in options["fields"] if name not in asked]})
        may_type = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [own, *map(self.part_for, languages.offered()[1:])] if may_type else [own]

    def part_for(self, offered: tuple[str, str]) -> tuple[str, dict[str, Any]]:
        language, heading = offered
        explanation = _("What is left empty is read in the practice’s first language, %(language)s.")
        return heading, {
            "classes": ["collapse"],
            "fields": [name for name, (_field, of) in asked_for(self.model).items() if of == language],
            "description": explanation % {"language": languages.offered()[0][1]},
        }
