"""Parts of the booking page are remembered, and given again only where they still say what is true."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from booking.models import Appointment, Provider, Service
from booking.schedule.diary import Diary
from booking.templatetags.remembered import rendered
from tests.booking.clock import NOW
from tests.booking.pages.book_page import address, chosen
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

PAGES = [
    address(),
    address(provider="dr-ada-byrne"),
    address(zone="Asia/Kolkata"),
    chosen(),
    chosen(date="2026-06-04"),
    chosen(date="2026-06-04", zone="Asia/Kolkata"),
]


class Practice:
    """A practice to which things happen. Each method is one of them."""

    def __init__(self, settings, time_machine):
        self.settings, self.clock = settings, time_machine
        self.settings.CURRENCY, self.settings.NOTICE_MINUTES = "eur", 60
        self.settings.PRACTICE_ADDRESS = ""
        self.clock.move_to(NOW, tick=False)
        long, short = make_service(), make_service(name="Call", minutes=15, price="0.00", position=1)
        self.provider = make_provider(services=[long, short], hours=[("09:00", "10:30")])
        make_provider(name="Bo Lund", services=[long])

    def book(self):
        service = self.provider.services.first()
        if free := Diary(self.provider, service, timezone.now()).next_free():
            make_appointment(provider=self.provider, at=free)

    def cancel(self):
        Appointment.objects.update(status="cancelled")

    def a_quarter_of_an_hour_passes(self):
        self.clock.shift(timedelta(minutes=15))

    def a_day_passes(self):
        self.clock.shift(timedelta(days=1))

    def take_time_off(self):
        self.provider.time_off.create(starts=NOW + timedelta(hours=20), ends=NOW + timedelta(hours=23))

    def work_less(self):
        self.provider.working_hours.first().delete()

    def work_more(self):
        self.provider.working_hours.create(weekday=1, opens="11:00", closes="12:00")

    def move_away(self):
        Provider.objects.filter(pk=self.provider.pk).update(time_zone="Europe/Madrid", place="Madrid")

    def say_where_it_is(self):
        self.settings.PRACTICE_ADDRESS = "12 Oak Street, Dublin 2"

    def change_the_price(self):
        Service.objects.filter(slug="consultation").update(price=Decimal("70.00"))

    def take_longer(self):
        Service.objects.filter(slug="consultation").update(duration_minutes=45, buffer_minutes=10)

    def charge_in_yen(self):
        self.settings.CURRENCY = "jpy"

    def offer_less(self):
        self.provider.services.remove(Service.objects.get(slug="call"))

    def change_the_names(self):
        Provider.objects.update(bio="Is away in August.")
        Service.objects.filter(slug="call").update(name="A call", description="By telephone.")

    def start_late(self):
        self.settings.NOTICE_MINUTES = 24 * 60


HAPPENINGS = [name for name in vars(Practice) if not name.startswith("_")]


def page(client, url):
    return client.get(url).content.decode()


def rendered_anew(client, url, settings):
    """Return the page of a site on which nothing is remembered, as while DEBUG is on."""
    settings.DEBUG = True
    try:
        return page(client, url)
    finally:
        settings.DEBUG = False


@examples(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(HAPPENINGS))
def test_whatever_happens_a_page_shows_what_it_would_if_nothing_were_remembered(
    client, settings, time_machine, happenings
):
    with transaction.atomic():
        practice = Practice(settings, time_machine)
        for happening in happenings:
            getattr(practice, happening)()
            for url in PAGES:
                assert page(client, url) == rendered_anew(client, url, settings)
        transaction.set_rollback(True)


def test_two_times_that_clocks_show_alike_are_not_taken_for_each_other(client, time_machine):
    """On 25 October 2026 the hour from one to two comes twice in Dublin. First one of them is free, then the other."""
    time_machine.move_to(datetime(2026, 10, 20, tzinfo=UTC), tick=False)
    provider = make_provider(hours=[("01:00", "02:00")], services=[make_service(minutes=60)])
    times = []
    for taken in (0, 1):
        appointment = make_appointment(provider=provider, at=datetime(2026, 10, 25, taken, tzinfo=UTC))
        times.append(Page(client.get(chosen(date="2026-10-25"))).times)
        appointment.delete()
    assert times == [["01:00 (UTC)"], ["01:00 (UTC+1)"]]


def test_each_browser_reads_the_times_on_its_own_clock(client):
    make_provider(hours=[("09:00", "09:30")])
    times = []
    for zone in ("Europe/Dublin", "Europe/Athens", "Europe/Dublin"):
        client.cookies["zone"] = zone
        times.append(Page(client.get(chosen(date="2026-06-02"))).times)
    assert times == [["09:00"], ["11:00"], ["09:00"]]


def test_a_page_that_says_the_same_is_not_rendered_again(client):
    make_provider()
    client.get(chosen())
    before = rendered.cache_info()
    client.get(chosen())
    after = rendered.cache_info()
    assert (after.hits - before.hits, after.misses - before.misses) == (6, 0)
