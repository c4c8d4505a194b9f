"""The diary of anyone has the times of all diaries, whatever stands in one of them. It is Monday 1 June 2026, noon."""

import random
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.models.offers import Offer
from booking.schedule.anyone import DiaryOfAnyone
from booking.schedule.diary import Diary
from tests.booking.clock import NOW, dublin, instant
from tests.factories import make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

TUESDAY, WEDNESDAY = date(2026, 6, 2), date(2026, 6, 3)
MORNING, AFTERNOON, AROUND_MIDNIGHT = ("09:00", "12:00"), ("13:00", "17:00"), ("22:00", "02:00")


@pytest.fixture
def service():
    return make_service(minutes=30, buffer=10)


def diary_of(providers, service, zone="Europe/Dublin"):
    return DiaryOfAnyone([Offer(provider, service) for provider in providers], NOW, (), ZoneInfo(zone))


def clocks(moments):
    return [f"{moment.astimezone(ZoneInfo('Europe/Dublin')):%H:%M}" for moment in moments]


def test_on_a_day_on_which_nobody_has_anything_all_hours_are_free(service):
    ada = make_provider(name="Dr Ada Byrne", services=[service], hours=[("09:00", "10:00")])
    ben = make_provider(name="Dr Ben Clarke", services=[service], hours=[("09:30", "10:30")])
    assert clocks(diary_of([ada, ben], service).free(TUESDAY)) == ["09:00", "09:15", "09:30", "09:45", "10:00"]


def test_a_time_is_gone_only_once_it_is_gone_with_each(service):
    ada = make_provider(name="Dr Ada Byrne", services=[service], hours=[("09:00", "10:00")])
    ben = make_provider(name="Dr Ben Clarke", services=[service], hours=[("09:00", "10:00")])
    make_appointment(provider=ada, at=dublin(2, "09:00"), status="confirmed")
    assert clocks(diary_of([ada, ben], service).free(TUESDAY)) == ["09:00", "09:15", "09:30"]
    ben.time_off.create(starts=dublin(2, "08:00"), ends=dublin(2, "09:30"))
    assert clocks(diary_of([ada, ben], service).free(TUESDAY)) == ["09:30"]


def test_an_appointment_from_the_evening_before_takes_the_first_times_of_a_day(service):
    ada = make_provider(name="Dr Ada Byrne", services=[service], hours=[AROUND_MIDNIGHT])
    ben = make_provider(name="Dr Ben Clarke", services=[service], hours=[("09:00", "09:30")])
    make_appointment(provider=ada, at=dublin(2, "23:45"), status="confirmed")
    assert clocks(diary_of([ada, ben], service).free(WEDNESDAY))[:2] == ["00:30", "00:45"]


@pytest.mark.parametrize(
    ("busy", "free"),
    [(dublin(1, "09:00"), dublin(1, "15:00")), (instant("2026-07-31T16:00+01:00"), instant("2026-07-31T10:00+01:00"))],
    ids=["what is over today", "what is beyond the horizon on its last day"],
)
def test_who_has_least_to_do_counts_all_of_the_day(service, busy, free, django_assert_num_queries):
    ada = make_provider(name="Dr Ada Byrne", services=[service])
    ben = make_provider(name="Dr Ben Clarke", services=[service])
    with django_assert_num_queries(1):
        assert diary_of([ada, ben], service).whose(free) == ada
    make_appointment(provider=ada, at=busy, status="confirmed")
    with django_assert_num_queries(1):
        assert diary_of([ada, ben], service).whose(free) == ben


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("zone", ["Europe/Dublin", "America/New_York"])
def test_it_is_what_the_diaries_have_one_by_one(service, zone, seed):
    chance = random.Random(seed)
    providers = [
        make_provider(
            name=f"Dr {number}", services=[service], hours=chance.sample([MORNING, AFTERNOON, AROUND_MIDNIGHT], 2)
        )
        for number in range(4)
    ]
    for provider in providers:
        for day in chance.sample(range(10), chance.randrange(4)):
            at = dublin(2 + day, chance.choice(["09:15", "13:00", "16:30", "23:45"]))
            make_appointment(provider=provider, at=at, status="confirmed")
        starts = dublin(2 + chance.randrange(10), "00:00")
        provider.time_off.create(starts=starts, ends=starts + timedelta(hours=chance.choice([10, 40])))
    anyone = diary_of(providers, service, zone)
    alone = [Diary(provider, service, NOW, zone=ZoneInfo(zone)) for provider in providers]
    for day in anyone.days():
        assert list(anyone.free(day)) == sorted({free for diary in alone for free in diary.free(day)})
        assert list(anyone.on_offer(day)) == sorted({offered for diary in alone for offered in diary.on_offer(day)})


def test_nothing_is_on_offer_beyond_the_horizon_though_something_is_booked_up_to_its_end(service):
    providers = [make_provider(name=name, services=[service], hours=[AROUND_MIDNIGHT]) for name in ("Ada", "Ben")]
    anyone = diary_of(providers, service)
    begins = instant(f"{anyone.last_day}T23:45+01:00")
    providers[0].time_off.create(starts=begins, ends=begins + timedelta(hours=10))
    beyond = anyone.last_day + timedelta(days=1)
    assert (list(anyone.on_offer(beyond)), list(anyone.free(beyond))) == ([], [])
