"""Several appointments in a row for one client: the same time on the wall, every week or two."""

from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User

from booking.deadlines import NoDeadline
from booking.models import Appointment, ByStaff, SlotTaken
from booking.schedule import in_a_row
from booking.schedule.diary import Diary, NotOnOffer, Reach
from tests.booking.clock import NOW, TEN, dublin, instant
from tests.factories import make_appointment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

CLIENT = {"client_email": "jo@example.com", "client_name": "Jo Malone"}
WEEKLY = [dublin(2, "10:00"), dublin(9, "10:00"), dublin(16, "10:00")]
SPARE = "s" * 22


@pytest.fixture
def grace():
    return User.objects.create(username="grace")


@pytest.fixture
def service(provider):
    return provider.services.get()


def as_it_is_now(appointment):
    return Appointment.objects.select_related("provider", "service").get(pk=appointment.pk)


def test_the_clock_on_the_wall_stays_the_same_when_clocks_change():
    first = instant("2026-10-20T10:00+01:00")
    second, third = in_a_row.moments(first, 1, 3, ZoneInfo("Europe/Dublin"))[1:]
    assert (second, third) == (instant("2026-10-27T10:00+00:00"), instant("2026-11-03T10:00+00:00"))


def test_those_that_are_free_are_booked_and_the_others_are_named(provider, service, grace):
    make_appointment(provider=provider, at=WEEKLY[1], status="confirmed")
    done = in_a_row.book(provider, service, WEEKLY, SPARE, ByStaff(grace, kept_until=dublin(1, "20:00")), **CLIENT)
    assert ([one.appointment_time for one in done.booked], done.not_free) == ([WEEKLY[0], WEEKLY[2]], [WEEKLY[1]])
    assert {one.hold_expires_at for one in done.booked} == {dublin(1, "20:00")}


def test_a_time_beyond_what_can_be_booked_is_among_the_others(provider, service, grace):
    times = in_a_row.moments(instant("2027-05-25T10:00+01:00"), 2, 2, provider.zone)
    done = in_a_row.book(provider, service, times, SPARE, ByStaff(grace), **CLIENT)
    assert (len(done.booked), done.not_free) == (1, [instant("2027-06-08T10:00+01:00")])


def test_nothing_is_booked_if_the_first_is_taken(provider, service, grace):
    make_appointment(provider=provider, at=WEEKLY[0], status="confirmed")
    with pytest.raises(SlotTaken):
        in_a_row.book(provider, service, WEEKLY, SPARE, ByStaff(grace), **CLIENT)
    assert Appointment.objects.count() == 1


def test_each_may_be_kept_until_it_begins(provider, service, grace):
    done = in_a_row.book(provider, service, WEEKLY, SPARE, ByStaff(grace, kept_until=WEEKLY[0]), **CLIENT)
    assert [one.hold_expires_at for one in done.booked] == WEEKLY


def test_the_same_form_sent_twice_books_nothing_more(provider, service, grace):
    first, second = (in_a_row.book(provider, service, WEEKLY, SPARE, ByStaff(grace), **CLIENT) for _ in range(2))
    assert [one.pk for one in first.booked] == [one.pk for one in second.booked]
    assert Appointment.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_books_nothing_more(provider, service, grace, together):
    def send():
        return in_a_row.book(provider, service, WEEKLY, SPARE, ByStaff(grace), **CLIENT)

    first, second = together(send, send)
    assert [one.pk for one in first.booked] == [one.pk for one in second.booked]
    assert Appointment.objects.count() == 3


def test_nobody_can_tell_the_other_references_by_the_first(settings):
    ours = in_a_row.references(SPARE, 3)
    settings.SECRET_KEY = "another"
    theirs = in_a_row.references(SPARE, 3)
    assert (ours[0], theirs[0], len(set(ours + theirs)), {len(one) for one in ours}) == (SPARE, SPARE, 5, {22})


def test_staff_book_sooner_and_further_ahead_than_clients(provider, service, grace):
    soon, far = dublin(1, "12:15"), instant("2027-05-18T10:00+01:00")
    for number, moment in enumerate((soon, far)):
        with pytest.raises(NotOnOffer):
            Diary(provider, service, NOW).require_on_offer(moment)
        done = in_a_row.book(provider, service, [moment], f"{number}", ByStaff(grace), **CLIENT)
        assert [one.appointment_time for one in done.booked] == [moment]


@pytest.mark.parametrize("clock", ["08:00", "16:45"])
def test_outside_hours_staff_book_nothing_here_either(provider, service, grace, clock):
    with pytest.raises(NotOnOffer):
        in_a_row.book(provider, service, [dublin(2, clock)], SPARE, ByStaff(grace), **CLIENT)


def test_another_is_booked_like_the_first(provider, service, grace):
    by_staff = ByStaff(grace, kept_until=dublin(1, "20:00"))
    [first] = in_a_row.book(provider, service, [TEN], SPARE, by_staff, client_phone="+353871234567", **CLIENT).booked
    other = in_a_row.book_like(first, dublin(9, "11:00"), "t" * 22, grace)
    same = ("client_email", "client_name", "client_phone", "note", "price", "kept_until", "status")
    assert [getattr(other, name) for name in same] == [getattr(first, name) for name in same]
    assert (other.appointment_time, other.reference) == (dublin(9, "11:00"), "t" * 22)


