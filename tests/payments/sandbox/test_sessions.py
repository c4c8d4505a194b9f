import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
import stripe
import time_machine

from payments.sandbox import checkout
from payments.sandbox.models import StripeObject
from tests.payments.sandbox.conftest import line_item, session_params


def refusal(sessions, **changes):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sessions.create(params=session_params(**changes))
    assert caught.value.http_status == 400
    return caught.value


def test_a_new_session_is_open_and_unpaid(sessions, live_server):
    session = sessions.create(params=session_params(client_reference_id="ref", metadata={"appointment": "ref"}))

    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status, session.mode) == ("open", "unpaid", "payment")
    assert (session.amount_total, session.currency) == (5100, "eur")
    assert session.url == f"{live_server.url}/stripe-sandbox/pay/{session.id}"
    assert (session.payment_intent, session.customer_details) == (None, None)
    assert (session.client_reference_id, session.metadata.to_dict()) == ("ref", {"appointment": "ref"})
    assert session.payment_method_types == ["card"]
    assert session.livemode is False


def test_a_session_lives_for_a_day_unless_told_otherwise(sessions):
    params = session_params()
    del params["expires_at"]

    session = sessions.create(params=params)

    assert session.expires_at - session.created == 24 * 60 * 60


def test_amounts_are_totals_over_all_line_items(sessions):
    items = [line_item(amount=1000, quantity=3), line_item(name="Materials", amount=250)]

    session = sessions.create(params=session_params(line_items=items, expand=["line_items"]))

    assert session.amount_total == 3250
    assert [(item.description, item.quantity, item.amount_total) for item in session.line_items.data] == [
        ("First consultation", 3, 3000),
        ("Materials", 1, 250),
    ]


def test_line_items_come_in_pages(sessions):
    items = [line_item(name=name) for name in ("a", "b", "c")]
    session = sessions.create(params=session_params(line_items=items))

    first = sessions.line_items.list(session.id, params={"limit": 2})

    assert ([item.description for item in first.data], first.has_more) == (["a", "b"], True)
    assert [item.description for item in first.auto_paging_iter()] == ["a", "b", "c"]


def test_a_session_can_be_looked_up_again(sessions):
    session = sessions.create(params=session_params())

    assert sessions.retrieve(session.id).to_dict() == session.to_dict()


