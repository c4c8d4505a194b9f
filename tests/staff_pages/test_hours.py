"""A week of working hours at the desk: typed, copied, looked at, and saved once staff know who is left outside."""

from datetime import time, timedelta
from itertools import permutations, product

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import translation

from booking.models import WorkingHours
from booking.schedule.new_week import in_words
from config import languages
from staff.forms import hours_as_typed
from tests.booking.clock import dublin
from tests.factories import make_appointment, make_provider
from tests.pages import Page, problem, words
from tests.staff import logged_in, somebody
from tests.staff_pages.fields import Fields

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

HOURS = "/staff/hours/dr-ada-byrne/"
DAYS = [f"day_{day}" for day in range(7)]
TUESDAYS_ONLY = {"day_1": "9:00-13:00, 14:00–17:30"}


@pytest.fixture
def default_rules(settings):
    settings.NOTICE_MINUTES, settings.HORIZON_DAYS, settings.SLOT_STEP_MINUTES = 60, 60, 15


@pytest.fixture
def owner():
    return logged_in(somebody("Owner"))


def press(browser, status=200, **typed):
    response = browser.post(HOURS, typed)
    assert response.status_code == status
    return response


def looked(browser, **typed):
    """Return what the page sends along by itself once somebody has looked at what this week offers."""
    hidden = Fields(press(browser, **typed)).hidden
    return {**{name: hidden[name] for name in ("was", "looked", "seen")}, "save": "yes"}


def week(provider):
    return in_words(list(provider.working_hours.all()))


def test_the_week_is_shown_as_it_would_be_typed(owner, provider):
    provider.working_hours.filter(weekday=6).update(opens="00:00", closes="00:00", all_day=True)
    provider.working_hours.filter(weekday=5).delete()
    fields = Page(owner.get(HOURS)).fields
    assert [fields[day] for day in DAYS] == [*["09:00–17:00"] * 5, "", "all day"]


def test_the_link_in_the_header_leads_to_the_first_provider(owner, provider):
    make_provider(name="Marta Ruiz", services=provider.services.all())
    assert Page(owner.get("/staff/")).links["Hours"] == "/staff/hours/"
    assert owner.get("/staff/hours/")["Location"] == HOURS


def test_it_says_what_the_week_offers_before_it_is_saved(owner, provider):
    said = words(press(owner, **TUESDAYS_ONLY))
    assert "7.5 hours a week." in said
    assert "The first free time would be Tuesday 2 June 2026, 09:00." in said
    assert "Clients would find no free time." in words(press(owner))
    assert provider.working_hours.count() == 7


def test_it_is_saved_and_recorded(owner, provider):
    press(owner, 303, **TUESDAYS_ONLY, **looked(owner, **TUESDAYS_ONLY))
    assert week(provider) == "Tuesday 09:00–13:00; Tuesday 14:00–17:30"
    entry = LogEntry.objects.get()
    assert entry.get_edited_object() == provider
    assert entry.get_change_message() == "Working hours set to Tuesday 09:00–13:00; Tuesday 14:00–17:30."


def test_hours_of_a_whole_day_and_past_midnight_and_to_midnight(owner, provider):
    typed = {"day_0": "All day", "day_2": "22:30 to 2:00", "day_4": "18.00-24:00"}
    press(owner, 303, **typed, **looked(owner, **typed))
    assert week(provider) == "Monday all day; Wednesday 22:30–02:00; Friday 18:00–00:00"


