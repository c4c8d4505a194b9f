"""The settings of the practice at the desk: typed, looked at, and saved, each change with the name of who made it."""

import re

import pytest
from django.utils import timezone

from booking.colour import dark, light
from booking.in_force import NOTHING, in_force
from booking.mail.letters import compose
from booking.models import Mail, PracticeSetting
from staff.forms.settings import ASKED
from tests.factories import book, in_days, make_provider, make_service
from tests.pages import Page, problem, words
from tests.staff import logged_in, somebody
from tests.staff_pages.fields import Fields

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_set_up")]

SETTINGS = "/staff/settings/"
AS_SET_UP = {
    "PRACTICE_NAME": "Linden House Practice",
    "PRACTICE_PHONE": "",
    "PRACTICE_ADDRESS": "",
    "TAX_LINE": "",
    "PRACTICE_COUNTRY": "IE",
    "CANCELLATION_POLICY": "48h 100%, 24h 50%",
    "REMINDER_HOURS": "24",
    "CONFIRMATION_LINE": "",
    "NOTICE_MINUTES": "60",
    "HORIZON_DAYS": "60",
    "SLOT_STEP_MINUTES": "",
    "HOLD_MINUTES": "15",
    "PRACTICE_COLOUR": "#1f5c4d",
}


@pytest.fixture
def as_set_up(settings):
    for name, variable in settings.SET_AT_THE_DESK.items():
        setattr(settings, name, variable.read(AS_SET_UP[name] or variable.default))
    settings.EVERY_TIME_IS_SHOWN, settings.POLICY_IS_DECIDED = False, True


@pytest.fixture
def owner():
    return logged_in(somebody("Owner", first_name="Olive", last_name="Byrne"))


def press(browser, status=200, **typed):
    response = browser.post(SETTINGS, {**typed_so_far(browser), **typed})
    assert response.status_code == status
    return response


def typed_so_far(browser):
    return {**shown(browser.get(SETTINGS)), "known": Fields(browser.get(SETTINGS)).hidden["known"][0]}


def shown(response):
    """The value of each field of the page."""
    page = Page(response)
    country = re.search(r'<option value="(\w\w)" selected>', page.html)[1]
    return {name: country if name == "PRACTICE_COUNTRY" else page.fields[name] for name in ASKED}


def looked(browser, **typed):
    """What the page sends along once somebody has looked at what these would change."""
    hidden = Fields(press(browser, **typed)).hidden
    return {"looked": hidden["looked"][0], "known": hidden["known"][0], "save": "yes"}


def save(browser, **typed):
    return press(browser, 303, **typed, **looked(browser, **typed))


def rows():
    return list(PracticeSetting.objects.values_list("name", "text", "by_name"))


def test_every_setting_that_can_be_set_is_asked_for(settings):
    assert {*ASKED} == {*settings.SET_AT_THE_DESK} == {*AS_SET_UP}


def test_what_is_in_force_is_shown(owner):
    assert shown(owner.get(SETTINGS)) == AS_SET_UP
    save(owner, REMINDER_HOURS="48, 2", PRACTICE_COUNTRY="FR")
    assert shown(owner.get(SETTINGS)) == {**AS_SET_UP, "REMINDER_HOURS": "48, 2", "PRACTICE_COUNTRY": "FR"}


def test_nothing_is_saved_before_somebody_has_looked_at_it(owner):
    typed = {"PRACTICE_NAME": "Oak Street Clinic", "CANCELLATION_POLICY": "72h 100%, 24h 25%"}
    page = press(owner, **typed)
    assert "Linden House Practice Oak Street Clinic" in words(page)
    assert "all of it until 72 hours before, 25% until 24 hours before, and nothing after that" in words(page)
    assert rows() == []
    unseen = press(owner, 409, **typed, save="yes")
    assert problem(unseen) == "Nothing is saved yet, as this is not what you looked at. This is how it would be."
    press(owner, 409, **{**typed, "HOLD_MINUTES": "20"}, **looked(owner, **typed))
    assert rows() == []


