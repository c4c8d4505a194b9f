"""Who can be booked, for what and at which price, as programs read it."""

from datetime import timedelta

import pytest

from booking.models import Service
from tests.booking.clock import NOW, instant
from tests.factories import make_appointment, make_provider, make_service
from tests.shapes import booking_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "address")]


def test_providers_come_by_name_with_their_services_by_position(client):
    call = make_service(name="Introductory call", minutes=15, price="0.00", position=2)
    session = make_service(name="Session", minutes=50, buffer=10, price="85.5", position=1)
    make_provider(name="Bo Lund", zone="America/New_York", services=[call])
    make_provider(name="Ada Byrne", services=[call, session])
    response = client.get("/api/providers")
    free = {
        "name": "Introductory call",
        "slug": "introductory-call",
        "duration_minutes": 15,
        "price": "0.00",
        "due_online": "0.00",
        "due_at_practice": "0.00",
        "currency": "eur",
    }
    priced = {
        "name": "Session",
        "slug": "session",
        "duration_minutes": 50,
        "price": "85.50",
        "due_online": "85.50",
        "due_at_practice": "0.00",
        "currency": "eur",
    }
    assert (response.status_code, response["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert response.json() == [
        {
            "name": "Ada Byrne",
            "slug": "ada-byrne",
            "time_zone": "Europe/Dublin",
            "services": [priced, free],
            "next_free": "2026-06-01T13:00:00+01:00",
        },
        {
            "name": "Bo Lund",
            "slug": "bo-lund",
            "time_zone": "America/New_York",
            "services": [free],
            "next_free": "2026-06-01T09:00:00-04:00",
        },
    ]


def test_a_currency_without_cents_has_prices_without_them(client, settings):
    settings.CURRENCY = "jpy"
    make_provider(services=[make_service(price="6000", payment="deposit", deposit="1500")])
    [provider] = client.get("/api/providers").json()
    amounts = ("price", "due_online", "due_at_practice", "currency")
    assert [[one[name] for name in amounts] for one in provider["services"]] == [["6000", "1500", "4500", "jpy"]]


def test_who_and_what_cannot_be_booked_is_not_listed(client):
    service, gone = make_service(), make_service(name="Gone", active=False)
    make_provider(name="Ann Able", services=[service, gone])
    make_provider(name="Bo Away", services=[service], active=False)
    make_provider(name="Cy Empty", services=[gone])
    answer = client.get("/api/providers").json()
    assert [(one["name"], [of["name"] for of in one["services"]]) for one in answer] == [("Ann Able", ["Consultation"])]


def test_a_practice_with_nobody_is_an_empty_list(client):
    assert client.get("/api/providers").json() == []


@pytest.mark.parametrize("providers", [1, 50])
def test_the_providers_cost_three_questions_however_many(client, providers, django_assert_num_queries):
    service = make_service()
    for number in range(providers):
        make_provider(name=f"Provider {number}", services=[service])
    with django_assert_num_queries(3):
        assert len(client.get("/api/providers").json()) == providers


def next_free(client):
    return [one["next_free"] for one in client.get("/api/providers").json()]


def test_the_next_free_time_is_of_the_first_service_and_can_be_booked_as_it_is(client):
    """From nine to ten there is room for a call after the appointment at nine, and for an hour only on Wednesday."""
    hour, call = make_service(name="Hour", minutes=60), make_service(name="Call", minutes=15, position=1)
    provider = make_provider(services=[call, hour], hours=[("09:00", "10:00")])
    make_appointment(provider=provider, service=call, at=instant("2026-06-02T09:00+01:00"), status="confirmed")
    assert next_free(client) == ["2026-06-03T09:00:00+01:00"]
    wish = booking_json(at=next_free(client)[0]) | {"service": "hour"}
    assert client.post("/api/appointments", wish, "application/json").status_code == 201
    assert next_free(client) == ["2026-06-04T09:00:00+01:00"]


def test_who_has_no_free_time_up_to_the_horizon_is_free_at_no_time(client, settings):
    settings.HORIZON_DAYS = 7
    busy, idle = make_provider(name="Busy"), make_provider(name="Idle", services=[Service.objects.get()], hours=[])
    busy.time_off.create(starts=NOW, ends=NOW + timedelta(days=8))
    assert (idle.name, next_free(client)) == ("Idle", [None, None])
