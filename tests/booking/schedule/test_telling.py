"""Those who wait are told of a time that is given back: in order, one after the other, and never twice."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.models import Mail, WaitingEntry, WaitingOffer, WorkingHours
from booking.models.waiting import WaitingEntryQuerySet
from booking.schedule import telling
from tests.booking.clock import dublin
from tests.booking.waiting import fill, links, make_provider_of_one_hour, take_tuesday, tick, told, wait
from tests.factories import book, make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


@pytest.fixture
def provider():
    return make_provider_of_one_hour()


@pytest.fixture
def taken(provider):
    return take_tuesday(provider)


def later(time_machine, minutes=30):
    time_machine.shift(timedelta(minutes=minutes))


def ending_of(entry):
    return WaitingEntry.objects.get(pk=entry.pk).ending


# When a time is given back


def test_nobody_is_told_while_the_time_is_taken(provider, taken):
    wait(provider)
    assert (tick(), told()) == ([], [])


def cancelled(provider, taken):
    taken.cancel()


def lapsed(provider, taken):
    provider.appointments.update(status="held", hold_expires_at=timezone.now())


def moved_away(provider, taken):
    taken.reschedule(dublin(4, "10:00"))


def time_off_removed(provider, taken):
    taken.cancel()
    fill(provider)
    assert tick() == []
    provider.time_off.all().delete()


def hours_widened(provider, taken):
    WorkingHours.objects.update(opens="09:00", closes="11:00")


@pytest.mark.parametrize("give_back", [cancelled, lapsed, moved_away, time_off_removed, hours_widened])
def test_however_a_time_is_given_back_who_waits_is_told(provider, taken, give_back):
    wait(provider)
    give_back(provider, taken)
    [message] = tick()
    assert (message.to, message.subject[:22]) == (["wendy@example.com"], "Free: Tuesday 2 June 2")


def test_the_link_leads_to_the_details_with_that_time_chosen(client, provider, taken):
    wait(provider)
    taken.cancel()
    page, stop = links(tick()[0])
    query = parse_qs(urlsplit(page).query)
    assert query == {
        "provider": ["dr-ada-byrne"],
        "service": ["consultation"],
        "time": ["2026-06-02T09:00:00+00:00"],
    }
    assert "Your details" in client.get(f"/{page}").content.decode()
    assert stop == f"waiting/{WaitingEntry.objects.get().key}/"


def test_a_mail_program_can_end_it_by_itself(client, provider, taken):
    entry = wait(provider)
    taken.cancel()
    [message] = tick()
    address = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert (address, message.extra_headers["List-Unsubscribe-Post"]) == (entry.stop_url, "List-Unsubscribe=One-Click")
    client.post(urlsplit(address).path, {"List-Unsubscribe": "One-Click"})
    assert ending_of(entry) == "by owner"


# In order, one after the other


def test_they_are_told_in_the_order_in_which_they_asked_half_an_hour_apart(provider, taken, time_machine):
    for name in ("ann", "bob", "cat"):
        wait(provider, email=f"{name}@example.com")
    taken.cancel()
    sent = [len(tick()), len(tick())]
    later(time_machine, 29)
    sent.append(len(tick()))
    later(time_machine, 1)
    sent.append(len(tick()))
    later(time_machine)
    sent.append(len(tick()))
    assert (sent, told()) == ([1, 0, 0, 1, 1], [("ann", "10:00"), ("bob", "10:00"), ("cat", "10:00")])


def test_the_next_one_is_not_told_of_a_time_that_is_taken_by_then(provider, taken, time_machine):
    wait(provider, email="ann@example.com")
    wait(provider, email="bob@example.com")
    taken.cancel()
    tick()
    book(provider, dublin(2, "10:00")).confirm()
    later(time_machine)
    assert (tick(), told()) == ([], [("ann", "10:00")])


def test_nobody_is_told_twice_of_one_time(provider, taken, time_machine):
    wait(provider)
    taken.cancel()
    tick()
    later(time_machine, 90)
    book(provider, dublin(2, "10:00"), email="other@example.com").cancel()
    assert (tick(), told()) == ([], [("wendy", "10:00")])


def test_nobody_is_told_a_quarter_of_an_hour_after_another_of_the_same_gap(provider, taken, time_machine):
    """Where an hour is free and half of it is wanted, it is one piece of news that it can begin at several times."""
    half = make_service(name="Short", minutes=30)
    provider.services.add(half)
    wait(provider, service=half)
    wait(provider, service=half, email="bob@example.com")
    taken.cancel()
    tick()
    assert told() == [("wendy", "10:00"), ("bob", "10:30")]
    later(time_machine, 60)
    tick()
    assert told()[2:] == [("wendy", "10:30"), ("bob", "10:00")]
    later(time_machine, 60)
    assert tick() == []


def test_no_mail_goes_at_night_by_the_practices_clock(provider, taken, time_machine, settings):
    settings.TIME_ZONE = "Europe/Dublin"
    time_machine.move_to(dublin(1, "20:00"), tick=False)
    entry = wait(provider)
    taken.cancel()
    assert tick() == []
    time_machine.move_to(dublin(2, "08:00"), tick=False)
    assert (len(tick()), entry.offers.count()) == (1, 1)


# Whom a time is for


def test_only_a_time_that_was_asked_for_counts(provider, taken):
    wait(provider, day=3, until=dublin(3, "10:00"))
    taken.cancel()
    assert tick() == []


def test_who_waits_for_anyone_is_told_of_the_first_time_of_all(provider, taken):
    other = make_provider(name="Dr Ben Nolan", services=[taken.service], hours=[("09:00", "10:00")])
    gone = make_appointment(provider=other, at=dublin(2, "09:00"), status="confirmed", price=Decimal(0))
    entry = wait(provider, anyone=True)
    wait(provider, email="ann@example.com")
    gone.cancel()
    [message] = tick()
    assert (message.to, entry.offers.get().provider) == (["wendy@example.com"], other)


def test_who_waits_for_one_provider_is_not_told_of_another(provider, taken):
    make_provider(name="Dr Ben Nolan", services=[taken.service], hours=[("09:00", "10:00")])
    wait(provider)
    assert tick() == []


@pytest.mark.parametrize("withdrawn", ["provider", "service"])
def test_nobody_is_told_of_what_is_no_longer_offered(provider, taken, withdrawn):
    wait(provider)
    taken.cancel()
    what = provider if withdrawn == "provider" else taken.service
    type(what).objects.update(active=False)
    assert tick() == []


def test_nobody_is_told_before_they_have_confirmed_it(provider, taken):
    wait(provider, confirmed_at=None)
    taken.cancel()
    assert tick() == []


def test_the_mail_is_dropped_if_the_time_was_taken_before_it_was_sent(provider, taken):
    wait(provider)
    taken.cancel()
    telling.see_to_who_waits(timezone.now())
    book(provider, dublin(2, "10:00"))
    tick()
    assert list(Mail.objects.filter(kind="time freed").values_list("status", flat=True)) == ["dropped"]


# Their own appointment


@pytest.fixture
def own(provider):
    """Wendy's own appointment is on Friday."""
    facts = {"status": "confirmed", "price": Decimal(0), "email": "wendy@example.com"}
    return make_appointment(provider=provider, at=dublin(5, "10:00"), **facts)


