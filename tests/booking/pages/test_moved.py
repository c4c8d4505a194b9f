"""After an appointment was moved: where that leads, whose clock is shown, and what is said of the time before."""

from decimal import Decimal

import pytest

from booking.models import Appointment
from tests.booking.clock import dublin
from tests.booking.pages.moving import POLICY, move, row, step
from tests.factories import make_appointment
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def test_a_refusal_keeps_to_the_zone_that_was_chosen(booked, client):
    fields = Page(client.get(step(booked, "?time=2026-06-05T14:15%2B01:00&zone=Asia/Tokyo"))).fields
    make_appointment(provider=booked.provider, at=dublin(5, "14:15"), status="confirmed")
    page = Page(client.post(step(booked), fields))
    assert {"Fri 5 Jun, 21:45", "Fri 5 Jun, 22:45"} <= set(page.links)


def test_times_are_read_in_the_zone_it_was_booked_in(booked, client):
    Appointment.objects.update(client_time_zone="America/New_York")
    page = Page(client.get(step(booked, "?date=2026-06-04")))
    assert page.times[0] == "04:00"
    assert "Times are New York time (UTC-4). Dr Ada Byrne works on Dublin time (UTC+1)." in page.text


def test_the_zone_that_the_new_time_was_read_in_is_kept(booked, client):
    fields = Page(client.get(step(booked, "?time=2026-06-05T14:15%2B01:00&zone=Asia/Tokyo"))).fields
    moved = client.post(step(booked), fields)
    assert (row(booked).client_time_zone, moved.status_code) == ("Asia/Tokyo", 303)
    assert {"Friday 5 June 2026", "22:15–22:45"} <= set(Page(client.get(moved["Location"])).text)


@pytest.mark.parametrize(("standing", "onward"), [("held", "/payments/{}/"), ("confirmed", "/appointments/{}/")])
def test_moving_leads_on_to_where_one_was(provider, standing, onward):
    appointment = make_appointment(provider=provider, at=dublin(4, "10:00"), status=standing)
    Appointment.objects.update(cancellation_policy=POLICY)
    assert move(appointment, dublin(5, "10:00"))["Location"] == onward.format(appointment.reference)


def told(client, address):
    return [words for words in Page(client.get(address)).text if words.startswith("Your appointment was moved.")]


FROM_TEN = "Your appointment was moved. It was Thursday 4 June 2026, 10:00 Dublin time (UTC+1) before."


def test_after_the_move_its_page_says_so_and_where_it_was(booked, client):
    page = f"/appointments/{booked.reference}/"
    assert told(client, page) == []
    assert told(client, move(booked, dublin(5, "10:00"))["Location"]) == [FROM_TEN]
    move(booked, dublin(8, "10:00"))
    assert told(client, page) == [FROM_TEN.replace("Thursday 4", "Friday 5")]


def test_where_it_was_is_told_on_the_clients_clock(booked, client):
    Appointment.objects.update(client_time_zone="Asia/Tokyo")
    words = "Your appointment was moved. It was Thursday 4 June 2026, 18:00 Tokyo time (UTC+9) before."
    assert told(client, move(booked, dublin(5, "10:00"))["Location"]) == [words]


def test_a_hold_that_was_moved_says_so_until_it_is_confirmed(provider, client):
    held = make_appointment(provider=provider, at=dublin(4, "10:00"))
    pages = [move(held, dublin(5, "10:00"))["Location"], f"/appointments/{held.reference}/"]
    assert [told(client, page) for page in pages] == [[FROM_TEN], [FROM_TEN]]
    row(held).confirm()
    assert told(client, pages[1]) == []


def test_what_was_cancelled_after_the_move_is_cancelled_and_no_more(booked, client):
    move(booked, dublin(5, "10:00"))
    row(booked).cancel(Decimal(0))
    assert told(client, f"/appointments/{booked.reference}/") == []
