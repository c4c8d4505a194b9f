"""The diary tells which times are on offer and which are free. It is Monday 1 June 2026, noon in Dublin."""

from datetime import UTC, date, datetime, timedelta

import pytest

from booking.models.statements import DiaryRows
from booking.schedule import diary as module
from booking.schedule.diary import Diary, NotOnOffer
from tests.booking.clock import NOW, dublin
from tests.factories import make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

TODAY, TOMORROW = date(2026, 6, 1), date(2026, 6, 2)


def make_diary(provider, *, own=(), now=NOW):
    return Diary(provider, provider.services.first(), now, own)


def clocks(diary, moments):
    return [f"{moment.astimezone(diary.zone):%H:%M}" for moment in moments]


def reason(diary, moment):
    with pytest.raises(NotOnOffer) as refused:
        diary.require_on_offer(moment)
    return str(refused.value)


def test_a_day_offers_every_step_that_ends_by_closing():
    diary = make_diary(make_provider(hours=[("09:00", "10:30")]))
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "09:30", "09:45", "10:00"]


def test_the_step_is_the_practices(settings):
    settings.SLOT_STEP_MINUTES = 30
    diary = make_diary(make_provider(hours=[("09:10", "10:40")]))
    assert clocks(diary, diary.free(TOMORROW)) == ["09:10", "09:40", "10:10"]


def test_hours_before_and_after_lunch_are_two_openings():
    diary = make_diary(make_provider(hours=[("09:00", "09:45"), ("14:00", "14:45")]))
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "14:00", "14:15"]


def test_hours_that_overlap_offer_each_time_once_and_in_order():
    diary = make_diary(make_provider(hours=[("09:00", "10:00"), ("09:15", "10:15")]))
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "09:30", "09:45"]


def test_a_weekday_without_hours_offers_nothing():
    provider = make_provider()
    provider.working_hours.filter(weekday=TOMORROW.weekday()).delete()
    diary = make_diary(provider)
    assert list(diary.free(TOMORROW)) == []
    assert clocks(diary, diary.free(date(2026, 6, 3)))[:1] == ["09:00"]


def test_notice_is_counted_from_now_and_its_last_minute_is_enough():
    diary = make_diary(make_provider(hours=[("09:00", "14:00")]))
    assert clocks(diary, diary.free(TODAY)) == ["13:00", "13:15", "13:30"]


def test_one_second_later_the_same_time_is_too_soon():
    diary = make_diary(make_provider(hours=[("09:00", "14:00")]), now=NOW + timedelta(seconds=1))
    assert clocks(diary, diary.free(TODAY)) == ["13:15", "13:30"]


def test_the_horizon_ends_on_the_minute_of_its_last_day():
    diary = make_diary(make_provider(hours=[("11:30", "14:00")]))
    last = TODAY + timedelta(days=60)
    assert clocks(diary, diary.free(last)) == ["11:30", "11:45", "12:00"]
    assert list(diary.free(last + timedelta(days=1))) == []


@pytest.mark.parametrize(
    ("starts", "ends", "left"),
    [
        pytest.param("10:00", "11:00", ["09:00", "09:30", "11:00", "11:30"], id="touching is not overlapping"),
        pytest.param("10:15", "10:20", ["09:00", "09:30", "10:30", "11:00", "11:30"], id="five minutes cost a time"),
        pytest.param("09:59", "11:01", ["09:00", "11:30"], id="a minute into both neighbours"),
        pytest.param("08:00", "18:00", [], id="the whole day"),
    ],
)
def test_an_appointment_may_touch_time_off_but_not_reach_into_it(starts, ends, left, settings):
    settings.SLOT_STEP_MINUTES = 30
    provider = make_provider(hours=[("09:00", "12:00")])
    provider.time_off.create(starts=dublin(2, starts), ends=dublin(2, ends))
    diary = make_diary(provider)
    assert clocks(diary, diary.free(TOMORROW)) == left


def test_a_buffer_may_run_into_time_off_and_past_closing(settings):
    settings.SLOT_STEP_MINUTES = 30
    provider = make_provider(services=[make_service(minutes=30, buffer=60)], hours=[("09:00", "12:00")])
    provider.time_off.create(starts=dublin(2, "10:00"), ends=dublin(2, "11:00"))
    diary = make_diary(provider)
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:30", "11:00", "11:30"]


def test_time_off_over_several_days_that_began_in_the_past_counts():
    provider = make_provider()
    provider.time_off.create(starts=NOW - timedelta(days=3), ends=dublin(3, "09:30"))
    diary = make_diary(provider)
    assert list(diary.free(TOMORROW)) == []
    assert clocks(diary, diary.free(date(2026, 6, 3)))[:1] == ["09:30"]