def test_who_has_an_appointment_is_led_to_moving_it(client, provider, taken, own):
    WaitingEntry.objects.ask_for_earlier(own, own.appointment_time, timezone.now())
    for day in (3, 4):
        make_appointment(provider=provider, at=dublin(day, "10:00"), status="confirmed")
    taken.cancel()
    [message] = tick()
    page = links(message)[0]
    assert page.startswith(f"appointments/{own.reference}/reschedule/?time=2026-06-02T09")
    assert "Take this time instead?" in client.get(f"/{page}").content.decode()


def test_who_has_an_appointment_is_told_of_a_time_that_overlaps_it(client, own):
    """Half an hour frees just before their own hour, which can begin half an hour earlier then."""
    practice = own.provider
    WorkingHours.objects.filter(provider=practice).update(opens="09:30")
    half = make_service(name="Short", minutes=30)
    practice.services.add(half)
    before = make_appointment(provider=practice, service=half, at=dublin(5, "09:30"), status="confirmed")
    WaitingEntry.objects.ask_for_earlier(own, own.appointment_time, timezone.now())
    fill(practice, 2)
    practice.time_off.update(ends=dublin(5, "00:00"))
    assert tick() == []
    before.cancel()
    [message] = tick()
    assert (message.subject, told()) == ("Free: Friday 5 June 2026, 09:30", [("wendy", "09:30")])
    assert "Take this time instead?" in client.get(f"/{links(message)[0]}").content.decode()


