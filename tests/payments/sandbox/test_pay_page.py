"""The hosted payment page, in a browser without JavaScript: it takes a card, declines one, or asks the bank."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import requests
import time_machine

from payments.sandbox.models import StripeObject
from tests.cards import ASKS_FIRST, DECLINED, card_form
from tests.shapes import line_item, session_params


@pytest.fixture
def session(sessions, receiver):
    return sessions.create(params=session_params(payment_intent_data={"metadata": {"appointment": "ref"}}))


@pytest.fixture
def page(page_of, session):
    return page_of(session)


@pytest.fixture
def look_up(sessions, session):
    return lambda: sessions.retrieve(session.id, params={"expand": ["payment_intent.latest_charge"]})


def cancel_url():
    return session_params()["cancel_url"]


def charges():
    return [row.body["status"] for row in StripeObject.objects.filter(type="charge").order_by("created")]


def events():
    rows = StripeObject.objects.filter(type="event")
    return sorted(row.body["type"] for row in rows)


def test_the_page_says_what_is_paid_by_whom_and_that_no_money_moves(page):
    answer = page.open()

    assert answer.status_code == 200
    for words in ("No money moves here", "First consultation", "€51.00", "ada@example.com", "4242 4242 4242 4242"):
        assert (words, words in answer.text) == (words, True)


def test_the_page_is_neither_indexed_nor_stored(page):
    answer = page.open()

    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert ("no-store" in answer.headers["Cache-Control"]) is True


def test_the_page_needs_no_script_no_inline_style_and_no_other_host(page):
    text = page.open().text.replace(cancel_url(), "")

    assert [part for part in ("<script", "<style", "style=", "http://", "https://") if part in text] == []


def test_looking_at_the_page_changes_nothing(page, session, sessions):
    page.open()

    assert sessions.retrieve(session.id).to_dict() == session.to_dict()
    assert events() == []


def test_a_good_card_pays_and_returns_to_the_site(page, session, look_up):
    answer = page.pay()

    assert answer.status_code == 303
    assert answer.headers["Location"] == session_params()["success_url"].replace("{CHECKOUT_SESSION_ID}", session.id)
    paid = look_up()
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details.email == "ada@example.com"
    assert (paid.payment_intent.status, paid.payment_intent.amount_received) == ("succeeded", 5100)
    assert paid.payment_intent.metadata.to_dict() == {"appointment": "ref"}
    charge = paid.payment_intent.latest_charge
    assert (charge.status, charge.paid, charge.captured, charge.amount) == ("succeeded", True, True, 5100)
    card = charge.payment_method_details.card
    assert (card.brand, card.last4, card.exp_month, card.exp_year) == ("visa", "4242", 12, 2034)


def test_an_encoded_placeholder_is_left_alone(sessions, page_of, receiver):
    success_url = "https://example.com/%7BCHECKOUT_SESSION_ID%7D"
    session = sessions.create(params=session_params(success_url=success_url))

    assert page_of(session).pay().headers["Location"] == success_url


def test_a_payment_is_told_in_events(page):
    page.pay()

    assert events() == ["charge.succeeded", "checkout.session.completed", "payment_intent.succeeded"]


@pytest.mark.parametrize(
    ("number", "codes", "message"),
    [
        ("4000 0000 0000 0002", ("card_declined", "generic_decline"), "Your card was declined."),
        ("4000 0000 0000 9995", ("card_declined", "insufficient_funds"), "Your card has insufficient funds."),
        ("4000 0000 0000 0069", ("expired_card", None), "Your card has expired."),
        ("4000 0000 0000 0127", ("incorrect_cvc", None), "Your card&#x27;s security code is incorrect."),
        (
            "5555 5555 5555 4444",
            ("card_declined", "test_mode_live_card"),
            "Your card was declined. Only the test cards listed on this page work here.",
        ),
    ],
)
def test_a_decline_charges_nothing_and_leaves_the_session_open(page, look_up, number, codes, message):
    answer = page.pay(number)

    assert answer.status_code == 402
    assert (message in answer.text) is True
    declined = look_up()
    assert (declined.status, declined.payment_status, declined.customer_details) == ("open", "unpaid", None)
    intent = declined.payment_intent
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    error = intent.last_payment_error
    assert (error.code, getattr(error, "decline_code", None)) == codes
    assert (error.type, error.charge) == ("card_error", intent.latest_charge.id)
    assert (intent.latest_charge.status, intent.latest_charge.paid) == ("failed", False)
    assert intent.latest_charge.failure_code == codes[0]
    assert events() == ["charge.failed", "payment_intent.payment_failed"]


def test_a_bank_that_asks_is_answered_before_anything_is_charged(page, look_up):
    asked = page.pay(ASKS_FIRST)
    assert (asked.status_code, "Your bank asks whether it is you" in asked.text) == (200, True)
    assert (look_up().payment_intent.status, charges()) == ("requires_action", [])

    assert page.answer_the_bank("complete").status_code == 303

    paid = look_up()
    assert (paid.payment_status, paid.payment_intent.next_action) == ("paid", None)
    assert paid.payment_intent.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"
    assert page.answer_the_bank("complete").status_code == 200
    assert charges() == ["succeeded"]


def test_a_customer_whom_the_bank_does_not_know_may_take_another_card(page, look_up):
    page.pay(DECLINED)
    page.pay(ASKS_FIRST)
    refused = page.answer_the_bank("fail")
    assert (refused.status_code, "We are unable to authenticate" in refused.text) == (402, True)
    intent = look_up().payment_intent
    assert (intent.status, intent.last_payment_error.code) == (
        "requires_payment_method",
        "payment_intent_authentication_failure",
    )
    assert ("charge" in intent.last_payment_error, intent.last_payment_error.type) == (False, "invalid_request_error")
    assert page.pay().status_code == 303
    assert sorted(charges()) == ["failed", "succeeded"]


def test_the_bank_is_answered_too_late_when_another_card_was_declined_since(page, look_up):
    page.pay(ASKS_FIRST)
    page.pay(DECLINED)
    assert page.answer_the_bank("complete").status_code == 200
    assert (look_up().payment_status, charges()) == ("unpaid", ["failed"])


def test_the_bank_is_answered_too_late_when_the_session_has_expired(page, session, sessions):
    page.pay(ASKS_FIRST)
    sessions.expire(session.id)
    assert page.answer_the_bank("complete").status_code == 410
    assert charges() == []


def test_after_a_decline_the_customer_pays_with_another_card(page, look_up):
    page.pay(DECLINED)
    declined = look_up()
    page.pay()

    paid = look_up()
    assert paid.payment_intent.id == declined.payment_intent.id
    assert (paid.payment_status, paid.payment_intent.last_payment_error) == ("paid", None)
    assert sorted(charges()) == ["failed", "succeeded"]


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"number": "4242 4242 4242 4241"}, "number", "Your card number is incorrect."),
        ({"number": ""}, "number", "Your card number is incomplete."),
        ({"expiry": "13/34"}, "expiry", "Your card&#x27;s expiration month is invalid."),
        ({"expiry": "12/20"}, "expiry", "Your card&#x27;s expiration year is invalid."),
        ({"cvc": "12"}, "cvc", "Your card&#x27;s security code is invalid."),
        ({"number": "3782 822463 10005", "cvc": "123"}, "cvc", "Your card&#x27;s security code is invalid."),
    ],
)
def test_what_cannot_be_a_card_is_said_beside_its_field(page, changes, field, message):
    answer = page.pay(**changes)

    assert answer.status_code == 422
    assert (f'id="id_{field}_error">{message}' in answer.text) is True
    assert ('role="alert" tabindex="-1" autofocus' in answer.text) is True
    assert (charges(), events()) == ([], [])


@pytest.mark.parametrize("number", ["4242424242424241", "4000000000000002"])
def test_card_data_never_comes_back_and_is_never_kept(page, number):
    answer = page.pay(number, cvc="987")

    # Addresses on the page are random, and may well have these figures.
    words = " ".join(re.findall(r">([^<]*)<", answer.text))
    assert (number in words.replace(" ", ""), "987" in words) == (number == "4000000000000002", False)
    assert 'value="987' not in answer.text
    assert (f'value="{number}' in answer.text) is False
    kept = [str(row.body) + str(row.internal) for row in StripeObject.objects.all()]
    assert [number in row for row in kept] == [False] * len(kept)


@pytest.mark.parametrize("expiry", ["12/34", "12 / 34", "1234", "12/2034", "122034"])
def test_an_expiry_may_be_written_in_many_ways(page, expiry):
    assert page.pay("4242-4242-4242-4242", expiry=expiry).status_code == 303


def test_two_presses_at_once_charge_once(page_of, session, together):
    pages = [page_of(session) for _ in range(4)]
    for page in pages:
        page.open()

    answers = together(*[page.pay for page in pages])

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 303]
    assert charges() == ["succeeded"]


def test_a_paid_session_says_so_and_leads_on(page_of, session):
    first, second = page_of(session), page_of(session)
    first.pay()

    answer = second.open()

    assert answer.status_code == 200
    assert ("This is already paid" in answer.text) is True
    assert (f"/done/?session_id={session.id}" in answer.text) is True


def test_an_expired_session_cannot_be_paid(page, session, sessions):
    page.open()
    sessions.expire(session.id)

    answer = page.pay()

    assert answer.status_code == 410
    assert ("This payment page has expired" in answer.text, cancel_url() in answer.text) == (True, True)
    assert charges() == []


def test_a_session_past_its_time_cannot_be_paid(page, session, sessions):
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=36)):
        assert page.open().status_code == 410
        assert sessions.retrieve(session.id).status == "expired"


def test_an_expired_session_takes_its_declined_payment_intent_with_it(page, session, sessions, look_up):
    page.pay(DECLINED)
    sessions.expire(session.id)

    intent = look_up().payment_intent
    assert (intent.status, intent.cancellation_reason) == ("canceled", "expired")


def test_an_unknown_session_has_no_page(live_server):
    answer = requests.get(f"{live_server.url}/stripe-sandbox/pay/cs_test_nobody", timeout=10)

    assert answer.status_code == 404
    assert ("There is no such payment page" in answer.text) is True


def test_a_post_without_our_token_pays_nothing(page, session, sessions):
    assert requests.post(page.url, data=card_form(), timeout=10).status_code == 403
    assert sessions.retrieve(session.id).payment_status == "unpaid"


@pytest.mark.parametrize(
    ("currency", "amount", "written"), [("gbp", 5100, "£51.00"), ("jpy", 5100, "JP¥5,100"), ("huf", 1750000, "HUF")]
)
def test_amounts_are_written_as_their_currency_is(sessions, page_of, currency, amount, written):
    session = sessions.create(params=session_params(line_items=[line_item(currency=currency, amount=amount)]))

    assert (written in page_of(session).open().text) is True
