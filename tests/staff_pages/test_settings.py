"""The settings of the practice at the desk: typed, looked at, and saved, each change with the name of who made it."""

import re
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from booking.colour import dark, light
from booking.in_force import NOTHING, in_force
from booking.mail.letters import compose
from booking.models import Mail, PracticeSetting, Provider
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
    "TIME_ZONE": "Europe/Dublin",
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
    country, zone = re.findall(r'<option value="([\w/]+)" selected>', page.html)
    chosen = {"PRACTICE_COUNTRY": country, "TIME_ZONE": zone}
    return {name: chosen.get(name) or page.fields[name] for name in ASKED}


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
        ("CANCELLATION_POLICY", "48h 101%", "Cancellation policy: 101% is more than all of it. Write 100% at most."),
        ("CANCELLATION_POLICY", "two days", "Cancellation policy: “two days” cannot be read. Write it like 48h 100%"),
        ("TIME_ZONE", "Dublin", "Time zone: Choose a time zone from the list."),
        ("HOLD_MINUTES", "0", "Time to pay: Type a whole number of minutes from 1 to 1440: 60 is one hour."),
        ("HOLD_MINUTES", "a while", "Type a whole number of minutes from 1 to 1440: 60 is one hour."),
        ("NOTICE_MINUTES", "two hours", "Type a whole number of minutes from 0 to 43200: 60 is one hour."),
        ("HORIZON_DAYS", "367", "Type a whole number of days from 1 to 366."),
        ("SLOT_STEP_MINUTES", "4", "Type a whole number of minutes from 5 to 720: 60 is one hour."),
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
    sentence = "With this notice no time could be booked. Choose a shorter one, or let clients book further ahead."
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
    assert "What was set for “Shortest notice” cannot be read" in words(owner.get(SETTINGS))
    assert "With this notice no time could be booked" in problem(press(owner, 422))
    save(owner, NOTICE_MINUTES="1440")
    assert in_force.NOTICE_MINUTES == 1440
    assert "cannot be read" not in words(owner.get(SETTINGS))


def test_an_empty_field_of_what_must_be_something_goes_back_to_the_environment(owner, settings):
    settings.PRACTICE_NAME = "Elm Street Clinic"
    save(owner, PRACTICE_NAME="Oak Street Clinic", HOLD_MINUTES="20")
    save(owner, PRACTICE_NAME="", HOLD_MINUTES="")
    assert [text for _, text, _ in rows()] == ["Oak Street Clinic", "20", None, None]
    assert (in_force.PRACTICE_NAME, in_force.HOLD_MINUTES) == ("Elm Street Clinic", 15)


@pytest.mark.parametrize("typed", ["", "   "])
def test_no_practice_goes_back_to_the_name_of_the_example(owner, typed):
    save(owner, PRACTICE_NAME="Oak Street Clinic")
    refused = press(owner, 422, PRACTICE_NAME=typed)
    sentence = "Type a name. Without one, pages and mails would say Linden House Practice, the name of our example."
    assert sentence in problem(refused)
    assert in_force.PRACTICE_NAME == "Oak Street Clinic"


def test_a_practice_that_has_no_name_of_its_own_yet_can_set_the_rest(owner):
    save(owner, HOLD_MINUTES="20")
    assert (in_force.PRACTICE_NAME, in_force.HOLD_MINUTES) == ("Linden House Practice", 20)


@pytest.mark.parametrize("colour", ["#ffff00", "#FFD23F"])
def test_a_colour_on_which_white_letters_could_not_be_read_is_said_to_be_darkened(owner, colour):
    sentence = "So on light pages, buttons and links have a darker shade of it."
    assert f"White letters are hard to read on {colour}. {sentence}" in words(press(owner, PRACTICE_COLOUR=colour))


@pytest.mark.parametrize("colour", ["#1F4C4D", "#7a3b69"])
def test_of_a_colour_that_is_dark_enough_nothing_is_said(owner, colour):
    assert light(colour).accent == colour.lower()
    assert "White letters" not in words(press(owner, PRACTICE_COLOUR=colour))
    assert "White letters" not in words(press(owner, HOLD_MINUTES="20"))


@pytest.mark.parametrize(
    ("typed", "is_said"),
    [
        ({"PRACTICE_COLOUR": "#7a3b69"}, False),
        ({"PRACTICE_NAME": "Oak Street Clinic", "CONFIRMATION_LINE": "Ring the upper bell."}, False),
        ({"PRACTICE_COLOUR": "#7a3b69", "CANCELLATION_POLICY": "72h 100%"}, True),
        ({"HORIZON_DAYS": "90"}, True),
    ],
)
def test_only_of_what_holds_for_new_bookings_it_is_said_that_it_does(owner, typed, is_said):
    assert ("Nobody who has booked already is told of it." in words(press(owner, **typed))) == is_said


def test_what_the_environment_says_is_named_beside_what_is_set_instead(owner):
    save(owner, CANCELLATION_POLICY="", REMINDER_HOURS="", PRACTICE_PHONE="+353 1 555 0100")
    assert (in_force.CANCELLATION_POLICY, in_force.REMINDER_HOURS) == ("", [])
    said = words(owner.get(SETTINGS))
    assert "The site was set up with: 48h 100%, 24h 50%" in said
    assert said.count("The site was set up with") == 2
    save(owner, CANCELLATION_POLICY="48h 100%, 24h 50%", REMINDER_HOURS="24")
    assert [text for _, text, _ in rows()][-2:] == [None, None]
    assert "The site was set up with" not in words(owner.get(SETTINGS))


