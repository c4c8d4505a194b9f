"""How the admin asks for a practice's own words in the languages that it offers beside its first one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.forms.models import ModelFormMetaclass
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from booking import customs
from booking.models.translations import Translated
from booking.text import validate_one_line


def other_languages() -> list[tuple[str, str]]:
    return customs.offered()[1:]


def form_field(field: Any, language: str) -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=field.max_length,
        validators=[validate_one_line],
        label=f"{capfirst(field.verbose_name)} ({language})",
        widget=AdminTextInputWidget(attrs={"lang": language}),
    )


def form_fields(model: type[Translated]) -> dict[str, forms.CharField]:
    """A field for each word in each of the other languages, by names like `title_es`."""
    return {
        f"{name}_{language}": form_field(model._meta.get_field(name), language)
        for language, _name in other_languages()
        for name in model.TRANSLATED
    }


class TranslatedForm(forms.ModelForm):
    """A provider or a service, with its words in other languages. Those of a language withdrawn by now are kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.instance.TRANSLATED:
            for language, _name in other_languages():
                field = f"{name}_{language}"
                self.initial[field] = self.instance.translations.get(name, {}).get(language, "")
                self.fields[field].widget.attrs["placeholder"] = getattr(self.instance, name)

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or self.cleaned_data
        self.instance.translations = {name: self.words_of(name) for name in self.instance.TRANSLATED}
        return cleaned_data

    def words_of(self, name: str) -> dict[str, str]:
        """What is to be kept of one field, by language. A field that is left empty is no translation."""
        typed = {language: self.cleaned_data.get(f"{name}_{language}", "") for language, _name in other_languages()}
        words = {**self.instance.translations.get(name, {}), **typed}
        return {language: word for language, word in words.items() if word}


class InOtherLanguages(admin.ModelAdmin):
    """Has a part of the page for each of the other languages, with the words that whoever may change them types."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = ModelFormMetaclass("TranslatedForm", (TranslatedForm,), form_fields(self.model))
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        ((heading, options),) = super().get_fieldsets(request, obj)
        words = form_fields(self.model)
        own = (heading, {**options, "fields": [name for name in options["fields"] if name not in words]})
        may_type = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return [own, *map(self.fieldset, other_languages())] if may_type else [own]

    def fieldset(self, offered: tuple[str, str]) -> tuple[str, dict[str, Any]]:
        language, heading = offered
        explanation = _("What is left empty is read in the practice’s first language, %(language)s.")
        return heading, {
            "classes": ["collapse"],
            "fields": [f"{name}_{language}" for name in self.model.TRANSLATED],
            "description": explanation % {"language": customs.offered()[0][1]},
        }
