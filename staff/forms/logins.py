"""The admin's forms for logins and roles. They refuse whatever would leave nobody who can give others a login."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q

from staff.owners import is_last_owner, makes_last_owner, managing_logins

LAST = "This is the last login that can give others one, so it {}. Make somebody else an owner first."


class LoginForm(UserChangeForm):
    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or self.cleaned_data
        # Of two owners who take the role from each other at one moment, the second waits here, and is refused.
        list(managing_logins().select_for_update())
        if is_last_owner(self.instance):
            for field, stays in self.lost():
                self.add_error(field, LAST.format(stays))
        return cleaned_data

    def lost(self) -> Iterator[tuple[str, str]]:
        """Each field by which an owner would be none any more, and what has to stay as it is."""
        chosen = self.cleaned_data
        if chosen.get("is_active") is False:
            yield "is_active", "stays active"
        if chosen.get("is_staff") is False:
            yield "is_staff", "stays marked as staff"
        permissions = Q(group__in=chosen.get("groups", [])) | Q(pk__in=chosen.get("user_permissions", []))
        if not (chosen.get("is_superuser") or managing_logins().filter(permissions).exists()):
            yield "groups", "stays in the group Owner"


class LoginPasswordForm(AdminPasswordChangeForm):
    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean() or self.cleaned_data
        if cleaned_data.get("set_usable_password") is False and is_last_owner(self.user):
            self.add_error("usable_password", LAST.format("keeps a password"))
        return cleaned_data


class RoleForm(forms.ModelForm):
    class Meta:
        model = Group
        fields = ["name", "permissions"]

    def clean_permissions(self) -> Any:
        chosen = self.cleaned_data["permissions"]
        keeps = managing_logins().filter(pk__in=[permission.pk for permission in chosen]).exists()
        if self.instance.pk and not keeps and makes_last_owner(self.instance):
            name = managing_logins().get().name
            raise ValidationError(f"Nobody else could give others a login, so this group keeps “{name}”.")
        return chosen
