"""A time that this browser keeps or has booked is not called taken; the page leads on to paying or to it."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from booking.models import Appointment, Service
from tests.booking.pages.book_page import TEN, address, chosen, form
from tests.factories import make_service
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def test_back_after_booking_does_not_say_that_somebody_else_took_the_time(client, provider):
    client.post("/", form())
    mine = Appointment.objects.get()
    mine.confirm()
    page = Page(response := client.get(chosen(time=TEN)))
    assert (response.status_code, page.problem, page.heading("h1")) == (200, [], ["When suits you?"])
    assert "You have this time already: Tuesday 2 June 2026, 10:00 with Dr Ada Byrne." in page.text
    assert page.links["Look at your appointment"] == f"/appointments/{mine.reference}/"
    stranger = Page(Client().get(chosen(time=TEN)))
    assert stranger.problem[0] == "That time was taken a moment ago."


@pytest.mark.parametrize(("email", "status"), [("jo.malone@example.com", 409), ("jo", 422)])
def test_pressed_again_with_other_details_after_it_was_booked_nothing_is_called_wrong(client, provider, email, status):
    client.post("/", form())
    mine = Appointment.objects.get()
    mine.confirm()
    page = Page(answer := client.post("/", form(client_email=email)))
    assert (answer.status_code, page.problem) == (status, [])
    assert page.links["Look at your appointment"] == f"/appointments/{mine.reference}/"
    assert Appointment.objects.count() == 1


def test_back_to_the_form_while_a_time_is_kept_says_so(client, provider):
    client.post("/", form())
    page = client.get(chosen(time=TEN)).content.decode()
    assert "You are keeping Tuesday 2 June 2026, 10:00" in " ".join(page.split())


AT_SIXTY = "with Dr Ada Byrne for €60.00. It is not paid yet: we keep it for you until 12:15."


def test_at_the_very_time_that_is_kept_it_is_paid_and_not_held_again(client, provider):
    onward = client.post("/", form())["Location"]
    page = Page(answer := client.get(chosen(time=TEN)))
    assert (answer.status_code, page.heading("h1")) == (200, ["You are keeping this time"])
    assert (page.links["Go on to pay"], "Continue to payment" in page.text) == (onward, False)
    assert f"You are keeping Tuesday 2 June 2026, 10:00 {AT_SIXTY}" in page.text
    assert "Continue to payment" in Page(client.get(chosen(time="2026-06-02T11:00+01:00"))).text


def test_the_details_of_a_time_that_is_kept_can_be_corrected(client, provider):
    client.post("/", form())
    page = Page(client.get(chosen(time=TEN)))
    assert {name: page.fields[name] for name in ("client_email", "client_name", "note")} == {
        name: form()[name] for name in ("client_email", "client_name", "note")
    }
    again = Page(answer := client.post("/", {**page.fields, "client_email": "jo"}))
    assert (answer.status_code, again.heading("h1"), "Save these details" in again.text) == (
        422,
        ["You are keeping this time"],
        True,
    )
    assert re.findall(r"<details(?! class)[^>]*>", again.html) == ["<details open>"]
    saved = client.post("/", {**again.fields, "client_email": "jo.malone@example.com"})
    live = Appointment.objects.filter(status="held")
    assert [held.client_email for held in live] == ["jo.malone@example.com"]
    assert saved["Location"] == f"/payments/{live.get().reference}/"


def test_a_time_that_is_kept_at_an_old_price_stays_at_that(client, provider):
    sent = {**Page(client.get(chosen(time=TEN))).fields, **form()}
    onward = client.post("/", form())["Location"]
    Service.objects.update(price=Decimal("80.00"))
    for answer in (client.get(chosen(time=TEN)), client.post("/", sent)):
        page = Page(answer)
        words = " ".join(page.text)
        assert "for €60.00. It is not paid yet" in words
        assert "What is offered has changed since you booked it; yours stays as it was." in words
        assert (page.links["Go on to pay"], "Save these details" in page.text) == (onward, False)
    assert [(held.status, held.price) for held in Appointment.objects.all()] == [("held", Decimal("60.00"))]


def test_a_time_whose_payment_is_on_its_way_is_not_begun_anew(client, provider):
    client.post("/", form())
    Appointment.objects.update(hold_expires_at=None)
    page = Page(client.get(chosen(time=TEN)))
    assert "A payment for it is on its way." in " ".join(page.text)
    assert [
        words for words in ("Go on to pay", "Change your details", "Continue to payment") if words in page.text
    ] == []


def test_another_service_at_that_time_may_take_its_place(client, provider):
    provider.services.add(make_service(name="Long talk", minutes=60))
    client.post("/", form())
    page = Page(client.get(address(provider="dr-ada-byrne", service="long-talk", time=TEN)))
    assert (page.heading("h1"), "Continue to payment" in page.text) == (["Your details"], True)
    assert "Pay or give it back" in page.links


def test_other_times_that_are_kept_are_only_mentioned_beside_it(client, provider):
    client.post("/", form())
    client.post("/", form(appointment_time="2026-06-03T10:00+01:00"))
    page = Page(client.get(chosen(time=TEN)))
    assert [words for words in page.text if words.startswith("You are keeping ")] == [
        "You are keeping this time · Linden House Practice",
        "You are keeping this time",
        f"You are keeping Tuesday 2 June 2026, 10:00 {AT_SIXTY}",
        "You are keeping Wednesday 3 June 2026, 10:00 with Dr Ada Byrne, not paid yet.",
    ]


@pytest.mark.parametrize("kept", [1, 3])
def test_the_details_cost_one_question_more_where_times_are_kept(client, provider, kept, django_assert_num_queries):
    for day in range(2, 2 + kept):
        client.post("/", form(appointment_time=f"2026-06-0{day}T10:00+01:00"))
    with django_assert_num_queries(3):
        client.get(chosen(time=TEN))
