"""The forms about a login: the code of a second factor, setting one up, and another password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from booking.limits import TooOften
from booking.models import Limit, Tries
from booking.sign_in import IN_A_WHILE
from staff import second_factor

# Whoever comes to a machine at which somebody has signed in must not guess the password there.
BY_LOGIN = Limit("own password of", 10, IN_A_WHILE)
TOO_SOON = _("That was too soon after a wrong one, so this one was not looked at. Wait a minute, and try again.")
WRONG_CODE = _("This code is not right, or no longer. Type the one that your telephone shows now.")
NO_CODE = {"required": _("Type the code that your telephone shows.")}


class AboutALogin:
    """What a form has that looks at a password or a code of `user`. `refusal` is set if it was not even looked at."""

    user: User
    refusal: TooOften | None = None

    def require_code(self, code: str) -> None:
        try:
            if second_factor.is_right(self.user, code):
                return
        except TooOften as refusal:
            self.refuse(refusal)
        raise ValidationError(WRONG_CODE)

    def require_password(self, password: str) -> None:
        try:
            Tries.objects.take(BY_LOGIN, str(self.user.pk), timezone.now())
        except TooOften as refusal:
            self.refuse(refusal)
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your password. Type it once more."))
        Tries.objects.give_back(BY_LOGIN, str(self.user.pk))

    def refuse(self, refusal: TooOften) -> None:
        self.refusal = refusal
        raise ValidationError(TOO_SOON) from None


class AboutALoginForm(AboutALogin, forms.Form):
    def __init__(self, user: User, *args: Any) -> None:
        super().__init__(*args)
        self.user = user


class CodeForm(AboutALoginForm):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("The six digits that your telephone shows now. Without it, one of your recovery codes."),
        widget=forms.TextInput({"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages=NO_CODE,
    )

    def clean_code(self) -> str:
        self.require_code(self.cleaned_data["code"])
        return str(self.cleaned_data["code"])


class SetUpForm(AboutALoginForm):
    """The first code of a telephone shows that it has taken the key."""

    key = forms.RegexField("^[0-9a-f]{40}$", widget=forms.HiddenInput)
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("Type your password, so that nobody else does this in your name.")},
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("The six digits that your telephone shows now."),
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages=NO_CODE,
    )

    def clean_password(self) -> None:
        self.require_password(self.cleaned_data["password"])


class NewPasswordForm(AboutALogin, PasswordChangeForm):
    old_password = forms.CharField(
        label=_("Your password now"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("Type the password that you have now.")},
    )
    new_password1 = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least eight characters, not only digits, and nothing that others would guess."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": _("Type the password that you want to have.")},
    )
    new_password2 = forms.CharField(
        label=_("New password once more"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": _("Type the new password once more.")},
    )

    def clean_old_password(self) -> str:
        self.require_password(self.cleaned_data["old_password"])
        return str(self.cleaned_data["old_password"])