def test_what_is_saved_is_in_force_at_once_and_has_a_name(owner, client):
    make_provider(services=[make_service()])
    save(owner, PRACTICE_NAME="Oak Street Clinic", HOLD_MINUTES="20")
    assert rows() == [
        ("PRACTICE_NAME", "Oak Street Clinic", "Olive Byrne"),
        ("HOLD_MINUTES", "20", "Olive Byrne"),
    ]
    assert "Oak Street Clinic" in words(client.get("/"))
    assert in_force.HOLD_MINUTES == 20
    assert "Olive Byrne: Time to pay, 20" in words(owner.get(SETTINGS))


def test_what_is_booked_stays_as_it_is(owner):
    provider = make_provider(services=[make_service()])
    before = book(provider, in_days(3, "10:00", provider=provider))
    save(owner, CANCELLATION_POLICY="", HOLD_MINUTES="60")
    after = book(provider, in_days(3, "12:00", provider=provider))
    before.refresh_from_db()
    assert [one.cancellation_policy for one in (before, after)] == ["48h 100%, 24h 50%", ""]
    assert [(one.hold_expires_at - one.created_at).seconds // 60 for one in (before, after)] == [15, 60]
    assert before.held_at_least_until == before.hold_expires_at


@pytest.mark.parametrize(
    ("name", "wrong", "sentence"),
    [
        ("CANCELLATION_POLICY", "48h 101%", "Write it like 48h 100%, 24h 50%: the longest notice first"),
        ("CANCELLATION_POLICY", "24h 50%, 48h 100%", "Write it like 48h 100%, 24h 50%: the longest notice first"),
        ("HOLD_MINUTES", "0", "Type a whole number from 1 to 1440."),
        ("HOLD_MINUTES", "a while", "Type a whole number from 1 to 1440."),
        ("NOTICE_MINUTES", "-1", "Type a whole number from 0 to 43200."),
        ("HORIZON_DAYS", "367", "Type a whole number from 1 to 366."),
        ("SLOT_STEP_MINUTES", "4", "Type a whole number from 5 to 720."),
        ("REMINDER_HOURS", "24h", "Type hours from 1 to 720, separated by commas, like 48, 2."),
        ("PRACTICE_PHONE", "ring us", "Type a number like +353 1 555 0100, or leave this empty."),
        ("PRACTICE_COUNTRY", "XX", "Choose a country from the list."),
        ("PRACTICE_COLOUR", "green", "Choose a colour, or type one like #1f5c4d."),
        ("PRACTICE_NAME", "Oak\nStreet", "Remove the line breaks and control characters, and try again."),
        ("CONFIRMATION_LINE", "x" * 201, "at most 200 characters"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(owner, name, wrong, sentence):
    refused = press(owner, 422, **{name: wrong})
    assert sentence in problem(refused)
    assert rows() == []


@pytest.mark.parametrize(
    ("notice", "horizon", "environments"), [("2880", "1", 60), ("1440", "1", 60), ("43200", "", 30), ("", "1", 1440)]
)
def test_a_notice_as_long_as_the_horizon_is_refused(owner, settings, notice, horizon, environments):
    settings.NOTICE_MINUTES, settings.HORIZON_DAYS = (60, environments) if notice else (environments, 60)
    refused = press(owner, 422, NOTICE_MINUTES=notice, HORIZON_DAYS=horizon)
    sentence = "With this notice no time could be booked: choose one that is shorter than the horizon."
    assert (sentence in problem(refused), rows()) == (True, [])


def test_a_notice_a_minute_shorter_than_the_horizon_is_saved(owner):
    save(owner, NOTICE_MINUTES="1439", HORIZON_DAYS="1")
    assert (in_force.NOTICE_MINUTES, in_force.HORIZON_DAYS) == (1439, 1)


def test_a_notice_that_the_environments_horizon_is_no_longer_than_since_is_named_and_mended(owner, settings, client):
    make_provider(services=[make_service()])
    save(owner, NOTICE_MINUTES="2880")
    settings.HORIZON_DAYS = 2
    in_force.known = NOTHING
    in_force.take(PracticeSetting.objects.read_texts())
    assert (client.get("/").status_code, in_force.NOTICE_MINUTES) == (200, 60)
    assert "What was set for “Notice” cannot be read" in words(owner.get(SETTINGS))
    assert "choose one that is shorter than the horizon" in problem(press(owner, 422))
    save(owner, NOTICE_MINUTES="1440")
    assert in_force.NOTICE_MINUTES == 1440
    assert "cannot be read" not in words(owner.get(SETTINGS))


def test_an_empty_field_of_what_must_be_something_goes_back_to_the_environment(owner):
    save(owner, PRACTICE_NAME="Oak Street Clinic", HOLD_MINUTES="20")
    save(owner, PRACTICE_NAME="", HOLD_MINUTES="")
    assert [text for _, text, _ in rows()] == ["Oak Street Clinic", "20", None, None]
    assert (in_force.PRACTICE_NAME, in_force.HOLD_MINUTES) == ("Linden House Practice", 15)


def test_what_the_environment_says_is_named_and_one_tick_away(owner):
    save(owner, CANCELLATION_POLICY="", REMINDER_HOURS="")
    assert (in_force.CANCELLATION_POLICY, in_force.REMINDER_HOURS) == ("", [])
    assert "Back to what the site was set up with: 48h 100%, 24h 50%" in words(owner.get(SETTINGS))
    save(owner, environment=["CANCELLATION_POLICY", "REMINDER_HOURS"])
    assert (in_force.CANCELLATION_POLICY, in_force.REMINDER_HOURS) == ("48h 100%, 24h 50%", [24])
    assert "Back to what the site was set up with" not in words(owner.get(SETTINGS))


def test_what_is_typed_as_the_environment_has_it_is_left_to_the_environment(owner, settings):
    save(owner, HOLD_MINUTES="20")
    save(owner, HOLD_MINUTES="15")
    settings.HOLD_MINUTES = 25
    assert in_force.HOLD_MINUTES == 25


def test_who_sets_the_grid_has_each_of_its_times_shown(owner, settings):
    assert in_force.EVERY_TIME_IS_SHOWN is False
    save(owner, SLOT_STEP_MINUTES="15")
    assert (in_force.SLOT_STEP_MINUTES, in_force.EVERY_TIME_IS_SHOWN) == (15, True)
    save(owner, SLOT_STEP_MINUTES="")
    assert (in_force.SLOT_STEP_MINUTES, in_force.EVERY_TIME_IS_SHOWN) == (15, False)


def test_of_two_who_change_settings_at_once_the_second_is_told_and_undoes_nothing(owner):
    first = typed_so_far(owner)
    other = logged_in(somebody("Owner", name="nora", first_name="Nora", last_name="Walsh"))
    save(other, HOLD_MINUTES="30", REMINDER_HOURS="2")
    mine = {**first, "PRACTICE_NAME": "Oak Street Clinic", "REMINDER_HOURS": "48"}
    late = owner.post(SETTINGS, {**mine, "save": "yes", "looked": "{}"})
    assert late.status_code == 409
    assert problem(late).startswith("Nothing is saved yet, as Nora Walsh has changed settings")
    assert shown(late) == {
        **AS_SET_UP,
        "HOLD_MINUTES": "30",
        "REMINDER_HOURS": "48",
        "PRACTICE_NAME": "Oak Street Clinic",
    }
    hidden = Fields(late).hidden
    again = {**shown(late), "known": hidden["known"][0], "looked": hidden["looked"][0], "save": "yes"}
    assert owner.post(SETTINGS, again).status_code == 303
    assert (in_force.HOLD_MINUTES, in_force.REMINDER_HOURS) == (30, [48])


def test_a_change_is_seen_by_who_presses_in_the_very_same_moment(owner, monkeypatch):
    mine = {**typed_so_far(owner), "HOLD_MINUTES": "20", **looked(owner, HOLD_MINUTES="20")}
    other = somebody("Owner", name="nora", first_name="Nora", last_name="Walsh")
    change = PracticeSetting.objects.change
    monkeypatch.setattr(type(PracticeSetting.objects), "change", lambda self, texts, by, known: between(change))

    def between(change):
        monkeypatch.undo()
        change({"HORIZON_DAYS": "90"}, other, known=0)
        change({"HOLD_MINUTES": "20"}, other, known=0)

    assert "Nora Walsh" in problem(owner.post(SETTINGS, mine))
    assert (in_force.HORIZON_DAYS, in_force.HOLD_MINUTES) == (90, 15)


def test_a_row_that_nobody_can_read_is_named_and_mended_by_saving(owner, client):
    make_provider(services=[make_service()])
    PracticeSetting.objects.create(name="CANCELLATION_POLICY", text="48h 101%", at=timezone.now(), by_name="by hand")
    in_force.take(PracticeSetting.objects.read_texts())
    assert client.get("/").status_code == 200
    assert in_force.CANCELLATION_POLICY == "48h 100%, 24h 50%"
    assert "What was set for “Cancellation policy” cannot be read" in words(owner.get(SETTINGS))
    save(owner)
    assert "cannot be read" not in words(owner.get(SETTINGS))


def accent_of(colour):
    return f"--accent: light-dark({light(colour).accent}, {dark(colour).accent});"


def test_the_sample_has_the_colour_that_is_typed(owner):
    page = press(owner, PRACTICE_COLOUR="#7a3b69")
    address = re.search(r'href="(/staff/settings/colour.css[^"]+)"', page.content.decode())[1]
    sheet = owner.get(address)
    assert sheet["Content-Type"] == "text/css; charset=utf-8"
    assert accent_of("#7a3b69") in sheet.content.decode()
    as_it_is = owner.get("/staff/settings/colour.css", {"colour": "red;}"})
    assert accent_of("#1f5c4d") in as_it_is.content.decode()


def test_the_line_for_the_confirmation_is_in_the_mail_and_on_the_page(owner, client, mailoutbox):
    provider = make_provider(services=[make_service(price="0")])
    save(owner, CONFIRMATION_LINE="Ring <the upper> bell.", PRACTICE_NAME="Oak Street Clinic")
    booked = book(provider, in_days(3, provider=provider))
    assert "Ring <the upper> bell." in words(client.get(f"/appointments/{booked.reference}/"))
    mail = compose(Mail.objects.get(kind=Mail.Kind.CONFIRMED, reader="client"))
    assert "Ring <the upper> bell." in mail.body
    assert mail.from_email.startswith("Oak Street Clinic <")


def test_the_page_costs_the_same_however_much_was_changed(owner, django_assert_num_queries):
    make_provider(services=[make_service()])
    save(owner, HOLD_MINUTES="20")
    with django_assert_num_queries(9):
        owner.get(SETTINGS)
    for minutes in range(21, 30):
        save(owner, HOLD_MINUTES=str(minutes), HORIZON_DAYS=str(minutes))
    with django_assert_num_queries(9):
        owner.get(SETTINGS)


def test_who_saves_has_decided_on_the_policy_even_if_it_stays_as_it_is(owner, settings):
    settings.POLICY_IS_DECIDED = False
    assert "Decide on it" in Page(owner.get("/staff/")).links
    save(owner)
    assert rows() == [("CANCELLATION_POLICY", None, "Olive Byrne")]
    assert "Decide on it" not in Page(owner.get("/staff/")).links
