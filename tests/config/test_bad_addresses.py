"""Nothing that can be typed into an address, or into a query, becomes a 500."""

import pytest
from django.test import Client

from tests.factories import make_provider

STRANGE = ["%00", "%ff", "%F0%9F%A6%8A", "a" * 3000, "..%2f..", "%ED%A0%80", "'%22<b>", "-", "%0d%0aX: y"]
ADDRESSES = [
    "/appointments/{}/",
    "/payments/{}/",
    "/payments/{}/success/?session_id={}",
    "/payments/{}/cancelled/",
    "/api/providers/{}/slots?date=2026-12-01&service={}",
    "/api/providers/dr-ada-byrne/slots?date=2026-12-01&service={}",
    "/api/appointments/{}",
    "/api/{}",
    "/stripe-sandbox/pay/{}",
    "/{}",
]
ACTIONS = [
    "/appointments/{}/cancel/",
    "/payments/{}/checkout/",
    "/api/appointments/{}/checkout",
    "/api/appointments/{}/cancel",
    "/stripe-sandbox/pay/{}",
]


@pytest.fixture
def visitor(db):
    make_provider()
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("strange", STRANGE, ids=range(len(STRANGE)))
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_strange_address_is_not_found(visitor, address, strange):
    assert visitor.get(address.replace("{}", strange)).status_code == 404


@pytest.mark.parametrize("strange", STRANGE, ids=range(len(STRANGE)))
@pytest.mark.parametrize("address", ACTIONS)
def test_a_strange_address_cannot_be_acted_on(visitor, address, strange):
    assert visitor.post(address.replace("{}", strange)).status_code == 404


@pytest.mark.parametrize("strange", STRANGE, ids=range(len(STRANGE)))
@pytest.mark.parametrize("name", ["provider", "service", "provider=dr-ada-byrne&service"])
def test_a_strange_choice_is_not_known(visitor, name, strange):
    answer = visitor.get(f"/?{name}={strange}")
    assert (answer.status_code, b"We do not know this provider or service" in answer.content) == (404, True)


@pytest.mark.parametrize("strange", [*STRANGE, "2026-02-30", "9999-12-31", "0001-01-01", "2026W01", "10000-01-01"])
@pytest.mark.parametrize("name", ["date", "time"])
def test_a_strange_date_or_time_is_refused_and_the_calendar_is_there(visitor, name, strange):
    answer = visitor.get(f"/?provider=dr-ada-byrne&service=consultation&{name}={strange}")
    assert (answer.status_code, b"calendar" in answer.content) == (422, True)


@pytest.mark.parametrize("strange", STRANGE[:-1], ids=range(len(STRANGE) - 1))
def test_strange_stripe_calls_are_answered_in_stripes_words(visitor, strange):
    key = {"Authorization": "Bearer sk_test_sandbox"}
    for path in ("checkout/sessions/{}", "checkout/sessions/{}/line_items", "payment_intents/{}", "charges/{}", "{}"):
        answer = visitor.get("/stripe-sandbox/v1/" + path.replace("{}", strange), headers=key)
        assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")
