"""Logins and roles in the admin: whatever is tried, somebody is left who can give others a login."""

import pytest
from django.contrib.auth.models import Group, Permission, User

from tests.factories import make_provider
from tests.staff import logged_in, said, somebody

pytestmark = [pytest.mark.django_db]

LAST = "This is the last login that can give others one, so it {}. Make somebody else an owner first."
FACTS = ("username", "first_name", "last_name", "email")
WAYS = {
    "deactivated": ({"is_active": ""}, "stays active"),
    "not marked as staff": ({"is_staff": ""}, "stays marked as staff"),
    "without the group": ({"groups": []}, "stays in the group Owner"),
    "in another group": ({"groups": ["Reception"]}, "stays in the group Owner"),
}


@pytest.fixture
def owner():
    return somebody("Owner", name="owner", password="set")


def change(browser, user, **changes):
    """Send the admin's page of a login as it stands, with these changes."""
    groups = changes.pop("groups", [group.name for group in user.groups.all()])
    typed = {name: getattr(user, name) for name in FACTS}
    typed |= {"is_active": "on", "is_staff": "on", "date_joined_0": "2026-01-01", "date_joined_1": "10:00"}
    typed |= {"provider_login-TOTAL_FORMS": "0", "provider_login-INITIAL_FORMS": "0", **changes}
    typed["groups"] = list(Group.objects.filter(name__in=groups).values_list("pk", flat=True))
    given = {name: value for name, value in typed.items() if value != ""}
    return browser.post(f"/admin/auth/user/{user.pk}/change/", given)


def errors(response):
    return [error for field in response.context["adminform"].form.errors.values() for error in field]


@pytest.mark.parametrize("way", WAYS)
def test_the_last_owner_stays_one_and_reads_why(owner, way):
    changes, stays = WAYS[way]
    answer = change(logged_in(owner), owner, **changes)
    assert errors(answer) == [LAST.format(stays)]
    owner.refresh_from_db()
    assert (owner.is_active, owner.is_staff, owner.groups.get().name) == (True, True, "Owner")


@pytest.mark.parametrize("way", WAYS)
def test_one_of_two_owners_may_go(owner, way):
    somebody("Owner", name="another", password="set")
    assert change(logged_in(owner), owner, **WAYS[way][0]).status_code == 302


@pytest.mark.parametrize("facts", [{"is_active": False}, {"password": "!"}])
def test_an_owner_who_cannot_sign_in_is_no_second_one(owner, facts):
    somebody("Owner", name="another", **{"password": "set", **facts})
    assert errors(change(logged_in(owner), owner, is_active="")) == [LAST.format("stays active")]


def test_a_superuser_is_an_owner_in_any_group(owner):
    User.objects.create(username="root", password="set", is_staff=True, is_superuser=True)
    assert change(logged_in(owner), owner, groups=["Reception"]).status_code == 302


def test_others_are_changed_as_ever(owner):
    reception = somebody("Reception", name="desk", password="set")
    assert change(logged_in(owner), reception, is_active="", groups=[]).status_code == 302
    reception.refresh_from_db()
    assert reception.is_active is False


def test_the_last_owner_keeps_a_password(owner):
    typed = {"usable_password": "false", "unset-password": "1"}
    answer = logged_in(owner).post(f"/admin/auth/user/{owner.pk}/password/", typed)
    assert LAST.format("keeps a password") in answer.content.decode()
    assert User.objects.get().password == "set"


def test_the_last_owner_is_not_deleted_on_the_page_or_in_the_list(owner):
    browser = logged_in(owner)
    somebody("Reception", name="desk")
    for address, typed in (
        (f"/admin/auth/user/{owner.pk}/delete/", {"post": "yes"}),
        ("/admin/auth/user/", delete_action(User.objects.all())),
    ):
        assert said(browser.post(address, typed, follow=True)) == [LAST.format("was not deleted")]
    assert User.objects.count() == 2


def test_others_are_deleted_in_the_list(owner):
    somebody("Reception", name="desk")
    logged_in(owner).post("/admin/auth/user/", delete_action(User.objects.exclude(pk=owner.pk)))
    assert User.objects.get() == owner


def delete_action(rows):
    return {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}


def test_a_group_keeps_what_makes_its_members_owners(owner):
    group = Group.objects.get(name="Owner")
    may = Permission.objects.filter(codename__in=["view_user", "view_group", "change_group"])
    answer = logged_in(owner).post(
        f"/admin/auth/group/{group.pk}/change/", {"name": "Owner", "permissions": [one.pk for one in may]}
    )
    assert errors(answer) == ["Nobody else could give others a login, so this group keeps “Can change user”."]


def test_what_a_role_may_do_is_changed_in_the_admin(owner):
    group = Group.objects.get(name="Reception")
    may = Permission.objects.filter(codename__in=["view_appointment", "see_every_diary"])
    typed = {"name": "Reception", "permissions": [one.pk for one in may]}
    assert logged_in(owner).post(f"/admin/auth/group/{group.pk}/change/", typed).status_code == 302
    assert set(group.permissions.all()) == set(may)


def test_the_owner_says_whose_login_it_is(owner):
    provider, login = make_provider(), somebody("Provider", name="ada")
    row = {"provider_login-0-provider": provider.pk, "provider_login-0-user": login.pk}
    answer = change(logged_in(owner), login, **row, **{"provider_login-TOTAL_FORMS": "1"}, is_staff="")
    assert answer.status_code == 302
    assert login.provider_login.provider == provider
