"""Each page asks the database the same number of questions, whether the diary is full or empty."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.models import Appointment
from tests.booking.clock import NOW, instant
from tests.booking.pages.book_page import TEN, address, chosen
from tests.factories import make_provider, make_service
from tests.pages import Page, form_of, page_and_htmx
from tests.shapes import booking_form, booking_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def busy(provider, count):
    """Book so many appointments of five minutes, one after the other, on Tuesday from nine."""
    service = make_service(name="Five minutes", minutes=5)
    rows = [
        Appointment.copied_from(provider, service, instant("2026-06-02T09:00+01:00") + timedelta(minutes=5 * place))
        for place in range(count)
    ]
    insert(rows)


def crowd(count):
    """Book so many appointments with other providers on the same day."""
    service = make_service(name="Elsewhere", minutes=5)
    others = [make_provider(name=f"Other {number}", services=[service]) for number in range(5)]
    begins = instant("2026-06-02T09:00+01:00")
    insert(
        Appointment.copied_from(others[place % 5], service, begins + timedelta(minutes=5 * (place // 5)))
        for place in range(count)
    )


def insert(rows):
    for place, row in enumerate(rows):
        row.status, row.created_at, row.confirmed_at, row.client_email = "confirmed", NOW, NOW, f"{place}@example.com"
        row.save(force_insert=True)


@pytest.mark.parametrize("appointments", [1, 80])
@page_and_htmx
def test_a_day_costs_two_questions_however_busy_it_is(
    client, provider, appointments, headers, django_assert_num_queries
):
    busy(provider, appointments)
    crowd(500)
    with django_assert_num_queries(2):
        page = Page(client.get(chosen(date="2026-06-02"), headers=headers))
    first = {1: "09:15", 80: "15:45"}[appointments]
    assert page.times[0] == first


@pytest.mark.parametrize("providers", [2, 50])
@pytest.mark.parametrize(("free_from", "questions"), [(0, 2), (5, 3), (20, 4)])
def test_the_start_page_costs_the_same_however_many_providers(
    client, providers, free_from, questions, django_assert_num_queries
):
    """It reads what is offered, and then the next days. Of those who have no free time in these, it reads more days.

    All of them offer the same, so it can be had with anyone as well.
    """
    service = make_service()
    for number in range(providers):
        away = make_provider(name=f"Provider {number}", services=[service])
        away.time_off.create(starts=NOW - timedelta(days=1), ends=NOW + timedelta(days=free_from))
    with django_assert_num_queries(questions):
        page = client.get(address())
    assert page.content.decode().count('class="next-free"') == providers + 1


@pytest.mark.parametrize("appointments", [1, 80])
def test_the_details_cost_two_questions_however_busy_the_day(client, provider, appointments, django_assert_num_queries):
    busy(provider, appointments)
    with django_assert_num_queries(2):
        assert client.get(chosen(time="2026-06-02T16:30+01:00")).status_code == 200


def by_a_browser(client):
    """Return a call that books with what the page has given the browser: a spare reference, and hidden fields."""
    hidden = form_of(client.get(chosen(time=TEN)).content.decode())
    return lambda: client.post("/", {**booking_form(at=TEN), **hidden})


def by_a_program(client):
    return lambda: client.post("/api/appointments", booking_json(at=TEN), "application/json")


@pytest.mark.parametrize("appointments", [1, 80])
@pytest.mark.parametrize("booker", [by_a_browser, by_a_program])
def test_a_booking_takes_at_most_seven_statements(client, provider, engine, booker, appointments):
    """They count the try, read the offer and the diary, lock, look at what may be in the way, and insert.

    Those that begin and end transactions do not count. SQLite needs no lock for the limits.
    """
    service = make_service(name="Five minutes", minutes=5)
    times = (instant("2026-06-02T11:00+01:00") + timedelta(minutes=5 * place) for place in range(appointments))
    insert([Appointment.copied_from(provider, service, time) for time in times])
    book = booker(client)
    with CaptureQueriesContext(connection) as asked:
        book()
    assert Appointment.objects.filter(status="held").count() == 1
    sent = [query["sql"] for query in asked.captured_queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(sent) == {"postgresql": 7, "sqlite3": 6}[engine]