def test_time_off_of_somebody_else_does_not_count():
    service = make_service()
    provider = make_provider(services=[service], hours=[("09:00", "10:00")])
    other = make_provider(name="Bo Lund", services=[service])
    other.time_off.create(starts=NOW, ends=NOW + timedelta(days=30))
    diary = make_diary(provider)
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "09:30"]


@pytest.mark.parametrize("status", ["held", "confirmed"])
def test_a_live_appointment_takes_its_time(status):
    provider = make_provider(hours=[("09:00", "11:00")])
    make_appointment(provider=provider, at=dublin(2, "09:45"), status=status)
    diary = make_diary(provider)
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "10:15", "10:30"]


@pytest.mark.parametrize("status", ["cancelled", "expired"])
def test_an_appointment_that_is_over_takes_nothing(status):
    provider = make_provider(hours=[("09:00", "10:00")])
    make_appointment(provider=provider, at=dublin(2, "09:15"), status=status)
    diary = make_diary(provider)
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "09:30"]


def test_somebody_elses_appointment_takes_nothing_here():
    service = make_service()
    provider = make_provider(services=[service], hours=[("09:00", "10:00")])
    other = make_provider(name="Bo Lund", services=[service])
    make_appointment(provider=other, at=dublin(2, "09:15"))
    diary = make_diary(provider)
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "09:30"]


def test_the_buffer_of_what_is_booked_and_of_what_is_wanted_both_keep_their_distance():
    booked, wanted = make_service(minutes=30, buffer=30), make_service(name="Longer", minutes=15, buffer=15, position=1)
    provider = make_provider(services=[booked, wanted], hours=[("09:00", "11:30")])
    make_appointment(provider=provider, service=booked, at=dublin(2, "09:45"))
    diary = Diary(provider, wanted, NOW)
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "10:45", "11:00", "11:15"]


def test_a_lapsed_hold_counts_as_free_before_any_tick_says_so():
    provider = make_provider(hours=[("09:00", "10:00")])
    hold = make_appointment(provider=provider, at=dublin(2, "09:15"), hold_minutes=15)
    assert make_diary(provider, now=hold.hold_expires_at - timedelta(seconds=1)).free(TOMORROW) == []
    diary = make_diary(provider, now=hold.hold_expires_at)
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "09:30"]


def test_a_hold_without_an_end_waits_for_its_payment():
    provider = make_provider(hours=[("09:00", "10:00")])
    make_appointment(provider=provider, at=dublin(2, "09:15"), hold_expires_at=None)
    assert make_diary(provider, now=NOW + timedelta(hours=12)).free(TOMORROW) == []


def test_the_holder_is_not_shut_out_by_their_own_hold():
    provider = make_provider(hours=[("09:00", "10:00")])
    mine = make_appointment(provider=provider, at=dublin(2, "09:15"))
    assert make_diary(provider).free(TOMORROW) == []
    assert make_diary(provider, own=["somebody-elses"]).free(TOMORROW) == []
    diary = make_diary(provider, own=[mine.reference])
    assert clocks(diary, diary.free(TOMORROW)) == ["09:00", "09:15", "09:30"]


def test_a_confirmed_appointment_of_ones_own_is_taken_all_the_same():
    provider = make_provider(hours=[("09:00", "10:00")])
    mine = make_appointment(provider=provider, at=dublin(2, "09:15"), status="confirmed")
    assert make_diary(provider, own=[mine.reference]).free(TOMORROW) == []


def test_the_next_free_time_is_the_first_of_all_days():
    provider = make_provider(hours=[("09:00", "09:30")])
    assert make_diary(provider).next_free() == dublin(2, "09:00")
    make_appointment(provider=provider, at=dublin(2, "09:00"))
    assert make_diary(provider).next_free() == dublin(3, "09:00")


def test_there_is_no_next_free_time_when_there_is_none():
    provider = make_provider()
    provider.working_hours.all().delete()
    assert make_diary(provider).next_free() is None
    assert make_diary(provider).nearest_free(dublin(2, "09:00")) == []


def test_the_nearest_free_times_lie_before_and_after_in_order_of_time():
    provider = make_provider(hours=[("09:00", "12:00")])
    make_appointment(provider=provider, at=dublin(2, "10:00"))
    diary = make_diary(provider)
    assert clocks(diary, diary.nearest_free(dublin(2, "10:00"))) == ["09:15", "09:30", "10:30"]


