"""Every address of the desk, by everybody. A new address needs a line in NEEDS, or the first test fails."""

from importlib import import_module

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import reverse

from payments.receipts import issue
from staff import urls
from staff.access import (
    ADD_PROVIDER,
    ADD_SERVICE,
    BOOK,
    CHANGE,
    CHANGE_PORTRAIT,
    CHANGE_PROVIDER,
    CHANGE_SERVICE,
    CLOSE,
    EVERY_DIARY,
    LOOK,
    LOOK_AFTER,
    RETURN_MONEY,
    SEE_MONEY,
    SEE_PEOPLE,
    SET_HOURS,
    SETTINGS,
    TAKE_MONEY,
)
from tests.factories import in_days, make_appointment, make_payment, make_provider, make_service, make_taking
from tests.staff import logged_in, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_outside_answers")]

ANYBODY, ANY_LOGIN, NOBODY = "anybody", "any login", "nobody, with DEBUG off"

# The name of each address, and what one needs for it. docs/security.md says the same in words.
NEEDS = {
    "day": LOOK,
    "find": LOOK,
    "people": SEE_PEOPLE,
    "people-download": SEE_PEOPLE,
    "people-erase": SEE_PEOPLE,
    "appointment": LOOK,
    "move": CHANGE,
    "cancel": CHANGE,
    "correct": CHANGE,
    "no-show": CHANGE,
    "link": CHANGE,
    "keep": CHANGE,
    "refund": RETURN_MONEY,
    "take": TAKE_MONEY,
    "undo-taking": TAKE_MONEY,
    "receipt": SEE_MONEY,
    "earlier-receipt": SEE_MONEY,
    "rest": TAKE_MONEY,
    "money": RETURN_MONEY,
    "movements": RETURN_MONEY,
    "book": BOOK,
    "booked": BOOK,
    "book-another": BOOK,
    "away": CLOSE,
    "holidays": CLOSE,
    "hours": SET_HOURS,
    "services": CHANGE_SERVICE,
    "service": CHANGE_SERVICE,
    "service-order": CHANGE_SERVICE,
    "add-service": ADD_SERVICE,
    "provider": CHANGE_PROVIDER,
    "add-provider": ADD_PROVIDER,
    "links": SET_HOURS,
    "settings": SETTINGS,
    "settings-colour": SETTINGS,
    "portrait": CHANGE_PORTRAIT,
    "calendar": LOOK,
    "health": EVERY_DIARY,
    "examine": LOOK_AFTER,
    "login": ANYBODY,
    "code": ANYBODY,
    "look-around": NOBODY,
    "logout": ANYBODY,
    "password": ANY_LOGIN,
    "second-factor": ANY_LOGIN,
    "second-factor-remove": ANY_LOGIN,
    "recovery-codes": ANY_LOGIN,
}
# What a page is asked about that its address does not name, by the name of the field.
FIELDS = {"booked": {"booked": "pk"}, "book-another": {"booked": "pk"}}
# What each role may do, as the site is delivered. The practice may change that.
MAY = {
    "Owner": {
        *(LOOK, BOOK, CHANGE, CLOSE, SET_HOURS, CHANGE_PORTRAIT, SETTINGS),
        *(ADD_SERVICE, CHANGE_SERVICE, ADD_PROVIDER, CHANGE_PROVIDER),
        *(SEE_MONEY, RETURN_MONEY, TAKE_MONEY, EVERY_DIARY, LOOK_AFTER, SEE_PEOPLE),
    },
    "Reception": {LOOK, BOOK, CHANGE, CLOSE, SEE_MONEY, TAKE_MONEY, EVERY_DIARY},
    "Provider": {LOOK, BOOK, CHANGE, CLOSE, CHANGE_PORTRAIT},
    "": set(),
    None: set(),  # who is not signed in
}
REFUSALS = ("Your role at the desk does not include this", "Your login has no role at the desk yet")


class Practice:
    """Two providers with an appointment each: the one has a login, the other is somebody else."""

    def __init__(self):
        service = make_service()
        self.own, self.others = (make_provider(name=name, services=[service]) for name in ("Ada Byrne", "Bea Roth"))

    def login(self, role):
        return role is not None and somebody(role, provider=self.own if role == "Provider" else None)

    def arguments_of(self, provider):
        """What stands in the addresses, by the names that urls.py has for it."""
        appointment = make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed")
        rows = {"payment_pk": make_payment(appointment).pk, "taking_pk": make_taking(appointment).pk}
        named = {"pk": appointment.pk, **rows, "username": "demo-owner"}
        named["service"] = provider.services.get().slug
        named["label"] = issue(appointment).label
        return named | {"provider": provider.slug, "slug": provider.slug, "provider_pk": provider.pk}


