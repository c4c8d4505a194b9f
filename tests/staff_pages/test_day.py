"""The day at the desk: who comes when, to whom, which time is free, and for one provider a week of it."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.models import Appointment, TimeOff
from tests.booking.clock import NOW, dublin, instant
from tests.booking.waiting import wait
from tests.factories import make_appointment, make_payment, make_provider, make_service
from tests.pages import Page, asked_by, words
from tests.shapes import HTMX
from tests.staff import logged_in, somebody

NOTHING_LEFT = "Nothing is left on this day."
TODAY, TOMORROW = "Monday 1 June 2026", "Tuesday 2 June 2026"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


@pytest.fixture
def default_rules(settings):
    settings.SLOT_STEP_MINUTES, settings.HOLD_MINUTES = 15, 15


@pytest.fixture
def reception():
    return logged_in(somebody("Reception", name="sam"))


def opened(browser, query="", status=200, **headers):
    response = browser.get(f"/staff/{query}", headers=headers)
    assert response.status_code == status
    return response


def columns(response):
    return response.context["timetable"].columns


def rows(response):
    return [row for column in columns(response) for row in column.rows]


def told(response):
    """Return of each appointment in the columns when it is, of whom, and how it stands."""
    return [(row.when, row.client, row.words) for row in rows(response) if row.kind == "appointment"]


def test_it_is_today_unless_another_day_is_asked_for(reception, provider):
    assert Page(opened(reception)).heading("h1") == [TODAY]
    assert Page(opened(reception, "?day=2026-06-02")).heading("h1") == [TOMORROW]


def test_each_standing_has_words_and_a_class_of_its_own(reception, provider):
    free = make_service(name="Call", price="0.00", position=1)
    for clock, facts in [
        ("09:00", {}),
        ("10:00", {"hold_minutes": 3 * 24 * 60}),
        ("11:00", {"hold_expires_at": None}),
        ("12:00", {"status": "confirmed"}),
        ("12:30", {"status": "confirmed", "due_at_practice": 40, "taken_at_practice": 15}),
        ("13:00", {"status": "confirmed", "service": free}),
        ("13:30", {"status": "confirmed", "due_at_practice": 60, "taken_at_practice": 60}),
        ("14:00", {"status": "confirmed", "no_show_at": NOW}),
        ("14:30", {"status": "confirmed", "no_show_at": NOW, "due_at_practice": 40, "taken_at_practice": 15}),
        ("15:00", {"status": "cancelled", "confirmed_at": NOW}),
        ("16:00", {"status": "cancelled"}),
        ("17:00", {"status": "expired"}),
    ]:
        make_appointment(provider=provider, at=dublin(1, clock), client_name=f"Client of {clock}", **facts)
    [column] = columns(opened(reception))
    shown = [*(row for row in column.rows if row.kind == "appointment"), *column.cancelled]
    assert [(row.when, row.words, row.standing) for row in shown] == [
        ("09:00", "Held until 12:15", "held"),
        ("10:00", "Held until Thu 4 Jun, 12:00", "held"),
        ("11:00", "Payment on its way", "on-its-way"),
        ("12:00", "Paid", "paid"),
        ("12:30", "To pay €25.00", "to-pay"),
        ("13:00", "No fee", "free"),
        ("13:30", "Paid", "paid"),
        ("14:00", "Did not come", "no-show"),
        ("14:30", "Did not come, €25.00 to pay", "no-show"),
        ("15:00", "Cancelled", "cancelled"),
        ("16:00", "Given back before it was paid", "given-back"),
    ]


def test_who_may_take_money_is_led_from_a_client_who_has_still_to_pay_to_the_form(reception, provider):
    facts = {"status": "confirmed", "client_name": "Jo"}
    due = make_appointment(provider=provider, at=dublin(2, "10:00"), due_at_practice=40, **facts)
    make_appointment(provider=provider, at=dublin(2, "11:00"), **facts)
    page = opened(reception, "?day=2026-06-02")
    assert Page(page).links["Take payment"] == f"/staff/appointments/{due.pk}/take/"
    assert [row.take for row in rows(page) if row.kind == "appointment"] == [Page(page).links["Take payment"], ""]
    own = logged_in(somebody("Provider", provider=provider, name="ada"))
    assert told(opened(own, "?day=2026-06-02"))[0] == ("10:00", "Jo", "To pay €40.00")
    assert "Take payment" not in Page(opened(own, "?day=2026-06-02")).links


def test_a_row_is_as_far_down_and_as_long_as_it_is_late_and_long(reception):
    provider = make_provider(services=[make_service(minutes=95)], hours=[("08:30", "17:00")])
    make_appointment(provider=provider, at=dublin(2, "10:05"), status="confirmed")
    [column] = columns(opened(reception, "?day=2026-06-02"))
    assert (column.length, column.hours[0], column.hours[-1]) == ("h9 m0", ("h0 m0", "08:00"), ("h8 m0", "16:00"))
    assert column.opened == (("h0 m30", "h8 m30"),)
    [row] = [row for row in column.rows if row.kind == "appointment"]
    assert (row.place, row.length) == ("h2 m5", "h1 m35")


def test_neighbours_do_not_overlap_however_their_minutes_are_rounded(reception):
    provider = make_provider(services=[make_service(minutes=8)])
    for clock in ("09:00", "09:08", "09:16"):
        make_appointment(provider=provider, at=dublin(2, clock), status="confirmed")
    response = opened(reception, "?day=2026-06-02")
    assert [(row.place, row.length) for row in rows(response)][:3] == [
        ("h0 m0", "h0 m10"),
        ("h0 m10", "h0 m5"),
        ("h0 m15", "h0 m10"),
    ]
    assert response.context["timetable"].scale == "roomiest"


@pytest.mark.parametrize(
    ("minutes", "columns", "scale"),
    [(15, 4, ""), (14, 4, "roomy"), (8, 4, "roomiest"), (30, 5, ""), (15, 5, "roomy"), (14, 5, "roomiest")],
)
def test_hours_are_as_high_as_the_shortest_appointment_needs(reception, minutes, columns, scale):
    """In five columns and more each name has a line of its own."""
    service = make_service(minutes=minutes)
    providers = [make_provider(name=f"Dr {number}", services=[service]) for number in range(columns)]
    make_appointment(provider=providers[0], at=dublin(2, "10:00"), status="confirmed")
    timetable = opened(reception, "?day=2026-06-02").context["timetable"]
    assert (timetable.scale, timetable.is_narrow) == (scale, columns == 5)


def test_what_is_outside_hours_stretches_the_day(reception, provider):
    make_appointment(provider=provider, at=dublin(2, "06:30"), status="confirmed", client_name="Early")
    make_appointment(provider=provider, at=dublin(2, "23:45"), status="confirmed", client_name="Late")
    [column] = columns(opened(reception, "?day=2026-06-02"))
    assert (column.hours[0][1], column.hours[-1][1]) == ("06:00", "23:00")
    assert told(opened(reception, "?day=2026-06-02")) == [("06:30", "Early", "Paid"), ("23:45", "Late", "Paid")]
    assert told(opened(reception, "?day=2026-06-03")) == [("Tue 2 Jun, 23:45", "Late", "Paid")]


def test_now_is_marked_today_only(reception, provider):
    assert [column.now for column in columns(opened(reception))] == ["h3 m0"]
    assert [column.now for column in columns(opened(reception, "?day=2026-06-02"))] == [""]


def test_a_press_on_a_gap_leads_to_booking_it_for_who_may_book(reception, provider, monkeypatch):
    monkeypatch.setattr("staff.pages.drawing.address_of", lambda name, *args: f"/{name}")
    ten = quote("2026-06-02T10:00+01:00", safe="")
    gaps = [row for row in rows(opened(reception, "?day=2026-06-02")) if row.kind == "gap"]
    assert [(row.when, row.until, row.words) for row in gaps][:2] == [
        ("09:00", "10:00", "Free"),
        ("10:00", "11:00", "Free"),
    ]
    assert gaps[1].address == f"/staff:book?provider=dr-ada-byrne&time={ten}"
    looking = User.objects.create(username="looking")
    looking.user_permissions.set(Group.objects.get(name="Owner").permissions.exclude(codename="add_appointment"))
    gaps = [row for row in rows(opened(logged_in(looking), "?day=2026-06-02")) if row.kind == "gap"]
    assert {row.address for row in gaps} == {""}


def test_a_list_offers_each_hour_of_a_gap_to_who_may_book(reception, provider):
    make_appointment(provider=provider, at=dublin(2, "09:30"), status="confirmed")
    make_appointment(provider=provider, at=dublin(2, "12:00"), status="confirmed")
    [*_, gaps, _, _] = opened(reception, "?day=2026-06-02").context["timetable"].groups
    offered = [(row.when, row.until, [clock for clock, _ in row.begin_at], bool(row.address)) for row in gaps.rows]
    assert offered == [
        ("09:00", "09:30", [], True),
        ("10:00", "12:00", ["10:00", "11:00"], False),
        ("12:30", "17:00", ["12:30", "13:00", "14:00", "15:00", "16:00"], False),
    ]
    page = Page(opened(reception, "?day=2026-06-02"))
    eleven = quote("2026-06-02T11:00+01:00", safe="")
    assert page.links["11:00"] == f"/staff/book/?provider=dr-ada-byrne&time={eleven}"


def test_time_off_is_shown_around_whoever_comes_all_the_same(reception, provider):
    make_appointment(provider=provider, at=dublin(2, "12:00"), status="confirmed", client_name="Jo")
    TimeOff.objects.create(provider=provider, starts=dublin(2, "11:00"), ends=dublin(2, "14:00"))
    shown = [
        (row.when, row.until, row.words) for row in rows(opened(reception, "?day=2026-06-02")) if row.kind != "gap"
    ]
    assert shown == [
        ("11:00", "12:00", "Away 11:00–14:00"),
        ("12:00", "12:30", "Paid"),
        ("12:30", "14:00", "Away 11:00–14:00"),
    ]


def test_a_whole_day_off_says_so_and_one_of_days_names_its_ends(reception, provider):
    TimeOff.objects.create(provider=provider, starts=dublin(1, "15:00"), ends=dublin(3, "10:00"))
    words = [[row.words for row in rows(opened(reception, f"?day=2026-06-0{day}"))][-1] for day in (1, 2)]
    assert words == ["Away 15:00–00:00", "Away all day"]


def test_providers_elsewhere_have_their_own_clock_and_it_is_said(reception, settings):
    settings.TIME_ZONE = "Europe/Dublin"
    service = make_service()
    make_provider(name="Dr Ada Byrne", services=[service])
    marta = make_provider(name="Marta Ruiz", zone="Europe/Madrid", services=[service])
    make_appointment(provider=marta, at=instant("2026-06-02T10:00+02:00"), status="confirmed", client_name="Carmen")
    response = opened(reception, "?day=2026-06-02")
    assert [column.sentences for column in columns(response)] == [
        ("09:00–17:00",),
        ("Madrid time (UTC+2)", "09:00–17:00"),
    ]
    assert told(response) == [("10:00", "Carmen", "Paid")]
    [row] = [row for row in rows(response) if row.client]
    assert (row.place, row.provider, row.here) == ("h1 m0", "Marta Ruiz, Madrid time", "09:00 Dublin time")
    gaps = [row.here for row in rows(response) if (row.kind, row.when) == ("gap", "09:00")]
    assert gaps == ["", "08:00 Dublin time"]


def test_who_comes_stands_beside_whoever_booked_for_them(reception, provider):
    booked = {"client_name": "Jo Malone", "for_whom": "Mia Malone", "status": "confirmed"}
    make_appointment(provider=provider, at=dublin(1, "14:00"), **booked)
    assert "<bdi>Jo Malone</bdi> for <bdi>Mia Malone</bdi>" in opened(reception).content.decode()


def test_on_a_phone_the_next_client_is_first_then_the_rest_and_what_is_over_is_last(reception, provider):
    times = {"08:00": "Gone", "11:45": "Here", "12:30": "Soon", "13:00": "After that", "16:00": "Off"}
    for clock, name in times.items():
        facts = {"status": "cancelled" if name == "Off" else "confirmed"}
        make_appointment(provider=provider, at=dublin(1, clock), client_name=name, **facts)
    groups = opened(reception).context["timetable"].groups
    assert [(group.heading, [row.client or row.when for row in group.rows]) for group in groups] == [
        ("Next", ["Soon"]),
        ("Now", ["Here"]),
        ("Then", ["After that"]),
        ("Free", ["12:15", "13:30"]),
        ("Cancelled or given back", ["Off"]),
        ("Earlier", ["Gone"]),
    ]


def test_another_day_is_one_list_in_order_of_time(reception, provider):
    for clock in ("15:00", "10:00"):
        make_appointment(provider=provider, at=dublin(2, clock), client_name=f"At {clock}", status="confirmed")
    groups = opened(reception, "?day=2026-06-02").context["timetable"].groups
    assert (groups[0].heading, [row.client for row in groups[0].rows]) == ("In order of time", ["At 10:00", "At 15:00"])


def test_a_week_of_one_provider(reception, provider):
    make_provider(name="Somebody Else", services=provider.services.all())
    provider.working_hours.filter(weekday__gt=4).delete()
    make_appointment(provider=provider, at=dublin(7, "10:00"), status="confirmed", client_name="On Sunday")
    response = opened(reception, "?provider=dr-ada-byrne&day=2026-06-03")
    assert Page(response).heading("h1") == ["Dr Ada Byrne, 1–7 Jun 2026"]
    assert [column.name for column in columns(response)][::5] == ["Today, 1 Jun", "Sun 7 Jun"]
    assert response.context["timetable"].empty == (("Sat 6 Jun", "/staff/?day=2026-06-06"),)
    assert told(response) == [("10:00", "On Sunday", "Paid")]
    assert columns(response)[1].address == "/staff/?day=2026-06-02"
    of_two_months = opened(reception, "?provider=dr-ada-byrne&day=2026-07-01")
    assert Page(of_two_months).heading("h1") == ["Dr Ada Byrne, 29 Jun – 5 Jul 2026"]


def test_who_is_not_in_has_no_column_but_a_link(reception, provider):
    kelly = make_provider(name="Saoirse Kelly", services=provider.services.all(), hours=[])
    assert opened(reception).context["timetable"].empty == (
        ("Saoirse Kelly", "/staff/?provider=saoirse-kelly&day=2026-06-01"),
    )
    make_appointment(provider=kelly, at=dublin(1, "10:00"), status="confirmed")
    assert [column.name for column in columns(opened(reception))] == ["Dr Ada Byrne", "Saoirse Kelly"]


@pytest.mark.parametrize("day", ["1900-01-01", "9999-12-31", "0001-01-01", "2026-02-30", "tomorrow", "2026-06", "\x00"])
def test_a_day_that_there_is_not_is_answered_with_a_sentence_and_today(reception, provider, day):
    response = opened(reception, f"?day={quote(day)}", status=422)
    page = Page(response)
    assert page.problem == [
        "There is no such day in the diary, so this is today. Type a day from 2000 to 2099, like 2026-12-01."
    ]
    assert page.heading("h1") == [TODAY]


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_day_can_be_looked_at(reception, provider, day):
    opened(reception, f"?day={day}")
    opened(reception, f"?day={day}&provider=dr-ada-byrne")


@pytest.mark.parametrize(("day", "said"), [("2026-10-25", "25"), ("2026-03-29", "23")])
def test_a_day_on_which_clocks_change_says_how_long_it_is(reception, day, said):
    make_provider(hours=[("00:00", "00:00")])
    [column] = columns(opened(reception, f"?day={day}"))
    assert column.sentences[-1] == f"Clocks change: this day has {said} hours."
    assert column.length == f"h{said} m0"
    assert [hour for _, hour in column.hours][:3] == {
        "25": ["00:00", "01:00 (UTC+1)", "01:00 (UTC)"],
        "23": ["00:00", "02:00", "03:00"],
    }[said]


def test_a_provider_sees_only_their_own_diary(provider):
    other = make_provider(name="Somebody Else", services=provider.services.all())
    make_appointment(provider=other, at=dublin(1, "14:00"), client_name="Secret", status="confirmed")
    make_appointment(provider=provider, at=dublin(1, "14:00"), client_name="Jo", status="confirmed")
    ada = logged_in(somebody("Provider", provider=provider))
    response = opened(ada)
    assert told(response) == [("14:00", "Jo", "Paid")]
    assert "Secret" not in response.content.decode()
    assert "Somebody Else" not in response.content.decode()
    opened(ada, "?provider=somebody-else", status=404)
    opened(ada, "?provider=nobody", status=404)


def test_a_practice_without_providers_is_told_whom_to_ask(reception):
    assert "There is no diary that you may see yet." in opened(reception).content.decode()


def test_who_may_not_look_sees_nothing(client, provider):
    assert client.get("/staff/")["Location"] == "/staff/login/?next=/staff/"
    opened(logged_in(User.objects.create(username="nobody", is_staff=True)), status=403)


def test_the_header_leads_to_the_pages_that_somebody_may_open(reception, provider):
    page = Page(opened(reception))
    assert page.links["Day"] == "/staff/"
    assert "sam" in page.text


def test_the_page_asks_whether_anything_has_changed_and_gets_only_the_part_that_has(reception, provider):
    asks = asked_by(opened(reception).content.decode())
    assert opened(reception, asks.removeprefix("/staff/"), 204, **HTMX).content == b""
    make_appointment(provider=provider, at=dublin(1, "14:00"), client_name="New", status="confirmed")
    changed = opened(reception, asks.removeprefix("/staff/"), **HTMX)
    assert told(changed) == [("14:00", "New", "Paid")]
    assert changed.content.decode().lstrip().startswith('<div id="timetable"')
    assert "<h1" not in changed.content.decode()
    asks = asked_by(changed.content.decode())
    assert opened(reception, asks.removeprefix("/staff/"), 204, **HTMX).content == b""


def test_a_hold_that_runs_out_and_the_mark_of_now_are_changes(reception, provider, time_machine):
    make_appointment(provider=provider, at=dublin(1, "14:00"), hold_minutes=7)
    time_machine.move_to(NOW + timedelta(minutes=3), tick=False)
    asks = asked_by(opened(reception).content.decode()).removeprefix("/staff/")
    time_machine.move_to(NOW + timedelta(minutes=6), tick=False)
    opened(reception, asks, 204, **HTMX)
    time_machine.move_to(NOW + timedelta(minutes=7), tick=False)
    assert told(opened(reception, asks, **HTMX)) == []
    asks = asked_by(opened(reception).content.decode()).removeprefix("/staff/")
    time_machine.move_to(NOW + timedelta(minutes=10), tick=False)
    assert [column.now for column in columns(opened(reception, asks, **HTMX))] == ["h3 m10"]


def test_a_day_of_which_nothing_is_left_has_no_list_of_nothing(reception, provider, time_machine):
    """A screen reader says "list" of one without entries, and nothing after it."""
    time_machine.move_to(dublin(1, "18:00"), tick=False)
    response = opened(reception)
    assert [column.rows for column in columns(response)] == [()]
    assert (Page(response).tags.count("ol"), NOTHING_LEFT in words(response)) == (0, True)
    make_appointment(provider=provider, at=dublin(1, "09:00"), status="confirmed")
    assert NOTHING_LEFT not in words(opened(reception))


def test_the_address_by_which_the_page_asks_is_a_whole_page_in_a_browser(reception, provider):
    asks = asked_by(opened(reception).content.decode()).removeprefix("/staff/")
    assert Page(opened(reception, asks)).heading("h1") == [TODAY]


def test_it_says_above_the_times_of_a_day_how_many_wait_for_one(reception, provider):
    assert "for a time that frees" not in " ".join(Page(opened(reception, "?day=2026-06-02")).text)
    wait(provider)
    assert "1 person waits for a time to become free." in Page(opened(reception, "?day=2026-06-02")).text
    wait(provider, email="ann@example.com")
    assert "2 people wait for a time to become free." in Page(opened(reception, "?day=2026-06-02")).text


@pytest.mark.parametrize(("providers", "appointments"), [(1, 1), (12, 16)])
@pytest.mark.parametrize("query", ["?day=2026-06-02", "?day=2026-06-02&provider=dr-0"])
def test_the_day_and_the_week_cost_ten_questions_however_busy(
    reception, providers, appointments, query, django_assert_num_queries
):
    """They are the session, the user and what they may do, then providers, hours, time off, appointments, who waits,
    and whether all is well.

    Where anybody waits, one more asks who offers what.
    """
    service = make_service(minutes=30)
    for number in range(providers):
        provider = make_provider(name=f"Dr {number}", services=[service])
        for place in range(appointments):
            at = dublin(2, "09:00") + timedelta(minutes=30 * place)
            make_appointment(provider=provider, at=at, status="confirmed")
    with django_assert_num_queries(10):
        opened(reception, query)
    for number in range(appointments):
        wait(provider, email=f"{number}@example.com")
        make_payment(Appointment.objects.all()[number], problem="mismatch")
    with django_assert_num_queries(11):
        opened(reception, query)
    assert Appointment.objects.count() == providers * appointments


def test_for_a_provider_the_day_does_not_ask_whether_all_is_well(provider):
    own = logged_in(somebody("Provider", provider=provider))
    make_appointment(provider=provider, at=dublin(1, "14:00"), status="confirmed")
    with CaptureQueriesContext(connection) as queries:
        opened(own)
    assert (len(queries), [one["sql"] for one in queries if "payments_" in one["sql"]]) == (10, [])


def test_a_day_that_is_open_learns_that_something_is_wrong_and_that_it_is_right_again(reception, provider):
    booked = make_appointment(provider=provider, at=dublin(1, "14:00"), status="confirmed")
    asks = asked_by(opened(reception).content.decode()).removeprefix("/staff/")
    opened(reception, asks, status=204, **HTMX)
    payment = make_payment(booked, problem="mismatch")
    ill = opened(reception, asks, **HTMX).content.decode()
    assert "Payments need a person, as no rule may decide what becomes of them." in ill
    opened(reception, again := asked_by(ill).removeprefix("/staff/"), status=204, **HTMX)
    payment.delete()
    assert "Payments need a person" not in opened(reception, again, **HTMX).content.decode()
