"""From a confirmed or past appointment its client books the next one: the same, a week later first."""

from datetime import timedelta

import pytest

from tests.booking.clock import dublin
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

NEXT = "Book the next one"


def page_of(client, booked):
    return Page(client.get(f"/appointments/{booked.reference}/"))


def next_page(client, booked):
    return client.get(page_of(client, booked).links[NEXT])


def test_the_same_time_a_week_later_comes_first(client, booked):
    assert "The same time is free: Thu 11 Jun, 10:00" in words(next_page(client, booked))


def test_the_day_is_open_where_that_time_is_taken(client, provider, booked):
    make_appointment(provider=provider, at=dublin(11, "10:00"), status="confirmed")
    said = words(next_page(client, booked))
    assert ("The same time is free" in said, "Skip to the times of Thursday 11 June 2026" in said) == (False, True)


def test_the_first_free_day_after_it_is_open_where_that_day_is_full(client, provider, booked):
    provider.time_off.create(starts=dublin(11, "00:00"), ends=dublin(13, "00:00"))
    assert "Skip to the times of Saturday 13 June 2026" in words(next_page(client, booked))


def test_from_one_long_past_it_is_the_same_weekday_ahead(client, booked, time_machine):
    time_machine.shift(timedelta(days=20))
    assert "The same time is free: Thu 25 Jun, 10:00" in words(next_page(client, booked))


def test_beyond_the_horizon_the_next_free_day_is_open(client, booked, settings):
    settings.HORIZON_DAYS = 5
    assert "Skip to the times of Monday 1 June 2026" in words(next_page(client, booked))


def test_nothing_is_shown_that_cannot_be_booked(client, provider, booked):
    provider.services.update(active=False)
    assert NEXT not in page_of(client, booked).links


@pytest.mark.parametrize("facts", [{"status": "held"}, {"status": "cancelled"}])
def test_there_is_no_next_one_of_what_is_not_confirmed(client, provider, facts):
    other = make_appointment(provider=provider, at=dublin(5, "10:00"), **facts)
    assert NEXT not in page_of(client, other).links


@pytest.mark.parametrize("like", ["rubbish", "2026-06-11", "9999-12-31T23:59+00:00", "0001-01-01T00:00+14:00"])
def test_what_is_no_time_opens_the_first_free_day(client, provider, like):
    page = client.get("/", {"provider": provider.slug, "service": "consultation", "like": like})
    assert (page.status_code, "Skip to the times of Monday 1 June 2026" in words(page)) == (200, True)


@pytest.mark.parametrize(
    ("like", "zone"), [("0001-01-01T00:00:00Z", "America/New_York"), ("9999-12-31T23:59:00Z", "Asia/Tokyo")]
)
@pytest.mark.parametrize("path", ["/", "/waiting/"])
def test_a_time_that_the_clocks_of_a_zone_cannot_show_is_no_time(client, provider, path, like, zone):
    query = {"provider": provider.slug, "service": "consultation", "like": like, "zone": zone}
    assert client.get(path, query, follow=True).status_code == 200


def test_clocks_that_change_in_between_show_the_same(client):
    provider = make_provider(name="Marta Ruiz", services=[make_service(name="Talk")])
    booked = make_appointment(provider=provider, at=dublin(4, "10:00").replace(month=10, day=22), status="confirmed")
    assert booked.next_one.isoformat() == "2026-10-29T10:00:00+00:00"
