"""What is shown once a caller is booked, and how the times that were not free are booked after all."""

import pytest
from django.utils import timezone

from booking.models import Appointment, Provider
from tests.booking.clock import dublin
from tests.factories import make_appointment
from tests.pages import Page, form_of, page_and_htmx
from tests.staff_pages.caller.form import PHONE, opened, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def booked_page(desk, **changes):
    return Page(desk.get(send(desk, opened(desk), **changes)["Location"]))


def test_the_link_is_shown_to_be_read_out_and_that_nothing_is_mailed(desk, provider, settings):
    page = booked_page(desk, client_phone=PHONE)
    booked = Appointment.objects.get()
    assert f"{settings.SITE_URL}/payments/{booked.reference}/" in page.text
    assert "It is kept until 20:00, and confirmed as soon as it is paid here:" in page.text
    sentence = "Nothing is mailed, as there is no email address: read out what the client needs to know."
    assert sentence in page.text


@pytest.mark.parametrize(("place", "where"), [("", "12 Oak Street"), ("By video", "By video")])
def test_where_to_come_can_be_read_out(desk, provider, settings, place, where):
    settings.PRACTICE_ADDRESS = "12 Oak Street"
    Provider.objects.update(place=place)
    said = booked_page(desk, client_phone=PHONE).text
    assert [words for words in said if words in ("12 Oak Street", "By video")] == [where]


def test_who_has_an_email_is_said_to_get_the_link(desk, provider, settings):
    settings.MAIL_IS_SENT = True
    assert "This is on its way to jo@example.com as well." in booked_page(desk, client_email="jo@example.com").text


def test_what_is_free_of_charge_is_confirmed(desk, provider):
    page = booked_page(desk, client_phone=PHONE, paying="free")
    assert "It is confirmed. The client can look at it, change it or cancel it here:" in page.text
    assert Appointment.objects.get().absolute_url in page.text


def weekly(desk, provider):
    """Book four in a row, of which the second is taken."""
    make_appointment(provider=provider, at=dublin(9, "10:00"), status="confirmed", email="other@example.com")
    return send(desk, opened(desk), client_phone=PHONE, every="1", times="4")


def test_several_in_a_row_are_booked_and_the_others_named(desk, provider):
    page = Page(desk.get(weekly(desk, provider)["Location"]))
    ours = Appointment.objects.filter(client_name="Jo Malone").order_by("appointment_time")
    assert [one.appointment_time for one in ours] == [dublin(day, "10:00") for day in (2, 16, 23)]
    assert {one.hold_expires_at for one in ours} == {dublin(1, "20:00")}
    assert page.heading("h3") == ["Tuesday 9 June 2026, 10:00"]
    nearest = ["2026-06-09T09:15+01:00", "2026-06-09T09:30+01:00", "2026-06-09T10:30+01:00"]
    assert [value for name, value in page.buttons if name == "time"] == nearest


@page_and_htmx
def test_one_press_books_a_time_near_one_that_was_not_free(desk, provider, headers):
    page = desk.get(weekly(desk, provider)["Location"])
    hidden = form_of(page.content.decode())
    numbers = [one.pk for one in Appointment.objects.filter(client_name="Jo Malone")]
    form = {**hidden, "booked": numbers, "time": "2026-06-09T10:30+01:00"}
    answers = [desk.post("/staff/book/another/", form, headers=headers) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    added = Appointment.objects.get(appointment_time=dublin(9, "10:30"))
    assert (added.client_phone, added.hold_expires_at) == ("+353871234567", dublin(1, "20:00"))
    assert f"booked={added.pk}" in answers[0]["Location"]
    assert "not_free" not in answers[0]["Location"]
    assert Appointment.objects.count() == 5


def test_a_time_near_it_that_is_taken_meanwhile_is_told(desk, provider):
    page = desk.get(weekly(desk, provider)["Location"])
    make_appointment(provider=provider, at=dublin(9, "10:30"), status="confirmed", email="third@example.com")
    form = {**form_of(page.content.decode()), "time": "2026-06-09T10:30+01:00"}
    answer = desk.post("/staff/book/another/", form)
    problem = "That time was taken a moment ago, and nothing was booked. Choose another."
    assert (answer.status_code, Page(answer).problem) == (409, [problem])
    assert "2026-06-09T10:30+01:00" not in [value for name, value in Page(answer).buttons if name == "time"]


@pytest.mark.parametrize(("time", "status"), [("", 422), ("rubbish", 422), ("2026-06-09T03:00+01:00", 409)])
def test_no_other_time_is_booked(desk, provider, time, status):
    page = desk.get(weekly(desk, provider)["Location"])
    answer = desk.post("/staff/book/another/", {**form_of(page.content.decode()), "time": time})
    assert (answer.status_code, Appointment.objects.count()) == (status, 4)


@pytest.mark.parametrize("gone", ["service", "provider"])
def test_what_is_no_longer_on_offer_is_not_booked_once_more(desk, provider, gone):
    page = desk.get(weekly(desk, provider)["Location"])
    (provider.services if gone == "service" else Provider.objects).update(active=False)
    answer = desk.post("/staff/book/another/", {**form_of(page.content.decode()), "time": "2026-06-09T10:30+01:00"})
    problem = "This service is no longer on offer with this provider, so nothing was booked."
    assert (answer.status_code, Page(answer).problem, Appointment.objects.count()) == (409, [problem], 4)


def test_after_the_deadline_nothing_is_booked_on_the_same_terms(desk, provider, time_machine):
    page = desk.get(weekly(desk, provider)["Location"])
    time_machine.move_to(dublin(1, "20:30"))
    answer = desk.post("/staff/book/another/", {**form_of(page.content.decode()), "time": "2026-06-09T10:30+01:00"})
    problem = "That deadline is over. Choose a later one."
    assert (answer.status_code, Page(answer).problem, Appointment.objects.count()) == (422, [problem], 4)


@pytest.mark.parametrize("query", ["", "booked=x", "booked=1", "booked=" + "9" * 40, "booked=²"])
def test_what_was_never_booked_is_no_page(desk, provider, query):
    assert desk.get(f"/staff/book/booked/?{query}").status_code == 404


def test_what_others_have_booked_is_no_page_either(ada, provider, other):
    theirs = make_appointment(provider=other, at=dublin(5, "10:00"))
    assert ada.get(f"/staff/book/booked/?booked={theirs.pk}").status_code == 404
    assert ada.post("/staff/book/another/", {"booked": theirs.pk}).status_code == 404


@pytest.mark.parametrize("times", [2, 12])
def test_the_page_costs_the_same_however_many_were_booked(desk, provider, times, django_assert_num_queries):
    done = send(desk, opened(desk), client_phone=PHONE, every="1", times=str(times))
    with django_assert_num_queries(5):
        desk.get(done["Location"])
    assert Appointment.objects.live(timezone.now()).count() == times
