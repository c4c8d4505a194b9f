"""Logins in the admin: each with the provider whose login it is."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User

from staff.models import ProviderLogin


class ProviderLoginInline(admin.StackedInline):
    model = ProviderLogin
    extra = 0


admin.site.unregister(User)


@admin.register(User)
class LoginAdmin(UserAdmin):
    inlines = [ProviderLoginInline]
