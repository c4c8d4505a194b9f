"""The page on which an appointment is cancelled says what comes back, and its button gives exactly that."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from booking.models import Appointment
from tests.factories import make_appointment, make_provider
from tests.pages import form_of
from tests.shapes import HTMX


@pytest.fixture
def paid(db, time_machine):
    now = timezone.now().replace(microsecond=0)
    time_machine.move_to(now)
    at = now + timedelta(hours=50)
    policy = "48h 100%, 24h 50%"
    return make_appointment(provider=make_provider(), at=at, status="confirmed", cancellation_policy=policy)


def step(appointment):
    return f"/appointments/{appointment.reference}/cancel/"


def said(response):
    return response.content.decode()


def now_of(appointment):
    row = Appointment.objects.get(pk=appointment.pk)
    return row.status, row.refund_due


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "<strong>all €60.00</strong> you paid online goes back"),
        (3, "<strong>€30.00</strong> of the €60.00 you paid goes back"),
        (30, "<strong>nothing comes back</strong> of the €60.00 you paid"),
    ],
)
def test_it_shows_the_money_and_changes_nothing(paid, client, time_machine, hours, words):
    time_machine.shift(timedelta(hours=hours))
    whole, part = client.get(step(paid)), client.get(step(paid), headers=HTMX)
    assert [(page.status_code, words in said(page)) for page in (whole, part)] == [(200, True)] * 2
    assert ("<html" in said(whole), "<html" in said(part)) == (True, False)
    assert now_of(paid) == ("confirmed", Decimal(0))


@pytest.mark.parametrize(("hours", "refund"), [(0, "60.00"), (3, "30.00"), (30, "0.00")])
def test_its_button_gives_exactly_that(paid, client, time_machine, hours, refund):
    time_machine.shift(timedelta(hours=hours))
    answer = client.post(step(paid), {"refund": refund})
    assert (answer.status_code, answer["Location"]) == (303, f"/appointments/{paid.reference}/")
    assert now_of(paid) == ("cancelled", Decimal(refund))


@pytest.mark.parametrize("shown", [{"refund": "60.00"}, {}, {"refund": "1000"}, {"refund": "x"}])
def test_what_was_not_shown_is_shown_first(paid, client, time_machine, shown):
    time_machine.shift(timedelta(hours=3))
    answer = client.post(step(paid), shown)
    assert (answer.status_code, "Nothing was cancelled yet." in said(answer)) == (409, True)
    assert "Cancel and get €30.00 back" in said(answer)
    assert now_of(paid) == ("confirmed", Decimal(0))


@pytest.mark.parametrize("price", ["60.00", "0.00"])
def test_moved_in_another_tab_since_then_it_is_shown_first(paid, client, price):
    Appointment.objects.update(price=price)
    form = form_of(said(client.get(step(paid))))
    Appointment.objects.update(appointment_time=paid.appointment_time - timedelta(hours=1))
    answer = client.post(step(paid), form)
    assert (answer.status_code, "It has changed since you opened this page" in said(answer)) == (409, True)
    assert now_of(paid)[0] == "confirmed"
    assert client.post(step(paid), form_of(said(answer))).status_code == 303
    assert now_of(paid)[0] == "cancelled"


def test_pressed_twice_it_cancels_once(paid, client):
    answers = [client.post(step(paid), {"refund": "60.00"}).status_code for _ in range(2)]
    assert (answers, now_of(paid)) == ([303, 303], ("cancelled", Decimal("60.00")))


def test_what_has_begun_is_not_cancelled(paid, client, time_machine):
    time_machine.shift(timedelta(hours=50))
    assert client.get(step(paid))["Location"] == f"/appointments/{paid.reference}/"
    answer = client.post(step(paid), {"refund": "0"})
    assert (answer.status_code, "has begun or is over" in said(answer)) == (409, True)
    assert now_of(paid) == ("confirmed", Decimal(0))


@pytest.mark.parametrize("standing", ["held", "cancelled", "expired"])
def test_only_a_confirmed_appointment_has_the_step(paid, client, standing):
    Appointment.objects.filter(pk=paid.pk).update(status=standing)
    assert client.get(step(paid)).status_code == 303


def test_it_needs_no_cookie_but_a_token(paid):
    assert Client(enforce_csrf_checks=True).post(step(paid), {"refund": "60.00"}).status_code == 403
    assert now_of(paid) == ("confirmed", Decimal(0))