def test_once_it_is_moved_earlier_it_stops(provider, own, time_machine):
    entry = WaitingEntry.objects.ask_for_earlier(own, own.appointment_time, timezone.now())
    own.reschedule(dublin(3, "10:00"))
    tick()
    assert ending_of(entry) == "booked"


def test_once_it_is_cancelled_it_stops(own):
    entry = WaitingEntry.objects.ask_for_earlier(own, own.appointment_time, timezone.now())
    own.cancel()
    tick()
    assert ending_of(entry) == "booked"


def test_one_that_can_no_longer_be_moved_is_told_of_nothing(own, settings):
    WaitingEntry.objects.ask_for_earlier(own, own.appointment_time, timezone.now())
    type(own).objects.filter(pk=own.pk).update(price=60, cancellation_policy="")
    assert tick() == []


def test_the_mail_goes_to_the_address_that_staff_have_corrected(provider, own):
    WaitingEntry.objects.ask_for_earlier(own, own.appointment_time, timezone.now())
    own.correct(User.objects.create(username="grace"), client_email="new@example.com")
    assert tick()[0].to == ["new@example.com"]


# How it stops


def test_who_has_booked_such_a_time_is_told_of_no_more(provider, taken):
    entry = wait(provider)
    taken.cancel()
    book(provider, dublin(2, "10:00"), email="Wendy+x@example.com").confirm()
    tick()
    assert ending_of(entry) == "booked"


def test_who_waits_for_one_provider_goes_on_after_booking_another(provider, taken):
    other = make_provider(name="Dr Ben Nolan", services=[taken.service], hours=[("10:00", "11:00")])
    entry, with_anyone = wait(provider), wait(provider, anyone=True)
    book(other, dublin(2, "10:00"), email="wendy@example.com").confirm()
    tick()
    assert (ending_of(entry), ending_of(with_anyone)) == ("", "booked")


def test_a_parent_who_waits_for_themselves_goes_on_after_booking_for_a_child(provider, taken):
    entry = wait(provider, until=dublin(5, "00:00"))
    book(provider, dublin(3, "10:00"), email="wendy@example.com", for_whom="Tim").confirm()
    tick()
    assert ending_of(entry) == ""


def test_who_books_the_time_that_they_were_told_of_stops_for_whomever_it_is(provider, taken):
    entry = wait(provider)
    taken.cancel()
    assert len(tick()) == 1
    book(provider, dublin(2, "10:00"), email="wendy@example.com", for_whom="Tim").confirm()
    tick()
    assert ending_of(entry) == "booked"


def test_who_waits_for_an_earlier_time_goes_on_after_booking_another_visit(provider, own):
    entry = WaitingEntry.objects.ask_for_earlier(own, own.appointment_time, timezone.now())
    book(provider, dublin(4, "10:00"), email="wendy@example.com").confirm()
    tick()
    assert ending_of(entry) == ""


def test_who_only_holds_such_a_time_keeps_their_place(provider, taken):
    entry = wait(provider)
    taken.cancel()
    book(provider, dublin(2, "10:00"), email="wendy@example.com")
    tick()
    assert ending_of(entry) == ""


