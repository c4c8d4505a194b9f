"""A service that several offer can be booked with anyone: one list, one calendar, and who it is is said in time."""

from datetime import timedelta
from html import unescape

import pytest

from booking.models import Appointment, Provider
from tests.booking.clock import NOW, instant
from tests.booking.pages.book_page import address
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page, form_of, problem, words
from tests.shapes import booking_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

NINE, TEN = "2026-06-02T09:00+01:00", "2026-06-02T10:00+01:00"


@pytest.fixture
def practice():
    """Ada and Bo both take calls of an hour; Ada is there from nine to eleven, and Bo from ten to noon."""
    call = make_service(name="Call", minutes=60)
    ada = make_provider(name="Ada", services=[call], hours=[("09:00", "11:00")])
    return ada, make_provider(name="Bo", services=[call, make_service(name="Visit")], hours=[("10:00", "12:00")])


def taken(provider, *clocks, day="02", **facts):
    for clock in clocks:
        make_appointment(provider=provider, at=instant(f"2026-06-{day}T{clock}+01:00"), status="confirmed", **facts)


def anyone(**query):
    return address(service="call", **query)


def chosen_provider(client, time):
    page = client.get(anyone(time=time))
    assert Page(page).heading("h1") == ["Your details"]
    return form_of(page.content.decode())["provider"]


def test_what_several_offer_is_listed_once_with_anyone_and_with_the_first_free_time(client, practice):
    page = client.get("/")
    html = page.content.decode()
    assert html.count("Call with anyone, 1 hour, €60.00") == 1
    assert "Visit with anyone" not in html
    assert 'aria-label="Next: Tue 2 Jun, 09:00, Call with anyone"' in html
    assert anyone(time=NINE) in unescape(html)
    assert {f"Call with {name}, 1 hour, €60.00" in html for name in ("Ada", "Bo")} == {True}


def test_a_practice_in_which_nothing_is_shared_has_no_such_list(client, practice):
    practice[0].delete()
    assert "anyone" not in words(client.get("/"))


def test_the_calendar_has_the_times_of_all_and_equal_ones_once(client, practice, settings):
    settings.EVERY_TIME_IS_SHOWN, settings.SLOT_STEP_MINUTES = True, 60
    page = client.get(anyone(date="2026-06-02"))
    assert Page(page).times == ["09:00", "10:00", "11:00"]
    assert {"Anyone", "You see who it is before you book."} <= set(Page(page).text)
    assert Page(page).heading("title")[0].split(" ·")[0].strip() == "Choose a time for Call"
    taken(practice[0], "10:00")
    assert Page(client.get(anyone(date="2026-06-02"))).times == ["09:00", "10:00", "11:00"]
    taken(practice[1], "10:00")
    assert Page(client.get(anyone(date="2026-06-02"))).times == ["09:00", "11:00"]


def test_who_it_will_be_is_said_before_anything_is_held(client, practice):
    page = client.get(anyone(time=NINE))
    assert "Ada" in Page(page).text
    assert Appointment.objects.count() == 0
    client.post("/", {**booking_form(at=NINE), **form_of(page.content.decode())})
    assert Appointment.objects.get().provider_name == "Ada"


def test_it_is_who_has_least_to_do_on_that_day_and_else_the_first_by_name(client, practice):
    ada, bo = practice
    assert chosen_provider(client, TEN) == "ada"
    taken(ada, "09:00")
    assert chosen_provider(client, TEN) == "bo"
    taken(bo, "11:00")
    assert chosen_provider(client, TEN) == "ada"
    taken(bo, "10:00", day="03")
    assert chosen_provider(client, TEN) == "ada"


def test_whoever_keeps_that_time_already_is_led_back_to_it(client, practice):
    taken(practice[0], "09:00")
    client.post("/", booking_form(provider="ada", service="call", at=TEN))
    assert Page(client.get(anyone(time=TEN))).heading("h1") == ["You are keeping this time"]


def test_a_time_that_all_have_lost_has_the_nearest_of_anyone(client, practice):
    taken(practice[0], "09:00")
    page = client.get(anyone(time=NINE))
    assert (page.status_code, problem(page).split(".")[0]) == (409, "That time was taken a moment ago")
    nearest = [link for link in Page(page).links.values() if link.startswith(anyone() + "&time=")]
    assert nearest[:3] == [anyone(time=f"2026-06-02T{clock}+01:00") for clock in ("10:00", "10:15", "10:30")]


def test_changing_the_time_leads_back_to_anyone(client, practice):
    assert f'href="{anyone(date="2026-06-02")}"'.replace("&", "&amp;") in client.get(anyone(time=TEN)).content.decode()


def test_a_service_of_only_one_provider_is_with_that_one(client, practice):
    page = client.get(address(service="visit", time=TEN))
    assert form_of(page.content.decode())["provider"] == "bo"
    assert (
        Page(client.get(address(service="visit"))).heading("title")[0].split(" ·")[0].strip() == "Choose a time with Bo"
    )


def test_a_former_slug_still_leads_there(client, practice):
    service = practice[0].services.get()
    service.slug = "phone-call"
    service.save()
    answer = client.get(anyone(date="2026-06-02"))
    assert (answer.status_code, answer["Location"]) == (302, address(service="phone-call", date="2026-06-02"))


def test_a_provider_who_is_called_anyone_is_no_other(client, practice):
    Provider.objects.filter(name="Bo").update(name="Anyone", slug="anyone")
    page = client.get(address(provider="anyone", service="call"))
    assert Page(page).heading("title")[0].split(" ·")[0].strip() == "Choose a time with Anyone"


def test_a_service_that_nobody_knows_is_404(client, practice):
    assert client.get(address(service="massage")).status_code == 404


def test_providers_of_two_zones_are_read_on_the_clock_of_the_practice_or_the_client(client, practice):
    Provider.objects.filter(name="Bo").update(time_zone="Europe/Madrid")
    assert Page(client.get(anyone(date="2026-06-02"))).times == ["09:00", "10:00"]
    page = client.get(anyone(date="2026-06-02", zone="Asia/Kolkata"))
    assert Page(page).times == ["13:30", "14:30"]
    late = client.get(anyone(time="2026-06-02T10:00+01:00"))
    assert form_of(late.content.decode())["appointment_time"] == "2026-06-02T10:00+01:00"


@pytest.mark.parametrize("providers", [2, 20])
def test_the_calendar_of_anyone_costs_two_questions_however_many_they_are(client, providers, django_assert_num_queries):
    call = make_service(name="Call")
    for number in range(providers):
        taken(make_provider(name=f"Provider {number:02}", services=[call]), "09:00", "09:30")
    with django_assert_num_queries(2):
        assert Page(client.get(anyone(date="2026-06-02"))).times[0] == "10:00"
    with django_assert_num_queries(2):
        assert client.get(anyone(time=TEN)).status_code == 200


def test_nobody_is_free_up_to_the_horizon(client, practice):
    for provider in practice:
        provider.time_off.create(starts=NOW, ends=NOW + timedelta(days=70))
    assert "There are no free times in the next weeks." in words(client.get(anyone()))
    assert words(client.get("/")).count("No free time in the next 60 days.") == 3
