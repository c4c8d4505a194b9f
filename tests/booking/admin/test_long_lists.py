"""The lists of the admin show the first rows, and find others by day, by kind, and by what identifies them."""

import re
from datetime import UTC, datetime

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone

from booking.admin.long_lists import FirstPages
from booking.models import Appointment, search
from payments.models import WebhookEvent
from tests.booking.admin.pages import APPOINTMENTS
from tests.booking.clock import TEN
from tests.factories import make_appointment, make_payment, make_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

PAYMENTS, EVENTS = "/admin/payments/payment/", "/admin/payments/webhookevent/"


def listed(admin_client, address, **narrowed):
    return list(admin_client.get(address, narrowed).context["cl"].result_list)


@pytest.fixture
def days():
    """Appointments at ten in the morning of the first five days of July, from the last to the first."""
    provider = make_provider()
    moments = [datetime(2026, 7, day, 9, tzinfo=UTC) for day in (5, 4, 3, 2, 1)]
    return [make_appointment(provider=provider, at=at, status="confirmed") for at in moments]


@pytest.mark.parametrize(("most", "says_so"), [(4, True), (5, False)])
def test_a_list_says_that_it_shows_only_the_first_rows(admin_client, days, monkeypatch, most, says_so):
    monkeypatch.setattr(FirstPages, "MOST", most)
    page = admin_client.get(APPOINTMENTS)
    assert (page.context["cl"].result_count, "These are the first 4." in page.content.decode()) == (most, says_so)


def test_the_last_page_ends_with_the_last_of_the_first_rows(admin_client, days, monkeypatch):
    monkeypatch.setattr(FirstPages, "MOST", 4)
    monkeypatch.setattr("booking.admin.appointments.AppointmentAdmin.list_per_page", 3)
    assert [listed(admin_client, APPOINTMENTS, p=page) for page in (1, 2)] == [days[:3], days[3:4]]


def test_the_appointments_of_a_day_are_those_of_the_practices_day(admin_client, settings):
    provider = make_provider(hours=[("00:00", "00:00")])
    early, late = datetime(2026, 7, 1, 23, tzinfo=UTC), datetime(2026, 7, 2, 22, 30, tzinfo=UTC)
    on_it = [make_appointment(provider=provider, at=at) for at in (late, early)]
    for at in (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), datetime(2026, 7, 2, 23, tzinfo=UTC)):
        make_appointment(provider=provider, at=at)
    assert listed(admin_client, APPOINTMENTS, day="2026-07-02") == on_it


@pytest.mark.parametrize("typed", ["", "2026-02-31", "tomorrow", "0001-01-01", "9999-12-31"])
def test_what_is_no_day_of_a_practice_narrows_nothing_or_finds_nothing(admin_client, days, typed):
    assert listed(admin_client, APPOINTMENTS, day=typed) in (days, [])


def test_the_form_for_a_day_keeps_what_the_list_is_narrowed_by(admin_client, days):
    page = admin_client.get(APPOINTMENTS, {"day": "2026-07-02", "status__exact": "confirmed", "q": "jo", "p": "1"})
    form = page.content.decode().partition('<form method="get">')[2].partition("</form>")[0]
    assert re.findall(r'name="([^"]*)" value="([^"]*)"', form) == [
        ("status__exact", "confirmed"),
        ("q", "jo"),
        ("day", "2026-07-02"),
    ]


def test_six_characters_of_a_reference_find_the_appointment_and_its_payment(admin_client, days):
    payment = make_payment(days[1])
    typed = days[1].reference[:6]
    assert listed(admin_client, APPOINTMENTS, q=typed) == [days[1]]
    assert listed(admin_client, PAYMENTS, q=typed) == [payment]


def test_what_many_references_begin_with_is_taken_for_a_name(admin_client, days, monkeypatch):
    monkeypatch.setattr(search, "FEW", 3)
    Appointment.objects.update(reference=Concat(Value("oneill"), "pk"))
    named = make_appointment(provider=days[0].provider, at=TEN, client_name="Síle O’Neill")
    assert listed(admin_client, APPOINTMENTS, q="oneill") == [named]


@pytest.mark.any_engine
def test_sqlite_goes_through_the_appointments_in_the_order_of_the_list(admin_client, monkeypatch):
    monkeypatch.setattr(search, "FEW", -1)
    plan = admin_client.get(APPOINTMENTS, {"q": "müller"}).context["cl"].queryset[:100].explain().splitlines()
    tables = [line.split(" ", 3)[-1] for line in plan if "SCAN" in line or "SEARCH" in line]
    assert tables == ["SCAN booking_appointment USING INDEX booking_appointment_time"]


def test_payments_are_narrowed_to_a_status_of_their_dispute(admin_client, days):
    lost, _ = make_payment(days[0], dispute="lost"), make_payment(days[1])
    assert listed(admin_client, PAYMENTS, dispute="lost") == [lost]
    assert len(listed(admin_client, PAYMENTS)) == 2


def test_events_are_narrowed_to_a_type_and_found_by_whole_ids(admin_client):
    made = [
        WebhookEvent.objects.create(
            event_id=f"evt_{number}", type=kind, object_id=f"cs_{number}", livemode=False, received_at=timezone.now()
        )
        for number, kind in enumerate(("checkout.session.completed", "refund.failed"))
    ]
    assert listed(admin_client, EVENTS, type="refund.failed") == made[1:]
    assert [listed(admin_client, EVENTS, q=typed) for typed in ("evt_0", "cs_1", "evt")] == [made[:1], made[1:], []]


def test_a_list_is_sorted_only_by_what_has_an_index(admin_client, days):
    page = admin_client.get(APPOINTMENTS).content.decode()
    assert re.findall(r'<th[^>]*class="[^"]*sortable[^"]*column-(\w+)', page) == ["when"]
