"""The browsers of people who may log in, and what the admin tells them."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from staff.models import ProviderLogin


def member_of_staff(*permissions, name="staff"):
    """Return the browser of somebody who has those permissions and no others."""
    user = User.objects.create(username=name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return logged_in(user)


def logged_in(user):
    """Return the browser of that user, which opens the site at its own address.

    There is no password, since hashing one takes longer than most tests.
    """
    client = Client(HTTP_HOST=urlsplit(settings.SITE_URL).netloc)
    client.force_login(user)
    return client


def said(response):
    """Return the messages at the top of a page of the admin."""
    return [str(message) for message in response.context["messages"]]


def sign_in(page, user, address):
    """Give a real browser the cookie of that user's session at the site of that address."""
    cookie = logged_in(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])


def somebody(role, *, provider=None, name="somebody", **facts):
    """Make a login with that role at the desk ("Owner", "Reception", "Provider", or "" for none)."""
    user = User.objects.create(username=name, is_staff=role == "Owner", **facts)
    user.groups.set(Group.objects.filter(name=role))
    if provider:
        ProviderLogin.objects.create(user=user, provider=provider)
    return user
