"""Logins and roles in the admin: each login with the provider whose it is. The last owner is not to be lost.

Who has looked at a person's data can be read here as well.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from booking.admin.read_only import ReadOnlyAdmin
from staff.forms.logins import LAST, LoginForm, LoginPasswordForm, RoleForm
from staff.models import PersonLog, ProviderLogin
from staff.owners import is_last_owner, makes_last_owner, owners


class KeepsAnOwner(admin.ModelAdmin):
    """Deletes no row without which nobody could give others a login, and says so."""

    actions = ["delete_selected"]
    not_deleted = ""

    def is_needed(self, row: Any) -> bool:
        raise NotImplementedError

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row and self.has_delete_permission(request, row) and self.is_needed(row):
            self.message_user(request, self.not_deleted, messages.ERROR)
            return redirect(reverse(f"admin:auth_{self.opts.model_name}_change", args=[row.pk]))
        return super().delete_view(request, object_id, extra_context)

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, selected: QuerySet[Model]) -> HttpResponse | None:
        if self.are_needed(selected):
            self.message_user(request, self.not_deleted, messages.ERROR)
            return None
        return delete_selected(self, request, selected)

    def are_needed(self, selected: QuerySet[Any]) -> bool:
        return any(self.is_needed(row) for row in selected)


class ProviderLoginInline(admin.StackedInline):
    model = ProviderLogin
    extra = 0


admin.site.unregister([User, Group])


@admin.register(User)
class LoginAdmin(KeepsAnOwner, UserAdmin):
    form = LoginForm
    change_password_form = LoginPasswordForm
    inlines = [ProviderLoginInline]
    not_deleted = LAST.format("was not deleted")

    def is_needed(self, row: User) -> bool:
        return is_last_owner(row)

    def are_needed(self, selected: QuerySet[User]) -> bool:
        left = owners().exclude(pk__in=selected.values("pk"))
        return owners().exists() and not left.exists()


@admin.register(Group)
class RoleAdmin(KeepsAnOwner, GroupAdmin):
    form = RoleForm
    not_deleted = "Nobody else could give others a login without this group, so it was not deleted."

    def is_needed(self, row: Group) -> bool:
        return makes_last_owner(row)


@admin.register(PersonLog)
class PersonLogAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind", "by_name"]
    list_filter = ["kind"]
    sortable_by = ["at"]
