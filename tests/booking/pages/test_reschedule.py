"""An appointment gets another time: which times are offered, what is refused, and until when it may be moved."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from tests.booking.clock import NOW, dublin
from tests.booking.pages.moving import POLICY, facts, move, row, step
from tests.factories import make_appointment, make_service
from tests.pages import Page, page_and_htmx
from tests.shapes import HTMX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def test_it_moves_with_its_end_and_its_buffer(provider):
    service = make_service(name="Long talk", minutes=50, buffer=10)
    provider.services.add(service)
    moved = make_appointment(provider=provider, service=service, at=dublin(4, "10:00"), status="confirmed")
    moved.cancellation_policy = POLICY
    moved.save()
    answer = move(moved, dublin(5, "14:15"))
    assert (answer.status_code, answer["Location"]) == (303, f"/appointments/{moved.reference}/")
    now = row(moved)
    assert (now.status, now.sequence) == ("confirmed", 1)
    assert (now.appointment_time, now.end) == (dublin(5, "14:15"), dublin(5, "15:05"))
    assert now.blocked_until == dublin(5, "15:15")


def test_price_and_length_stay_as_agreed_whatever_the_service_costs_by_now(booked):
    booked.service.price, booked.service.duration_minutes = Decimal("90.00"), 60
    booked.service.save()
    move(booked, dublin(5, "16:30"))
    now = row(booked)
    assert (now.price, now.duration_minutes, now.appointment_time) == (Decimal("60.00"), 30, dublin(5, "16:30"))


def test_the_page_offers_free_times_and_not_the_present_one(booked, client):
    make_appointment(provider=booked.provider, at=dublin(4, "11:00"), status="confirmed")
    page = Page(client.get(step(booked, "?date=2026-06-04")))
    assert page.heading("h1") == ["When suits you better?"]
    assert "Thursday 4 June 2026, 10:00" in page.text
    assert page.times[:4] == ["09:00", "09:30", "10:15", "11:30"]


def test_a_time_that_overlaps_only_its_own_is_free(booked):
    assert move(booked, dublin(4, "10:15")).status_code == 303
    assert facts(booked) == ("confirmed", dublin(4, "10:15"), 1)


def test_the_last_step_shows_both_times_and_changes_nothing(booked, client):
    whole = client.get(step(booked, "?time=2026-06-05T14:15%2B01:00"))
    part = client.get(step(booked, "?time=2026-06-05T14:15%2B01:00"), headers=HTMX)
    page = Page(whole)
    assert page.heading("h1") == ["Take this time instead?"]
    assert {"Thursday 4 June 2026, 10:00", "Friday 5 June 2026, 14:15"} <= set(page.text)
    assert ("<html" in whole.content.decode(), "<html" in part.content.decode()) == (True, False)
    assert facts(booked) == ("confirmed", dublin(4, "10:00"), 0)
    assert move(booked, datetime.fromisoformat(page.fields["appointment_time"])).status_code == 303
    assert facts(booked) == ("confirmed", dublin(5, "14:15"), 1)


def test_pressed_twice_it_moves_once(booked):
    answers = [move(booked, dublin(5, "14:15")).status_code for _ in range(2)]
    assert (answers, facts(booked)) == ([303, 303], ("confirmed", dublin(5, "14:15"), 1))


def test_its_own_time_is_not_somebody_elses(booked):
    page = Page(answer := Client().get(step(booked), {"time": dublin(4, "10:00").isoformat()}))
    assert (answer.status_code, page.problem) == (200, [])
    assert "You have this time already: Thursday 4 June 2026, 10:00 with Dr Ada Byrne." in page.text
    assert page.links["Look at your appointment"] == f"/appointments/{booked.reference}/"


@page_and_htmx
def test_back_after_the_move_is_told_calmly_where_it_is(booked, client, headers):
    shown = step(booked, "?time=2026-06-05T14:15%2B01:00")
    client.post(step(booked), Page(client.get(shown)).fields)
    page = Page(answer := client.get(shown, headers=headers))
    assert (answer.status_code, page.problem, page.heading("h1")) == (200, [], ["When suits you better?"])
    assert "You have this time already: Friday 5 June 2026, 14:15 with Dr Ada Byrne." in page.text
    assert page.html.count("autofocus") == bool(headers)


def test_a_taken_time_offers_the_nearest(booked):
    make_appointment(provider=booked.provider, at=dublin(5, "14:00"), status="confirmed")
    answer = move(booked, dublin(5, "14:00"))
    page = Page(answer)
    assert (answer.status_code, page.problem[0]) == (409, "That time was taken a moment ago.")
    assert {"Fri 5 Jun, 13:30", "Fri 5 Jun, 14:30"} <= set(page.links)
    assert facts(booked) == ("confirmed", dublin(4, "10:00"), 0)


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("2026-05-31T10:00+01:00", "That time is in the past. Choose a later one."),
        ("2026-06-05T20:00+01:00", "That time is not on offer. Choose one of the free times."),
        ("2027-06-05T10:00+01:00", "Times can be booked up to 60 days ahead. Choose an earlier one."),
        ("<b>", "We could not read that time. Choose one from the calendar."),
        ("", "Choose a time from the calendar."),
    ],
)
def test_a_time_that_nobody_could_have_is_refused_with_a_sentence(booked, client, to, sentence):
    answer = client.post(step(booked), {"appointment_time": to})
    assert (answer.status_code, Page(answer).problem[0]) == (422, sentence)
    assert facts(booked) == ("confirmed", dublin(4, "10:00"), 0)


@pytest.mark.parametrize(("hours", "may"), [(47, True), (69, False), (80, False)])
def test_it_moves_only_while_cancelling_would_return_everything(provider, client, time_machine, hours, may):
    at = NOW + timedelta(hours=96)
    paid = make_appointment(provider=provider, at=at, status="confirmed", cancellation_policy=POLICY)
    time_machine.move_to(NOW + timedelta(hours=hours), tick=False)
    appointment_page = client.get(f"/appointments/{paid.reference}/").content.decode()
    assert (f'href="{step(paid)}"' in appointment_page) == may
    assert (client.get(step(paid)).status_code == 200) == may
    answer = move(paid, NOW + timedelta(hours=120))
    assert answer.status_code == (303 if may else 409)
    assert facts(paid)[1:] == ((NOW + timedelta(hours=120), 1) if may else (at, 0))


@pytest.mark.parametrize("policy", ["", "24h 50%"])
def test_a_policy_that_never_returns_everything_lets_nothing_move(provider, policy):
    at = dublin(20, "10:00")
    paid = make_appointment(provider=provider, at=at, status="confirmed", cancellation_policy=policy)
    answer = move(paid, dublin(21, "10:00"))
    assert (answer.status_code, facts(paid)) == (409, ("confirmed", at, 0))


def test_a_free_one_moves_until_it_begins(provider, time_machine):
    service = make_service(name="Call", price="0.00")
    provider.services.add(service)
    call = make_appointment(provider=provider, service=service, at=dublin(1, "15:00"), status="confirmed")
    assert move(call, dublin(1, "16:00")).status_code == 303
    time_machine.move_to(dublin(1, "16:01"))
    assert move(call, dublin(2, "16:00")).status_code == 409
    assert facts(call) == ("confirmed", dublin(1, "16:00"), 1)


@pytest.mark.parametrize("status", ["cancelled", "expired"])
def test_what_is_over_does_not_move(provider, client, status):
    over = make_appointment(provider=provider, at=dublin(4, "10:00"), status=status)
    assert client.get(step(over))["Location"] == f"/appointments/{over.reference}/"
    answer = move(over, dublin(5, "10:00"))
    assert (answer.status_code, facts(over)) == (409, (status, dublin(4, "10:00"), 0))


def test_a_hold_moves_and_is_kept_as_long_as_before(provider):
    held = make_appointment(provider=provider, at=dublin(4, "10:00"))
    assert move(held, dublin(5, "10:00")).status_code == 303
    assert facts(held) == ("held", dublin(5, "10:00"), 1)
    assert row(held).hold_expires_at == NOW + timedelta(minutes=15)


def test_a_lapsed_hold_does_not_move(provider):
    held = make_appointment(provider=provider, at=dublin(4, "10:00"), hold_minutes=-1)
    assert (move(held, dublin(5, "10:00")).status_code, facts(held)) == (409, ("held", dublin(4, "10:00"), 0))


def test_a_provider_who_has_left_keeps_appointments_but_moves_none(booked):
    booked.provider.active = False
    booked.provider.save()
    assert move(booked, dublin(5, "10:00")).status_code == 409
    assert facts(booked) == ("confirmed", dublin(4, "10:00"), 0)


def test_nobody_without_the_reference_gets_there(client):
    assert client.get("/appointments/unknown/reschedule/").status_code == 404


def test_its_pages_are_nobodys_business(booked, client):
    page = client.get(step(booked))
    kept = {name: page[name] for name in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy")}
    assert kept == {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "same-origin"}


def test_the_step_costs_the_same_with_one_appointment_and_with_many(booked, client, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(step(booked, "?date=2026-06-04"))
    for day in range(5, 30):
        make_appointment(provider=booked.provider, at=dublin(day, "10:00"), status="confirmed")
    with django_assert_num_queries(2):
        client.get(step(booked, "?date=2026-06-04"))
