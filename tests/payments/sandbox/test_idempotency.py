"""A call that is repeated under its idempotency key is answered as before, and done once."""

from datetime import timedelta

import psycopg
import pytest
import stripe
from django.db import OperationalError
from django.utils import timezone

from payments.sandbox import idempotency
from payments.sandbox.models import IdempotentRequest, StripeObject
from tests.shapes import session_params


def test_the_same_request_gets_the_first_answer_again(sessions):
    params = session_params()

    first = sessions.create(params=params, options={"idempotency_key": "k"})
    again = sessions.create(params=params, options={"idempotency_key": "k"})

    assert again.to_dict() == first.to_dict()
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert again.last_response.headers["Idempotency-Key"] == "k"
    assert StripeObject.objects.count() == 1


def test_a_replay_tells_what_was_and_not_what_is(sessions):
    params = session_params()
    session = sessions.create(params=params, options={"idempotency_key": "k"})
    sessions.expire(session.id)

    assert sessions.create(params=params, options={"idempotency_key": "k"}).status == "open"


def test_a_key_belongs_to_its_parameters(sessions):
    sessions.create(params=session_params(), options={"idempotency_key": "k"})

    with pytest.raises(stripe.IdempotencyError) as caught:
        sessions.create(params=session_params(locale="de"), options={"idempotency_key": "k"})

    assert caught.value.http_status == 400
    assert caught.value.user_message == (
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        "Try using a key other than 'k' if you meant to execute a different request."
    )


def test_a_failed_validation_is_not_kept(sessions):
    with pytest.raises(stripe.InvalidRequestError):
        sessions.create(params=session_params(mode="foo"), options={"idempotency_key": "k"})

    assert sessions.create(params=session_params(), options={"idempotency_key": "k"}).status == "open"


def test_a_refusal_of_the_execution_is_kept(sessions):
    session = sessions.create(params=session_params())
    sessions.expire(session.id)

    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            sessions.expire(session.id, options={"idempotency_key": "k"})

    assert caught.value.headers["Idempotent-Replayed"] == "true"
    assert caught.value.http_status == 400


def test_a_key_in_use_is_a_conflict(sessions):
    params = session_params()
    sessions.create(params=params, options={"idempotency_key": "k"})
    IdempotentRequest.objects.update(status=None)

    with pytest.raises(stripe.APIError) as caught:
        sessions.create(params=params, options={"idempotency_key": "k"})

    assert (caught.value.http_status, caught.value.error.code) == (409, "idempotency_key_in_use")


def test_a_key_of_a_process_that_died_can_be_used_again(sessions):
    params = session_params()
    sessions.create(params=params, options={"idempotency_key": "k"})
    StripeObject.objects.all().delete()
    IdempotentRequest.objects.update(status=None, claimed_at=timezone.now() - timedelta(minutes=2))

    session = sessions.create(params=params, options={"idempotency_key": "k"})

    assert [row.pk for row in StripeObject.objects.all()] == [session.id]


def test_a_key_stays_taken_when_the_connection_breaks_as_nobody_knows_what_was_saved(sessions, monkeypatch):
    def lose(row, answer):
        raise OperationalError("the connection is lost") from psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(idempotency, "keep", lose)
    with pytest.raises(stripe.APIError) as caught:
        sessions.create(params=session_params(), options={"idempotency_key": "k"})

    assert (caught.value.http_status, IdempotentRequest.objects.filter(key="k", status=None).count()) == (503, 1)


def test_many_at_once_with_one_key_create_one_session(sessions, together):
    params = session_params()

    def create():
        try:
            return sessions.create(params=params, options={"idempotency_key": "k"}).id
        except stripe.APIError as error:
            return error.error.code

    answers = set(together(*[create] * 12))

    [session] = StripeObject.objects.all()
    assert answers - {"idempotency_key_in_use"} == {session.pk}
