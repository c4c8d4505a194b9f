"""Time off is written down while somebody else does the same, or books into it."""

import pytest
from django.contrib.auth.models import User

from booking.models import Appointment, NotMovable, SlotTaken, TimeOff
from booking.schedule import away
from booking.schedule.away import Touches, write_down
from tests.booking.clock import NOW, dublin
from tests.factories import book, make_appointment, make_provider
from tests.meeting import answer_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon_in_dublin")]

STARTS, ENDS = dublin(2, "13:00"), dublin(2, "17:00")


@pytest.fixture
def providers():
    ada = make_provider()
    return [ada, make_provider(name="Marta Ruiz", services=ada.services.all())]


def close(providers, name, seen=()):
    """Return a callable by which somebody of that name writes down that these are away, and what that answers."""
    by = User.objects.create(username=name)

    def run():
        times_off = [TimeOff(provider=provider, starts=STARTS, ends=ENDS) for provider in providers]
        return len(write_down(times_off, Appointment.objects.all(), seen, by, NOW))

    return answer_of(run, Touches, SlotTaken)


def test_of_two_who_write_down_the_same_at_once_one_does(providers, together):
    """They lock the same diaries in another order than they name them, so neither waits for the other for ever."""
    answers = together(close(providers, "grace"), close(providers[::-1], "olive"))
    assert (sorted(answers), TimeOff.objects.count()) == ([0, 2], 2)


def test_two_who_write_down_time_off_are_never_at_it_at_the_same_time(providers, together, meeting):
    meeting.at((away, "without_known"))
    together(close(providers, "grace"), close(providers, "olive"))
    assert (meeting.took_place, TimeOff.objects.count()) == (False, 2)


def test_a_client_who_books_into_it_at_once_is_either_shown_to_staff_or_refused(providers, together):
    ada = providers[0]
    client = answer_of(lambda: book(ada, dublin(2, "14:00")).status, SlotTaken)
    answers = together(close([ada], "grace"), client)
    is_booked, is_away = Appointment.objects.exists(), TimeOff.objects.exists()
    assert (answers, is_booked, is_away) in [(["Touches", "held"], True, False), ([1, "SlotTaken"], False, True)]


def test_a_client_who_moves_into_it_at_once_is_either_shown_to_staff_or_refused(providers, together):
    ada = providers[0]
    booked = make_appointment(provider=ada, at=dublin(4, "10:00"), status="confirmed")
    move = answer_of(lambda: booked.reschedule(dublin(2, "14:00")), SlotTaken, NotMovable)
    answers = together(close([ada], "grace"), move)
    time = Appointment.objects.get().appointment_time
    moved, stayed = dublin(2, "14:00"), dublin(4, "10:00")
    assert (answers, time, TimeOff.objects.exists()) in [
        (["Touches", None], moved, False),
        ([1, "SlotTaken"], stayed, True),
    ]


def test_whoever_chose_a_time_before_it_was_closed_is_not_booked_into_it(providers):
    ada = providers[0]
    booked = make_appointment(provider=ada, at=dublin(4, "10:00"), status="confirmed")
    assert close([ada], "grace")() == 1
    with pytest.raises(SlotTaken):
        book(ada, dublin(2, "16:45"))
    with pytest.raises(SlotTaken):
        booked.reschedule(dublin(2, "13:00"))
    assert [book(ada, dublin(2, clock)).status for clock in ("12:30", "17:00")] == ["held", "held"]


def test_staff_who_were_warned_still_move_somebody_into_it(providers):
    ada = providers[0]
    booked = make_appointment(provider=ada, at=dublin(4, "10:00"), status="confirmed")
    close([ada], "grace")()
    booked.reschedule(dublin(2, "14:00"), by=User.objects.get())
    assert Appointment.objects.get().appointment_time == dublin(2, "14:00")
