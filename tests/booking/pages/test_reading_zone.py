"""Times are on the client's clock, chosen or told by their browser; the provider's clock is named beside it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking import zones
from booking.models import Appointment
from booking.pages import reading_zone
from booking.schedule.diary import Diary
from tests.booking.clock import NOW
from tests.factories import make_appointment, make_provider
from tests.pages import Page, words
from tests.shapes import booking_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

SYDNEY, NEW_YORK = "Australia/Sydney", "America/New_York"


@pytest.fixture
def provider():
    return make_provider(hours=[("09:00", "10:00"), ("15:00", "16:00")])


def get(client, query="", **cookies):
    for name, value in cookies.items():
        client.cookies[name] = value
    return client.get(f"/?provider=dr-ada-byrne&service=consultation{query}")


def times(response):
    return Page(response).times


def test_without_a_choice_times_are_the_providers(client, provider):
    page = get(client, "&date=2026-06-02")
    assert times(page) == ["09:00", "09:30", "15:00", "15:30"]
    assert "Times are Dublin time (UTC+1)." in Page(page).text


def test_a_zone_in_the_address_is_the_clock_and_both_are_named(client, provider):
    page = get(client, "&date=2026-06-02&zone=America/New_York")
    assert times(page) == ["04:00", "04:30", "10:00", "10:30"]
    assert "Times are New York time (UTC-4). Dr Ada Byrne works on Dublin time (UTC+1)." in Page(page).text


def test_the_browsers_zone_counts_until_another_is_chosen(client, provider):
    assert times(get(client, "&date=2026-06-02", zone=NEW_YORK))[0] == "04:00"
    assert times(get(client, "&date=2026-06-02&zone=Europe/Madrid", zone=NEW_YORK))[0] == "10:00"


def test_days_are_the_clients_own(client, provider):
    """When it is three in the afternoon in Dublin, the next day has begun in Sydney."""
    page = get(client, f"&date=2026-06-03&zone={SYDNEY}")
    assert times(page) == ["00:00", "00:30", "18:00", "18:30"]


def test_a_zone_whose_clock_is_the_same_changes_nothing(client, provider):
    page = get(client, "&date=2026-06-02&zone=Europe/London")
    assert "Times are Dublin time (UTC+1)." in Page(page).text


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "Europe/Dublin\x00", "<b>", "x" * 5000])
def test_an_invented_zone_is_refused_with_a_sentence_and_the_providers_times(client, provider, zone):
    page = client.get("/", {"provider": "dr-ada-byrne", "service": "consultation", "date": "2026-06-02", "zone": zone})
    assert page.status_code == 422
    assert Page(page).problem == ["We do not know this time zone. Choose one from the list."]
    assert times(page)[0] == "09:00"


def test_an_invented_zone_in_a_cookie_is_as_good_as_none(client, provider):
    page = get(client, "&date=2026-06-02", zone="Mars/Olympus")
    assert (page.status_code, times(page)[0]) == (200, "09:00")


def test_clocks_that_part_on_some_day_before_the_horizon_are_two(client, time_machine):
    """Athens and Cairo are an hour apart for some weeks of April only."""
    time_machine.move_to(datetime(2027, 3, 15, tzinfo=UTC), tick=False)
    make_provider(zone="Europe/Athens")
    page = get(client, "&date=2027-04-09&zone=Africa/Cairo")
    assert "Times are Cairo time (UTC+2). Dr Ada Byrne works on Athens time (UTC+3)." in Page(page).text


def test_the_providers_clock_can_be_chosen_against_the_browsers(client, provider):
    details = get(client, "&time=2026-06-02T09:00%2B01:00&zone=Europe/Dublin", zone=NEW_YORK)
    refused = client.post("/", {**Page(details).fields, "client_email": "nobody"})
    assert "Tuesday 2 June 2026, 09:00" in Page(refused).text


def test_every_link_keeps_the_zone(client, provider):
    page = get(client, f"&date=2026-06-02&zone={SYDNEY}")
    links = [link for link in Page(page).links.values() if link.startswith("/?")]
    assert [link for link in links if "zone=Australia%2FSydney" not in link] == []
    assert len(links) > 20


def test_the_choice_of_a_zone_keeps_the_rest_of_the_address(client, provider):
    fields = Page(get(client, "&date=2026-06-02")).fields
    kept = {name: fields[name] for name in ("provider", "service", "date")}
    assert kept == {"provider": "dr-ada-byrne", "service": "consultation", "date": "2026-06-02"}


def test_every_zone_on_the_list_can_be_chosen():
    offered = reading_zone.options().split("<option>")[1:]
    assert [name for name in offered if not zones.find(name.replace(" ", "_"))] == []
    assert {"UTC", "Europe/Dublin", "America/New York", "Pacific/Kiritimati"} <= set(offered)


def test_a_zone_is_chosen_as_the_list_writes_it(client, provider):
    assert "Times are New York time (UTC-4)." in words(get(client, "&zone=America/New York"))


def test_a_booking_remembers_the_zone_it_was_read_in(client, provider):
    details = get(client, "&time=2026-06-03T00:15%2B10:00&zone=Australia/Sydney")
    assert "Wednesday 3 June 2026, 00:15" in Page(details).text
    booked = client.post("/", {**Page(details).fields, "client_email": "jo@example.com"})
    appointment = Appointment.objects.get()
    assert (booked.status_code, appointment.client_time_zone) == (303, SYDNEY)
    assert appointment.appointment_time == datetime(2026, 6, 2, 14, 15, tzinfo=UTC)
    words = Page(client.get(booked["Location"])).text
    assert "Wednesday 3 June 2026, 00:15–00:45" in words
    assert "Sydney time (UTC+10)" in words
    assert "Tuesday 2 June 2026, 15:15 Dublin time (UTC+1)" in words


def test_a_booking_in_an_invented_zone_is_refused(client, provider):
    page = client.post("/", booking_form(at="2026-06-02T09:00+01:00", zone="Mars/Olympus"))
    assert (page.status_code, Appointment.objects.count()) == (422, 0)
    assert "We do not know this time zone. Choose one from the list." in Page(page).problem


def test_a_refusal_keeps_the_zone(client, provider):
    details = get(client, "&time=2026-06-03T00:15%2B10:00&zone=Australia/Sydney")
    refused = client.post("/", {**Page(details).fields, "client_email": "nobody"})
    assert Page(refused).fields["zone"] == SYDNEY
    assert "Wednesday 3 June 2026, 00:15" in Page(refused).text


def test_clocks_that_agree_at_the_appointment_and_not_now_are_told_apart(client, time_machine):
    """Sydney's summer time ends on 5 April, and Brisbane has none."""
    time_machine.move_to(datetime(2026, 3, 20, 3, 0, tzinfo=UTC), tick=False)
    sydney = make_provider(name="Dr Kim", zone=SYDNEY)
    at = datetime(2026, 4, 20, 0, 0, tzinfo=UTC)
    appointment = make_appointment(provider=sydney, at=at, client_time_zone="Australia/Brisbane")
    words = " ".join(Page(client.get(f"/payments/{appointment.reference}/")).text)
    assert "We keep this time for you until 13:15 Brisbane time (UTC+10)" in words
    assert "Monday 20 April 2026, 10:00–10:30 Brisbane time (UTC+10) Monday 20 April 2026, 10:00 Sydney time" in words


