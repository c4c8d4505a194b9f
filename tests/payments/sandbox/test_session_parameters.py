"""The parameters of a Checkout Session: all that the product sends is taken, and errors are in Stripe's words."""

import time

import pytest
import stripe

from payments.sandbox.models import StripeObject
from tests.shapes import line_item, session_params


def refusal(sessions, **changes):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sessions.create(params=session_params(**changes))
    assert caught.value.http_status == 400
    return caught.value


BAD_PARAMETERS = [
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
]


@pytest.mark.parametrize(("changes", "code", "param", "message"), BAD_PARAMETERS)
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
