"""A program that did not hear our answer sends its request again with the same Idempotency-Key."""

import json
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from booking.forms import BookingForm
from booking.models import Appointment, IdempotentRequest, offers
from tests.factories import in_days, make_appointment
from tests.shapes import booking_json

pytestmark = pytest.mark.django_db

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
BOOKING = "/api/appointments"


@pytest.fixture
def asked(provider):
    return booking_json(at=in_days(3, provider=provider))


def post(body, *, key=KEY, to=BOOKING, content_type="application/json"):
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {} if key is None else {"Idempotency-Key": key}
    return Client(raise_request_exception=False).post(to, text, content_type=content_type, headers=headers)


def cancelling(appointment):
    return f"{BOOKING}/{appointment.reference}/cancel"


def after_a_minute(time_machine):
    time_machine.move_to(timezone.now() + timedelta(seconds=61), tick=False)


def assert_replayed(again, first):
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotent-Replayed"] == "true"
    # Each request has a number of its own, also one whose answer is replayed.
    kept = first.headers.keys() - {"X-Request-ID"}
    assert {name: again[name] for name in kept} == {name: first[name] for name in kept}


def assert_problem(response, status):
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    assert response.has_header("Idempotent-Replayed") is False


# The same request is answered again


def test_a_booking_sent_again_is_answered_as_before_and_booked_once(asked):
    first = post(asked)
    assert (first.status_code, first.has_header("Idempotent-Replayed")) == (201, False)
    assert first["Location"].endswith(Appointment.objects.get().reference)
    for _ in range(2):
        assert_replayed(post(asked), first)
    assert Appointment.objects.count() == 1


def test_a_cancellation_sent_again_is_answered_as_before(provider):
    held = make_appointment(provider=provider, at=in_days(3, provider=provider))
    first = post("", to=cancelling(held))
    assert (first.status_code, first.json()["status"], first["Cache-Control"]) == (200, "cancelled", "no-store")
    assert_replayed(post("", to=cancelling(held)), first)


def test_the_answer_is_that_of_the_first_time_whatever_happened_since(asked):
    first = post(asked)
    Appointment.objects.get().cancel()
    assert_replayed(post(asked), first)
    assert first.json()["status"] == "held"


def test_a_refusal_that_came_of_trying_is_kept_as_well(provider, asked):
    held = make_appointment(provider=provider, at=in_days(3, provider=provider))
    first = post(asked)
    assert_problem(first, 409)
    held.cancel()
    assert_replayed(post(asked), first)
    assert post(asked, key="another").status_code == 201


def test_without_a_key_and_with_another_each_request_is_its_own(asked):
    answers = [post(asked), post(asked, key=None), post(asked, key="another")]
    assert [answer.status_code for answer in answers] == [201, 409, 409]


def test_a_get_takes_no_notice_of_a_key(asked):
    assert post(asked).status_code == 201
    answer = Client().get("/api/providers", headers={"Idempotency-Key": KEY})
    assert (answer.status_code, answer.has_header("Idempotent-Replayed")) == (200, False)


# A key belongs to one request


def test_a_key_with_another_body_is_422_and_books_nothing(asked):
    first = post(asked)
    assert_problem(post({**asked, "client_name": "Jo"}), 422)
    assert Appointment.objects.count() == 1
    assert_replayed(post(asked), first)


def test_a_key_at_another_address_is_422_and_changes_nothing(provider):
    one, other = (make_appointment(provider=provider, at=in_days(day, provider=provider)) for day in (3, 4))
    assert post("", to=cancelling(one)).status_code == 200
    assert_problem(post("", to=cancelling(other)), 422)
    other.refresh_from_db()
    assert other.status == "held"


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "a\tb", "schlüssel", "\x7f"])
def test_a_key_that_is_none_is_400(asked, key):
    assert_problem(post(asked, key=key), 400)
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize("key", ["!", "~", "x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
def test_a_key_is_any_visible_ascii(asked, key):
    first = post(asked, key=key)
    assert_replayed(post(asked, key=key), first)


# Refusals before anything was executed


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"body": "{"}, 400),
        ({"content_type": "text/plain"}, 415),
        ({"body": "{}"}, 422),
        ({"to": f"{BOOKING}/unknown/cancel"}, 404),
        ({"body": json.dumps("x" * 3_000_000)}, 413),
    ],
    ids=["broken JSON", "not JSON", "a field missing", "unknown reference", "three megabytes"],
)
def test_a_refusal_before_that_is_not_kept(asked, wrong, status):
    for _ in range(2):
        assert_problem(post(**{"body": asked, **wrong}), status)
    assert post(asked).status_code == 201


def test_a_field_that_the_form_refuses_is_put_right_under_the_same_key(asked):
    assert_problem(post({**asked, "client_email": "jo"}), 422)
    assert post(asked).status_code == 201


# While the first request is under way


