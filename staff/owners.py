"""Who can give others a login and a role. Somebody has to be able to, or one day nobody could sign in any more."""

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet


def managing_logins() -> QuerySet[Permission]:
    """The permission that makes an owner, whatever the group is called by which somebody has it."""
    return Permission.objects.filter(content_type__app_label="auth", codename="change_user")


def owners(*, without: Group | None = None) -> QuerySet[User]:
    """Those who can sign in to the admin and change logins there; with `without`, if that group were not there.

    Who has no password cannot sign in, but in the demonstration.
    """
    groups = Group.objects.filter(permissions__in=managing_logins())
    if without:
        groups = groups.exclude(pk=without.pk)
    may = Q(is_superuser=True) | Q(user_permissions__in=managing_logins()) | Q(groups__in=groups)
    able = User.objects.filter(may, is_active=True, is_staff=True).distinct()
    return able if settings.DEBUG else able.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)


def is_last_owner(user: User) -> bool:
    """Whether this is an owner, and the only one."""
    return [owner.pk for owner in owners()] == [user.pk]


def makes_last_owner(group: Group) -> bool:
    """Whether there are owners, and all of them are only by this group."""
    return owners().exists() and not owners(without=group).exists()
