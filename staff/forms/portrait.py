"""The picture that somebody chooses as the portrait of a provider."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from booking import pictures


class PortraitForm(forms.Form):
    """Once it is valid, `picture` is the portrait as it is kept."""

    picture = forms.FileField(
        label=_("Picture"),
        help_text=_(
            "A JPEG, PNG or WebP picture of up to 10 MB. Only a small square of it is kept, "
            "and not where or when it was taken."
        ),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={
            "required": _("Choose a picture first."),
            "invalid": _("Choose a picture first."),
            "empty": _("This file is empty. Choose the picture again, or another one."),
        },
    )

    def clean_picture(self) -> bytes:
        try:
            return pictures.portrait(self.cleaned_data["picture"])
        except pictures.Refused as refused:
            raise ValidationError(str(refused)) from refused
