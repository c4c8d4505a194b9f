"""Who can be booked, for what and at which price, as programs read it."""

import pytest

from tests.factories import make_provider, make_service

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
        "currency": "eur",
    }
    priced = {"name": "Session", "slug": "session", "duration_minutes": 50, "price": "85.50", "currency": "eur"}
    assert (response.status_code, response["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert response.json() == [
        {"name": "Ada Byrne", "slug": "ada-byrne", "time_zone": "Europe/Dublin", "services": [priced, free]},
        {"name": "Bo Lund", "slug": "bo-lund", "time_zone": "America/New_York", "services": [free]},
    ]


def test_a_currency_without_cents_has_prices_without_them(client, settings):
    settings.CURRENCY = "jpy"
    make_provider(services=[make_service(price="6000")])
    [provider] = client.get("/api/providers").json()
    assert [(one["price"], one["currency"]) for one in provider["services"]] == [("6000", "jpy")]


def test_who_and_what_cannot_be_booked_is_not_listed(client):
    service, gone = make_service(), make_service(name="Gone", active=False)
    make_provider(name="Ann Able", services=[service, gone])
    make_provider(name="Bo Away", services=[service], active=False)
    make_provider(name="Cy Empty", services=[gone])
    answer = client.get("/api/providers").json()
    assert [(one["name"], [of["name"] for of in one["services"]]) for one in answer] == [("Ann Able", ["Consultation"])]


def test_a_practice_with_nobody_is_an_empty_list(client):
    assert client.get("/api/providers").json() == []


@pytest.mark.parametrize("providers", [1, 20])
def test_the_providers_cost_two_questions_however_many(client, providers, django_assert_num_queries):
    service = make_service()
    for number in range(providers):
        make_provider(name=f"Provider {number}", services=[service])
    with django_assert_num_queries(2):
        assert len(client.get("/api/providers").json()) == providers