def test_the_nearest_free_times_come_from_other_days_where_the_day_is_full():
    provider = make_provider(hours=[("09:00", "09:30")])
    make_appointment(provider=provider, at=dublin(5, "09:00"))
    provider.time_off.create(starts=dublin(3, "00:00"), ends=dublin(4, "00:00"))
    nearest = make_diary(provider).nearest_free(dublin(5, "09:00"))
    assert nearest == [dublin(4, "09:00"), dublin(6, "09:00"), dublin(7, "09:00")]


def test_fewer_than_three_free_times_are_all_there_is(settings):
    settings.HORIZON_DAYS = 2
    diary = make_diary(make_provider(hours=[("09:00", "09:30")]))
    assert diary.nearest_free(dublin(2, "09:00")) == [dublin(2, "09:00"), dublin(3, "09:00")]


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (NOW - timedelta(days=1), "That time is in the past. Choose a later one."),
        (NOW, "That time is in the past. Choose a later one."),
        (
            NOW + timedelta(minutes=45),
            "That time is too soon to book here. Choose a later one, or ask the practice.",
        ),
        (
            NOW + timedelta(days=60, minutes=15),
            "Times can be booked up to 60 days ahead. Choose an earlier one.",
        ),
        (dublin(2, "08:45"), "That time is not on offer. Choose one of the free times."),
        (dublin(2, "16:45"), "That time is not on offer. Choose one of the free times."),
        (dublin(2, "10:05"), "That time is not on offer. Choose one of the free times."),
        (
            dublin(2, "10:00") + timedelta(microseconds=1),
            "That time is not on offer. Choose one of the free times.",
        ),
    ],
)
def test_a_time_that_nobody_could_have_is_refused_with_its_reason(moment, sentence):
    assert reason(make_diary(make_provider()), moment) == sentence


def test_time_off_is_not_on_offer():
    provider = make_provider()
    provider.time_off.create(starts=dublin(2, "10:15"), ends=dublin(2, "10:20"))
    expected = "That time is not on offer. Choose one of the free times."
    assert reason(make_diary(provider), dublin(2, "10:00")) == expected


def test_a_taken_time_is_on_offer_and_not_free():
    provider = make_provider()
    make_appointment(provider=provider, at=dublin(2, "10:00"))
    diary = make_diary(provider)
    assert diary.require_on_offer(dublin(2, "10:00")) is None
    assert diary.is_free(dublin(2, "10:00")) is False
    assert diary.is_free(dublin(2, "10:30")) is True


def test_days_are_the_providers_own():
    """In Auckland it is eleven in the evening of this Monday, so Tuesday's hours come next."""
    provider = make_provider(zone="Pacific/Auckland", hours=[("08:00", "08:30")])
    diary = make_diary(provider)
    assert (diary.first_day, diary.last_day) == (date(2026, 6, 2), date(2026, 7, 31))
    assert diary.next_free() == datetime(2026, 6, 1, 20, 0, tzinfo=UTC)


def test_every_slot_of_a_long_day_is_on_offer_by_its_own_day():
    """When clocks go back, a clock time comes twice. Both can be booked, and both belong to that date."""
    provider = make_provider(hours=[("00:00", "03:00")], services=[make_service(minutes=60)])
    diary = make_diary(provider, now=datetime(2026, 10, 1, tzinfo=UTC))
    free = diary.free(date(2026, 10, 25))
    assert clocks(diary, free) == [
        "00:00", "00:15", "00:30", "00:45",
        "01:00", "01:15", "01:30", "01:45",
        "01:00", "01:15", "01:30", "01:45",
        "02:00",
    ]  # fmt: skip
    assert [diary.require_on_offer(moment) for moment in free] == [None] * 13


@pytest.mark.parametrize("appointments", [0, 1, 30])
def test_a_diary_asks_one_question_however_many_days_and_appointments(appointments, django_assert_num_queries):
    provider = make_provider()
    for day in range(appointments):
        make_appointment(provider=provider, at=dublin(2, "10:00") + timedelta(days=day))
    diary = make_diary(provider)
    with django_assert_num_queries(1):
        assert len([diary.free(day) for day in diary.days()]) == 61


def test_while_a_diary_is_read_for_one_client_another_diary_is_read_for_the_next(meeting, together, monkeypatch):
    """A site has several threads, and most of their time is waiting for the database."""
    provider = make_provider()
    one, other = make_diary(provider), make_diary(provider)
    monkeypatch.setattr(module, "read_diary", lambda *_: DiaryRows())
    meeting.at((module, "read_diary"))
    assert (together(one.next_free, other.next_free), meeting.took_place) == ([None, None], True)
