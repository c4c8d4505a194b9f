"""The free times of a day, as programs read them and send one back."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.booking.api.program import TEN, asked, assert_invalid, assert_problem, post, slots
from tests.booking.clock import instant
from tests.factories import make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "address")]


def test_the_slots_of_a_day_are_times_with_an_offset(client):
    make_provider(hours=[("09:00", "10:00")])
    assert slots(client).json() == {
        "date": "2026-06-02",
        "time_zone": "Europe/Dublin",
        "slots": ["2026-06-02T09:00:00+01:00", "2026-06-02T09:15:00+01:00", "2026-06-02T09:30:00+01:00"],
    }


def test_the_date_is_the_providers(client):
    make_provider(zone="Pacific/Auckland", hours=[("00:00", "00:45")])
    answer = slots(client, date="2026-06-03").json()
    assert answer["slots"] == ["2026-06-03T00:00:00+12:00", "2026-06-03T00:15:00+12:00"]
    assert instant(answer["slots"][0]) == datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Europe/Dublin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"])
def test_a_slot_is_posted_back_unchanged(client, zone):
    make_provider(zone=zone, hours=[("09:00", "10:00")])
    slot = slots(client, date="2026-06-03").json()["slots"][1]
    response = post(client, asked(appointment_time=slot))
    assert (response.status_code, response.json()["appointment_time"]) == (201, slot)
    assert slot not in slots(client, date="2026-06-03").json()["slots"]


def test_both_slots_of_a_clock_that_comes_twice_can_be_booked(client, time_machine):
    time_machine.move_to(datetime(2026, 10, 1, tzinfo=UTC), tick=False)
    make_provider(hours=[("01:00", "02:00")], services=[make_service(minutes=60)])
    twice = slots(client, date="2026-10-25").json()["slots"]
    assert (twice[0], twice[-1]) == ("2026-10-25T01:00:00+01:00", "2026-10-25T01:00:00+00:00")
    booked = [post(client, asked(appointment_time=slot)).json()["appointment_time"] for slot in (twice[0], twice[-1])]
    assert booked == [twice[0], twice[-1]]


def test_taken_times_and_days_off_the_calendar_are_not_on_offer(client, provider):
    make_appointment(provider=provider, at=instant(TEN))
    assert TEN not in slots(client).json()["slots"]
    for day in ("2026-05-31", "2026-08-01", "2000-01-01", "2100-01-01"):
        assert slots(client, date=day).json()["slots"] == []


def test_a_provider_we_do_not_know_is_404(client):
    make_provider(active=False)
    for slug in ("dr-ada-byrne", "nobody", "x" * 3000):
        assert_problem(slots(client, slug=slug), 404, "Not Found")


@pytest.mark.parametrize("service", ["nothing", "", "\x00", "x" * 3000, "retired", "somebody-elses"])
def test_a_service_that_the_provider_does_not_offer_is_404(client, service):
    make_provider(services=[make_service(), make_service(name="Retired", active=False)])
    make_provider(name="Bo Lund", services=[make_service(name="Somebody elses")])
    assert_problem(slots(client, service=service), 404, "Not Found")


@pytest.mark.parametrize(
    "date",
    ["", "rubbish", "2026-02-30", "2026-13-01", "02/06/2026", "20260602", "2026-W23-2", "\x00", "x" * 3000, "\ufffd"],
)
def test_a_date_that_cannot_be_is_422(client, provider, date):
    assert_invalid(slots(client, date=date), "date")


def test_a_missing_date_and_service_are_422_both(client, provider):
    assert_invalid(client.get("/api/providers/dr-ada-byrne/slots"), "date", "service")


@pytest.mark.parametrize("appointments", [1, 80])
def test_slots_cost_two_questions_however_busy_the_day(client, provider, appointments, django_assert_num_queries):
    service = make_service(name="Five minutes", minutes=5)
    for place in range(appointments):
        at = instant("2026-06-02T09:00+01:00") + timedelta(minutes=5 * place)
        make_appointment(provider=provider, service=service, at=at, status="confirmed")
    with django_assert_num_queries(2):
        assert slots(client).status_code == 200


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Auckland", "0001-01-01"), ("America/New_York", "9999-12-31")])
def test_the_ends_of_the_calendar_have_no_slots(client, zone, day):
    make_provider(zone=zone, hours=[("00:30", "23:30")])
    response = slots(client, date=day)
    assert response.status_code in {200, 422}


@pytest.mark.parametrize("date", ["1780000000", "2026-06-02T00:00:00", "0"])
def test_a_date_is_written_year_month_day(client, provider, date):
    assert slots(client, date=date).status_code == 422
