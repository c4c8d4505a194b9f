"""Staff look appointments up, and give unpaid times back; they add, change and delete none."""

import re
from datetime import datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User

from booking.models import Appointment, Mail, Provider
from tests.booking.admin.pages import APPOINTMENTS, give_back
from tests.booking.clock import TEN
from tests.factories import in_days, make_appointment, make_provider, make_service
from tests.shapes import booking_form
from tests.staff import logged_in, member_of_staff, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

# Appointments are looked up


@pytest.mark.parametrize("standing", ["held", "confirmed", "cancelled", "expired"])
def test_an_appointment_is_found_and_read(admin_client, standing):
    make_appointment(provider=make_provider(), at=TEN, status=standing, email="jo@example.com")
    make_appointment(provider=Provider.objects.get(), at=TEN.replace(hour=12), email="sam@example.com")
    [row] = admin_client.get(APPOINTMENTS, {"q": "jo@example.com"}).context["cl"].queryset
    page = admin_client.get(f"{APPOINTMENTS}{row.pk}/change/").content.decode()
    assert [words for words in ("jo@example.com", "Dr Ada Byrne", "Consultation") if words not in page] == []
    assert 'name="_save"' not in page


@pytest.fixture
def clients():
    """Three clients have an appointment and a mail. Two names have an accent or an apostrophe, and one is empty."""
    provider = make_provider()
    who = [("Jürgen Müller", "jm@example.com"), ("Síle O’Neill", "sile@example.com"), ("", "sam@example.com")]
    for hour, (name, email) in enumerate(who, start=9):
        facts = {"status": "confirmed", "client_name": name, "email": email}
        appointment = make_appointment(provider=provider, at=TEN.replace(hour=hour), **facts)
        Mail.objects.enqueue(appointment, Mail.Kind.CANCELLED)


@pytest.mark.parametrize("address", [APPOINTMENTS, "/admin/booking/mail/"])
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("muller", ["Jürgen Müller"]),
        ("MÜLLER jurgen", ["Jürgen Müller"]),
        ("O'Neill", ["Síle O’Neill"]),
        ("sile oneill", ["Síle O’Neill"]),
        ("Sam@Example", ["sam@example.com"]),
        ("miller", []),
    ],
)
@pytest.mark.usefixtures("clients")
def test_a_search_finds_a_client_however_the_name_is_typed(admin_client, address, typed, found):
    rows = admin_client.get(address, {"q": typed}).context["cl"].queryset
    assert [getattr(row, "appointment", row).client for row in rows] == found


@pytest.mark.parametrize("typed", ["+353 87 123 4567", "4567"])
def test_a_search_finds_a_client_by_the_phone_number(admin_client, typed):
    provider = make_provider()
    make_appointment(provider=provider, at=TEN, client_name="Sam", client_phone="+353871234567")
    make_appointment(provider=provider, at=TEN.replace(hour=12), client_phone="+353871234568")
    page = admin_client.get(APPOINTMENTS, {"q": typed})
    assert [row.client for row in page.context["cl"].queryset] == ["Sam"]


@pytest.mark.usefixtures("clients")
def test_what_was_booked_before_is_found_as_well():
    Appointment.objects.update(search_text="")
    import_module("booking.migrations.0011_search_text").fold_all(apps, None)
    texts = ["jurgen muller jm@example.com", "sile oneill sile@example.com", " sam@example.com"]
    assert list(Appointment.objects.order_by("pk").values_list("search_text", flat=True)) == texts


@pytest.mark.usefixtures("clients")
def test_the_list_of_mails_names_the_client(admin_client, django_assert_num_queries):
    with django_assert_num_queries(4):
        page = admin_client.get("/admin/booking/mail/").content.decode()
    names = re.findall(r'class="field-client">([^<]*)<', page)
    assert sorted(names) == ["Jürgen Müller", "Síle O’Neill", "sam@example.com"]


