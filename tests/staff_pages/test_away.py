"""Time off at the desk: whom it touches is shown before it is saved, and it can be taken back."""

from datetime import UTC, date, timedelta

import pytest
from django.contrib.admin.models import LogEntry

from booking.models import TimeOff
from tests.booking.clock import dublin
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page, problem, words
from tests.staff import logged_in, somebody
from tests.staff_pages.fields import Fields

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin")]

AWAY, HOLIDAYS = "/staff/away/", "/staff/away/holidays/"
TUESDAY = {"provider": "dr-ada-byrne", "first_day": "2026-06-02", "begins": "13:00", "last_day": "", "ends": "17:00"}


@pytest.fixture
def desk():
    return logged_in(somebody("Reception", first_name="Grace", last_name="Kelly"))


def press(browser, status=303, address=AWAY, **typed):
    response = browser.post(address, typed)
    assert response.status_code == status
    return response


def add_holidays(desk):
    return press(desk, address=HOLIDAYS, **Fields(desk.get(HOLIDAYS)).hidden)


def written():
    return [(off.provider.name, off.starts, off.ends) for off in TimeOff.objects.order_by("starts", "provider__name")]


def booked(provider, clock="14:00", day=2, **facts):
    return make_appointment(provider=provider, at=dublin(day, clock), status="confirmed", **facts)


def test_an_afternoon_that_touches_nobody_is_saved_in_one_press(desk, provider):
    booked(provider, "12:30")
    booked(provider, "17:00")
    make_appointment(provider=provider, at=dublin(2, "15:00"), status="cancelled")
    response = press(desk, **TUESDAY)
    assert written() == [("Dr Ada Byrne", dublin(2, "13:00"), dublin(2, "17:00"))]
    assert "Saved: Dr Ada Byrne, Tuesday 2 June 2026, 13:00 to 17:00." in words(desk.get(response["Location"]))


def test_it_remembers_the_wall_and_who_wrote_it_down(desk, provider):
    press(desk, **TUESDAY)
    off, entry = TimeOff.objects.get(), LogEntry.objects.get()
    assert (off.wall_starts, off.wall_zone) == ("2026-06-02T13:00:00+01:00", "Europe/Dublin")
    assert (entry.user.get_full_name(), entry.get_edited_object()) == ("Grace Kelly", provider)
    assert entry.get_change_message() == "Added time off “Tuesday 2 June 2026, 13:00 to 17:00”."


def test_whom_it_touches_is_shown_first_with_what_can_be_done(desk, provider):
    one = booked(provider, client_name="Jo O’Neill", client_phone="+353871234567")
    response = press(desk, 409, **TUESDAY)
    assert problem(response) == "Nothing is saved yet: one appointment is booked in it."
    links, said = Page(response).links, words(response)
    assert "Tue 2 Jun, 14:00–14:30, Consultation with Dr Ada Byrne" in said
    assert [links[name] for name in ("Jo O’Neill", "+353 87 123 4567")] == [
        f"/staff/appointments/{one.pk}/",
        "tel:+353871234567",
    ]
    assert (links["Move"], links["Cancel"]) == (
        f"/staff/appointments/{one.pk}/move/",
        f"/staff/appointments/{one.pk}/cancel/",
    )
    fields = Page(response).fields
    assert {name: fields[name] for name in ("first_day", "begins", "ends")} == {
        "first_day": "2026-06-02",
        "begins": "13:00",
        "ends": "17:00",
    }
    assert written() == []


def test_it_is_saved_even_so_and_lists_them_until_they_are_moved(desk, provider):
    one = booked(provider, client_name="Jo O’Neill")
    seen = Fields(press(desk, 409, **TUESDAY)).hidden["seen"]
    assert "Still booked in it: Jo O’Neill" in words(desk.get(press(desk, seen=seen, **TUESDAY)["Location"]))
    one.cancel(by=None)
    assert "Still booked in it" not in words(desk.get(AWAY))


