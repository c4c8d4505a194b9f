"""A Checkout Session is open until it is paid or expired, or until its time is over."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import stripe
import time_machine

from payments.sandbox import checkout
from payments.sandbox.models import StripeObject
from tests.shapes import line_item, session_params


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