@pytest.mark.parametrize("appointments", [1, 30])
def test_the_list_costs_the_same_however_long(admin_client, appointments, django_assert_max_num_queries):
    provider = make_provider()
    for hour in range(appointments):
        make_appointment(provider=provider, at=TEN.replace(day=3 + hour % 20, hour=9 + hour // 20))
    with django_assert_max_num_queries(8):
        response = admin_client.get(APPOINTMENTS)
    assert response.context["cl"].result_count == appointments


def test_the_list_says_when_on_the_providers_clock(admin_client):
    make_appointment(provider=make_provider(zone="America/New_York"), at=TEN)
    page = admin_client.get(APPOINTMENTS).content.decode()
    assert "Tuesday 2 June 2026, 05:00–05:30 New York time (UTC-4)" in page
    assert "€60.00" in page


def test_all_of_an_appointments_times_are_on_one_clock(admin_client):
    row = make_appointment(provider=make_provider(zone="America/New_York"), at=TEN)
    Appointment.objects.update(blocked_until=TEN.replace(hour=10))
    page = admin_client.get(f"{APPOINTMENTS}{row.pk}/change/").content.decode()
    assert ("05:00–05:30 New York time" in page, "2 June 2026, 06:00" in page or "2 Jun 2026, 06:00" in page) == (
        True,
        True,
    )


def test_appointments_are_neither_added_nor_changed_nor_deleted(admin_client):
    row = make_appointment(provider=make_provider(), at=TEN)
    assert admin_client.get(f"{APPOINTMENTS}add/").status_code == 403
    assert admin_client.post(f"{APPOINTMENTS}add/", {}).status_code == 403
    assert admin_client.post(f"{APPOINTMENTS}{row.pk}/change/", {"status": "confirmed"}).status_code == 403
    assert admin_client.post(f"{APPOINTMENTS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(APPOINTMENTS, delete)
    row.refresh_from_db()
    assert row.status == "held"


def test_unpaid_and_free_times_are_given_back_and_paid_ones_are_not(admin_client):
    provider = make_provider(services=[make_service(), make_service(name="Call", price="0.00", position=1)])
    free = provider.services.get(name="Call")
    held = make_appointment(provider=provider, at=TEN)
    gratis = make_appointment(provider=provider, at=TEN.replace(hour=10), service=free, status="confirmed")
    paid = make_appointment(provider=provider, at=TEN.replace(hour=11), status="confirmed")
    response = give_back(admin_client, held, gratis, paid)
    assert [Appointment.objects.get(pk=row.pk).status for row in (held, gratis, paid)] == [
        "cancelled",
        "cancelled",
        "confirmed",
    ]
    words = "is paid and was not cancelled: cancel it on its page, which says what goes back."
    assert f"Consultation with Dr Ada Byrne {words}" in said(response)


def test_a_time_given_back_by_staff_can_be_booked_again(admin_client, client):
    held = make_appointment(provider=make_provider(), at=TEN)
    give_back(admin_client, held)
    assert client.post("/", booking_form(at=TEN, email="sam@example.com")).status_code == 303


# People who may not see appointments


ADDRESSES = ["/admin/", APPOINTMENTS, "/admin/booking/provider/", "/admin/booking/service/add/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_is_not_staff_is_asked_to_log_in(client, address):
    visitor = logged_in(User.objects.create(username="visitor"))
    for outsider in (client, visitor):
        response = outsider.get(address)
        assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={address}")


@pytest.mark.parametrize("address", ADDRESSES[1:])
def test_staff_without_the_permission_meet_our_own_403(address):
    response = member_of_staff().get(address)
    assert response.status_code == 403
    assert "This page is not yours to see" in response.content.decode()


def test_staff_who_may_not_see_appointments_give_none_back():
    held = make_appointment(provider=make_provider(), at=TEN)
    assert give_back(member_of_staff("view_provider"), held).status_code == 403
    held.refresh_from_db()
    assert held.status == "held"


def test_giving_back_says_what_was_given_back(admin_client):
    provider = make_provider()
    row = make_appointment(provider=provider, at=in_days(2, provider=provider))
    assert len(said(give_back(admin_client, row))) == 1


def test_an_appointments_own_admin_page_says_when_as_the_list_does(admin_client):
    row = make_appointment(provider=make_provider(zone="America/New_York"), at=TEN)
    page = admin_client.get(f"/admin/booking/appointment/{row.pk}/change/").content.decode()
    assert "05:00–05:30 New York time (UTC-4)" in page


def test_the_admin_tells_time_by_24_hours(admin_client):
    """DATETIME_FORMAT in the settings has no effect here, since Django prefers its own formats of en-gb."""
    row = make_appointment(provider=make_provider(), at=datetime.fromisoformat("2026-06-02T15:00+01:00"))
    assert "3 p.m." not in admin_client.get(f"/admin/booking/appointment/{row.pk}/change/").content.decode()
