"""The pages around paying: what they show and refuse, and that looking at them changes nothing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from booking.models import Appointment
from payments import refunds
from payments.checkout import open_session
from payments.gateway import client
from payments.models import Payment, Refund
from payments.sandbox.models import StripeObject
from tests.factories import in_days, make_appointment, make_payment
from tests.pages import asked_by
from tests.payments.pages import success_page, success_url, text, url
from tests.payments.standing import session_at_stripe, state_of
from tests.shapes import HTMX


@pytest.fixture
def other(provider):
    return make_appointment(provider=provider, at=in_days(4, provider=provider), email="ann@example.com")


def test_the_payment_page_shows_what_is_paid_and_until_when(held):
    page = text(Client().get(url(held)))
    until = held.hold_expires_at.astimezone(held.provider.zone)
    expected = ["Dr Ada Byrne", "Consultation", "€60.00", f"{until:%H:%M}", "Pay with Stripe"]
    assert [word for word in expected if word not in page] == []


@pytest.mark.parametrize(
    ("hours", "summaries", "rows"),
    [
        (
            50,
            ["If you cancel: €60.00 comes back until Wednesday 2 December 2026, 11:00, and less after that"],
            ["€60.00", "€30.00"],
        ),
        (
            30,
            ["If you cancel: €30.00 comes back until Wednesday 2 December 2026, 15:00, and nothing after that"],
            ["€30.00"],
        ),
        (20, [], []),
    ],
)
def test_only_what_can_still_come_back_is_offered_before_paying(provider, time_machine, hours, summaries, rows):
    now = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    at, policy = now + timedelta(hours=hours), "48h 100%, 24h 50%"
    page = text(Client().get(url(make_appointment(provider=provider, at=at, cancellation_policy=policy))))
    assert re.findall("<summary[^>]*> (If.*?) </summary>", page) == summaries
    assert re.findall(r"<dd>(€[\d.]+) <span", page) == rows
    assert ("If you cancel, no money comes back, because it is so soon." in page) == (not rows)


@pytest.mark.parametrize("page", ["", "cancelled/"])
@pytest.mark.parametrize("status", ["confirmed", "cancelled", "expired"])
def test_what_is_no_longer_held_is_shown_on_its_own_page(provider, page, status):
    appointment = make_appointment(provider=provider, at=in_days(3, provider=provider), status=status)
    answer = Client().get(url(appointment, page))
    assert (answer.status_code, answer["Location"]) == (303, f"/appointments/{appointment.reference}/")


def test_pay_leaves_for_stripe_by_a_full_redirect_with_and_without_htmx(held):
    plain = Client().post(url(held, "checkout/"))
    htmx = Client().post(url(held, "checkout/"), headers=HTMX)
    session_url = Payment.objects.get().url
    assert (plain.status_code, plain["Location"]) == (303, session_url)
    assert (htmx.status_code, htmx["HX-Redirect"]) == (200, session_url)


def test_a_client_who_goes_on_to_stripe_in_another_language_than_they_booked_in_gets_mail_in_it(held, settings):
    settings.LANGUAGES = [("en-ie", "English"), ("es-ie", "Español")]
    Client().post(url(held, "checkout/"), headers={"Accept-Language": "es"})
    assert (state_of(held).row.language, Payment.objects.get().params["locale"]) == ("es", "es")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_hold_that_is_over_says_so_in_place(provider, headers):
    lapsed = make_appointment(provider=provider, at=in_days(3, provider=provider), hold_minutes=-1)
    answer = Client().post(url(lapsed, "checkout/"), headers=headers)
    assert (answer.status_code, "This time was given back" in text(answer)) == (409, True)
    assert ("<html" in text(answer)) == (not headers)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_stripe_out_of_reach_says_so_in_place_and_keeps_the_time(held, stripe_down, headers):
    stripe_down()
    answer = Client().post(url(held, "checkout/"), headers=headers)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Your time is still kept" in text(answer)
    assert state_of(held).status == "held"


def test_a_get_never_opens_a_session(held):
    assert Client().get(url(held, "checkout/")).status_code == 405
    assert StripeObject.objects.count() == 0


def test_coming_back_unpaid_offers_to_try_again_and_to_give_back(held):
    open_session(held)
    page = text(Client().get(url(held, "cancelled/")))
    assert "You came back from the payment page." in page
    assert ("Pay with Stripe" in page, "Give this time back" in page) == (True, True)
    assert (state_of(held).status, state_of(held).payments) == ("held", [("open", "")])


def test_giving_back_by_the_page_expires_the_session_and_frees_the_time(held):
    payment = open_session(held)
    answer = Client().post(f"/appointments/{held.reference}/cancel/")
    assert (answer.status_code, answer["Location"]) == (303, f"/appointments/{held.reference}/")
    assert (state_of(held).status, session_at_stripe(payment).status) == ("cancelled", "expired")


# The success page


@pytest.mark.parametrize(
    "query", ["", "?session_id=", "?session_id=cs_test_invented", "?session_id=%00", "?session_id=%ff"]
)
def test_the_success_page_needs_the_session_of_this_appointment(held, query):
    open_session(held)
    answer = Client().get(url(held, "success/") + query)
    assert (answer.status_code, "There is nothing at this address" in text(answer)) == (404, True)


def test_another_appointments_session_is_not_found_and_confirms_nothing(held, other, pay):
    payment = pay(other)
    answer = Client().get(url(held, f"success/?session_id={payment.checkout_session_id}"))
    assert answer.status_code == 404
    assert (state_of(held).status, state_of(other).status) == ("held", "held")


def test_it_claims_nothing_while_stripe_has_not_said_paid(held):
    payment = open_session(held)
    page = text(success_page(payment))
    assert ("Appointment confirmed" in page, "We have not heard from Stripe yet" in page) == (False, True)
    assert ('http-equiv="refresh"' in page, 'hx-trigger="every 3s, wake from:body"' in page) == (True, True)


def test_asked_again_it_answers_with_a_page_only_when_there_is_news(held):
    payment = open_session(held)
    page = text(success_page(payment))
    asks = asked_by(page)
    assert Client().get(asks, headers=HTMX).status_code == 204
    client().v1.checkout.sessions.expire(payment.checkout_session_id)
    news = Client().get(asks, headers=HTMX)
    assert (news.status_code, "Not paid" in text(news)) == (200, True)


def test_it_claims_nothing_while_stripe_cannot_be_asked(held, pay, stripe_down):
    payment = pay(held)
    stripe_down()
    answer = success_page(payment)
    assert (answer.status_code, "We have not heard from Stripe yet" in text(answer)) == (200, True)


def test_a_session_that_ended_unpaid_is_called_unpaid(held):
    payment = open_session(held)
    client().v1.checkout.sessions.expire(payment.checkout_session_id)
    page = text(success_page(payment))
    assert ("Not paid" in page, "nothing was charged" in page) == (True, True)


def test_it_works_in_a_browser_without_cookies_and_again(held, pay):
    payment = pay(held)
    address = success_url(payment)
    assert ["Appointment confirmed" in text(Client().get(address)) for _ in range(2)] == [True, True]


def test_of_what_does_not_match_it_says_to_wait_until_all_of_it_is_returned(held, pay):
    payment = pay(held)
    Payment.objects.update(status="paid", problem="mismatch", amount_captured=6000)
    page = text(success_page(payment))
    assert ("we look into it" in page, "Do not pay again." in page, "Go on to pay" in page) == (True, True, False)
    payment.refresh_from_db()
    refunds.owe(payment, 6000, Refund.Reason.BY_HAND)
    page = text(success_page(payment))
    assert ("your money goes back" in page, "pay again" in page, "Go on to pay" in page) == (True, False, True)
    assert open_session(held).amount == 6000


# All pages


@pytest.mark.parametrize("page", ["", "cancelled/", "success/?session_id={session}"])
def test_a_page_of_a_reference_is_kept_private(held, page):
    payment = open_session(held)
    answer = Client().get(url(held, page.format(session=payment.checkout_session_id)))
    private = [answer[name] for name in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy")]
    assert private == ["no-store", "noindex", "same-origin"]


@pytest.mark.parametrize("page", ["", "cancelled/", "success/"])
def test_get_changes_nothing(held, page):
    open_session(held)
    before = list(Appointment.objects.values()) + list(Payment.objects.values())
    Client().get(url(held, page))
    assert list(Appointment.objects.values()) + list(Payment.objects.values()) == before


@pytest.mark.parametrize("page", ["", "checkout/", "success/", "cancelled/"])
def test_a_reference_that_nobody_has_is_not_found(live_server, page):
    method = Client().post if page == "checkout/" else Client().get
    assert method(f"/payments/nobody/{page}").status_code == 404


@pytest.mark.parametrize("path", ["checkout/", "cancel"])
def test_a_browser_without_cookies_meets_our_own_words(held, path):
    address = f"/appointments/{held.reference}/cancel/" if path == "cancel" else url(held, path)
    for headers in ({}, HTMX):
        answer = Client(enforce_csrf_checks=True).post(address, headers=headers)
        assert (answer.status_code, "Allow cookies for this site" in text(answer)) == (403, True)
    assert state_of(held).status == "held"


def test_the_payment_page_costs_one_question(client, held, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert client.get(url(held)).status_code == 200


@pytest.mark.parametrize("payments", [1, 5])
def test_the_page_of_an_appointment_costs_two_questions_if_nothing_goes_back(
    client, provider, payments, django_assert_num_queries
):
    confirmed = make_appointment(provider=provider, at=in_days(2, provider=provider), status="confirmed")
    for number in range(payments):
        make_payment(confirmed, status="paid" if number == 0 else "expired")
    with django_assert_num_queries(2):
        assert client.get(f"/appointments/{confirmed.reference}/").status_code == 200