def test_the_list_of_changes_says_what_was_before_each(owner):
    save(owner, HOLD_MINUTES="20")
    save(owner, HOLD_MINUTES="30", CONFIRMATION_LINE="Ring the upper bell.")
    save(owner, HOLD_MINUTES="15")
    said = words(owner.get(SETTINGS))
    for line in [
        "Olive Byrne: Time to pay, 20 (before: 15)",
        "Olive Byrne: Time to pay, 30 (before: 20)",
        "Olive Byrne: A line for the confirmation, Ring the upper bell. (before: nothing)",
        "Olive Byrne: Time to pay, 15 (before: 30)",
    ]:
        assert line in said


def test_who_saves_the_policy_as_it_is_has_decided_and_the_list_says_what_it_stays(owner, settings):
    settings.POLICY_IS_DECIDED = False
    save(owner)
    assert "Olive Byrne: Cancellation policy stays 48h 100%, 24h 50%" in words(owner.get(SETTINGS))


def test_a_policy_is_kept_in_one_way_however_it_was_typed(owner):
    save(owner, CANCELLATION_POLICY="72 hours 100 %, 24h50%")
    assert rows() == [("CANCELLATION_POLICY", "72h 100%, 24h 50%", "Olive Byrne")]


def test_each_wrong_field_is_named_and_linked(owner):
    refused = press(owner, 422, CANCELLATION_POLICY="48h 101%", HOLD_MINUTES="0")
    linked = re.findall(r'<li>\s*<a href="#(\w+)">\s*<strong>([^<]+):</strong>', refused.content.decode())
    assert linked == [("id_CANCELLATION_POLICY", "Cancellation policy"), ("id_HOLD_MINUTES", "Time to pay")]


# The time zone, and what a change leaves to be done


def test_the_time_zone_says_which_day_it_is_at_the_practice(owner):
    """The clocks of these two islands are 25 hours apart, so there it is never the same day."""
    make_provider(services=[make_service()])
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        save(owner, TIME_ZONE=zone)
        assert owner.get("/staff/").context["choice"].today == timezone.now().astimezone(ZoneInfo(zone)).date()
        assert owner.get("/staff/money/").context["month"].zone == ZoneInfo(zone)


def test_a_new_provider_has_the_time_zone_that_is_set(owner):
    save(owner, TIME_ZONE="Europe/Berlin")
    assert Provider.objects.create(name="Ada Byrne", slug="ada-byrne").time_zone == "Europe/Berlin"


def test_a_country_whose_clocks_go_by_another_zone_is_named(owner):
    sentence = "All clocks in Germany go by Europe/Berlin."
    looking = press(owner, PRACTICE_COUNTRY="DE")
    assert (sentence in words(looking), Page(looking).links["Choose the time zone"]) == (True, "#id_TIME_ZONE")
    assert sentence not in words(press(owner, PRACTICE_COUNTRY="DE", TIME_ZONE="Europe/Berlin"))
    assert "All clocks in" not in words(press(owner, PRACTICE_COUNTRY="US"))


def test_after_another_country_is_saved_its_public_holidays_are_told_until_they_are_days_off(owner):
    make_provider(services=[make_service()])
    save(owner, PRACTICE_COUNTRY="DE")
    page = owner.get(SETTINGS)
    assert re.search(r"\d+ public holidays of Germany, until the end of \d{4}, are no days off yet\.", words(page))
    assert Page(page).links["Look at the public holidays"] == "/staff/away/holidays/"
    owner.post("/staff/away/holidays/", Fields(owner.get("/staff/away/holidays/")).hidden)
    save(owner, PRACTICE_COUNTRY="IE")
    save(owner, PRACTICE_COUNTRY="DE")
    owner.get(SETTINGS)
    save(owner, PRACTICE_COUNTRY="IE")
    save(owner, PRACTICE_COUNTRY="DE")
    assert "public holidays of Germany" not in words(owner.get(SETTINGS))


def test_of_providers_who_keep_another_time_zone_is_told_once_another_is_saved(owner):
    make_provider(services=[make_service()])
    save(owner, TIME_ZONE="Europe/Berlin")
    page = owner.get(SETTINGS)
    assert "1 provider keeps another time zone: their hours are on its clock." in words(page)
    assert Page(page).links["Look at the providers in the admin"] == "/admin/booking/provider/"
    save(owner, TIME_ZONE="Europe/Dublin")
    assert "another time zone" not in words(owner.get(SETTINGS))


def test_until_when_clients_may_change_their_appointments_is_said_beside_the_policy(owner):
    assert "Clients may cancel until an appointment begins." in words(owner.get(SETTINGS))


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


def test_who_was_refused_is_still_told_what_others_have_set_meanwhile(owner):
    typed = typed_so_far(owner)
    save(owner, HOLD_MINUTES="20")
    refused = owner.post(SETTINGS, {**typed, "HOLD_MINUTES": "25", "PRACTICE_NAME": "x" * 300})
    known = Fields(refused).hidden["known"][0]
    late = owner.post(SETTINGS, {**typed, "HOLD_MINUTES": "25", "known": known})
    assert (refused.status_code, late.status_code) == (422, 409)
    assert "Olive Byrne has changed settings since you opened this page" in problem(late)


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
    with django_assert_num_queries(8):
        owner.get(SETTINGS)
    for minutes in range(21, 30):
        save(owner, HOLD_MINUTES=str(minutes), HORIZON_DAYS=str(minutes))
    with django_assert_num_queries(8):
        owner.get(SETTINGS)


def test_who_saves_has_decided_on_the_policy_even_if_it_stays_as_it_is(owner, settings):
    settings.POLICY_IS_DECIDED = False
    assert "Decide on the policy" in Page(owner.get("/staff/")).links
    save(owner)
    assert rows() == [("CANCELLATION_POLICY", None, "Olive Byrne")]
    assert "Decide on the policy" not in Page(owner.get("/staff/")).links
