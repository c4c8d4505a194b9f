"""Another time for an appointment: as long as cancelling would return everything, and at what was agreed."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from booking.models import Appointment, NotMovable, SlotTaken
from tests.booking.conftest import NOW
from tests.booking.pages.test_book import Page
from tests.factories import make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

POLICY = "48h 100%, 24h 50%"
HTMX = {"HX-Request": "true"}
OTHER_TAB = "It was changed since you opened this page, perhaps in another tab. Look at it, and choose again."


def dublin(day, clock):
    """That clock time in June 2026."""
    return datetime.fromisoformat(f"2026-06-{day:02}T{clock}+01:00")


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def booked(provider):
    """Paid, for Thursday at ten: three days from now."""
    at = dublin(4, "10:00")
    return make_appointment(provider=provider, at=at, status="confirmed", cancellation_policy=POLICY)


def step(appointment, query=""):
    return f"/appointments/{appointment.reference}/reschedule/{query}"


def move(appointment, to, client=None):
    return (client or Client()).post(step(appointment), {"appointment_time": to.isoformat()})


def row(appointment):
    return Appointment.objects.get(pk=appointment.pk)


def facts(appointment):
    now = row(appointment)
    return now.status, now.appointment_time, now.sequence


def test_it_moves_with_its_end_and_its_buffer(provider):
    service = make_service(name="Long talk", minutes=50, buffer=10)
    provider.services.add(service)
    moved = make_appointment(provider=provider, service=service, at=dublin(4, "10:00"), status="confirmed")
    moved.cancellation_policy = POLICY
    moved.save()
    answer = move(moved, dublin(5, "14:15"))
    assert (answer.status_code, answer["Location"]) == (303, f"/appointments/{moved.reference}/")
    now = row(moved)
    assert (now.status, now.sequence) == ("confirmed", 1)
    assert (now.appointment_time, now.end) == (dublin(5, "14:15"), dublin(5, "15:05"))
    assert now.blocked_until == dublin(5, "15:15")


def test_price_and_length_stay_as_agreed_whatever_the_service_costs_by_now(booked):
    booked.service.price, booked.service.duration_minutes = Decimal("90.00"), 60
    booked.service.save()
    move(booked, dublin(5, "16:30"))
    now = row(booked)
    assert (now.price, now.duration_minutes, now.appointment_time) == (Decimal("60.00"), 30, dublin(5, "16:30"))


def test_the_page_offers_free_times_and_not_the_present_one(booked, client):
    make_appointment(provider=booked.provider, at=dublin(4, "11:00"), status="confirmed")
    page = Page(client.get(step(booked, "?date=2026-06-04")))
    assert page.heading("h2") == ["When?"]
    assert "Thursday 4 June 2026, 10:00" in page.text
    shown = [words for words in page.links if words[2:3] == ":"]
    assert shown[:6] == ["09:00", "09:15", "09:30", "09:45", "10:15", "10:30"]
    assert [time for time in ("10:45", "11:00", "11:15") if time in shown] == []


def test_a_time_that_overlaps_only_its_own_is_free(booked):
    assert move(booked, dublin(4, "10:15")).status_code == 303
    assert facts(booked) == ("confirmed", dublin(4, "10:15"), 1)


def test_the_last_step_shows_both_times_and_changes_nothing(booked, client):
    whole = client.get(step(booked, "?time=2026-06-05T14:15%2B01:00"))
    part = client.get(step(booked, "?time=2026-06-05T14:15%2B01:00"), headers=HTMX)
    page = Page(whole)
    assert page.heading("h2") == ["Take this time instead?"]
    assert {"Thursday 4 June 2026, 10:00", "Friday 5 June 2026, 14:15"} <= set(page.text)
    assert ("<html" in whole.content.decode(), "<html" in part.content.decode()) == (True, False)
    assert facts(booked) == ("confirmed", dublin(4, "10:00"), 0)
    assert move(booked, datetime.fromisoformat(page.fields["appointment_time"])).status_code == 303
    assert facts(booked) == ("confirmed", dublin(5, "14:15"), 1)


def test_pressed_twice_it_moves_once(booked):
    answers = [move(booked, dublin(5, "14:15")).status_code for _ in range(2)]
    assert (answers, facts(booked)) == ([303, 303], ("confirmed", dublin(5, "14:15"), 1))


def test_its_own_time_is_not_somebody_elses(booked):
    page = Page(answer := Client().get(step(booked), {"time": dublin(4, "10:00").isoformat()}))
    assert (answer.status_code, page.problem) == (200, [])
    assert "You have this time already: Thursday 4 June 2026, 10:00 with Dr Ada Byrne." in page.text
    assert page.links["Look at your appointment"] == f"/appointments/{booked.reference}/"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_back_after_the_move_is_told_calmly_where_it_is(booked, client, headers):
    shown = step(booked, "?time=2026-06-05T14:15%2B01:00")
    client.post(step(booked), Page(client.get(shown)).fields)
    page = Page(answer := client.get(shown, headers=headers))
    assert (answer.status_code, page.problem, page.heading("h2")) == (200, [], ["When?"])
    assert "You have this time already: Friday 5 June 2026, 14:15 with Dr Ada Byrne." in page.text
    assert page.html.count("autofocus") == bool(headers)


def test_a_taken_time_offers_the_nearest(booked):
    make_appointment(provider=booked.provider, at=dublin(5, "14:00"), status="confirmed")
    answer = move(booked, dublin(5, "14:00"))
    page = Page(answer)
    assert (answer.status_code, page.problem[0]) == (409, "That time was taken a moment ago.")
    assert {"Fri 5 Jun, 13:30", "Fri 5 Jun, 14:30"} <= set(page.links)
    assert facts(booked) == ("confirmed", dublin(4, "10:00"), 0)


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("2026-05-31T10:00+01:00", "That time is in the past. Choose a later one."),
        ("2026-06-05T20:00+01:00", "That time is not on offer. Choose one of the free times."),
        ("2027-06-05T10:00+01:00", "Times can be booked up to 60 days ahead. Choose an earlier one."),
        ("<b>", "We could not read that time. Choose one from the calendar."),
        ("", "Choose a time from the calendar."),
    ],
)
def test_a_time_that_nobody_could_have_is_refused_with_a_sentence(booked, client, to, sentence):
    answer = client.post(step(booked), {"appointment_time": to})
    assert (answer.status_code, Page(answer).problem[0]) == (422, sentence)
    assert facts(booked) == ("confirmed", dublin(4, "10:00"), 0)


@pytest.mark.parametrize(("hours", "may"), [(47, True), (69, False), (80, False)])
def test_it_moves_only_while_cancelling_would_return_everything(provider, client, time_machine, hours, may):
    at = NOW + timedelta(hours=96)
    paid = make_appointment(provider=provider, at=at, status="confirmed", cancellation_policy=POLICY)
    time_machine.move_to(NOW + timedelta(hours=hours), tick=False)
    appointment_page = client.get(f"/appointments/{paid.reference}/").content.decode()
    assert (f'href="{step(paid)}"' in appointment_page) == may
    assert (client.get(step(paid)).status_code == 200) == may
    answer = move(paid, NOW + timedelta(hours=120))
    assert answer.status_code == (303 if may else 409)
    assert facts(paid)[1:] == ((NOW + timedelta(hours=120), 1) if may else (at, 0))


@pytest.mark.parametrize("policy", ["", "24h 50%"])
def test_a_policy_that_never_returns_everything_lets_nothing_move(provider, policy):
    at = dublin(20, "10:00")
    paid = make_appointment(provider=provider, at=at, status="confirmed", cancellation_policy=policy)
    answer = move(paid, dublin(21, "10:00"))
    assert (answer.status_code, facts(paid)) == (409, ("confirmed", at, 0))


def test_a_free_one_moves_until_it_begins(provider, time_machine):
    service = make_service(name="Call", price="0.00")
    provider.services.add(service)
    call = make_appointment(provider=provider, service=service, at=dublin(1, "15:00"), status="confirmed")
    assert move(call, dublin(1, "16:00")).status_code == 303
    time_machine.move_to(dublin(1, "16:01"))
    assert move(call, dublin(2, "16:00")).status_code == 409
    assert facts(call) == ("confirmed", dublin(1, "16:00"), 1)


@pytest.mark.parametrize("status", ["cancelled", "expired"])
def test_what_is_over_does_not_move(provider, client, status):
    over = make_appointment(provider=provider, at=dublin(4, "10:00"), status=status)
    assert client.get(step(over))["Location"] == f"/appointments/{over.reference}/"
    answer = move(over, dublin(5, "10:00"))
    assert (answer.status_code, facts(over)) == (409, (status, dublin(4, "10:00"), 0))


def test_a_hold_moves_and_is_kept_as_long_as_before(provider):
    held = make_appointment(provider=provider, at=dublin(4, "10:00"))
    assert move(held, dublin(5, "10:00")).status_code == 303
    assert facts(held) == ("held", dublin(5, "10:00"), 1)
    assert row(held).hold_expires_at == NOW + timedelta(minutes=15)


def test_a_lapsed_hold_does_not_move(provider):
    held = make_appointment(provider=provider, at=dublin(4, "10:00"), hold_minutes=-1)
    assert (move(held, dublin(5, "10:00")).status_code, facts(held)) == (409, ("held", dublin(4, "10:00"), 0))


def test_a_provider_who_has_left_keeps_appointments_but_moves_none(booked):
    booked.provider.active = False
    booked.provider.save()
    assert move(booked, dublin(5, "10:00")).status_code == 409
    assert facts(booked) == ("confirmed", dublin(4, "10:00"), 0)


def test_a_lapsed_hold_of_somebody_else_gives_way(booked):
    other = make_appointment(provider=booked.provider, at=dublin(5, "10:00"), hold_minutes=-1)
    assert (move(booked, dublin(5, "10:00")).status_code, row(other).status) == (303, "expired")


def test_it_moves_from_what_was_seen_or_not_at_all(booked):
    stale = row(booked)
    row(booked).cancel(Decimal(0))
    with pytest.raises(NotMovable):
        stale.reschedule(dublin(5, "10:00"))
    assert facts(booked) == ("cancelled", dublin(4, "10:00"), 1)


@pytest.mark.parametrize("status", ["held", "confirmed"])
def test_of_two_tabs_that_saw_the_same_time_the_second_moves_nothing(provider, status):
    at = dublin(4, "10:00")
    first = make_appointment(provider=provider, at=at, status=status, cancellation_policy=POLICY)
    second = row(first)
    first.reschedule(dublin(5, "10:00"))
    with pytest.raises(NotMovable):
        second.reschedule(dublin(6, "10:00"))
    assert facts(first) == (status, dublin(5, "10:00"), 1)


def test_a_hold_that_was_ended_sooner_than_was_seen_does_not_move(provider):
    seen = make_appointment(provider=provider, at=dublin(4, "10:00"))
    Appointment.objects.update(hold_expires_at=NOW)
    with pytest.raises(NotMovable):
        seen.reschedule(dublin(5, "10:00"))
    assert facts(seen) == ("held", dublin(4, "10:00"), 0)


def put_at(appointment, moment):
    end = moment + timedelta(minutes=30)
    times = {"appointment_time": moment, "end": end, "blocked_until": end}
    Appointment.objects.filter(pk=appointment.pk).update(**times)


def test_moved_in_another_tab_it_is_shown_as_it_is_now(booked, monkeypatch):
    """The other tab is between our looking and our moving."""

    def other_tab_first(appointment, moment, **kwargs):
        put_at(appointment, dublin(9, "11:00"))
        raise NotMovable

    monkeypatch.setattr(Appointment, "reschedule", other_tab_first)
    answer = move(booked, dublin(5, "10:00"))
    page = Page(answer)
    assert answer.status_code == 409
    assert page.problem == [OTHER_TAB]
    assert "Tuesday 9 June 2026, 11:00" in page.text


def test_a_button_of_a_page_that_shows_another_time_moves_nothing(booked, client):
    old = Page(client.get(step(booked, "?time=2026-06-05T14:15%2B01:00"))).fields
    move(booked, dublin(8, "10:00"))
    answer = client.post(step(booked), old)
    assert (answer.status_code, Page(answer).problem) == (409, [OTHER_TAB])
    assert facts(booked) == ("confirmed", dublin(8, "10:00"), 1)


def test_a_refusal_keeps_to_the_zone_that_was_chosen(booked, client):
    fields = Page(client.get(step(booked, "?time=2026-06-05T14:15%2B01:00&zone=Asia/Tokyo"))).fields
    make_appointment(provider=booked.provider, at=dublin(5, "14:15"), status="confirmed")
    page = Page(client.post(step(booked), fields))
    assert {"Fri 5 Jun, 21:45", "Fri 5 Jun, 22:45"} <= set(page.links)


def test_pressed_twice_at_once_both_presses_end_at_the_new_time(booked, monkeypatch):
    def other_press_first(appointment, moment, **kwargs):
        put_at(appointment, moment)
        raise NotMovable

    monkeypatch.setattr(Appointment, "reschedule", other_press_first)
    assert move(booked, dublin(5, "10:00")).status_code == 303


def test_times_are_read_in_the_zone_it_was_booked_in(booked, client):
    Appointment.objects.update(client_time_zone="America/New_York")
    page = Page(client.get(step(booked, "?date=2026-06-04")))
    assert next(words for words in page.links if words[2:3] == ":") == "04:00"
    assert "Times are New York time (UTC-4). Dr Ada Byrne works on Dublin time (UTC+1)." in page.text


def test_the_zone_that_the_new_time_was_read_in_is_kept(booked, client):
    fields = Page(client.get(step(booked, "?time=2026-06-05T14:15%2B01:00&zone=Asia/Tokyo"))).fields
    moved = client.post(step(booked), fields)
    assert (row(booked).client_time_zone, moved.status_code) == ("Asia/Tokyo", 303)
    assert "Friday 5 June 2026, 22:15–22:45" in Page(client.get(moved["Location"])).text


@pytest.mark.parametrize(("standing", "onward"), [("held", "/payments/{}/"), ("confirmed", "/appointments/{}/")])
def test_moving_leads_on_to_where_one_was(provider, standing, onward):
    appointment = make_appointment(provider=provider, at=dublin(4, "10:00"), status=standing)
    Appointment.objects.update(cancellation_policy=POLICY)
    assert move(appointment, dublin(5, "10:00"))["Location"] == onward.format(appointment.reference)


def told(client, address):
    return [words for words in Page(client.get(address)).text if words.startswith("Your appointment was moved.")]


FROM_TEN = "Your appointment was moved. It was Thursday 4 June 2026, 10:00 Dublin time (UTC+1) before."


def test_after_the_move_its_page_says_so_and_where_it_was(booked, client):
    page = f"/appointments/{booked.reference}/"
    assert told(client, page) == []
    assert told(client, move(booked, dublin(5, "10:00"))["Location"]) == [FROM_TEN]
    move(booked, dublin(8, "10:00"))
    assert told(client, page) == [FROM_TEN.replace("Thursday 4", "Friday 5")]


def test_where_it_was_is_told_on_the_clients_clock(booked, client):
    Appointment.objects.update(client_time_zone="Asia/Tokyo")
    words = "Your appointment was moved. It was Thursday 4 June 2026, 18:00 Tokyo time (UTC+9) before."
    assert told(client, move(booked, dublin(5, "10:00"))["Location"]) == [words]


def test_a_hold_that_was_moved_says_so_until_it_is_confirmed(provider, client):
    held = make_appointment(provider=provider, at=dublin(4, "10:00"))
    pages = [move(held, dublin(5, "10:00"))["Location"], f"/appointments/{held.reference}/"]
    assert [told(client, page) for page in pages] == [[FROM_TEN], [FROM_TEN]]
    row(held).confirm()
    assert told(client, pages[1]) == []


def test_what_was_cancelled_after_the_move_is_cancelled_and_no_more(booked, client):
    move(booked, dublin(5, "10:00"))
    row(booked).cancel(Decimal(0))
    assert told(client, f"/appointments/{booked.reference}/") == []


def test_nobody_without_the_reference_gets_there(client):
    assert client.get("/appointments/unknown/reschedule/").status_code == 404


def test_its_pages_are_nobodys_business(booked, client):
    page = client.get(step(booked))
    kept = {name: page[name] for name in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy")}
    assert kept == {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "same-origin"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_to_one_time_one_gets_it(provider, together):
    both = [
        make_appointment(provider=provider, at=dublin(4, clock), status="confirmed", cancellation_policy=POLICY)
        for clock in ("10:00", "12:00")
    ]

    def mover(appointment):
        def run():
            try:
                row(appointment).reschedule(dublin(5, "10:00"))
            except SlotTaken:
                return "taken"
            return "moved"

        return run

    answers = together(*[mover(appointment) for appointment in both])
    assert sorted(answers) == ["moved", "taken"]
    assert Appointment.objects.filter(appointment_time=dublin(5, "10:00")).count() == 1


def test_the_step_costs_the_same_with_one_appointment_and_with_many(booked, client, django_assert_num_queries):
    with django_assert_num_queries(4):
        client.get(step(booked, "?date=2026-06-04"))
    for day in range(5, 30):
        make_appointment(provider=booked.provider, at=dublin(day, "10:00"), status="confirmed")
    with django_assert_num_queries(4):
        client.get(step(booked, "?date=2026-06-04"))