def test_a_day_and_more_apart_no_free_time_is_missing():
    """It is 25 hours later on Kiritimati than on Pago Pago."""
    provider = make_provider(name="Dr Sua", zone="Pacific/Pago_Pago", hours=[("20:00", "00:00")])
    service, there = provider.services.get(), ZoneInfo("Pacific/Kiritimati")
    own, read = (Diary(provider, service, NOW, zone=zone) for zone in (None, there))
    free = [{moment for day in diary.days() for moment in diary.free(day)} for diary in (own, read)]
    assert (len(free[0]), free[0] - free[1]) == (len(free[1]), set())


def test_the_api_keeps_to_the_providers_clock(provider):
    """Programs are told the offset, and can convert times themselves."""
    at = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
    appointment = make_appointment(provider=provider, at=at, client_time_zone=SYDNEY)
    facts = Client().get(f"/api/appointments/{appointment.reference}").json()
    assert facts["appointment_time"] == "2026-06-02T09:00:00+01:00"


def test_a_day_on_which_the_clients_clock_goes_back_tells_its_two_hours_apart(client, settings, time_machine):
    """On 5 April 2026 the hour from two to three comes twice in Sydney."""
    settings.EVERY_TIME_IS_SHOWN = True
    time_machine.move_to(datetime(2026, 4, 1, tzinfo=UTC), tick=False)
    make_provider(zone="UTC", hours=[("15:30", "17:00")])
    page = get(client, f"&date=2026-04-05&zone={SYDNEY}")
    assert times(page) == [
        "02:30 (UTC+11)",
        "02:45 (UTC+11)",
        "02:00 (UTC+10)",
        "02:15 (UTC+10)",
        "02:30 (UTC+10)",
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(zone=st.sampled_from(sorted(zones.names())))
def test_whatever_the_zone_every_free_time_is_on_exactly_one_day_of_it(provider, zone):
    service = provider.services.get()
    at_providers = Diary(provider, service, NOW)
    on_the_wall = Diary(provider, service, NOW, zone=ZoneInfo(zone))
    read = [moment for day in on_the_wall.days() for moment in on_the_wall.free(day)]
    assert read == [moment for day in at_providers.days() for moment in at_providers.free(day)]
    assert [moment for day in on_the_wall.days() for moment in on_the_wall.free(day) if at(moment, zone) != day] == []


def at(moment, zone) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def test_another_zone_costs_no_query_more(client, provider, django_assert_num_queries):
    for days in range(40):
        make_appointment(provider=provider, at=NOW + timedelta(days=days, hours=20), status="confirmed")
    with django_assert_num_queries(2):
        get(client, f"&zone={SYDNEY}")
