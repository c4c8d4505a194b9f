"""Beside each name the start page says when they are free next, one press from holding that time."""

import re
from datetime import timedelta
from html import unescape

import pytest

from booking.models import Service
from tests.booking.clock import NOW, instant
from tests.booking.pages.book_page import address
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page, words
from tests.shapes import HTMX, booking_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def next_links(response):
    """Return what a screen reader says of the next free times of each provider, with the addresses of these links."""
    links = re.findall(r'<a href="([^"]*)"\s+aria-label="\s*(Next.*?)\s*"', response.content.decode())
    return {label: unescape(link) for link, label in links if "anyone" not in label}


@pytest.fixture
def two():
    """Ada works from nine to five in Dublin, and Zoe in Madrid, where it is an hour later; Zoe also takes calls."""
    service, call = make_service(), make_service(name="Call", minutes=15, position=1)
    return make_provider(services=[service]), make_provider(
        name="Zoe Lund", zone="Europe/Madrid", services=[service, call]
    )


def test_each_name_has_its_next_free_time(client, two):
    assert next_links(client.get("/")) == {
        "Next: Mon 1 Jun, 13:00, with Dr Ada Byrne": address(
            provider="dr-ada-byrne", service="consultation", time="2026-06-01T13:00+01:00"
        ),
        "Next: Mon 1 Jun, 14:00 Madrid time (UTC+2), with Zoe Lund": address(
            provider="zoe-lund", service="call", time="2026-06-01T14:00+02:00"
        ),
    }
    assert "Next: Mon 1 Jun, 14:00 Madrid time (UTC+2)" in words(client.get("/"))


def test_who_reads_it_on_the_practices_clock_and_not_on_the_providers_has_the_zone_named(client, two, settings):
    settings.TIME_ZONE = "Europe/Dublin"
    client.cookies["zone"] = "Europe/Dublin"
    assert [*next_links(client.get("/"))] == [
        "Next: Mon 1 Jun, 13:00, with Dr Ada Byrne",
        "Next: Mon 1 Jun, 13:00 Dublin time (UTC+1), with Zoe Lund",
    ]


def test_what_is_offered_with_anyone_is_named_once_more_in_one_line_of_those_who_offer_other_things_too(client, two):
    said = words(client.get("/"))
    assert said.count("Consultation 30 minutes €60.00") == 2
    assert said.count("Also: Consultation") == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_it_is_one_press_from_the_form_that_holds_it(client, two, headers):
    for link in next_links(client.get("/", headers=headers)).values():
        page = Page(client.get(link, headers=headers))
        assert (page.heading("h1"), page.problem) == (["Your details"], [])


def test_a_screen_reader_hears_for_whom_and_what_it_is(client, two):
    page = client.get("/").content.decode()
    assert 'aria-label="Next: Mon 1 Jun, 13:00, with Dr Ada Byrne"' in page
    assert 'aria-label="Next: Mon 1 Jun, 14:00 Madrid time (UTC+2), with Zoe Lund"' in page


def test_a_time_is_gone_as_soon_as_somebody_has_it(client, two):
    client.post("/", booking_form(at="2026-06-01T13:00+01:00"))
    client.cookies.clear()
    assert "Next: Mon 1 Jun, 13:30, with Dr Ada Byrne" in next_links(client.get("/"))


def test_a_time_that_the_browser_holds_itself_is_still_its_own(client, two):
    client.post("/", booking_form(at="2026-06-01T13:00+01:00"))
    [link, _] = next_links(client.get("/")).values()
    assert Page(client.get(link)).heading("h1") == ["You are keeping this time"]


def test_a_hold_that_has_lapsed_is_free_at_once(client, two, time_machine):
    make_appointment(provider=two[0], at=instant("2026-06-01T13:15+01:00"), hold_minutes=15)
    time_machine.move_to(NOW + timedelta(minutes=14))
    assert "Next: Mon 1 Jun, 13:45, with Dr Ada Byrne" in next_links(client.get("/"))
    time_machine.move_to(NOW + timedelta(minutes=15))
    assert "Next: Mon 1 Jun, 13:15, with Dr Ada Byrne" in next_links(client.get("/"))


def test_times_are_read_on_the_clock_of_the_browser(client, two):
    client.cookies["zone"] = "Asia/Kolkata"
    assert list(next_links(client.get("/"))) == [
        "Next: Mon 1 Jun, 17:30 Kolkata time (UTC+5:30), with Dr Ada Byrne",
        "Next: Mon 1 Jun, 17:30 Kolkata time (UTC+5:30), with Zoe Lund",
    ]


def test_a_chosen_zone_stays_chosen(client, two):
    links = next_links(client.get(address(zone="Asia/Kolkata")))
    assert links["Next: Mon 1 Jun, 17:30 Kolkata time (UTC+5:30), with Dr Ada Byrne"] == address(
        provider="dr-ada-byrne", service="consultation", zone="Asia/Kolkata", time="2026-06-01T17:30+05:30"
    )


def test_the_services_of_one_provider_have_it_too(client, two):
    assert list(next_links(client.get(address(provider="zoe-lund")))) == [
        "Next: Mon 1 Jun, 14:00 Madrid time (UTC+2), with Zoe Lund"
    ]


def test_who_has_no_free_time_says_so_below_the_service(client, two):
    for provider in two:
        provider.time_off.create(starts=NOW, ends=NOW + timedelta(days=70))
    page = client.get("/")
    assert next_links(page) == {}
    assert words(page).count("Consultation 30 minutes €60.00 No free time in the next 60 days.") == 2


def test_where_times_can_be_booked_for_a_day_it_says_today_or_tomorrow(client, two, settings):
    settings.HORIZON_DAYS = 1
    for provider in two:
        provider.time_off.create(starts=NOW, ends=NOW + timedelta(days=70))
    assert "Consultation 30 minutes €60.00 No free time today or tomorrow." in words(client.get("/"))


def test_a_service_without_free_times_hides_no_other(client):
    """Whoever presses the shorter one finds its times."""
    long = make_service(name="Long", minutes=480)
    make_provider(services=[long, make_service(name="Short", position=1)], hours=[("09:00", "10:00")])
    page = Page(client.get("/"))
    assert "No free time in the next 60 days." in page.text
    assert Page(client.get(page.links["Short"])).times[0] == "09:00"
    assert Service.objects.count() == 2


def test_the_links_of_two_services_with_anyone_have_names_of_their_own(client):
    services = [make_service(name="Consultation"), make_service(name="Check")]
    for name in ("Dr Ada Byrne", "Dr Bo Ode"):
        make_provider(name=name, services=services)
    names = re.findall(r'aria-label="\s*(Next: [^"]*with anyone)', client.get("/").text)
    assert (len(names), len(set(names))) == (2, 2)
