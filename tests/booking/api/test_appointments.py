"""One appointment over the API: how it stands, and giving it back."""

import pytest
from django.utils import timezone

from tests.booking.api.program import TEN, asked, assert_problem, post
from tests.booking.clock import instant
from tests.factories import in_days, make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "address")]


@pytest.mark.parametrize("standing", ["held", "confirmed", "cancelled", "expired"])
def test_an_appointment_says_how_it_stands(client, provider, standing):
    row = make_appointment(provider=provider, at=instant(TEN), status=standing)
    answer = client.get(f"/api/appointments/{row.reference}").json()
    assert answer["status"] == standing
    assert (answer["payment_url"] is None, answer["hold_expires_at"] is None) == (
        standing != "held",
        standing != "held",
    )


def test_a_hold_that_ran_out_says_so_before_any_tick(client, provider, time_machine):
    held = make_appointment(provider=provider, at=instant(TEN))
    time_machine.move_to(held.hold_expires_at, tick=False)
    answer = client.get(f"/api/appointments/{held.reference}").json()
    assert (answer["status"], answer["hold_expires_at"], answer["payment_url"]) == ("expired", None, None)


def test_times_of_an_appointment_are_on_the_providers_clock(client):
    make_provider(zone="America/New_York", hours=[("09:00", "17:00")])
    booked = post(client, asked(appointment_time="2026-06-02T14:00:00Z")).json()
    assert booked["appointment_time"] == "2026-06-02T10:00:00-04:00"
    assert booked["hold_expires_at"] == "2026-06-01T07:15:00-04:00"


@pytest.mark.parametrize("reference", ["nope", "x" * 3000, "nope%00", "%FF", "A" * 22])
def test_a_reference_we_do_not_know_is_404(client, provider, reference):
    assert_problem(client.get(f"/api/appointments/{reference}"), 404, "Not Found")
    assert_problem(post(client, "", to=f"/api/appointments/{reference}/cancel"), 404, "Not Found")


def test_a_hold_is_given_back_once_and_stays_so(client, provider):
    held = make_appointment(provider=provider, at=instant(TEN))
    address = f"/api/appointments/{held.reference}/cancel"
    first, again = client.post(address), client.post(address)
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    assert (again.status_code, again.json()) == (200, first.json())
    assert post(client, asked()).status_code == 201


def test_an_expired_hold_is_given_back_without_a_change(client, provider):
    gone = make_appointment(provider=provider, at=instant(TEN), status="expired")
    answer = client.post(f"/api/appointments/{gone.reference}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "expired")


def test_a_free_confirmed_appointment_is_given_back(client):
    make_provider(services=[make_service(price="0.00")])
    booked = post(client, asked()).json()
    answer = client.post(f"/api/appointments/{booked['reference']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


def test_a_paid_appointment_is_cancelled_by_the_policy(client, provider):
    paid = make_appointment(provider=provider, at=instant(TEN), status="confirmed")
    first, again = (client.post(f"/api/appointments/{paid.reference}/cancel") for _ in range(2))
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    assert (again.status_code, again.json()) == (200, first.json())


def test_an_appointment_that_has_begun_is_409(client, provider):
    begun = make_appointment(provider=provider, at=timezone.now(), status="confirmed")
    assert_problem(client.post(f"/api/appointments/{begun.reference}/cancel"), 409, "Conflict")
    begun.refresh_from_db()
    assert begun.status == "confirmed"


def test_the_json_of_an_appointment_is_nobodys_to_keep(client):
    provider = make_provider()
    row = make_appointment(provider=provider, at=in_days(2, provider=provider))
    assert "no-store" in client.get(f"/api/appointments/{row.reference}").get("Cache-Control", "")