def test_what_nobody_created_is_missing(client_of):
    api = client_of().v1
    for retrieve, message in (
        (api.checkout.sessions.retrieve, "No such checkout.session: 'x'"),
        (api.payment_intents.retrieve, "No such payment_intent: 'x'"),
        (api.charges.retrieve, "No such charge: 'x'"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            retrieve("x")
        assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
        assert caught.value.user_message == message


@pytest.mark.parametrize(
    ("changes", "code", "param", "message"),
    [
        ({"discount": 1}, "parameter_unknown", "discount", "Received unknown parameter: discount"),
        (
            {"payment_method_types": ["card"]},
            "parameter_unknown",
            "payment_method_types",
            "Received unknown parameter: payment_method_types",
        ),
        (
            {"payment_intent_data": {"colour": "red"}},
            "parameter_unknown",
            "payment_intent_data[colour]",
            "Received unknown parameter: payment_intent_data[colour]",
        ),
        ({"success_url": None}, "parameter_missing", "success_url", "Missing required param: success_url."),
        ({"mode": "foo"}, None, "mode", "Invalid mode: must be one of payment, setup, or subscription"),
        (
            {"ui_mode": "hosted"},
            None,
            "ui_mode",
            "Invalid ui_mode: must be one of elements, embedded_page, form, or hosted_page",
        ),
        ({"ui_mode": "form"}, None, "ui_mode", "This sandbox supports only hosted_page for ui_mode."),
        ({"expires_at": "abc"}, "parameter_invalid_integer", "expires_at", "Invalid integer: abc"),
        (
            {"line_items": [line_item(quantity=0)]},
            "parameter_invalid_integer",
            "line_items[0][quantity]",
            "This value must be greater than or equal to 1.",
        ),
        (
            {"line_items": [{"quantity": 1}]},
            "parameter_missing",
            "line_items[0][price_data]",
            "Missing required param: line_items[0][price_data].",
        ),
        ({"line_items": "one"}, None, "line_items", "Invalid array"),
        ({"metadata": "one"}, None, "metadata", "Invalid object"),
        ({"customer_email": "not-an-email"}, "email_invalid", "customer_email", "Invalid email address: not-an-email"),
        ({"customer_email": "jo@localhost"}, "email_invalid", "customer_email", "Invalid email address: jo@localhost"),
        ({"customer_email": "jo@[::1]"}, "email_invalid", "customer_email", "Invalid email address: jo@[::1]"),
        (
            {"adaptive_pricing": {"enabled": "maybe"}},
            None,
            "adaptive_pricing[enabled]",
            "Invalid boolean: maybe",
        ),
        ({"success_url": "https://"}, "url_invalid", "success_url", "Not a valid URL"),
        (
            {"cancel_url": "javascript:alert(1)"},
            "url_invalid",
            "cancel_url",
            "Invalid URL: An explicit scheme (such as https) must be provided.",
        ),
        (
            {"client_reference_id": "x" * 201},
            None,
            "client_reference_id",
            "Invalid string: xxxxxxxxxxxx...; must be at most 200 characters",
        ),
        (
            {"metadata": {f"k{n}": "v" for n in range(51)}},
            None,
            "metadata",
            "Metadata can have up to 50 keys, but you passed in 51 keys.",
        ),
        ({"client_reference_id": "\0"}, None, "client_reference_id", "Invalid string"),
        ({"expand": ["customer"]}, None, None, "This property cannot be expanded (customer)."),
        ({"expand": ["payment_intent.review"]}, None, None, "This property cannot be expanded (review)."),
        (
            {"line_items": [line_item(amount=49)]},
            "amount_too_small",
            None,
            "The Checkout Session's total amount due must add up to at least €0.50 eur",
        ),
        (
            {"line_items": [line_item(amount=49, currency="jpy")]},
            "amount_too_small",
            None,
            "The Checkout Session's total amount due must add up to at least ¥50 jpy",
        ),
    ],
)
def test_a_bad_parameter_is_refused_in_the_words_of_stripe(sessions, changes, code, param, message):
    error = refusal(sessions, **changes)

    assert (error.user_message, error.code, error.param) == (message, code, param)
    assert StripeObject.objects.count() == 0


@pytest.mark.parametrize(("key", "value"), [("k" * 41, "v"), ("k", "v" * 501)])
def test_metadata_has_limits(sessions, key, value):
    assert refusal(sessions, metadata={key: value}).param == f"metadata[{key}]"


@pytest.mark.parametrize(
    ("seconds", "words"), [(30 * 60 - 20, "at least 30 minutes"), (24 * 60 * 60 + 20, "less than 24 hours")]
)
def test_a_session_ends_between_half_an_hour_and_a_day_from_now(sessions, seconds, words):
    error = refusal(sessions, expires_at=int(time.time()) + seconds)

    assert error.param == "expires_at"
    assert error.user_message == f"The `expires_at` timestamp must be {words} from Checkout Session creation."


def test_a_session_that_may_not_take_cards_is_refused(sessions):
    words = "No valid payment method types for this Checkout Session."
    assert refusal(sessions, allowed_payment_method_types=["ideal"]).user_message.startswith(words) is True
    assert refusal(sessions, excluded_payment_method_types=["card"]).user_message.startswith(words) is True


def test_everything_the_sandbox_knows_is_accepted(sessions):
    session = sessions.create(
        params=session_params(
            adaptive_pricing={"enabled": False},
            allowed_payment_method_types=["card", "link"],
            excluded_payment_method_types=["klarna"],
            submit_type="book",
            locale="en-GB",
            ui_mode="hosted_page",
            customer_creation="if_required",
            payment_intent_data={"description": "Tuesday at nine", "metadata": {"appointment": "ref"}},
        )
    )

    assert session.allowed_payment_method_types == ["card", "link"]
    assert session.excluded_payment_method_types == ["klarna"]
    assert session.adaptive_pricing.enabled is False
    assert (session.submit_type, session.locale, session.ui_mode) == ("book", "en-GB", "hosted_page")


def test_an_open_session_can_be_expired_once(sessions):
    session = sessions.create(params=session_params())

    expired = sessions.expire(session.id)

    assert (expired.status, expired.url, expired.payment_status) == ("expired", None, "unpaid")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sessions.expire(session.id)
    assert caught.value.user_message == (
        'Only Checkout Sessions with a status in ["open"] can be expired. '
        "This Checkout Session has a status of `expired`."
    )


def test_a_session_read_after_its_time_has_expired(sessions, receiver):
    session = sessions.create(params=session_params())

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=36)):
        assert sessions.retrieve(session.id).status == "expired"
        assert [(event.type, event.data.object.id) for event in receiver.wait_for(1)] == [
            ("checkout.session.expired", session.id)
        ]


def test_expire_overdue_expires_each_session_once_and_leaves_the_others(sessions):
    overdue = sessions.create(params=session_params())
    running = sessions.create(params=session_params(expires_at=int(time.time()) + 60 * 60))

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=36)):
        assert [checkout.expire_overdue(), checkout.expire_overdue()] == [1, 0]

    statuses = {row.pk: row.body["status"] for row in StripeObject.objects.filter(type="checkout.session")}
    assert statuses == {overdue.id: "expired", running.id: "open"}
    assert StripeObject.objects.filter(type="event", body__type="checkout.session.expired").count() == 1


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