def test_another_is_free_of_charge_like_the_first(provider, service, grace):
    by_staff = ByStaff(grace, free_of_charge=True)
    [first] = in_a_row.book(provider, service, [TEN], SPARE, by_staff, **CLIENT).booked
    other = in_a_row.book_like(first, dublin(9, "11:00"), "t" * 22, grace)
    assert (other.price, other.status) == (0, "confirmed")
    assert other.changes.get().facts == {"waived": "60.00"}


def test_another_is_free_of_charge_like_the_first_at_whatever_price_there_is_now(provider, service, grace):
    by_staff = ByStaff(grace, free_of_charge=True)
    [first] = in_a_row.book(provider, service, [TEN], SPARE, by_staff, **CLIENT).booked
    provider.services.update(price=70)
    other = in_a_row.book_like(as_it_is_now(first), dublin(9, "11:00"), "t" * 22, grace)
    assert (other.price, other.changes.get().facts) == (0, {"waived": "70.00"})


def test_another_is_paid_at_the_practice_like_the_first(provider, service, grace):
    by_staff = ByStaff(grace, at_practice=True)
    [first] = in_a_row.book(provider, service, [TEN], SPARE, by_staff, **CLIENT).booked
    other = in_a_row.book_like(first, dublin(9, "11:00"), "t" * 22, grace)
    assert (other.due_at_practice, other.price, other.status) == (60, 60, "confirmed")
    assert other.changes.get().facts == {"at_practice": "60.00"}


def test_another_is_not_paid_at_the_practice_at_another_price(provider, service, grace):
    by_staff = ByStaff(grace, at_practice=True)
    [first] = in_a_row.book(provider, service, [TEN], SPARE, by_staff, **CLIENT).booked
    provider.services.update(price=70)
    with pytest.raises(NotOnOffer, match="terms have changed meanwhile"):
        in_a_row.book_like(as_it_is_now(first), dublin(9, "11:00"), "t" * 22, grace)


def test_the_same_form_sent_twice_finds_what_is_paid_at_the_practice(provider, service, grace):
    by_staff = ByStaff(grace, at_practice=True)
    first, second = (in_a_row.book(provider, service, WEEKLY, SPARE, by_staff, **CLIENT) for _ in range(2))
    assert [one.pk for one in first.booked] == [one.pk for one in second.booked]
    with pytest.raises(in_a_row.BookedAlready):
        in_a_row.book(provider, service, WEEKLY, SPARE, ByStaff(grace), **CLIENT)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"price": 0}, {"price": 60}),
        ({"price": 60}, {"price": 80}),
        ({"price": 60}, {"payment": "at practice"}),
        ({"duration_minutes": 50}, {"duration_minutes": 30}),
    ],
    ids=["free before", "dearer now", "paid elsewhere now", "shorter now"],
)
def test_nothing_is_booked_like_the_first_once_its_terms_have_changed(provider, grace, before, after):
    provider.services.update(**before)
    [first] = in_a_row.book(provider, provider.services.get(), [TEN], SPARE, ByStaff(grace), **CLIENT).booked
    provider.services.update(**after)
    with pytest.raises(NotOnOffer, match="terms have changed meanwhile"):
        in_a_row.book_like(as_it_is_now(first), dublin(9, "11:00"), "t" * 22, grace)
    assert Appointment.objects.count() == 1


def test_nothing_is_booked_like_the_first_at_another_policy(provider, service, grace, settings):
    [first] = in_a_row.book(provider, service, [TEN], SPARE, ByStaff(grace), **CLIENT).booked
    settings.CANCELLATION_POLICY = ""
    with pytest.raises(NotOnOffer, match="terms have changed meanwhile"):
        in_a_row.book_like(first, dublin(9, "11:00"), "t" * 22, grace)


def test_another_is_due_at_the_practice_although_the_first_was_paid_by_link(provider, grace):
    provider.services.update(payment="at practice")
    [first] = in_a_row.book(provider, provider.services.get(), [TEN], SPARE, ByStaff(grace), **CLIENT).booked
    Appointment.objects.update(due_at_practice=0, rest_paid_online=60)
    other = in_a_row.book_like(as_it_is_now(first), dublin(9, "11:00"), "t" * 22, grace)
    assert (other.due_at_practice, other.status) == (60, "confirmed")


def test_after_the_deadline_nothing_is_booked_like_the_first(provider, service, grace, time_machine):
    by_staff = ByStaff(grace, kept_until=dublin(1, "20:00"))
    [first] = in_a_row.book(provider, service, [TEN], SPARE, by_staff, **CLIENT).booked
    time_machine.move_to(dublin(1, "20:30"))
    with pytest.raises(NoDeadline):
        in_a_row.book_like(first, dublin(9, "11:00"), "t" * 22, grace)
    assert Appointment.objects.count() == 1


def test_the_reach_of_staff_is_never_shorter_than_that_of_clients(settings):
    settings.HORIZON_DAYS = 500
    assert Reach.of_staff().horizon == Reach.of_clients().horizon