def test_whoever_was_booked_since_is_shown_before_it_is_saved(desk, provider):
    booked(provider, client_name="Jo O’Neill")
    seen = Fields(press(desk, 409, **TUESDAY)).hidden["seen"]
    booked(provider, "15:00", client_name="Maeve Roche")
    response = press(desk, 409, seen=seen, **TUESDAY)
    assert (
        problem(response) == "Nothing is saved yet: others are booked in it than you saw listed. Read the list again."
    )
    assert "Maeve Roche New" in words(response)
    assert "Jo O’Neill New" not in words(response)
    press(desk, seen=Fields(response).hidden["seen"], **TUESDAY)
    assert len(written()) == 1


def who_is_chosen(response):
    """Return the choices of who is away, and the value of the chosen one, as a browser shows them."""
    choices = [choice.choice_label for choice in response.context["form"]["provider"]]
    return choices, response.context["form"]["provider"].value()


def test_nobody_is_away_who_was_not_chosen(desk, provider):
    make_provider(name="Marta Ruiz", services=provider.services.all())
    choices, chosen = who_is_chosen(desk.get(AWAY))
    assert (choices, chosen or "") == (["Choose who is away", "Everybody", "Dr Ada Byrne", "Marta Ruiz"], "")
    refused = press(desk, 422, **{**TUESDAY, "provider": ""})
    assert (problem(refused), written()) == ("There is a problem Choose who is away.", [])
    assert 'href="#id_provider"' in refused.content.decode()
    assert refused.content.decode().count("Choose who is away.") == 2  # on top, and beside the field


def test_a_link_chooses_who_is_away(desk, provider):
    make_provider(name="Marta Ruiz", services=provider.services.all())
    assert who_is_chosen(desk.get(f"{AWAY}?provider=marta-ruiz"))[1] == "marta-ruiz"


def test_where_there_is_one_provider_nobody_chooses(desk, provider):
    assert (Fields(desk.get(AWAY)).hidden["provider"], "Who is away" in words(desk.get(AWAY))) == (
        ["dr-ada-byrne"],
        False,
    )
    press(desk, **{**TUESDAY, "provider": ""})
    assert [name for name, *_ in written()] == ["Dr Ada Byrne"]


def test_everybody_is_away_each_by_their_own_clock(desk, provider):
    make_provider(name="Marta Ruiz", zone="America/New_York", services=provider.services.all())
    press(desk, **{**TUESDAY, "provider": "*", "begins": "", "ends": "", "last_day": "2026-06-03"})
    new_york = [moment.astimezone(UTC) + timedelta(hours=5) for moment in (dublin(2, "00:00"), dublin(4, "00:00"))]
    assert written() == [
        ("Dr Ada Byrne", dublin(2, "00:00"), dublin(4, "00:00")),
        ("Marta Ruiz", *new_york),
    ]
    assert "Tuesday 2 June 2026 to Wednesday 3 June 2026, all day" in words(desk.get(AWAY))
    assert LogEntry.objects.count() == 2


def test_what_is_written_down_already_is_not_written_twice(desk, provider):
    press(desk, **TUESDAY)
    assert problem(press(desk, 422, **TUESDAY)).endswith("That is written down already, so nothing was added.")
    assert len(written()) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"last_day": "2026-06-01"}, "It ends before it begins. Change the one or the other."),
        ({"begins": "17:00", "ends": "13:00"}, "It ends before it begins. Change the one or the other."),
        ({"begins": "13:00", "ends": "13:00"}, "It ends before it begins. Change the one or the other."),
        ({"first_day": "1900-01-01"}, "That is more than a year ago, or more than two years ahead. Choose other days."),
        ({"first_day": "9999-12-31"}, "That is more than a year ago, or more than two years ahead. Choose other days."),
        ({"last_day": "9999-12-31"}, "That is more than a year ago, or more than two years ahead. Choose other days."),
        ({"first_day": "2026-05-30"}, "That is over already. Choose days that are still to come."),
        ({"first_day": "soon"}, "Enter the first day, like 2026-12-24."),
        ({"first_day": ""}, "Enter the first day, like 2026-12-24."),
        ({"last_day": "2026-02-30"}, "Enter the last day, like 2027-01-02, or leave it empty for one day."),
        ({"begins": "noon"}, "Enter a time, like 13:30, or leave it empty."),
        ({"ends": "25:00"}, "Enter a time, like 17:00, or leave it empty."),
        ({"provider": "nobody"}, "Choose who is away from the list."),
        ({"provider": "\x00"}, "Choose who is away from the list."),
    ],
)
def test_what_cannot_be_is_answered_by_a_sentence_and_nothing_typed_is_lost(desk, provider, typed, sentence):
    make_provider(name="Marta Ruiz", services=provider.services.all())
    response = press(desk, 422, **{**TUESDAY, **typed})
    assert problem(response) == f"There is a problem {sentence}"
    kept = {**TUESDAY, **typed}
    fields = Page(response).fields
    assert {name: fields[name] for name in ("first_day", "last_day")} == {
        name: kept[name] for name in ("first_day", "last_day")
    }
    assert written() == []