def test_it_stops_when_the_days_are_over(provider, taken, time_machine):
    entry = wait(provider, until=dublin(2, "00:00"), since=dublin(1, "00:00"))
    time_machine.move_to(dublin(1, "23:30"), tick=False)
    tick()
    assert ending_of(entry) == "over"


def test_who_never_answers_is_told_five_times_and_the_last_mail_says_so(provider, time_machine):
    entry = wait(provider, until=dublin(30, "00:00"))
    said = []
    for _ in range(7):
        said += ["our last mail" in message.body for message in tick()]
        later(time_machine)
    assert said == [False, False, False, False, True]
    assert ending_of(entry) == "no answer"


def test_what_ended_is_forgotten_after_thirty_days_and_what_was_never_confirmed_after_one(provider, time_machine):
    ended, asked = wait(provider), wait(provider, confirmed_at=None, email="x@example.com")
    asked.owe(Mail.Kind.CONFIRM_WAITING)
    ended.end(ended.Ending.BY_OWNER, timezone.now())
    left = []
    for days in (0.9, 0.2, 28, 2):
        time_machine.shift(timedelta(days=days))
        tick()
        left.append(list(WaitingEntry.objects.order_by("pk").values_list("pk", flat=True)))
    assert (left, Mail.objects.count()) == ([[ended.pk, asked.pk], [ended.pk], [ended.pk], []], 0)


def test_who_confirms_just_before_it_is_forgotten_waits(provider, time_machine, monkeypatch):
    entry = wait(provider, confirmed_at=None)
    time_machine.shift(timedelta(hours=25))
    forget = WaitingEntryQuerySet.forget

    def forget_after_the_press(entries, now):
        entry.confirm(now)
        return forget(entries, now)

    monkeypatch.setattr(WaitingEntryQuerySet, "forget", forget_after_the_press)
    tick()
    assert WaitingEntry.objects.get().state == "waiting"


def test_one_that_cannot_be_seen_to_keeps_nobody_else_from_their_turn(provider, taken, monkeypatch, caplog):
    broken = wait(provider, email="ann@example.com")
    wait(provider)
    taken.cancel()
    tell = WaitingEntry.tell

    def tell_unless_broken(entry, *facts):
        return 1 / 0 if entry.pk == broken.pk else tell(entry, *facts)

    monkeypatch.setattr(WaitingEntry, "tell", tell_unless_broken)
    tick()
    assert (told(), caplog.messages) == ([("wendy", "10:00")], [f"Who waits by entry {broken.pk} was not seen to"])


# At once, and how much it costs


@pytest.mark.django_db(transaction=True)
def test_two_machines_at_once_tell_one_of_them_once(provider, taken, together):
    for name in ("ann", "bob", "cat"):
        wait(provider, email=f"{name}@example.com")
    taken.cancel()
    together(*[lambda: telling.see_to_who_waits(timezone.now())] * 4)
    assert (told(), Mail.objects.filter(kind="time freed").count()) == ([("ann", "10:00")], 1)


def test_nobody_waiting_costs_one_question(provider, taken, django_assert_num_queries):
    with django_assert_num_queries(1):
        telling.see_to_who_waits(timezone.now())


@pytest.mark.parametrize("people", [1, 1000])
def test_however_many_wait_it_costs_two_questions_and_one_for_each_provider(provider, taken, people):
    others = [make_provider(name=f"Dr {name}", services=[taken.service], hours=[("10:00", "11:00")]) for name in "ABC"]
    for other in others:
        make_appointment(provider=other, at=dublin(2, "10:00"), status="confirmed")
    service, now = taken.service, timezone.now()
    facts = {"service": service, "since": now, "until": dublin(3, "10:00"), "time_zone": "Europe/Dublin"}
    WaitingEntry.objects.bulk_create(
        WaitingEntry(
            address=f"{one}@example.com", mailbox=f"{one}@example.com", asked_at=now, confirmed_at=now, **facts
        )
        for one in range(people)
    )
    with CaptureQueriesContext(connection) as asked:
        assert telling.see_to_who_waits(now) == 0
    assert (len(asked), WaitingOffer.objects.count()) == (1 + 2 + 4 - 1, 0)
