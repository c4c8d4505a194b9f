"""Staff move an appointment: to any time that is free, with a warning where a client could not choose it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from booking.models import Appointment, TimeOff
from tests.booking.clock import NOW, TEN, dublin
from tests.factories import make_appointment, make_payment
from tests.pages import Page, form_of, page_and_htmx
from tests.staff_pages.appointment.people import address, opened, story, words

pytestmark = pytest.mark.django_db


def typed(browser, appointment, day, clock):
    return browser.get(address(appointment, "move/"), {"day": day, "clock": clock})


def choose(browser, appointment, moment):
    return browser.get(address(appointment, "move/"), {"time": moment.isoformat()})


def take(browser, appointment, chosen):
    """Press the button of a page on which a time is chosen."""
    return browser.post(address(appointment, "move/"), form_of(chosen.content.decode()))


def time_of(appointment):
    return Appointment.objects.get(pk=appointment.pk).appointment_time


@page_and_htmx
def test_a_free_time_is_chosen_from_the_calendar_and_taken(grace, paid, headers):
    Appointment.objects.update(cancellation_policy="0h 100%")
    calendar = grace.get(address(paid, "move/"), headers=headers)
    assert Page(calendar).times[:2] == ["09:00", "09:15"]
    chosen = grace.get(Page(calendar).links["09:15"], headers=headers)
    said = words(chosen)
    assert ("Tuesday 2 June 2026, 09:15" in said, "Read this first" in said) == (True, False)
    assert "It stays paid: nothing goes back, and nothing more is to pay." in said
    assert "A mail tells jo@example.com." in said
    assert time_of(paid) == TEN
    answer = take(grace, paid, chosen)
    assert (answer.status_code, answer["Location"], time_of(paid)) == (303, address(paid), dublin(2, "09:15"))
    assert "Moved to Tue 2 Jun, 09:15." in words(grace.get(answer["Location"]))
    assert story(grace, paid)[-2:] == [
        "Grace Kelly moved it from Tue 2 Jun, 10:00 to Tue 2 Jun, 09:15.",
        "On its way to jo@example.com: the new time.",
    ]


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("2026-06-03 19:07", "It is outside the working hours of Dr Ada Byrne."),
        ("2026-06-01 12:30", "It is too soon for clients to choose it."),
        ("2026-09-01 10:00", "Clients can choose times up to 60 days ahead, and this is later."),
        ("2026-06-05 10:00", "Dr Ada Byrne is away then."),
        ("2026-06-03 10:00", "The client cannot move it online"),
    ],
)
def test_a_typed_time_that_no_client_could_choose_is_taken_after_a_warning(grace, provider, paid, when, sentence):
    TimeOff.objects.create(provider=provider, starts=dublin(5, "08:00"), ends=dublin(5, "18:00"))
    chosen = typed(grace, paid, *when.split())
    assert sentence in words(chosen)
    assert take(grace, paid, chosen).status_code == 303
    assert f"{time_of(paid).astimezone(provider.zone):%Y-%m-%d %H:%M}" == when


def test_staff_read_that_a_sooner_time_costs_the_client_the_refund(grace, provider, paid):
    Appointment.objects.update(cancellation_policy="12h 50%")
    sentence = "A client who cancels now gets €30.00 back. Once it is moved there, it is €0.00."
    moments = [dublin(1, "17:00"), dublin(4, "10:00")]
    assert [sentence in words(choose(grace, paid, moment)) for moment in moments] == [True, False]


def test_nothing_is_moved_with_a_warning_that_was_not_read(grace, provider, confirmed):
    chosen = choose(grace, confirmed, dublin(3, "10:00"))
    TimeOff.objects.create(provider=provider, starts=dublin(3, "08:00"), ends=dublin(3, "18:00"))
    refused = take(grace, confirmed, chosen)
    assert (refused.status_code, time_of(confirmed)) == (409, TEN)
    said = words(refused)
    assert ("Nothing was moved yet." in said, "Dr Ada Byrne is away then." in said) == (True, True)
    assert take(grace, confirmed, refused).status_code == 303
    assert time_of(confirmed) == dublin(3, "10:00")


def test_it_is_never_moved_into_another_appointment(grace, provider, confirmed):
    make_appointment(provider=provider, at=dublin(3, "10:00"), status="confirmed", client_name="Síle Walsh")
    refused = typed(grace, confirmed, "2026-06-03", "10:15")
    said = words(refused)
    assert (refused.status_code, "Another appointment is in the way then." in said) == (409, True)
    assert "In the way: Síle Walsh , 10:00–10:30" in said
    assert {"Wed 3 Jun, 09:30", "Wed 3 Jun, 10:30"} < Page(refused).links.keys()
    posted = grace.post(
        address(confirmed, "move/"),
        {**opened(grace, confirmed, "move/"), "appointment_time": dublin(3, "10:15").isoformat()},
    )
    assert (posted.status_code, time_of(confirmed)) == (409, TEN)


def test_a_time_that_is_taken_before_the_press_is_refused_and_others_are_near(grace, provider, confirmed):
    chosen = choose(grace, confirmed, dublin(3, "10:00"))
    make_appointment(provider=provider, at=dublin(3, "10:00"), status="confirmed")
    refused = take(grace, confirmed, chosen)
    assert (refused.status_code, time_of(confirmed)) == (409, TEN)
    assert "Wed 3 Jun, 09:30" in Page(refused).links


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"day": "1900-01-01", "clock": "10:00"}, "That time is in the past. Choose a later one."),
        ({"day": "0001-01-01", "clock": "00:00"}, "That time is in the past. Choose a later one."),
        ({"day": "9999-12-31", "clock": "23:59"}, "That is more than two years ahead. Choose an earlier day."),
        ({"day": "2026-06-31", "clock": "10:00"}, "Enter a day, like 2026-12-01."),
        ({"day": "2026-06-03", "clock": "ten"}, "Enter a time, like 09:30."),
        ({"day": "", "clock": ""}, "Enter a day and a time, or choose them from the calendar."),
        ({"day": "2026-06-02", "clock": "10:00"}, "It is at that time already. Choose another."),
        ({"time": "soon"}, "We could not read that time. Choose one from the calendar, or type it."),
        ({"time": "2026-06-03T10:00:30+01:00"}, "Choose a time of whole minutes, like 09:30."),
        ({"date": "2026-02-30"}, "There is no such day. Choose one from the calendar."),
    ],
)
def test_what_cannot_be_a_time_is_answered_by_a_sentence(grace, confirmed, query, sentence):
    refused = grace.get(address(confirmed, "move/"), query)
    assert (refused.status_code, sentence in words(refused)) == (422, True)


def test_what_was_typed_is_still_there_beside_what_is_wrong_with_it(grace, confirmed):
    fields = Page(typed(grace, confirmed, "1900-01-01", "10:07")).fields
    assert (fields["day"], fields["clock"]) == ("1900-01-01", "10:07")


def test_times_are_typed_on_the_providers_clock(grace, provider, confirmed):
    provider.time_zone = "America/Sao_Paulo"
    provider.save()
    take(grace, confirmed, typed(grace, confirmed, "2026-06-03", "10:00"))
    assert time_of(confirmed) == dublin(3, "14:00")


def test_the_second_of_two_moves_is_told_and_overwrites_nothing(grace, olive, confirmed):
    hers, his = choose(olive, confirmed, dublin(3, "10:00")), choose(grace, confirmed, dublin(4, "10:00"))
    assert take(olive, confirmed, hers).status_code == 303
    refused = take(grace, confirmed, his)
    assert (refused.status_code, time_of(confirmed)) == (409, dublin(3, "10:00"))
    assert "Last, at 12:00: Olive Moss moved it from Tue 2 Jun, 10:00 to Wed 3 Jun, 10:00." in words(refused)
    assert take(grace, confirmed, refused).status_code == 303
    assert time_of(confirmed) == dublin(4, "10:00")


def test_a_move_pressed_twice_moves_once(grace, confirmed):
    chosen = choose(grace, confirmed, dublin(3, "10:00"))
    assert [take(grace, confirmed, chosen).status_code for _ in range(2)] == [303, 303]
    assert confirmed.changes.count() == 1


def test_what_was_cancelled_meanwhile_is_not_moved(grace, confirmed):
    chosen = choose(grace, confirmed, dublin(3, "10:00"))
    confirmed.cancel(Decimal(0))
    refused = take(grace, confirmed, chosen)
    assert (refused.status_code, "The client cancelled it." in words(refused)) == (409, True)
    assert grace.get(address(confirmed, "move/")).status_code == 303


def test_one_that_is_not_paid_is_moved_and_no_mail_is_promised(grace, held):
    chosen = choose(grace, held, dublin(3, "10:00"))
    said = words(chosen)
    assert ("It is still to be paid." in said, "No mail goes out: tell the client yourself." in said) == (True, True)
    assert take(grace, held, chosen).status_code == 303
    assert (time_of(held), held.mails.count()) == (dublin(3, "10:00"), 0)


def test_while_a_payment_is_on_its_way_it_is_not_said_that_it_is_still_to_be_paid(grace, on_its_way):
    Appointment.objects.update(kept_until=TEN)
    said = words(choose(grace, on_its_way, dublin(2, "09:00")))
    assert "A payment is on its way. It counts for the new time, which is kept until the payment is known." in said
    assert ("still to be paid" in said, "deadline" in said, "kept unpaid" in said) == (False, False, False)


def test_what_is_kept_until_it_begins_says_that_it_stays_so_at_another_time(grace, held):
    Appointment.objects.update(kept_until=TEN, hold_expires_at=TEN)
    chosen = choose(grace, held, dublin(3, "10:00"))
    assert "It is then kept unpaid until it begins, Wednesday 3 June 2026, 10:00" in words(chosen)
    assert take(grace, held, chosen).status_code == 303
    held.refresh_from_db()
    assert (held.kept_until, held.hold_expires_at) == (dublin(3, "10:00"), dublin(3, "10:00"))


def test_a_deadline_that_stays_is_not_spoken_of(grace, held):
    Appointment.objects.update(kept_until=dublin(2, "09:00"), hold_expires_at=dublin(2, "09:00"))
    assert "kept unpaid" not in words(choose(grace, held, dublin(3, "10:00")))


def test_nothing_is_moved_while_a_payment_page_cannot_be_closed(grace, held):
    chosen = choose(grace, held, dublin(3, "10:00"))
    make_payment(held, status="open", checkout_session_id=None, amount_captured=0)  # it is being opened just now
    refused = take(grace, held, chosen)
    assert (refused.status_code, time_of(held), held.changes.count()) == (503, TEN, 0)
    sentence = "Stripe did not close the payment page that the client has open, so nothing was moved. Try again soon."
    assert (Page(refused).problem, "appointment_time" in Page(refused).fields) == ([sentence], True)


def test_who_did_not_come_is_moved_and_that_is_said(grace, provider):
    past = make_appointment(provider=provider, at=dublin(1, "10:00"), status="confirmed", price=0, no_show_at=NOW)
    chosen = choose(grace, past, dublin(3, "10:00"))
    assert "it is not written down any more that the client did not come" in words(chosen)
    assert take(grace, past, chosen).status_code == 303
    assert Appointment.objects.get().no_show_at is None


def test_a_deadline_that_would_come_after_it_begins_is_warned_of(grace, held):
    Appointment.objects.update(kept_until=dublin(2, "09:00"), hold_expires_at=dublin(2, "09:00"))
    assert "The deadline for paying is later than that: it becomes the moment at which it then begins." in words(
        choose(grace, held, NOW + timedelta(hours=2))
    )


def test_who_has_only_a_phone_is_to_be_called(grace, provider):
    caller = make_appointment(
        provider=provider, at=TEN, status="confirmed", price=0, email="", client_phone="+353871234567"
    )
    said = words(choose(grace, caller, dublin(3, "10:00")))
    assert "No mail goes out: tell the client yourself, at +353 87 123 4567" in said


@pytest.mark.parametrize("others", [1, 20])
def test_choosing_costs_the_same_however_full_the_diary(grace, provider, paid, others, django_assert_num_queries):
    for day in range(others):
        make_appointment(provider=provider, at=dublin(3, "09:00") + timedelta(days=day), status="confirmed")
    with django_assert_num_queries(7):
        grace.get(address(paid, "move/"))
    with django_assert_num_queries(8):
        choose(grace, paid, dublin(4, "12:00"))
    assert User.objects.count() == 1