def test_it_is_taken_back_in_one_press_and_recorded(desk, provider):
    press(desk, **TUESDAY)
    [pk] = Fields(desk.get(AWAY)).hidden["take_back"]
    said = words(desk.get(press(desk, take_back=pk)["Location"]))
    assert "Taken back: Dr Ada Byrne, Tuesday 2 June 2026, 13:00 to 17:00. That time can be booked again." in said
    assert written() == []
    deleted = LogEntry.objects.latest("pk").get_change_message()
    assert deleted == "Deleted time off “Tuesday 2 June 2026, 13:00 to 17:00”."


@pytest.mark.parametrize("pk", ["4711", "", "x", "٣", "9" * 30, "9" * 5000])
def test_what_was_taken_back_already_is_said(desk, provider, pk):
    response = press(desk, 409, take_back=pk)
    assert problem(response) == "Nothing was changed now: it had been taken back already."


def test_a_provider_neither_sees_nor_touches_the_time_off_of_others(provider):
    other = make_provider(name="Marta Ruiz", services=provider.services.all())
    off = TimeOff.objects.create(provider=other, starts=dublin(3, "09:00"), ends=dublin(3, "12:00"))
    own = logged_in(somebody("Provider", provider=provider))
    assert "Marta Ruiz" not in words(own.get(AWAY))
    press(own, 409, take_back=off.pk)
    press(own, 422, **{**TUESDAY, "provider": "marta-ruiz"})
    press(own, **{**TUESDAY, "provider": ""})
    assert [name for name, *_ in written()] == ["Dr Ada Byrne", "Marta Ruiz"]


def days_off(provider):
    return [off.starts.astimezone(provider.zone).date() for off in TimeOff.objects.filter(provider=provider)]


HOLIDAYS_OF_2026 = [date(2026, 6, 1), date(2026, 8, 3), date(2026, 10, 26), date(2026, 12, 25), date(2026, 12, 26)]
ALL_ARE_OFF = "All that are still to come, this year and the next, are written down already, for everybody."


def test_the_public_holidays_to_come_are_added_in_one_press_and_never_twice(desk, provider):
    page = desk.get(HOLIDAYS)
    assert Page(page).heading("h1") == ["Public holidays: Ireland"]
    names = ["June Bank Holiday", "August Bank Holiday", "October Bank Holiday", "Christmas Day", "Easter Monday"]
    assert [name for name in names if name in words(page)] == names
    assert "Monday 6 April 2026" not in words(page)
    assert "15 public holidays added." in words(desk.get(add_holidays(desk)["Location"]))
    assert (len(days_off(provider)), days_off(provider)[:5]) == (15, HOLIDAYS_OF_2026)
    add_holidays(desk)
    assert len(written()) == 15
    assert ALL_ARE_OFF in words(desk.get(HOLIDAYS))


def test_a_new_colleague_is_named_and_added_in_one_press_and_nobody_has_a_day_twice(desk, provider):
    add_holidays(desk)
    TimeOff.objects.filter(provider=provider, starts=dublin(1, "00:00")).delete()
    sean = make_provider(name="Sean Daly", services=provider.services.all())
    said = words(desk.get(HOLIDAYS))
    assert "June Bank Holiday Not off yet: Dr Ada Byrne, Sean Daly" in said
    assert "August Bank Holiday Not off yet: Sean Daly Monday" in said
    assert "Whoever is named is away on these days as well" in said
    add_holidays(desk)
    assert days_off(provider) == days_off(sean)
    assert (len(days_off(sean)), days_off(sean)[:5]) == (15, HOLIDAYS_OF_2026)
    assert ALL_ARE_OFF in words(desk.get(HOLIDAYS))