def test_the_same_request_while_the_first_is_under_way_is_409_with_retry_after(monkeypatch, asked):
    meanwhile, book = [], BookingForm.book

    def slowly(*args):
        meanwhile.append(post(asked))
        return book(*args)

    monkeypatch.setattr(BookingForm, "book", slowly)
    first = post(asked)
    assert_problem(meanwhile[0], 409)
    assert (first.status_code, meanwhile[0]["Retry-After"]) == (201, "1")
    assert_replayed(post(asked), first)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_is_executed(asked, together):
    answers = together(*[lambda: post(asked)] * 6)
    executed = [answer for answer in answers if not answer.has_header("Idempotent-Replayed")]
    assert sorted({answer.status_code for answer in executed} | {409}) == [201, 409]
    assert [answer.status_code for answer in executed].count(201) == 1
    assert Appointment.objects.count() == 1
    assert {answer.json()["reference"] for answer in answers if answer.status_code == 201} == {
        Appointment.objects.get().reference
    }


def test_one_taken_for_dead_that_goes_on_after_all_finds_what_the_other_booked(monkeypatch, asked, time_machine):
    meanwhile, book = [], BookingForm.book

    def too_slowly(*args):
        monkeypatch.setattr(BookingForm, "book", book)
        after_a_minute(time_machine)
        meanwhile.append(post(asked))
        return book(*args)

    monkeypatch.setattr(BookingForm, "book", too_slowly)
    first = post(asked)
    assert (first.status_code, first.json()["reference"]) == (201, Appointment.objects.get().reference)
    assert_replayed(post(asked), meanwhile[0])
    assert meanwhile[0].json()["reference"] == first.json()["reference"]


# The process of the first request dies, or fails


class Killed(BaseException):
    """No `except Exception` catches it, so it ends a request as a power cut would."""


@pytest.fixture
def killed(monkeypatch):
    """Send a request whose process dies when it calls the function that `at` names."""

    def die(*args):
        raise Killed

    def post_and_die(body, *, at):
        with monkeypatch.context() as patch:
            patch.setattr(*at, die)
            with pytest.raises(Killed):
                post(body)

    return post_and_die


def test_what_died_before_it_booked_is_executed_a_minute_later(asked, killed, time_machine):
    killed(asked, at=(BookingForm, "book"))
    assert (post(asked).status_code, Appointment.objects.count()) == (409, 0)
    after_a_minute(time_machine)
    first = post(asked)
    assert (first.status_code, Appointment.objects.count()) == (201, 1)
    assert_replayed(post(asked), first)


@pytest.mark.parametrize("price", ["60.00", "0.00"])
def test_what_died_after_it_booked_finds_its_own_booking(provider, asked, killed, time_machine, price):
    provider.services.update(price=price)
    killed(asked, at=(IdempotentRequest, "keep_answer"))
    assert (post(asked).status_code, Appointment.objects.count()) == (409, 1)
    after_a_minute(time_machine)
    answer = post(asked)
    assert (answer.status_code, answer.json()["reference"]) == (201, Appointment.objects.get().reference)
    assert_replayed(post(asked), answer)


def test_its_own_booking_is_found_even_if_it_could_not_be_made_any_more(provider, asked, killed, time_machine):
    killed(asked, at=(IdempotentRequest, "keep_answer"))
    Appointment.objects.get().cancel()
    provider.working_hours.all().delete()
    after_a_minute(time_machine)
    answer = post(asked)
    assert (answer.status_code, answer.json()["status"]) == (201, "cancelled")
    assert answer["Location"].endswith(Appointment.objects.get().reference)


def test_after_a_failure_of_ours_the_same_request_is_executed_at_once_and_finds_what_it_made(monkeypatch, asked):
    def fail(appointment):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("booking.api.operations.describe_appointment", fail)
        assert_problem(post(asked), 500)
    answer = post(asked)
    assert (answer.status_code, answer.json()["reference"]) == (201, Appointment.objects.get().reference)


def test_a_crowd_is_a_failure_of_ours_too_and_says_when_to_come_again(monkeypatch, asked):
    def locked(**wanted):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(offers, "read_rows", locked)
        answer = post(asked)
    assert_problem(answer, 503)
    assert answer["Retry-After"] == "1"
    assert post(asked).status_code == 201


# An answer is kept for a day


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_kept_for_a_day_and_goes_then(asked, time_machine):
    first = post(asked)
    began = timezone.now()
    time_machine.move_to(began + timedelta(hours=23, minutes=59), tick=False)
    call_command("tick")
    assert_replayed(post(asked), first)
    time_machine.move_to(began + timedelta(hours=24, minutes=1), tick=False)
    call_command("tick")
    assert IdempotentRequest.objects.count() == 0
    again = post(asked)
    assert (again.status_code, again.json()["reference"] == first.json()["reference"]) == (201, False)


def test_what_is_kept_does_not_hold_the_key_and_no_staff_reads_it(asked):
    post(asked)
    [kept] = IdempotentRequest.objects.values()
    assert KEY not in str(kept)
    assert admin.site.is_registered(IdempotentRequest) is False
