"""The form that asks about whom: by an email address or a phone number, and by nothing else."""

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.personal_data import NobodyNamed, Person

ALL_OF_IT = _("Enter the whole email address, like name@example.com, or the phone number with all of its digits.")


class PersonForm(forms.Form):
    who = forms.CharField(
        label=_("Email address or phone number"),
        help_text=_("All of it, as the person has given it."),
        max_length=254,
        error_messages={"required": ALL_OF_IT, "max_length": ALL_OF_IT},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "email"}),
    )

    def clean_who(self) -> Person:
        try:
            return Person.read(self.cleaned_data["who"])
        except NobodyNamed:
            raise forms.ValidationError(str(ALL_OF_IT)) from None