def test_where_nobody_has_any_nobody_is_named(desk, provider):
    make_provider(name="Sean Daly", services=provider.services.all())
    said = words(desk.get(HOLIDAYS))
    assert ("Not off yet" in said, "Everybody whose diary you see is away on these days" in said) == (False, True)


def test_beside_time_off_it_is_said_who_can_still_be_booked_on_public_holidays(desk, provider):
    assert "Clients can book on public holidays: Ireland." in words(desk.get(AWAY))
    add_holidays(desk)
    assert "public holidays:" not in words(desk.get(AWAY))
    make_provider(name="Sean Daly", services=provider.services.all())
    assert "Clients can still book on public holidays with: Sean Daly." in words(desk.get(AWAY))
    assert Page(desk.get(AWAY)).links["Look at the public holidays"] == HOLIDAYS


def test_who_is_not_offered_at_present_needs_none(desk, provider):
    make_provider(name="Sean Daly", services=provider.services.all(), active=False)
    add_holidays(desk)
    assert {name for name, *_ in written()} == {"Dr Ada Byrne"}


def test_where_there_is_nobody_yet_none_can_be_added(desk):
    said = words(desk.get(HOLIDAYS))
    assert ("Nobody can be booked yet." in said, ALL_ARE_OFF in said) == (True, False)


def test_holidays_on_which_somebody_is_booked_are_added_once_that_was_seen(desk, provider):
    page = Fields(desk.get(HOLIDAYS)).hidden
    booked(provider, day=1, client_name="Jo O’Neill")
    response = press(desk, 409, address=HOLIDAYS, **page)
    assert "Nothing was added yet, as these appointments are booked on such days." in problem(response)
    assert "June Bank Holiday Booked on that day: Jo O’Neill" in words(response)
    press(desk, address=HOLIDAYS, **Fields(response).hidden)
    assert len(written()) == 15


OTHER_DAYS = "Nothing was added yet, as other days are public holidays here by now. Read the list first."


def test_holidays_of_another_country_than_the_page_had_are_added_once_they_were_seen(desk, provider, settings):
    page = Fields(desk.get(HOLIDAYS)).hidden
    settings.PRACTICE_COUNTRY = "DE"
    response = press(desk, 409, address=HOLIDAYS, **page)
    assert (problem(response), written()) == (OTHER_DAYS, [])
    assert "Public holidays: Germany" in words(response)
    press(desk, address=HOLIDAYS, **Fields(response).hidden)
    assert len(written()) == len(Fields(response).hidden["day"])


def test_a_press_that_says_of_no_days_adds_none(desk, provider):
    assert (problem(press(desk, 409, address=HOLIDAYS)), written()) == (OTHER_DAYS, [])


def test_what_somebody_else_has_added_meanwhile_is_not_added_twice(desk, provider):
    page = Fields(desk.get(HOLIDAYS)).hidden
    add_holidays(desk)
    said = words(desk.get(press(desk, address=HOLIDAYS, **page)["Location"]))
    assert ("Nothing was left to add." in said, len(written())) == (True, 15)


def test_a_country_whose_holidays_nobody_knows_is_said(desk, provider, settings):
    settings.PRACTICE_COUNTRY = "XX"
    response = desk.get(HOLIDAYS)
    assert response.status_code == 422
    assert problem(response) == "We do not know the public holidays of XX in 2026. Add the days one by one above."


@pytest.mark.parametrize("many", [1, 12])
def test_the_pages_cost_the_same_however_many_are_away_and_booked(desk, many, django_assert_num_queries):
    service = make_service()
    for number in range(many):
        provider = make_provider(name=f"Dr {number}", services=[service])
        for day in range(2, 4):
            booked(provider, day=day, client_phone="+353871234567")
            TimeOff.objects.create(provider=provider, starts=dublin(day, "13:00"), ends=dublin(day, "15:00"))
    with django_assert_num_queries(8):  # one of them for whom clients can still book on public holidays
        desk.get(AWAY)
    with django_assert_num_queries(7):
        desk.get(HOLIDAYS)
    with django_assert_num_queries(14):
        press(desk, 409, **{**TUESDAY, "provider": "*", "begins": "12:00"})