@pytest.mark.parametrize(
    ("line", "hours"),
    [
        ("10-16", "10:00–16:00"),
        ("9 - 12", "09:00–12:00"),
        ("14–24", "14:00–00:00"),
        ("9  bis  17.30", "09:00–17:30"),
        ("9-5", "09:00–05:00"),
        ("9 am-5", "09:00–05:00"),
        ("9-5 pm", "09:00–17:00"),
        ("1-5pm", "13:00–17:00"),
        ("1:30 to 5 p.m.", "13:30–17:00"),
        ("10-2 pm", "10:00–14:00"),
        ("13-5 pm", "13:00–17:00"),
        ("9-11 am", "09:00–11:00"),
        ("9 am to 1:30 pm", "09:00–13:30"),
        ("12 pm – 12:00 AM", "12:00–00:00"),
        ("9.00 Uhr bis 17 Uhr", "09:00–17:00"),
        ("von 9:00 bis 13.30", "09:00–13:30"),
        ("de 9h à 17h30", "09:00–17:30"),
        ("9 h 00 à 17 h", "09:00–17:00"),
        ("de 9:00 a 17:00", "09:00–17:00"),
        ("9:00 a. m. a 5:00 p. m.", "09:00–17:00"),
        ("das 9h às 17h", "09:00–17:00"),
        ("dalle 9:00 alle 17:00", "09:00–17:00"),
        ("9.00 uur tot 17.00 uur", "09:00–17:00"),
        ("od 9:00 do 17:00", "09:00–17:00"),
    ],
)
def test_hours_are_typed_as_people_of_each_language_write_them(line, hours):
    [row] = hours_as_typed.read(WorkingHours.Weekday.MONDAY, line)
    assert str(row) == f"Monday {hours}"


@pytest.mark.parametrize("line", ["9-12, 13-17", "9-12; 13-17", " 9 to 12 ,13 to 17,"])
def test_a_line_has_as_many_hours_as_are_typed(line):
    rows = hours_as_typed.read(WorkingHours.Weekday.MONDAY, line)
    assert in_words(rows) == "Monday 09:00–12:00; Monday 13:00–17:00"


def test_what_is_shown_in_any_language_and_country_can_be_typed():
    monday, moments = WorkingHours.Weekday.MONDAY, [time(0), time(9, 5), time(12), time(13, 30), time(23, 59)]
    week = [WorkingHours(weekday=monday, opens=one, closes=other) for one, other in permutations(moments, 2)]
    for tag in product(languages.NAMES, ["us", "ca", "ch", "ie", "mx", "br", "in", "au"]):
        with translation.override("-".join(tag)):
            shown = hours_as_typed.line_of([*week, WorkingHours(weekday=monday, all_day=True)])
            assert list(map(str, hours_as_typed.read(monday, shown)[:-1])) == list(map(str, week)), tag


def test_monday_is_copied_to_other_days_and_nothing_is_saved(owner, provider):
    copied = press(owner, day_0="8:00-12:00", day_6="10:00-11:00", copy="workdays")
    fields = Page(copied).fields
    assert [fields[day] for day in DAYS] == [*["8:00-12:00"] * 5, "", "10:00-11:00"]
    assert "Saturday 09:00–17:00 closed Sunday 09:00–17:00 10:00–11:00" in words(copied)
    fields = Page(press(owner, day_0="8:00-12:00", copy="week")).fields
    assert [fields[day] for day in DAYS] == ["8:00-12:00"] * 7
    assert week(provider).startswith("Monday 09:00–17:00")


def test_what_is_copied_has_been_looked_at_and_can_be_saved(owner, provider):
    hidden = Fields(press(owner, day_0="8-12", copy="week")).hidden
    press(owner, 303, **dict.fromkeys(DAYS, "8-12"), was=hidden["was"], looked=hidden["looked"], save="yes")
    assert {row.closes for row in provider.working_hours.all()} == {time(12)}


def test_each_day_that_changes_is_shown_as_it_was_and_as_it_becomes(owner, provider):
    same = dict.fromkeys(DAYS, "9-17")
    said = words(press(owner, **{**same, "day_1": "13-17, 9-12", "day_5": "", "day_6": "all day"}))
    shown = "Tuesday 09:00–17:00 09:00–12:00 13:00–17:00 Saturday 09:00–17:00 closed Sunday 09:00–17:00 all day"
    assert f"This would change {shown} 63 hours a week." in said
    unchanged = press(owner, **same)
    assert "Nothing would change: these are their hours already. 56 hours a week." in words(unchanged)
    assert ("save", "yes") not in Page(unchanged).buttons


