"""What was taken at the practice on a day, for who counts the drawer at its end."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission

from booking.in_force import in_force
from payments.takings import take, undo
from tests.booking.clock import NOW, dublin
from tests.factories import make_appointment, make_provider, make_taking, to_pay_at_practice
from tests.pages import Page, asked_by, words
from tests.shapes import HTMX
from tests.staff import logged_in, somebody

HEADING = "Taken at the practice on this day"
TODAY, YESTERDAY, TOMORROW = "?day=2026-06-01", "?day=2026-05-31", "?day=2026-06-02"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def june(noon_in_dublin, settings):
    """It is Monday 1 June 2026, 12:00 in Dublin, where the practice is."""
    settings.TIME_ZONE = "Europe/Dublin"


@pytest.fixture
def sam():
    return somebody("Reception", name="sam")


@pytest.fixture
def reception(sam):
    return logged_in(sam)


@pytest.fixture
def appointment(provider):
    """One of another day than the one on which its money is taken."""
    return make_appointment(provider=provider, at=dublin(9, "10:00"), status="confirmed")


def opened(browser, query="", status=200, **headers):
    response = browser.get(f"/staff/{query}", headers=headers)
    assert response.status_code == status
    return response


def told(response):
    """Return what the page says was taken, a line for each means."""
    lines = [" ".join(line.split()) for line in response.context["timetable"].taken]
    assert [line for line in lines if line not in words(response)] == []
    assert Page(response).heading("h2").count(HEADING) == (1 if lines else 0)
    return lines


def test_each_means_has_a_line_however_many_have_paid(reception, appointment):
    other = make_appointment(provider=appointment.provider, at=dublin(1, "16:00"), status="confirmed")
    for amount, means, of in [(8000, "cash", other), (6500, "cash", appointment), (3000, "transfer", appointment)]:
        make_taking(of, amount, method=means)
    make_taking(other, 4000, method="terminal")
    assert told(opened(reception)) == ["Cash: €145.00", "Card terminal: €40.00", "Bank transfer: €30.00"]


def test_it_is_the_last_thing_that_the_day_says(reception, appointment):
    make_provider(name="Marta Ruiz", services=appointment.provider.services.all(), hours=[])
    make_taking(appointment)
    assert Page(opened(reception)).heading("h2")[-2:] == ["Not in", HEADING]


def test_what_was_taken_off_again_lowers_the_day_and_the_means_by_which_it_went(reception, appointment):
    yesterday = NOW - timedelta(days=1)
    transferred = make_taking(appointment, 6000, method="transfer", taken_at=yesterday)
    slip = make_taking(appointment, 4500)
    make_taking(appointment, -1500, undoes=slip)
    make_taking(appointment, -2500, method="terminal", undoes=transferred)
    assert told(opened(reception)) == [
        "Cash: €30.00, which is €45.00 less €15.00 undone",
        "Card terminal: -€25.00, which is €0.00 less €25.00 undone",
    ]
    assert told(opened(reception, YESTERDAY)) == ["Bank transfer: €60.00"]


def test_as_much_undone_as_was_taken_is_told_since_it_changed_hands(reception, appointment):
    slip = make_taking(appointment, 4500)
    make_taking(appointment, -4500, undoes=slip)
    assert told(opened(reception)) == ["Cash: €0.00, which is €45.00 less €45.00 undone"]


def test_each_currency_has_lines_of_its_own_and_the_practices_comes_first(reception, appointment):
    make_taking(appointment, 5000, currency="chf")
    make_taking(appointment, 2000)
    assert told(opened(reception)) == ["Cash: €20.00", "Cash: CHF 50.00"]


def test_a_day_on_which_nothing_changed_hands_says_nothing_of_money(reception, appointment):
    make_taking(appointment, taken_at=NOW - timedelta(days=1))
    assert told(opened(reception, TODAY)) == []


def test_a_day_is_one_of_the_practices_calendar(reception, settings, provider):
    """In Dublin the day begins at 23:00 UTC in summer, whatever the clock of the provider shows."""
    in_tokyo = make_provider(name="Aiko Mori", zone="Asia/Tokyo", services=provider.services.all())
    booked = make_appointment(provider=in_tokyo, at=dublin(9, "10:00"), status="confirmed")
    midnight = datetime(2026, 5, 31, 23, tzinfo=UTC)
    make_taking(booked, 100, taken_at=midnight - timedelta(seconds=1))
    make_taking(booked, 2000, taken_at=midnight)
    assert (told(opened(reception, YESTERDAY)), told(opened(reception, TODAY))) == (["Cash: €1.00"], ["Cash: €20.00"])
    settings.TIME_ZONE = "Asia/Tokyo"
    assert str(in_force.zone) == "Asia/Tokyo"
    assert told(opened(reception, TODAY)) == ["Cash: €21.00"]


def test_a_day_ahead_and_the_week_of_a_provider_do_not_tell(reception, appointment):
    make_taking(appointment)
    make_taking(appointment, taken_at=NOW + timedelta(days=1))
    assert told(opened(reception, TOMORROW)) == []
    assert told(opened(reception, f"{TODAY}&provider={appointment.provider.slug}")) == []


@pytest.mark.parametrize(("permission", "lines"), [("add_taking", 1), ("view_payment", 1), ("add_refund", 0)])
def test_who_takes_money_and_who_sees_it_are_told(appointment, permission, lines):
    user = somebody("", name="ann")
    allowed = ["view_appointment", "see_every_diary", permission]
    user.user_permissions.set(Permission.objects.filter(codename__in=allowed))
    make_taking(appointment)
    assert told(opened(logged_in(user))) == ["Cash: €10.00"] * lines


def test_a_provider_who_takes_money_is_told_of_the_own_diary_alone(appointment):
    user = somebody("Provider", provider=appointment.provider, name="ada")
    make_taking(appointment)
    bea = make_provider(name="Bea Roth", services=appointment.provider.services.all())
    make_taking(make_appointment(provider=bea, at=NOW, status="confirmed"), 5000)
    assert told(opened(logged_in(user))) == []
    user.user_permissions.add(Permission.objects.get(codename="add_taking"))
    assert told(opened(logged_in(user))) == ["Cash: €10.00"]


def test_a_day_that_is_open_learns_what_others_take_and_take_off_again(reception, sam, provider):
    """The client of another day is in no column of this one, so nothing else on the page has changed."""
    due = to_pay_at_practice(provider=provider)
    asks = asked_by(opened(reception).text).removeprefix("/staff/")
    opened(reception, asks, 204, **HTMX)
    entry = take(due, Decimal("40.00"), method="cash", taken_at=NOW, by=sam)
    changed = opened(reception, asks, **HTMX)
    assert told(changed) == ["Cash: €40.00"]
    asks = asked_by(changed.text).removeprefix("/staff/")
    opened(reception, asks, 204, **HTMX)
    undo(entry, Decimal("15.00"), method="cash", taken_at=NOW, by=sam)
    assert told(opened(reception, asks, **HTMX)) == ["Cash: €25.00, which is €40.00 less €15.00 undone"]


@pytest.mark.parametrize("many", [0, 1, 12])
def test_it_costs_the_day_one_question_however_much_was_taken(reception, provider, many, django_assert_num_queries):
    """A day that is still to come and the week of one provider do not ask it: they cost the ten of any day."""
    for number in range(many):
        other = make_provider(name=f"Dr {number}", services=provider.services.all())
        booked = make_appointment(provider=other, at=dublin(1, "10:00"), status="confirmed")
        for method in ("cash", "terminal", "transfer"):
            make_taking(booked, method=method)
    with django_assert_num_queries(11):
        opened(reception, TODAY)
    for query in (TOMORROW, f"{TODAY}&provider={provider.slug}"):
        with django_assert_num_queries(10):
            opened(reception, query)
