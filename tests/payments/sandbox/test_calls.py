"""Every call to Stripe's API needs a key, an address and a form, and is answered in Stripe's way."""

import pytest
import requests
import stripe


def test_a_call_needs_the_key(client_of):
    with pytest.raises(stripe.AuthenticationError) as caught:
        client_of("sk_test_of_somebody_else").v1.checkout.sessions.retrieve("x")

    assert caught.value.user_message == "Invalid API Key provided: sk_test_************else"


def api_call(live_server, path, *, method="GET", key="sk_test_sandbox", **options):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    headers |= options.pop("headers", {})
    return requests.request(method, f"{live_server.url}/stripe-sandbox{path}", headers=headers, timeout=10, **options)


def test_no_key_at_all_says_how_to_send_one(live_server):
    answer = api_call(live_server, "/v1/checkout/sessions/x", key="")

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["message"].startswith("You did not provide an API key.") is True


def test_the_key_may_be_the_username_of_basic_authentication(live_server):
    answer = api_call(live_server, "/v1/charges/x", key="", auth=("sk_test_sandbox", ""))

    assert answer.json()["error"]["message"] == "No such charge: 'x'"


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [("GET", "/v1/x", ""), ("DELETE", "/v1/checkout/sessions", ""), ("GET", "/v1/charges/", " If you are trying")],
)
def test_an_unknown_address_is_unrecognized(live_server, method, path, more):
    answer = api_call(live_server, path, method=method)

    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith(f"Unrecognized request URL ({method}: {path}).{more}") is True


def test_json_is_not_a_form(live_server):
    answer = api_call(live_server, "/v1/checkout/sessions", method="POST", json={"mode": "payment"})

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("Invalid request (check that your POST content type") is True


def test_every_answer_names_itself_and_the_version(live_server):
    answer = api_call(live_server, "/v1/charges/x", headers={"Stripe-Version": "2026-10-28.endive"})

    assert answer.headers["Request-Id"].startswith("req_") is True
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"


def test_error_bodies_leave_out_what_they_do_not_have(live_server):
    answer = api_call(live_server, "/v1/charges/x")

    assert answer.json() == {
        "error": {
            "code": "resource_missing",
            "doc_url": "https://stripe.com/docs/error-codes/resource-missing",
            "message": "No such charge: 'x'",
            "param": "charge",
            "type": "invalid_request_error",
        }
    }