def test_of_others_it_is_said_by_name_which_of_their_days_change(owner, provider):
    others = [make_provider(name=name, services=provider.services.all()) for name in ("Bea Roth", "Marta Ruiz")]
    others[0].working_hours.filter(weekday__in=range(1, 7)).delete()
    said = words(press(owner, day_0="9-17", also=["bea-roth", "marta-ruiz"]))
    closed = " ".join(f"{day} 09:00–17:00 closed" for day in ("Saturday", "Sunday"))
    assert "This would change Dr Ada Byrne Tuesday 09:00–17:00 closed Wednesday" in said
    assert f"{closed} Bea Roth Nothing would change: these are their hours already. Marta Ruiz Tuesday" in said


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (
            {"day_0": "9-5", "day_2": "9:00-5:00"},
            "Monday, Wednesday: 09:00–05:00 ends on the next day. For the afternoon, enter 09:00–17:00.",
        ),
        ({"day_6": "22:30-2"}, "Sunday: 22:30–02:00 ends on the next day."),
        ({"day_0": "17-16:30"}, "Monday: 17:00–16:30 ends on the next day."),
        (
            {"day_0": "9-12, 1-5"},
            "Monday: 01:00–05:00 is early in the morning. For the afternoon, enter 13:00–17:00.",
        ),
    ],
)
def test_hours_that_may_be_a_slip_are_asked_about_and_can_be_saved(owner, provider, typed, asked):
    said = words(press(owner, **typed))
    assert f"Is this as you mean it? {asked} Save these hours" in said
    press(owner, 303, **typed, **looked(owner, **typed))
    assert provider.working_hours.filter(weekday=min(int(day[-1]) for day in typed)).exists()


@pytest.mark.parametrize("line", ["9-17", "18-24", "0-6", "all day", "6-14", "7-11", "12-0:00"])
def test_hours_that_are_none_are_not_asked_about(owner, provider, line):
    assert "Is this as you mean it?" not in words(press(owner, day_0=line))


def test_others_get_the_same_week_and_their_bookings_outside_are_named(owner, provider):
    other = make_provider(name="Marta Ruiz", services=provider.services.all())
    make_appointment(provider=other, at=dublin(3, "10:00"), status="confirmed", client_name="Maeve Roche")
    typed = {**TUESDAYS_ONLY, "also": ["marta-ruiz"]}
    assert "Maeve Roche" in words(press(owner, **typed))
    press(owner, 303, **typed, **looked(owner, **typed))
    assert week(other) == week(provider) == "Tuesday 09:00–13:00; Tuesday 14:00–17:30"


def test_who_is_left_outside_is_named_but_not_who_was_outside_before(owner, provider):
    for clock, name in [("16:00", "Jo O’Neill"), ("20:00", "Late Already"), ("10:00", "Still Inside")]:
        make_appointment(provider=provider, at=dublin(3, clock), status="confirmed", client_name=name)
    said = words(press(owner, **dict.fromkeys(DAYS, "9:00-12:00")))
    names = ("Jo O’Neill", "Late Already", "Still Inside")
    assert "These would be outside." in said
    assert [name for name in names if name in said] == ["Jo O’Neill"]
    said = words(owner.get(HOURS))
    assert [name for name in names if name in said] == ["Late Already"]


def test_whoever_was_booked_since_is_named_before_it_is_saved(owner, provider):
    seen = looked(owner, **TUESDAYS_ONLY)
    make_appointment(provider=provider, at=dublin(3, "16:00"), status="confirmed", client_name="Jo O’Neill")
    response = press(owner, 409, **TUESDAYS_ONLY, **seen)
    assert problem(response) == "Nothing is saved yet, as somebody was booked since you looked. Read the list again."
    assert "Jo O’Neill" in words(response)
    assert provider.working_hours.count() == 7


def test_other_hours_than_those_that_were_looked_at_are_not_saved(owner, provider):
    response = press(owner, 409, **{**TUESDAYS_ONLY, **looked(owner, **TUESDAYS_ONLY), "day_1": "8:00-9:00"})
    assert problem(response).startswith("Nothing is saved yet, as these are not the hours that you looked at.")
    assert provider.working_hours.count() == 7


