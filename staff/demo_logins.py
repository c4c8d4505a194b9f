"""The logins of the demonstration, by which `make run` shows the desk in each role. None of them has a password."""

from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _


class DemoLogin(NamedTuple):
    username: str
    name: tuple[str, str]
    group: str
    button: str
    """In English: the sign-in page translates it."""


LOGINS = (
    DemoLogin("demo-owner", ("Nora", "Walsh"), "Owner", _("Look around as the owner")),
    DemoLogin("demo-reception", ("Ciarán", "Daly"), "Reception", _("Look around at reception")),
    DemoLogin("demo-provider", ("Aoife", "Brennan"), "Provider", _("Look around as a provider")),
)


def those_there() -> QuerySet[User]:
    """The logins of the demonstration that may be used now: none unless DEBUG is on.

    Then nobody but this machine is answered (see config.guards).
    """
    named = User.objects.filter(username__in=[login.username for login in LOGINS], is_active=True)
    return named if settings.DEBUG else named.none()


def buttons() -> list[DemoLogin]:
    """What the sign-in page offers."""
    there = set(those_there().values_list("username", flat=True)) if settings.DEBUG else set()
    return [login for login in LOGINS if login.username in there]
