"""Pages show a time for each visit, and the next month when this one ends; what is on offer stays what it is."""

import re

import pytest

from tests.booking.clock import instant
from tests.booking.pages.book_page import chosen
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page, form_of
from tests.shapes import booking_form, slots_address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


@pytest.fixture
def therapist():
    """A visit takes 50 minutes and ten to write down, from nine to one."""
    return make_provider(services=[make_service(minutes=50, buffer=10)], hours=[("09:00", "13:00")])


def test_a_day_shows_a_time_for_each_visit(client, therapist):
    page = client.get(chosen(date="2026-06-02"))
    assert Page(page).times == ["09:00", "10:00", "11:00", "12:00"]
    assert "Tuesday 2 June, 4 free times" in page.content.decode()


def test_the_time_after_another_visit_is_always_shown(client, therapist):
    make_appointment(provider=therapist, at=instant("2026-06-02T09:15+01:00"), status="confirmed")
    assert Page(client.get(chosen(date="2026-06-02"))).times == ["10:15", "11:15"]


def test_a_practice_that_sets_the_grid_shows_each_of_its_times(client, therapist, settings):
    settings.SLOT_STEP_MINUTES, settings.EVERY_TIME_IS_SHOWN = 30, True
    times = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00"]
    assert Page(client.get(chosen(date="2026-06-02"))).times == times


def test_programs_are_told_each_time_of_the_grid(client, therapist):
    slots = client.get(slots_address(date="2026-06-02")).json()["slots"]
    assert [slot[11:16] for slot in slots][:5] == ["09:00", "09:15", "09:30", "09:45", "10:00"]


def test_a_time_that_is_not_shown_can_still_be_chosen_and_booked(client, therapist):
    at = "2026-06-02T09:15+01:00"
    details = client.get(chosen(time=at))
    assert Page(details).heading("h1") == ["Your details"]
    assert client.post("/", {**booking_form(at=at), **form_of(details.content.decode())}).status_code == 303


@pytest.mark.parametrize(("booked", "strength"), [([], "many"), (["09:00"], "many"), (["09:00", "10:00"], "some")])
def test_a_free_day_is_told_by_its_strength(client, booked, strength):
    """Of three visits, three or two thirds are left, or one."""
    provider = make_provider(services=[make_service(minutes=60)], hours=[("09:00", "12:00")])
    for clock in booked:
        make_appointment(provider=provider, at=instant(f"2026-06-02T{clock}+01:00"), status="confirmed")
    assert strengths(client)["2"] == {0: "many", 1: "some", 2: "few"}[len(booked)]


def strengths(client):
    return {
        day: strength
        for strength, day in re.findall(r'<a class="(\w+)"[^>]*>(\d+)</a>', client.get(chosen()).content.decode())
    }


def rows_of(client, query=""):
    """Return the first and the last day of each row of the calendar that are not empty."""
    table = client.get(f"{chosen()}{query}").content.decode().split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.findall(r">(\d+)</(?:a|span)>", row) for row in table.split("</tr>")]
    return [f"{row[0]}-{row[-1]}" for row in rows if row]


@pytest.mark.parametrize(
    ("today", "shown"),
    [
        ("2026-06-10T12:00+01:00", ["June 2026", "8-14", "15-21", "22-28", "29-30"]),
        ("2026-06-21T12:00+01:00", ["June 2026", "15-21", "22-28", "29-30"]),
        ("2026-06-22T12:00+01:00", ["Jun – Jul 2026", "22-28", "29-5", "6-12", "13-19", "20-26", "27-31"]),
        ("2026-06-30T23:30+01:00", ["July 2026", "1-5", "6-12", "13-19", "20-26", "27-31"]),
        ("2026-12-31T12:00+00:00", ["Dec 2026 – Jan 2027", "28-3", "4-10", "11-17", "18-24", "25-31"]),
    ],
)
def test_the_calendar_begins_with_this_week_and_goes_on_into_the_next_month(
    client, provider, time_machine, today, shown
):
    time_machine.move_to(instant(today), tick=False)
    assert [Page(client.get(chosen())).heading("h2")[0], *rows_of(client)] == shown


def test_two_months_shown_together_are_turned_as_one(client, provider, time_machine):
    time_machine.move_to(instant("2026-06-22T12:00+01:00"), tick=False)
    both = Page(client.get(chosen()))
    assert (both.links["›"], "‹" in both.links) == (chosen(date="2026-08"), False)
    august = Page(client.get(both.links["›"]))
    july = Page(client.get(august.links["‹"]))
    assert july.heading("h2")[0] == "Jun – Jul 2026"
    assert "Wednesday 1 July 2026" in july.heading("h2")