@pytest.fixture
def practice():
    return Practice()


def addresses(arguments):
    """Yield the name of each address of the desk, the address itself, and the fields that say what it is about."""
    for pattern in urls.urlpatterns:
        given = {name: arguments[name] for name in pattern.pattern.converters}
        fields = {field: arguments[name] for field, name in FIELDS.get(pattern.name, {}).items()}
        yield pattern.name, reverse(f"staff:{pattern.name}", kwargs=given), fields


def what_came(response):
    """Say in a word what an answer means."""
    words = response.content.decode()
    if response.status_code in (404, 405):
        return {404: "not there", 405: "another method"}[response.status_code]
    if response.get("Location", "").startswith("/staff/login/?next=") or "You were signed out" in words:
        return "sign in first"
    return "refused" if response.status_code == 403 and any(word in words for word in REFUSALS) else "reached"


def expected(role, need):
    if need == NOBODY:
        return "not there"
    if need == ANYBODY:
        return "reached"
    if role is None:
        return "sign in first"
    return "reached" if need == ANY_LOGIN or need in MAY[role] else "refused"


def test_each_address_of_the_desk_has_a_line_that_says_who_may(practice):
    arguments = practice.arguments_of(practice.own)
    assert [name for name, *_ in addresses(arguments) if name not in NEEDS] == []


@pytest.mark.parametrize("role", MAY)
def test_each_address_is_open_to_who_may_and_to_nobody_else(practice, role):
    login, came, wanted = practice.login(role), {}, {}
    for name, address, fields in addresses(practice.arguments_of(practice.own)):
        came[name] = tried(login, address, fields)
        wanted[name] = {expected(role, NEEDS[name])}
    assert came == wanted


def tried(login, address, fields):
    """Say what comes of a GET and of a POST, in a browser of its own: the address may sign its login out."""
    browser = logged_in(login) if login else Client()
    return {what_came(browser.get(address, fields)), what_came(browser.post(address, fields))} - {"another method"}


def test_an_appointment_or_a_provider_of_another_diary_is_not_there_for_a_provider(practice):
    login, own, others = practice.login("Provider"), *map(practice.arguments_of, (practice.own, practice.others))
    came = {
        name: tried(login, address, fields)
        for (name, address, fields), mine in zip(addresses(others), addresses(own), strict=True)
        if (name, address, fields) != mine and NEEDS[name] in MAY["Provider"]
    }
    assert came == {name: {"not there"} for name in came}


@pytest.mark.parametrize("role", ["Owner", "Reception", "Provider"])
def test_the_groups_are_delivered_with_what_the_table_says(role):
    every = set().union(*MAY.values())
    assert every & somebody(role).get_all_permissions() == MAY[role]


@pytest.mark.any_engine
def test_a_group_of_that_name_that_the_practice_had_before_gets_no_permissions():
    roles = list(Group.objects.all())
    delivered = {role.name: set(role.permissions.values_list("pk")) for role in roles}
    for role in roles:
        role.permissions.clear()
    before = MigrationLoader(connection).project_state(("staff", "0002_roles")).apps
    import_module("staff.migrations.0002_roles").make_roles(before, None)
    after = MigrationLoader(connection).project_state(("staff", "0003_portraits")).apps
    import_module("staff.migrations.0003_portraits").give(after, None)
    after = MigrationLoader(connection).project_state(("staff", "0004_takings")).apps
    import_module("staff.migrations.0004_takings").give(after, None)
    after = MigrationLoader(connection).project_state(("staff", "0006_who_sees_people")).apps
    import_module("staff.migrations.0006_who_sees_people").give(after, None)
    now = MigrationLoader(connection).project_state(("staff", "0007_settings")).apps
    import_module("staff.migrations.0007_settings").give(now, None)
    found = {role.name: set(role.permissions.values_list("pk")) for role in Group.objects.all()}
    assert sorted(delivered) == ["Owner", "Provider", "Reception"]
    assert found == {name: set() for name in delivered} | {f"{name} (desk)": may for name, may in delivered.items()}


@pytest.mark.parametrize(("role", "status"), [("Owner", 200), ("Reception", 302), ("Provider", 302), ("", 302)])
def test_only_the_owner_gets_into_the_admin(role, status):
    assert logged_in(somebody(role)).get("/admin/").status_code == status