def test_the_second_of_two_at_once_overwrites_nothing(owner, provider):
    first, second = looked(owner, **TUESDAYS_ONLY), looked(owner, day_2="8:00-9:00")
    press(owner, 303, **TUESDAYS_ONLY, **first)
    response = press(owner, 409, day_2="8:00-9:00", **second)
    assert "They are by now: Tuesday 09:00–13:00; Tuesday 14:00–17:30." in problem(response)
    assert Page(response).fields["day_2"] == "8:00-9:00"
    assert week(provider) == "Tuesday 09:00–13:00; Tuesday 14:00–17:30"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("morning", "Enter hours like 09:00–13:00, 14:00–17:00, or “all day”, or leave it empty."),
        ("9 and 5", "Enter hours like 09:00–13:00, 14:00–17:00, or “all day”, or leave it empty."),
        ("10", "Enter when it ends as well, like 10:00–17:00."),
        ("7 pm", "Enter when it ends as well, like 19:00–00:00."),
        ("9-25", "Enter hours like 09:00–13:00, 14:00–17:00, or “all day”, or leave it empty."),
        ("13 pm to 2 pm", "Enter hours like 09:00–13:00, 14:00–17:00, or “all day”, or leave it empty."),
        ("25:00-26:00", "Enter hours like 09:00–13:00, 14:00–17:00, or “all day”, or leave it empty."),
        ("9:00-9:00", "It opens and closes at the same time. Change one, or write “all day”."),
        (
            "9:00-13:00, 12:00-17:00",
            "Monday 09:00–13:00 and Monday 12:00–17:00 overlap. Change one of them, or delete it.",
        ),
        ("9:00-10:00, " * 30, "Ensure this value has at most 200 characters (it has 359)."),
    ],
)
@pytest.mark.parametrize("button", [{}, {"save": "yes"}, {"copy": "none"}])
def test_what_cannot_be_is_answered_by_a_sentence_and_stays_typed(owner, provider, line, sentence, button):
    response = press(owner, 422, day_0=line, **button)
    assert sentence in problem(response)
    assert Page(response).fields["day_0"] == line
    assert provider.working_hours.count() == 7


@pytest.mark.parametrize("many", [1, 12])
def test_it_costs_the_same_however_many_are_booked(owner, provider, many, django_assert_num_queries):
    for number in range(many):
        make_provider(name=f"Dr {number}", services=provider.services.all())
        at = dublin(3, "09:00") + timedelta(minutes=30 * number)
        make_appointment(provider=provider, at=at, status="confirmed")
    with django_assert_num_queries(7):
        owner.get(HOURS)
    with django_assert_num_queries(10):
        press(owner, also=[f"dr-{number}" for number in range(many)], **TUESDAYS_ONLY)


def test_a_day_that_was_left_as_it_was_has_what_a_colleague_has_set_meanwhile(owner, provider):
    typed = {day: Page(owner.get(HOURS)).fields[day] for day in DAYS} | {"day_1": "9-13", "day_2": ""}
    hidden = looked(owner, **typed, was=week(provider))
    provider.working_hours.filter(weekday__in=[2, 4]).delete()
    provider.working_hours.filter(weekday=3).update(opens="10:00")
    fields = Page(press(owner, status=409, **hidden, **typed)).fields
    assert [fields[day] for day in DAYS[:5]] == ["09:00–17:00", "9-13", "", "10:00–17:00", ""]
    again = {name: fields[name] for name in [*DAYS, "was"]}
    press(owner, status=303, **{**looked(owner, **again), **{day: fields[day] for day in DAYS}})
    assert week(provider).startswith("Monday 09:00–17:00; Tuesday 09:00–13:00; Thursday 10:00–17:00; Saturday")


def test_a_colleagues_change_is_not_undone_by_who_looked_after_it(owner, provider):
    hidden = Fields(owner.get(HOURS)).hidden["was"]
    provider.working_hours.filter(weekday=4).delete()
    late = press(owner, status=409, **looked(owner, was=hidden, **TUESDAYS_ONLY), **TUESDAYS_ONLY)
    assert problem(late).startswith("Nothing was saved, as these hours were changed since you opened this page.")
    assert not provider.working_hours.filter(weekday=4).exists()
    refused = Fields(press(owner, status=422, was=hidden, day_0="early")).hidden
    copied = Fields(press(owner, was=hidden, copy="week")).hidden
    assert refused["was"] == copied["was"] == hidden != Fields(late).hidden["was"]
